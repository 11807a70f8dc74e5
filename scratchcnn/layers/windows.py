"""What a convolution and a pooling share: windows that slide over an image (lesson 01)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scratchcnn._utils.windows import Pair, check_image_shape, output_size, pad_widths
from scratchcnn.layers.base import Layer, Shape


class WindowLayer(Layer):
    """A layer that makes each pixel of its output from one window of its input."""

    strides: Pair
    padding: str

    @property
    def window(self) -> Pair:
        """The size of a window, (height, width)."""
        raise NotImplementedError

    @property
    def pads(self) -> tuple[Pair, Pair]:
        """((top, bottom), (left, right)): the rows and columns that padding adds."""
        H, W, _ = self.input_shape
        return pad_widths((H, W), self.window, self.strides, self.padding)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(H, W, C) -> (OH, OW, C)."""
        name = type(self).__name__
        H, W, C = check_image_shape(input_shape, name)
        return (*output_size((H, W), self.window, self.strides, self.padding, name), C)

    def pad(self, x: np.ndarray, value: float) -> np.ndarray:
        """Frame images with ``value``: (N, H, W, C) -> (N, H + padding, W + padding, C)."""
        if self.padding == "valid":
            return x
        return np.pad(x, ((0, 0), *self.pads, (0, 0)), constant_values=value)

    def offsets(self, OH: int, OW: int) -> list[tuple[slice, slice]]:
        """Return the slices that pick place (a, b) of OH x OW windows, row by row of a window.

        ``padded[:, rows, columns]`` has the shape (N, OH, OW, C): one pixel of every window.
        """
        SH, SW = self.strides
        return [
            (slice(a, a + SH * (OH - 1) + 1, SH), slice(b, b + SW * (OW - 1) + 1, SW))
            for a, b in np.ndindex(self.window)
        ]

    def add_to_windows(
        self, share: Callable[[int], np.ndarray], N: int, OH: int, OW: int
    ) -> np.ndarray:
        """Add ``share(k)`` (N, OH, OW, C) to the pixels at place k of all windows: -> dL/dx."""
        H, W, C = self.input_shape
        (top, bottom), (left, right) = self.pads
        dx = np.zeros((N, top + H + bottom, left + W + right, C), self.dtype)
        for k, (rows, columns) in enumerate(self.offsets(OH, OW)):
            dx[:, rows, columns] += share(k)
        return dx[:, top : top + H, left : left + W]
