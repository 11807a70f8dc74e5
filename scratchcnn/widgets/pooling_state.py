"""What the pooling explorer shows, and what pooling makes of it."""

from dataclasses import dataclass, replace

import numpy as np

from scratchcnn.layers.pooling import AvgPool2D, MaxPool2D
from scratchcnn.widgets.nudge import moved


@dataclass(frozen=True)
class PoolingState:
    """What the pooling explorer shows.

    Attributes
    ----------
    image : int
        Which image.
    kind : {"max", "average"}
    window, stride : int
        In pixels, the same for height and width.
    nudge : (down, right)
        How far the image has been moved, in pixels.
    pixel : (row, column)
        The pooled pixel whose window is shown.
    grip : (down, right, row, column)
        Where a drag began: the nudge then, and the pixel under the pointer.
    """

    image: int = 0
    kind: str = "max"
    window: int = 2
    stride: int = 2
    nudge: tuple[int, int] = (0, 1)
    pixel: tuple[int, int] = (6, 6)
    grip: tuple[int, int, int, int] = (0, 0, 0, 0)


def pool(image: np.ndarray, state: PoolingState) -> np.ndarray:
    """Pool one image (H, W) with the library's own layer."""
    layer = (MaxPool2D if state.kind == "max" else AvgPool2D)(state.window, state.stride)
    layer.build((*image.shape, 1), np.random.default_rng(0), "float64")
    # (H, W) -> (1, H, W, 1) -> (1, OH, OW, 1) -> (OH, OW)
    return layer.forward(image[None, :, :, None])[0, :, :, 0]


def winners(image: np.ndarray, state: PoolingState) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return row and column of each window's first maximum, and whether it is unique; (OH, OW)."""
    size = state.window, state.window
    windows = np.lib.stride_tricks.sliding_window_view(image, size)
    windows = windows[:: state.stride, :: state.stride]
    OH, OW = windows.shape[:2]
    flat = windows.reshape(OH, OW, -1)  # (OH, OW, PH, PW) -> (OH, OW, PH * PW)
    row, column = np.divmod(flat.argmax(axis=2), state.window)
    alone = (flat == flat.max(axis=2, keepdims=True)).sum(axis=2) == 1
    oh, ow = np.ogrid[:OH, :OW]
    return oh * state.stride + row, ow * state.stride + column, alone


def opening(image: np.ndarray, background: float) -> PoolingState:
    """Return the first state: at the middle, or at a lively window if the middle is empty."""
    state = PoolingState()
    nudged = moved(image, state.nudge, background)
    pooled = pool(nudged, state)
    if max(state.pixel) >= min(pooled.shape) or pooled[state.pixel] > background:
        return state
    lively = pooled - pool(nudged, replace(state, kind="average"))
    row, column = np.unravel_index(lively.argmax(), lively.shape)
    return replace(state, pixel=(int(row), int(column)))
