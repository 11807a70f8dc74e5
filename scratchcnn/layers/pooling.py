"""MaxPool2D, AvgPool2D and GlobalAvgPool2D: keep one number for each window (lesson 03)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from scratchcnn._utils.windows import (
    as_pair,
    check_image_shape,
    check_padding,
    output_size,
    pad_widths,
)
from scratchcnn.layers.base import Layer, Shape


class _Pool2D(Layer):
    """What both poolings share: sizes, padding, and the pixels at one place of all windows."""

    def __init__(
        self,
        pool_size: int | tuple[int, int] = 2,
        strides: int | tuple[int, int] | None = None,
        padding: str = "valid",
    ) -> None:
        super().__init__()
        self.pool_size = as_pair(pool_size, "pool_size")
        self.strides = self.pool_size if strides is None else as_pair(strides, "strides")
        self.padding = check_padding(padding)

    def build(
        self, input_shape: Shape, rng: np.random.Generator, dtype: str | np.dtype = "float32"
    ) -> None:
        """Fix the shapes; there is nothing to learn."""
        super().build(input_shape, rng, dtype)
        image_size = (input_shape[0], input_shape[1])
        self.pads = pad_widths(image_size, self.pool_size, self.strides, self.padding)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(H, W, C) -> (OH, OW, C)."""
        name = type(self).__name__
        H, W, C = check_image_shape(input_shape, name)
        return (*output_size((H, W), self.pool_size, self.strides, self.padding, name), C)

    def _pad(self, x: np.ndarray, value: float) -> np.ndarray:
        """(N, H, W, C) -> (N, H + padding, W + padding, C)."""
        if self.padding == "valid":
            return x
        return np.pad(x, ((0, 0), *self.pads, (0, 0)), constant_values=value)

    def _offsets(self) -> Iterator[tuple[slice, slice]]:
        """Yield the slices that pick place (a, b) of every window, row by row of the window.

        ``padded[:, rows, columns]`` has the shape of the output (N, OH, OW, C).
        """
        OH, OW, _ = self.output_shape
        SH, SW = self.strides
        for a, b in np.ndindex(self.pool_size):
            yield slice(a, a + SH * (OH - 1) + 1, SH), slice(b, b + SW * (OW - 1) + 1, SW)

    def _scatter(self, dy_at_offset: Callable[[int], np.ndarray], N: int) -> np.ndarray:
        """Sum ``dy_at_offset(k)`` (N, OH, OW, C) back at place k of every window."""
        H, W, C = self.input_shape
        (top, bottom), (left, right) = self.pads
        dx = np.zeros((N, top + H + bottom, left + W + right, C), self.dtype)
        for k, (rows, columns) in enumerate(self._offsets()):
            dx[:, rows, columns] += dy_at_offset(k)
        return dx[:, top : top + H, left : left + W]


class MaxPool2D(_Pool2D):
    """Keep the largest value of each window.

    In a tie the first maximum in row-major order of the window wins, and alone receives
    the gradient, as in JAX and TensorFlow. Giving it to every tied pixel would make
    gradients too large wherever an image is flat.

    Parameters
    ----------
    pool_size : int or pair of int
        PH, PW, the size of a window.
    strides : int or pair of int, optional
        SH, SW: how far the window moves; by default as far as it is large.
    padding : {"valid", "same"}
        As in `Conv2D`; added pixels never win.
    """

    keras_class = "MaxPooling2D"

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the maxima (N, OH, OW, C) of the windows of ``x`` (N, H, W, C)."""
        padded = self._pad(self.check_input(x), -np.inf)
        y = np.full((len(padded), *self.output_shape), -np.inf, self.dtype)
        winner = np.zeros(y.shape, np.int32)  # the place in the window that holds the maximum
        for k, (rows, columns) in enumerate(self._offsets()):
            candidate = padded[:, rows, columns]
            # "Greater", not "greater or equal": a later pixel must beat the first maximum.
            np.copyto(winner, k, where=candidate > y)
            np.maximum(y, candidate, out=y)
        self.cache = winner
        return y

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Each window's gradient goes to the pixel that won it."""
        winner = self.recall()
        return self._scatter(lambda k: dy * (winner == k), len(dy))


class AvgPool2D(_Pool2D):
    """Keep the mean of each window.

    Parameters
    ----------
    pool_size, strides, padding
        As in `MaxPool2D`; pixels that padding adds do not count in a mean.
    """

    keras_class = "AveragePooling2D"

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the means (N, OH, OW, C) of the windows of ``x`` (N, H, W, C)."""
        x = self.check_input(x)
        self.cache = len(x)
        return self._sum_windows(x) / self._pixels_per_window()

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Every pixel of a window receives an equal share of its gradient."""
        self.recall()
        share = dy / self._pixels_per_window()
        return self._scatter(lambda k: share, len(dy))

    def _sum_windows(self, x: np.ndarray) -> np.ndarray:
        """(N, H, W, C) -> (N, OH, OW, C)."""
        padded = self._pad(x, 0)
        places = [padded[:, rows, columns] for rows, columns in self._offsets()]
        return np.add.reduce(places)

    def _pixels_per_window(self) -> np.ndarray:
        """How many real pixels each window covers: (1, OH, OW, 1)."""
        return self._sum_windows(np.ones((1, *self.input_shape[:2], 1), self.dtype))


class GlobalAvgPool2D(Layer):
    """Keep the mean of each feature map: (N, H, W, C) -> (N, C)."""

    keras_class = "GlobalAveragePooling2D"

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(H, W, C) -> (C,)."""
        return (check_image_shape(input_shape, "GlobalAvgPool2D")[2],)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the means (N, C) of the feature maps ``x`` (N, H, W, C)."""
        x = self.check_input(x)
        self.cache = len(x)
        return x.mean(axis=(1, 2))

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Every pixel of a feature map receives an equal share of its gradient."""
        self.recall()
        H, W, C = self.input_shape
        share = dy / self.dtype.type(H * W)
        # (N, C) -> (N, 1, 1, C) -> (N, H, W, C)
        return np.broadcast_to(share[:, None, None], (len(dy), H, W, C)).copy()
