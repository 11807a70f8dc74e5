"""MaxPool2D, AvgPool2D and GlobalAvgPool2D: keep one number for each window (lesson 03)."""

from __future__ import annotations

import numpy as np

from scratchcnn._utils import windows
from scratchcnn.layers.base import Layer, Shape


class _Pool2D(windows.WindowGeometry, Layer):
    """The arguments that both pooling layers share."""

    def __init__(
        self,
        pool_size: int | tuple[int, int] = 2,
        strides: int | tuple[int, int] | None = None,
        padding: str = "valid",
    ) -> None:
        super().__init__()
        self.pool_size = windows.as_pair(pool_size, "pool_size")
        self.strides = self.pool_size if strides is None else windows.as_pair(strides, "strides")
        self.padding = windows.check_padding(padding)

    @property
    def window(self) -> windows.Pair:
        """(PH, PW)."""
        return self.pool_size


class MaxPool2D(_Pool2D):
    """Keep the largest value of each window.

    If pixels tie, the first in row-major order wins and alone receives the gradient, as in JAX and
    TensorFlow. Giving it to every tied pixel would make gradients too large where an image is flat.

    Parameters
    ----------
    pool_size, strides : int or pair of int
        (PH, PW), the size of a window, and (SH, SW), how far it moves, by default its size.
    padding : {"valid", "same"}
        As in `Conv2D`; added pixels never win.
    """

    keras_class = "MaxPooling2D"

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the maxima (N, OH, OW, C) of the windows of ``x`` (N, H, W, C)."""
        padded = self.pad(self.check_input(x), -np.inf)
        y = np.full((len(padded), *self.output_shape), -np.inf, self.dtype)
        winner = np.zeros(y.shape, np.int32)  # position of the maximum within each window
        for k, (rows, columns) in enumerate(self.offsets(*self.output_shape[:2])):
            candidate = padded[:, rows, columns]
            # "Greater", not "greater or equal": a later pixel must beat the first maximum.
            np.copyto(winner, k, where=candidate > y)
            np.maximum(y, candidate, out=y)
        self.cache = winner
        return y

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Pass each window's gradient to its largest pixel."""
        winner = self.recall()
        return self.add_to_windows(lambda k: dy * (winner == k), *dy.shape[:3])


class AvgPool2D(_Pool2D):
    """Keep the mean of each window.

    Parameters
    ----------
    pool_size, strides, padding
        As in `MaxPool2D`; padding pixels are left out of the mean.
    """

    keras_class = "AveragePooling2D"

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the means (N, OH, OW, C) of the windows of ``x`` (N, H, W, C)."""
        return self._sum_windows(self.check_input(x)) / self._pixels_per_window()

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Divide each window's gradient equally among its pixels."""
        self.recall()
        share = dy / self._pixels_per_window()
        return self.add_to_windows(lambda k: share, *dy.shape[:3])

    def _sum_windows(self, x: np.ndarray) -> np.ndarray:
        """(N, H, W, C) -> (N, OH, OW, C)."""
        padded, offsets = self.pad(x, 0), self.offsets(*self.output_shape[:2])
        return np.add.reduce([padded[:, rows, columns] for rows, columns in offsets])

    def _pixels_per_window(self) -> np.ndarray:
        """How many image pixels (not padding) each window covers: (1, OH, OW, 1)."""
        return self._sum_windows(np.ones((1, *self.input_shape[:2], 1), self.dtype))


class GlobalAvgPool2D(Layer):
    """Keep the mean of each feature map: (N, H, W, C) -> (N, C)."""

    keras_class = "GlobalAveragePooling2D"

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(H, W, C) -> (C,)."""
        return (windows.check_image_shape(input_shape, "GlobalAvgPool2D")[2],)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the means (N, C) of the feature maps ``x`` (N, H, W, C)."""
        return self.check_input(x).mean(axis=(1, 2))

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Divide each feature map's gradient equally among its pixels."""
        self.recall()
        H, W, _ = self.input_shape
        share = (dy / self.dtype.type(H * W))[:, None, None]  # (N, C) -> (N, 1, 1, C)
        return np.tile(share, (1, H, W, 1))  # -> (N, H, W, C)
