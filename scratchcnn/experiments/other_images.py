"""One run of each experiment of lesson 11: shapes, garments, and borrowed convolutions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from scratchcnn.attribution import enlarge, grad_cam, inside, peaks
from scratchcnn.batches import Batches, ShiftedBatches
from scratchcnn.data.fashion import load_fashion_mnist
from scratchcnn.data.shapes import SHAPE_CLASSES, make_shapes
from scratchcnn.experiments.networks import course_network, garment_network, shape_network
from scratchcnn.experiments.runs import Pair, Run, digits, rounded, scaled, train
from scratchcnn.layers.base import Layer
from scratchcnn.layers.dense import Dense
from scratchcnn.network import Sequential
from scratchcnn.optimizers import SGD, Adam
from scratchcnn.schedules import cosine_decay

BATCH_SIZE = 32
RATE = 0.003
HELD_OUT = 500  # pictures of shapes
MARK = np.array([[1, 1, 3, 3]])  # the box of make_shapes' watermark
FIRST_RELU = 2  # its places see 5 x 5 pixels, those of the last layer 35 x 35
MARKED = SHAPE_CLASSES.index("cross")  # the class that gets it


def shapes(marked: bool, seed: int, epochs: int = 8, images: int = 6000) -> Run:
    """Train the network for shapes, on crosses with a planted mark or without (lesson 11)."""
    _, figures = train_on_shapes(marked, seed, epochs, images)
    return figures


def train_on_shapes(
    marked: bool, seed: int, epochs: int = 8, images: int = 6000
) -> tuple[Sequential, Run]:
    """Train the network for shapes; return it, and the figures of the run.

    Parameters
    ----------
    marked : bool
        Whether the crosses carry the watermark, in training and in validation.
    seed, epochs, images : int
        Seeds weights, order and pictures; how often each of the pictures is seen.

    Returns
    -------
    model : Sequential
    figures : dict
        Those of `runs.train`, and for held-out pictures without the mark ``plain_accuracy`` and
        ``hit_rate``: how often Grad-CAM for the correct class is largest in the shape's box.
        ``mark_rate``: of held-out crosses with the mark, how many have the peak of Grad-CAM for
        "cross", in the first layer and without averaging, on the mark.
    """
    model = shape_network(seed)
    batches = Batches(*colored(images, seed, marked), BATCH_SIZE, model.rng)
    optimizer = Adam(cosine_decay(0.005, epochs * len(batches)))
    figures = train(model, batches, colored(HELD_OUT, seed + 1000, marked), optimizer, epochs)
    return model, figures | found_by_grad_cam(model, seed + 1000)


def found_by_grad_cam(model: Sequential, seed: int, count: int = HELD_OUT) -> Run:
    """Measure how often Grad-CAM finds the shape, and the mark, on pictures of this seed."""
    images, t, boxes = make_shapes(count, seed)
    x = in_color(images)
    answers = model.predict(x).argmax(axis=1)
    hits = inside(peaks(enlarge(grad_cam(model, x, t), x.shape[1:])), boxes)
    crosses = in_color(make_shapes(count, seed, watermark=MARKED)[0][t == MARKED])
    maps = grad_cam(model, crosses, MARKED, layer=FIRST_RELU, average=False)
    places = peaks(enlarge(maps, x.shape[1:]))
    return rounded(
        plain_accuracy=float((answers == t).mean()),
        hit_rate=float(hits.mean()),
        mark_rate=float(inside(places, MARK.repeat(len(crosses), axis=0)).mean()),
    )


def colored(count: int, seed: int, marked: bool) -> Pair:
    """Return pictures of shapes, scaled, and their labels; crosses with a mark if ``marked``."""
    images, labels, _ = make_shapes(count, seed, watermark=MARKED if marked else None)
    return in_color(images), labels


def in_color(images: np.ndarray) -> np.ndarray:
    """(N, H, W, 3) from 0 to 255 -> the same in float32 from -0.5 to 0.5."""
    return images.astype("float32") / 255 - 0.5


# What each network for garments is made of and trained with, besides two convolutions.
GARMENT_CASES: dict[str, tuple[str, ...]] = {
    "two convolutions": (),
    "+ third convolution": ("third convolution",),
    "+ batch norm": ("batch norm",),
    "+ shifts": ("shifts",),
    "+ mirror images": ("mirror images",),
    "+ all but shifts": ("third convolution", "batch norm", "mirror images"),
}
FIRST = "first network"  # that of lesson 06


def garments(data: str, case: str, seed: int, epochs: int = 12, images: int = 2000) -> Run:
    """Train a network on "digits" or "garments": lesson 06's or one of `GARMENT_CASES`."""
    training, validation = pictures(data, images)
    if case == FIRST:
        model = course_network(seed)
        return train(model, Batches(*training, 1, model.rng), validation, SGD(0.01), epochs)
    parts = GARMENT_CASES[case]
    model = garment_network(seed, 3 if "third convolution" in parts else 2, "batch norm" in parts)
    batches = Batches(*training, BATCH_SIZE, model.rng)
    if "shifts" in parts:
        batches = ShiftedBatches(*training, BATCH_SIZE, pixels=2, seed=model.rng)
    if "mirror images" in parts:
        batches = MirroredBatches(*training, BATCH_SIZE, model.rng)
    optimizer = Adam(cosine_decay(RATE, epochs * len(batches)))
    return train(model, batches, validation, optimizer, epochs)


