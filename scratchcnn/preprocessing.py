"""Rescaling and Reshape: prepare images inside a network."""

from __future__ import annotations

import math

import numpy as np

from scratchcnn._utils.validation import is_whole
from scratchcnn.layers.base import Layer, Shape


class Rescaling(Layer):
    """Scale and shift every number: ``y = x * scale + offset``; nothing is learned.

    With ``Rescaling(1 / 255, offset=-0.5)`` as its first layer, a network takes pixels 0 to 255.

    Parameters
    ----------
    scale, offset : float
    """

    keras_class = "Rescaling"
    scales_input = True  # see scales_input in _utils/validation.py

    def __init__(self, scale: float, offset: float = 0.0) -> None:
        super().__init__()
        for name, value in {"scale": scale, "offset": offset}.items():
            if isinstance(value, bool) or not isinstance(value, int | float | np.number):
                raise TypeError(f"{name} is {value!r}, expected a number")
            if not math.isfinite(value):
                raise ValueError(f"{name} is {value!r}, expected a finite number")
        self.scale, self.offset = float(scale), float(offset)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return ``x * scale + offset``, of any shape."""
        y: np.ndarray = self.check_input(x) * self.dtype.type(self.scale)
        y += self.dtype.type(self.offset)
        return y

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """dL/dx = dy * scale."""
        dx: np.ndarray = dy * self.dtype.type(self.scale)
        return dx


class Reshape(Layer):
    """Give each image another shape, as ``Reshape((28, 28, 1))`` does to rows of 784 pixels.

    Parameters
    ----------
    target_shape : tuple of int
        Without the batch axis. One size may be -1: it is computed from the others.
    """

    keras_class = "Reshape"

    def __init__(self, target_shape: Shape) -> None:
        super().__init__()
        sizes = target_shape if isinstance(target_shape, list | tuple) else ()
        if not sizes or not all(is_whole(size) and (size > 0 or size == -1) for size in sizes):
            raise ValueError(f"target_shape is {target_shape!r}, expected sizes, or -1 for one")
        self.target_shape = tuple(int(size) for size in sizes)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return ``target_shape``, with -1 replaced by the size that fits."""
        count, known = math.prod(input_shape), abs(math.prod(self.target_shape))
        shape = tuple(count // known if size == -1 else size for size in self.target_shape)
        if math.prod(shape) != count:
            raise ValueError(f"Reshape: cannot turn {input_shape} into {self.target_shape}")
        return shape

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return ``x`` as (N, *target_shape)."""
        x = self.check_input(x)
        return x.reshape(len(x), *self.output_shape)

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Give the gradient the shape of the input."""
        return dy.reshape(len(dy), *self.input_shape)
