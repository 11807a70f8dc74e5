"""MaxPool2D and AvgPool2D: keep one number for each window (notebook 02)."""

from __future__ import annotations

import numpy as np

from scratchcnn._utils.validation import pair
from scratchcnn.layers.base import Layer
from scratchcnn.layers.convolution import check_padding, pad_widths, window_counts


class _Pool2D(Layer):
    """What both poolings share: sizes, padding, and the pixels at one place of all windows."""

    def __init__(
        self,
        pool_size: int | tuple[int, int] = 2,
        strides: int | tuple[int, int] | None = None,
        padding: str = "valid",
    ) -> None:
        super().__init__()
        self.pool_size = pair(pool_size, "pool_size")
        self.strides = self.pool_size if strides is None else pair(strides, "strides")
        self.padding = check_padding(padding)

    def build(
        self, input_shape: tuple[int, ...], rng: np.random.Generator, dtype: str = "float32"
    ) -> None:
        """Fix the shapes; there is nothing to learn."""
        super().build(input_shape, rng, dtype)
        name = type(self).__name__
        if len(self.input_shape) != 3:
            raise ValueError(f"{name} needs images (H, W, C), got input_shape {input_shape}")
        *image_size, channels = self.input_shape
        sizes = image_size, self.pool_size, self.strides, self.padding
        self.pads = pad_widths(*sizes)
        self.output_shape = (*window_counts(*sizes, name), channels)

    def _pad(self, x: np.ndarray, value: float) -> np.ndarray:
        """(N, H, W, C) -> (N, H + padding, W + padding, C)."""
        if self.padding == "valid":
            return x
        return np.pad(x, ((0, 0), *self.pads, (0, 0)), constant_values=value)

    def _offsets(self):
        """Yield the slices that pick place (i, j) of every window, row by row of the window.

        ``padded[:, rows, columns]`` has the shape of the output (N, OH, OW, C).
        """
        OH, OW, _ = self.output_shape
        SH, SW = self.strides
        for i, j in np.ndindex(self.pool_size):
            yield slice(i, i + SH * (OH - 1) + 1, SH), slice(j, j + SW * (OW - 1) + 1, SW)

    def _scatter(self, dy_at_offset, count: int) -> np.ndarray:
        """Sum ``dy_at_offset(k)`` (N, OH, OW, C) back at place k of every window."""
        H, W, C = self.input_shape
        (top, bottom), (left, right) = self.pads
        dx = np.zeros((count, top + H + bottom, left + W + right, C), self.dtype)
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
        PH, PW: the window.
    strides : int or pair of int, optional
        SH, SW; by default the pool size, so that windows tile the image. What is left at
        the bottom and right of an odd size is dropped, as in Keras.
    padding : {"valid", "same"}
        As in `Conv2D`, but added pixels never win.
    """

    keras_name = "max_pooling2d"

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the maxima (N, OH, OW, C) of the windows of ``x`` (N, H, W, C)."""
        padded = self._pad(self.check_input(x), -np.inf)
        y = np.full((len(padded), *self.output_shape), -np.inf, self.dtype)
        self._winner = np.zeros(y.shape, np.int32)
        for k, (rows, columns) in enumerate(self._offsets()):
            candidate = padded[:, rows, columns]
            # "Greater", not "greater or equal": a later pixel must beat the first maximum.
            np.copyto(self._winner, k, where=candidate > y)
            np.maximum(y, candidate, out=y)
        return y

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Each window's gradient goes to the pixel that won it."""
        return self._scatter(lambda k: dy * (self._winner == k), len(dy))


class AvgPool2D(_Pool2D):
    """Keep the mean of each window.

    Parameters
    ----------
    pool_size, strides, padding
        As in `MaxPool2D`; added pixels are no part of a mean.
    """

    keras_name = "average_pooling2d"

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the means (N, OH, OW, C) of the windows of ``x`` (N, H, W, C)."""
        padded = self._pad(self.check_input(x), 0)
        y = sum(padded[:, rows, columns] for rows, columns in self._offsets())
        return y / self._pixels_per_window()

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Every pixel of a window receives an equal share of its gradient."""
        share = dy / self._pixels_per_window()
        return self._scatter(lambda k: share, len(dy))

    def _pixels_per_window(self) -> np.ndarray:
        """How many real pixels each window covers: (1, OH, OW, 1)."""
        ones = np.ones((1, *self.input_shape[:2], 1), self.dtype)
        padded = self._pad(ones, 0)
        return sum(padded[:, rows, columns] for rows, columns in self._offsets())