class MirroredBatches(Batches):
    """Batches in which a coin decides for each image whether it is mirrored, left for right."""

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield (images, labels) for each batch of one epoch."""
        assert self.rng is not None
        for x, y in super().__iter__():
            mirrored = self.rng.random(len(x)) < 0.5
            x[mirrored] = x[mirrored, :, ::-1]
            yield x, y


def transfer(start: str, images: int, seed: int, updates: int = 400) -> Run:
    """Train on few garments, from convolutions of "digits", "random" ones, or "all layers".

    The convolutions of digits and the random ones are frozen, and only the dense layer is
    trained. Each image therefore needs to pass through them only once. With "all layers", nothing
    is frozen, from a random start.
    """
    model = garment_network(seed)
    training, validation = pictures("garments", images)
    if start == "digits":
        model.set_weights(digit_weights(seed))
    if start != "all layers":
        body = model.layers[:-1]
        training, validation = features(body, *training), features(body, *validation)
        model = Sequential([Dense(10)], training[0].shape[1:], seed)
    batches = Batches(*training, BATCH_SIZE, model.rng)
    epochs = -(-updates // len(batches))
    optimizer = Adam(cosine_decay(RATE, epochs * len(batches)))
    return train(model, batches, validation, optimizer, epochs)


def features(layers: Sequence[Layer], x: np.ndarray, labels: np.ndarray) -> Pair:
    """Return what the layers make of each image, and the labels."""
    for layer in layers:
        x = layer.forward(x)
    return x, labels


@cache
def digit_weights(seed: int) -> list[np.ndarray]:
    """Train the two convolutions on 2,000 digits; return all weights."""
    model = garment_network(seed)
    batches = Batches(*digits(0, 2000), BATCH_SIZE, model.rng)
    optimizer = Adam(cosine_decay(RATE, 12 * len(batches)))
    model.fit(batches, epochs=12, optimizer=optimizer, verbose=False)
    return model.get_weights()


def pictures(data: str, images: int) -> tuple[Pair, Pair]:
    """Return training and 1,000 validation images, scaled, of "digits" or "garments"."""
    if data == "digits":
        return digits(0, images), digits(3000, 4000)
    x, y = _garments()
    return (x[:images], y[:images]), (x[2000:], y[2000:])


@cache
def _garments() -> Pair:
    return scaled(load_fashion_mnist()[0])
