"""How deep can a network be? Stacks of 4 to 32 convolutions, trained in five ways (lesson 10)."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from scratchcnn.batches import Batches
from scratchcnn.data.shapes import CORNER, make_shapes
from scratchcnn.experiments.runs import BATCH_SIZE, Pair, Run, train
from scratchcnn.layers.activations import ReLU
from scratchcnn.layers.base import Layer
from scratchcnn.layers.convolution import Conv2D
from scratchcnn.layers.dense import Dense
from scratchcnn.layers.normalization import BatchNorm
from scratchcnn.layers.pooling import GlobalAvgPool2D
from scratchcnn.layers.residual import Residual
from scratchcnn.network import Sequential
from scratchcnn.optimizers import SGD
from scratchcnn.schedules import cosine_decay

# Of the differences from the background, over many pictures.
MEAN, STD = 25.0, 43.5
DEPTHS = (4, 8, 16, 32)
# The arguments of `stack` in each case.
STACKS: dict[str, dict[str, Any]] = {
    "plain, Glorot": {"initializer": "glorot_uniform"},
    "plain, He": {},
    "shortcuts": {"shortcuts": True},
    "batch norm": {"batch_norm": True},
    "both": {"shortcuts": True, "batch_norm": True},
}


def stack(
    depth: int,
    shortcuts: bool = False,
    batch_norm: bool = False,
    initializer: str = "he_normal",
    seed: int = 0,
) -> Sequential:
    """Return a network of ``depth`` convolutions for pictures (32, 32, 1) of four shapes.

    The first two convolutions have stride 2, so that all others see maps of 8 x 8 pixels. These
    others come in pairs.

    Parameters
    ----------
    depth : int
        An even number of convolutions, at least 2.
    shortcuts : bool
        Whether there is a shortcut around each pair.
    batch_norm : bool
        Whether each convolution is followed by batch normalization.
    initializer : str
        How the kernels are drawn.
    seed : int
        Of the weights, and of the order of the images.
    """

    def convolution(strides: int = 1) -> list[Layer]:
        layer = Conv2D(16, 3, strides, "same", kernel_initializer=initializer)
        return [layer, BatchNorm(momentum=0.9)] if batch_norm else [layer]

    layers: list[Layer] = [*convolution(2), ReLU(), *convolution(2), ReLU()]
    for _ in range(depth // 2 - 1):
        pair = [*convolution(), ReLU(), *convolution()]
        layers += [Residual(pair), ReLU()] if shortcuts else [*pair, ReLU()]
    return Sequential([*layers, GlobalAvgPool2D(), Dense(4)], (32, 32, 1), seed)


def deep_stacks(
    case: str, depth: int, rate: float, seed: int, epochs: int = 6, images: int = 1500
) -> Run:
    """Train a stack of this depth in one of the ways of `STACKS` (lesson 10)."""
    model = stack(depth, **STACKS[case], seed=seed)
    batches = Batches(*gray_shapes(images, 1), BATCH_SIZE, model.rng)
    optimizer = SGD(cosine_decay(rate, epochs * len(batches)), momentum=0.9)
    return train(model, batches, gray_shapes(500, 2), optimizer, epochs)


@cache
def gray_shapes(n: int, seed: int) -> Pair:
    """Return ``n`` pictures of shapes (n, 32, 32, 1), and their classes (n,).

    A pixel says how far its color is from that of the background: the largest difference of the
    three channels. No shape reaches into the upper left corner, so the mean color of this corner
    is taken for the background's. Over all pixels, the mean is about 0 and the standard deviation
    about 1.
    """
    images, labels, _ = make_shapes(n, seed)
    background = images[:, :CORNER, :CORNER].mean(axis=(1, 2), keepdims=True)
    difference = np.abs(images - background).max(axis=3, keepdims=True)
    return ((difference - MEAN) / STD).astype("float32"), labels
