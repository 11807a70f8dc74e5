"""Inference, reading without learning: the same network with the images innermost in memory.

Where it learns, the library keeps Keras's order: image, row, column, channel. To only read
many images there is a better one: row, channel, column, image, (H, C, W, N). Neighbors in
memory are then the same pixel of one image after the other, and nothing that a network does
treats them differently:

* Every maximum, sum and ReLU runs along long, contiguous stretches.
* To gather windows (of stride 1), each row is copied KW times, each time shifted by a pixel.
  That is all: KH rows of such copies, one behind the other in memory, *are* the windows of an
  output row, and the next windows begin one row further on in the same memory. No pixel is
  copied KH * KW times.
* There are few calls, each with much to do. Threads can work side by side in NumPy's
  functions, but between them take turns, since Python runs one at a time.

Sums are added in another order than in `forward`, so the last digits may differ. Notebook 07
measures what it brings.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from scratchcnn.fast.fused import ConvPool
from scratchcnn.fast.inference_convolution import convolution
from scratchcnn.layers.activations import Dropout, ReLU
from scratchcnn.layers.base import Layer
from scratchcnn.layers.convolution import Conv2D
from scratchcnn.layers.dense import Dense, Flatten

if TYPE_CHECKING:
    from scratchcnn.network import Sequential

# Numbers in the feature maps of the images that are read together. Not all of them need to fit
# into the cache, since pooling follows its convolution a few rows behind; memory is the limit.
NUMBERS_READ_AT_ONCE = 2**22


class Reader:
    """Computes the logits of images, however many; keeps nothing for `backward`.

    Whole portions go through as described above, the rest through ``model.forward``. So does
    everything, if the network has a layer that is not known here, a `forward` of its own, or
    no convolution: then there is nothing to gain.

    Parameters
    ----------
    model : Sequential
        A twin that nobody else uses. Its parameters are copied when the first portion is read:
        if they change, make a new reader.
    """

    def __init__(self, model: Sequential) -> None:
        self.model = model
        numbers = sum(math.prod(stage.output_shape) for stage in model.stages)
        # A power of two, so that a task of `pieces.py` is cut without a rest.
        self.images = 64
        while self.images > 16 and self.images * numbers > NUMBERS_READ_AT_ONCE:
            self.images //= 2
        self._portion: _Portion | None = None

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the logits (N, classes) of the images ``x`` (N, H, W, C)."""
        logits = np.empty((len(x), self.model.classes), self.model.dtype)
        whole = len(x) - len(x) % self.images if can_read(self.model) else 0
        for start in range(0, whole, self.images):
            if self._portion is None:
                self._portion = _Portion(self.model.stages, self.images)
            portion = slice(start, start + self.images)
            logits[portion] = self._portion.logits(x[portion])
        for start in range(whole, len(x), self.model.images_at_once):
            piece = slice(start, start + self.model.images_at_once)
            logits[piece] = self.model.forward(x[piece])
        return logits


def can_read(model: Sequential) -> bool:
    """Say whether a network is made of layers that are known here, and gains by it."""
    from scratchcnn.network import Sequential  # here, because network.py imports this file

    # A subclass, of the network or of a layer, may compute something else.
    if type(model).forward is not Sequential.forward:
        return False
    types = {type(stage) for stage in model.stages}
    return types <= STEPS.keys() and not types.isdisjoint((Conv2D, ConvPool))


class _Portion:
    """The layers' steps, one after the other, with arrays for a fixed number of images."""

    def __init__(self, stages: list[Layer], images: int) -> None:
        H, W, C = stages[0].input_shape
        self.x = self.y = np.empty((H, C, W, images), stages[0].dtype)
        self.steps = []
        for stage in stages:
            self.steps.append(STEPS[type(stage)](stage, self.y))
            self.y = self.steps[-1].y

    def logits(self, x: np.ndarray) -> np.ndarray:
        """Return a view (N, classes), good until the next call."""
        self.x[...] = x.transpose(1, 3, 2, 0)  # (N, H, W, C) -> (H, C, W, N)
        for step in self.steps:
            step.run()
        return self.y.T  # (classes, N) -> (N, classes)


class _ReLU:
    def __init__(self, layer: ReLU, x: np.ndarray) -> None:
        self.y = x

    def run(self) -> None:
        np.maximum(self.y, 0, out=self.y)


class _Dropout:
    """Nothing is dropped where nothing is learned."""

    def __init__(self, layer: Dropout, x: np.ndarray) -> None:
        self.y = x

    def run(self) -> None:
        pass


class _Flatten:
    """Each image as one column, in Keras's order, which the next kernel expects."""

    def __init__(self, layer: Flatten, x: np.ndarray) -> None:
        # (H, C, W, N) -> (H, W, C, N); what is flat already, (features, N), stays as it is
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


# A step is made of a layer and the array ``x`` that it will find its input in; `run` fills ``y``.
STEPS = {
    Conv2D: convolution,
    ConvPool: convolution,
    ReLU: _ReLU,
    Dropout: _Dropout,
    Flatten: _Flatten,
    Dense: _Dense,
}
