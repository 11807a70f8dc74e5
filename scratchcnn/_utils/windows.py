"""The windows of convolution and pooling: output size, padding, pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scratchcnn._utils.validation import is_whole

Pair = tuple[int, int]


def as_pair(value: object, name: str) -> Pair:
    """Return ``value`` as (height, width); a single whole number stands for both."""
    sizes = tuple(value) if isinstance(value, list | tuple) else (value, value)
    if len(sizes) != 2 or not all(is_whole(size) for size in sizes):
        raise TypeError(f"{name} must be a whole number or a pair of them, got {value!r}")
    height, width = map(int, sizes)
    if min(height, width) < 1:
        raise ValueError(f"{name} must be at least 1, got {value!r}")
    return height, width


def check_padding(padding: object) -> str:
    """Return ``padding`` if it is "valid" or "same", or raise a ValueError."""
    if padding not in ("valid", "same"):
        raise ValueError(f'padding must be "valid" or "same", got {padding!r}')
    return str(padding)


def check_image_shape(shape: tuple[int, ...], layer: str) -> tuple[int, int, int]:
    """Return ``shape`` if it is (H, W, C), or raise a ValueError that names the layer."""
    if len(shape) != 3:
        raise ValueError(f"{layer} needs images (H, W, C), got input_shape {shape}")
    return shape


def pad_widths(image_size: Pair, window: Pair, strides: Pair, padding: str) -> tuple[Pair, Pair]:
    """Return ((top, bottom), (left, right)): the rows and columns of pixels to add.

    "valid" adds nothing. "same" adds enough for ceil(size / stride) windows; if that is an odd
    number, the extra row or column goes at the bottom or right, as in Keras.
    """
    if padding == "valid":
        return (0, 0), (0, 0)
    pads = []
    for size, extent, stride in zip(image_size, window, strides, strict=True):
        windows = -(-size // stride)  # ceil(size / stride)
        total = max((windows - 1) * stride + extent - size, 0)
        pads.append((total // 2, total - total // 2))
    return pads[0], pads[1]


def output_size(
    image_size: Pair, window: Pair, strides: Pair, padding: str, layer: str = "the layer"
) -> Pair:
    """Return (OH, OW), the number of windows down and across.

    In each direction it is ``(size + padding - window) // stride + 1``.
    """
    pads = pad_widths(image_size, window, strides, padding)
    oh, ow = (
        (size + sum(pad) - extent) // stride + 1
        for size, pad, extent, stride in zip(image_size, pads, window, strides, strict=True)
    )
    if min(oh, ow) < 1:
        raise ValueError(
            f"{layer}: a window of {window} does not fit in an image of {tuple(image_size)}; "
            'make it smaller or use padding="same"'
        )
    return oh, ow


class WindowGeometry:
    """Base for layers that compute each output pixel from one window of the input."""

    input_shape: tuple[int, ...]
    dtype: np.dtype
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

    def compute_output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """(H, W, C) -> (OH, OW, C)."""
        name = type(self).__name__
        H, W, C = check_image_shape(input_shape, name)
        return (*output_size((H, W), self.window, self.strides, self.padding, name), C)

    def pad(self, x: np.ndarray, value: float) -> np.ndarray:
        """Pad images with ``value``: (N, H, W, C) -> (N, H + padding, W + padding, C)."""
        if self.padding == "valid":
            return x
        return np.pad(x, ((0, 0), *self.pads, (0, 0)), constant_values=value)

    def offsets(self, OH: int, OW: int) -> list[tuple[slice, slice]]:
        """Return, for each place (a, b) in a window, the slices that pick it from all windows.

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
        """Add ``share(k)`` (N, OH, OW, C) to the pixel at place k of every window: -> dL/dx."""
        H, W, C = self.input_shape
        (top, bottom), (left, right) = self.pads
        dx = np.zeros((N, top + H + bottom, left + W + right, C), self.dtype)
        for k, (rows, columns) in enumerate(self.offsets(OH, OW)):
            dx[:, rows, columns] += share(k)
        return dx[:, top : top + H, left : left + W]
