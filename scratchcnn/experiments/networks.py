"""The networks, ingredients and optimizers that the experiments compare."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from scratchcnn._utils.keras_models import import_keras
from scratchcnn.layers.activations import Dropout, ReLU
from scratchcnn.layers.base import Layer
from scratchcnn.layers.convolution import Conv2D
from scratchcnn.layers.dense import Dense, Flatten
from scratchcnn.layers.normalization import BatchNorm
from scratchcnn.layers.pooling import GlobalAvgPool2D, MaxPool2D
from scratchcnn.network import Sequential
from scratchcnn.optimizers import SGD, Adam, Optimizer

INGREDIENTS = (
    "second convolution",
    "ReLU",
    "more kernels",
    "dropout",
    "shifts",
    "Adam",
    "schedule",
    "He",
)
# Every network of the ablation, with what it is made of.
CASES: dict[str, tuple[str, ...]] = {
    "baseline": (),
    **{f"baseline + {added}": (added,) for added in INGREDIENTS},
    "full recipe": INGREDIENTS,
    **{f"full recipe - {left}": tuple(i for i in INGREDIENTS if i != left) for left in INGREDIENTS},
}
OPTIMIZERS: dict[str, Callable[[float], Optimizer]] = {
    "SGD": SGD,
    "momentum 0.5": lambda rate: SGD(rate, momentum=0.5),
    "momentum 0.9": lambda rate: SGD(rate, momentum=0.9),
    "Adam": Adam,
}


def course_network(seed: int) -> Sequential:
    """Return the course's network, newly initialized."""
    layers = [Conv2D(8, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)]
    return Sequential(layers, (28, 28, 1), seed)


def keras_network(seed: int) -> Any:
    """Return the course's network as Keras users write it, compiled and newly initialized."""
    keras = import_keras()
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(8, 3, use_bias=False),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.SGD(0.01),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def new_network(ingredients: Collection[str], seed: int) -> Sequential:
    """Return a network with those of the `INGREDIENTS` that are layers, newly initialized.

    The convolutions' biases come with ReLU: without it, a bias passes through the pooling
    unchanged, and the dense layer's own bias can do the same.
    """
    filters = [32, 64] if "more kernels" in ingredients else [8, 16]
    if "second convolution" not in ingredients:
        filters = filters[:1]
    relu = "ReLU" in ingredients
    initializer = "he_normal" if "He" in ingredients else "glorot_uniform"
    layers: list[Layer] = []
    for count in filters:
        layers.append(Conv2D(count, 3, use_bias=relu, kernel_initializer=initializer))
        layers += [ReLU(), MaxPool2D(2)] if relu else [MaxPool2D(2)]
    layers += [Flatten(), Dropout(0.5)] if "dropout" in ingredients else [Flatten()]
    return Sequential([*layers, Dense(10)], (28, 28, 1), seed)


def shape_network(seed: int) -> Sequential:
    """Return lesson 11's network for 32 x 32 color pictures of shapes, newly initialized."""
    layers = [*block(16, 5, strides=2), *block(16), MaxPool2D(2)]
    layers += [*block(32), *block(32), *block(32)]
    return Sequential([*layers, GlobalAvgPool2D(), Dense(4)], (32, 32, 3), seed)


def garment_network(seed: int, convolutions: int = 2, batch_norm: bool = False) -> Sequential:
    """Return lesson 11's network for digits or garments, newly initialized."""
    layers: list[Layer] = []
    for filters in (16, 32, 64)[:convolutions]:
        layers += [*block(filters, batch_norm=batch_norm), MaxPool2D(2)]
    return Sequential([*layers, Flatten(), Dense(10)], (28, 28, 1), seed)


def block(filters: int, size: int = 3, strides: int = 1, batch_norm: bool = True) -> list[Layer]:
    """Return a convolution, batch normalization if wanted, and ReLU."""
    options = {"padding": "same", "kernel_initializer": "he_normal"}
    convolution = Conv2D(filters, size, strides, use_bias=not batch_norm, **options)
    if not batch_norm:
        return [convolution, ReLU()]
    # The runs are short: with Keras's momentum of 0.99, the averages would lag behind.
    return [convolution, BatchNorm(momentum=0.9), ReLU()]
