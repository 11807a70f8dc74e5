"""One run of each experiment: from settings to figures."""

from __future__ import annotations

import time
from collections.abc import Collection
from functools import cache
from typing import Any

import numpy as np

from scratchcnn._utils.checkpoint import DivergenceError
from scratchcnn.batches import Batches, ShiftedBatches
from scratchcnn.data.mnist import load_mnist, load_mnist_test
from scratchcnn.experiments.networks import (
    CASES,
    INGREDIENTS,
    OPTIMIZERS,
    course_network,
    keras_network,
    new_network,
)
from scratchcnn.network import Sequential
from scratchcnn.optimizers import SGD, Adam, Optimizer
from scratchcnn.schedules import cosine_decay

Pair = tuple[np.ndarray, np.ndarray]
Run = dict[str, Any]

BATCH_SIZE = 32  # in lesson 09


def frozen_kernels(frozen: bool, seed: int, epochs: int = 5, images: int = 1000) -> Run:
    """Train the course's network, its convolution frozen at the random start or not (lesson 07)."""
    model = course_network(seed)
    model.layers[0].trainable = not frozen
    batches = Batches(*digits(0, images), 1, model.rng)
    return train(model, batches, digits(1000, 2000), SGD(0.01), epochs)


def rates_and_batches(
    batch_size: int, rate: float, seed: int, epochs: int = 5, images: int = 1000
) -> Run:
    """Train the course's network with this batch size and learning rate (lesson 07)."""
    model = course_network(seed)
    batches = Batches(*digits(0, images), batch_size, model.rng)
    return train(model, batches, digits(1000, 2000), SGD(rate), epochs)


def keras_seeds(library: str, seed: int, epochs: int = 5, images: int = 1000) -> Run:
    """Train the course's network in "Keras" or in "scratchcnn", each on its own (lesson 08).

    Each draws its own weights and its own order of the images, so what has the same seed in both
    has nothing in common. The figures of training are those of the last epoch, as `fit` reports
    them; those of testing are for the first 100 and the first 1,000 official test images.
    """
    x, y = digits(0, images)
    x_test, y_test = test_digits()
    start = time.perf_counter()
    model: Any
    if library == "Keras":
        model, options = keras_network(seed), {"verbose": 0}
        history = model.fit(x, y, epochs=epochs, batch_size=1, **options).history
    else:
        model, options = course_network(seed), {}
        optimizer = SGD(0.01)
        history = model.fit(x, y, epochs, batch_size=1, optimizer=optimizer, verbose=False).history
    seconds = time.perf_counter() - start
    loss_100, accuracy_100 = model.evaluate(x_test[:100], y_test[:100], **options)
    loss_1000, accuracy_1000 = model.evaluate(x_test, y_test, **options)
    return rounded(
        train_loss=history["loss"][-1],
        train_accuracy=history["accuracy"][-1],
        test_loss_100=loss_100,
        test_accuracy_100=accuracy_100,
        test_loss_1000=loss_1000,
        test_accuracy_1000=accuracy_1000,
        seconds=seconds,
    )


def optimizers(
    network: str, optimizer: str, rate: float, seed: int, epochs: int = 3, images: int = 3000
) -> Run:
    """Train "course" or "convnet" with one of `OPTIMIZERS` at a constant rate (lesson 09)."""
    model = course_network(seed) if network == "course" else new_network(INGREDIENTS, seed)
    batches = Batches(*digits(0, images), BATCH_SIZE, model.rng)
    return train(model, batches, digits(3000, 4000), OPTIMIZERS[optimizer](rate), epochs)


def ablation(case: str, rate: float, seed: int, epochs: int = 12, images: int = 3000) -> Run:
    """Train one of `CASES` (lesson 09)."""
    return train_with(CASES[case], rate, seed, epochs, images)


def train_with(
    ingredients: Collection[str], rate: float, seed: int, epochs: int = 12, images: int = 3000
) -> Run:
    """Train with any of `INGREDIENTS`, for which the full recipe is Keras's simple convnet.

    Parameters
    ----------
    ingredients : collection of str
        Without any, this is the course's network, trained by SGD with a constant rate.
    rate : float
        The learning rate; with "schedule", the one at the start of the cosine.
    seed, epochs : int
        Seeds weights, order, shifts and dropout; how often each image is seen.
    images : int
        How many of the sample's first 3,000 images to train on. The next 1,000 validate.
    """
    if unknown := set(ingredients) - set(INGREDIENTS):
        raise ValueError(f"ingredients has {sorted(unknown)}, expected some of {INGREDIENTS}")
    model = new_network(ingredients, seed)
    x, y = digits(0, images)
    batches = Batches(x, y, BATCH_SIZE, model.rng)
    if "shifts" in ingredients:
        batches = ShiftedBatches(x, y, BATCH_SIZE, pixels=2, seed=model.rng)
    schedule = cosine_decay(rate, epochs * len(batches)) if "schedule" in ingredients else rate
    optimizer = Adam(schedule) if "Adam" in ingredients else SGD(schedule)
    return train(model, batches, digits(3000, 4000), optimizer, epochs)


def train(
    model: Sequential, batches: Batches, validation: Pair, optimizer: Optimizer, epochs: int
) -> Run:
    """Train the model and return the figures of the run; all None if training diverged.

    Returns
    -------
    dict
        ``val_accuracy`` and ``val_loss`` at the end; ``best_val_accuracy`` and ``best_epoch``,
        the first epoch that reached it; ``train_accuracy`` and ``train_loss`` on the training
        images at the end (unshifted, nothing dropped); ``seconds`` of `fit`, with validation.
    """
    start = time.perf_counter()
    try:
        history = model.fit(
            batches, epochs=epochs, optimizer=optimizer, validation_data=validation, verbose=False
        ).history
    except DivergenceError:
        names = ("val_accuracy", "val_loss", "best_val_accuracy", "best_epoch")
        return dict.fromkeys((*names, "train_accuracy", "train_loss", "seconds"))
    seconds = time.perf_counter() - start
    train_loss, train_accuracy = model.evaluate(batches.x, batches.y)
    return rounded(
        val_accuracy=history["val_accuracy"][-1],
        val_loss=history["val_loss"][-1],
        best_val_accuracy=max(history["val_accuracy"]),
        best_epoch=1 + int(np.argmax(history["val_accuracy"])),
        train_accuracy=train_accuracy,
        train_loss=train_loss,
        seconds=seconds,
    )


def digits(start: int, stop: int) -> Pair:
    """Return images ``start`` to ``stop`` of the sample's 4,000 for training, and their labels.

    The images are scaled: (N, 28, 28, 1) in float32, from -0.5 to 0.5.
    """
    x, y = _sample()
    return x[start:stop], y[start:stop]


@cache
def _sample() -> Pair:
    return scaled(load_mnist()[0])


@cache
def test_digits() -> Pair:
    """Return the first 1,000 official test images, scaled like `digits`, and their labels."""
    return scaled(load_mnist_test())


def scaled(pair: Pair) -> Pair:
    """(N, 28, 28) from 0 to 255 -> (N, 28, 28, 1) from -0.5 to 0.5; labels unchanged."""
    pixels, labels = pair
    return pixels[..., None].astype("float32") / 255 - 0.5, labels


def rounded(**figures: float) -> Run:
    """Return the figures with as many decimals as are worth storing."""
    return {name: round(value, 2 if name == "seconds" else 4) for name, value in figures.items()}
