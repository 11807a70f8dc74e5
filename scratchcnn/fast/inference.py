"""Inference: prediction with the batch innermost in memory (lesson 13).

For training, the library uses Keras's order: image, row, column, channel (NHWC). To predict
many images, there is a better one: row, channel, column, image (HCWN). Neighbors in memory are
then the same pixel of successive images, and every step of a network treats them alike:

* Every maximum, sum and ReLU runs over long, contiguous stretches of memory.
* To gather windows (of stride 1), each row is copied KW times, shifted by one more pixel each
  time. That is all: KH rows of such copies, one after another in memory, *are* the windows of
  an output row, and the next windows start one row later in the same memory. No pixel is
  copied KH * KW times.
* There are only a few calls, and each does a lot of work. Threads run in parallel inside NumPy's
  functions but must take turns between them, since Python runs only one thread at a time.

Sums are added in a different order than in `forward`, so the last digits may differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from scratchcnn.fast.fused import ConvPool, Step
from scratchcnn.fast.inference_convolution import convolution
from scratchcnn.layers.activations import Dropout, ReLU
from scratchcnn.layers.convolution import Conv2D
from scratchcnn.layers.dense import Dense, Flatten

# Numbers in the feature maps of the images that go through together. They need not all fit in
# the cache, since pooling follows a few rows behind its convolution; memory is the limit.
MAX_NUMBERS_AT_ONCE = 2**22


def is_worth_it(steps: Sequence[Step]) -> bool:
    """Return whether all steps are known here and at least one gains from this order."""
    types = {type(step) for step in steps}
    return types <= STAGES.keys() and not types.isdisjoint((Conv2D, ConvPool))


class Inference:
    """Computes the logits of a fixed number of images at a time; keeps nothing for `backward`.

    Parameters
    ----------
    steps : list of Step
        Steps that pass `is_worth_it`. Their parameters are copied: if they change, make a new
        object.
    num_images : int
        The largest number of images to expect; if it is small, so are the arrays.

    Attributes
    ----------
    batch_size : int
        How many images go through together.
    """

    def __init__(self, steps: Sequence[Step], num_images: int) -> None:
        numbers = sum(math.prod(step.output_shape) for step in steps)
        # A power of two, so that a task of executor.py divides evenly.
        self.batch_size = 64
        while self.batch_size > 16 and self.batch_size * numbers > MAX_NUMBERS_AT_ONCE:
            self.batch_size //= 2
        self.batch_size = min(self.batch_size, num_images)
        first: Any = steps[0]
        H, W, C = first.input_shape
        self.x = self.y = np.empty((H, C, W, self.batch_size), first.dtype)
        self.stages: list[Stage] = []
        for step in steps:
            self.stages.append(STAGES[type(step)](step, self.y))
            self.y = self.stages[-1].y

    def logits(self, x: np.ndarray) -> np.ndarray:
        """Return the scores (N, classes) of ``batch_size`` images ``x`` (N, H, W, C)."""
        self.x[...] = x.transpose(1, 3, 2, 0)  # (N, H, W, C) -> (H, C, W, N)
        for stage in self.stages:
            stage.run()
        return self.y.T.copy("K")  # (classes, N) -> (N, classes), still class by class in memory


class Stage(Protocol):
    """A step that reads its input from an array ``x``; `run` fills ``y``."""

    y: np.ndarray

    def run(self) -> None:
        """Compute ``y``."""


class _ReLU:
    def __init__(self, layer: ReLU, x: np.ndarray) -> None:
        self.y = x

    def run(self) -> None:
        np.maximum(self.y, 0, out=self.y)


class _Dropout:
    """Does nothing: dropout is off in prediction."""

    def __init__(self, layer: Dropout, x: np.ndarray) -> None:
        self.y = x

    def run(self) -> None:
        pass


class _Flatten:
    """Each image as one column, in Keras's order, which the next kernel expects."""

    def __init__(self, layer: Flatten, x: np.ndarray) -> None:
        # (H, C, W, N) -> (H, W, C, N); input that is already flat, (features, N), is unchanged
        self.x = x.transpose(0, 2, 1, 3) if x.ndim == 4 else x
        self.room = np.empty(self.x.shape, x.dtype)
        # -> (H * W * C, N)
        self.y = self.room.reshape(-1, x.shape[-1])

    def run(self) -> None:
        np.copyto(self.room, self.x)


class _Dense:
    def __init__(self, layer: Dense, x: np.ndarray) -> None:
        self.x = x
        self.kernel = layer.params["kernel"].T.astype(x.dtype)  # (in, out) -> (out, in)
        self.bias = layer.params["bias"][:, None].copy() if layer.use_bias else None
        self.y = np.empty((layer.units, x.shape[1]), x.dtype)

    def run(self) -> None:
        # (out, in) @ (in, N) -> (out, N)
        np.dot(self.kernel, self.x, out=self.y)
        if self.bias is not None:
            self.y += self.bias


STAGES: dict[type, Callable[[Any, np.ndarray], Stage]] = {
    Conv2D: convolution,
    ConvPool: convolution,
    ReLU: _ReLU,
    Dropout: _Dropout,
    Flatten: _Flatten,
    Dense: _Dense,
}
