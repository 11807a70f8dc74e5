"""The positions of windows, found by counting.

The layers compute them with formulas (``_utils/windows.py``). Here they are found independently,
so that the loops can catch a mistake in the formulas.
"""

import numpy as np

Pair = tuple[int, int]


class Windows:
    """All windows of some images, which are padded where windows reach beyond the edge.

    Parameters
    ----------
    x : ndarray (N, H, W, C)
    size, strides : pair of int
    padding : {"valid", "same"}
    value : float
        The padding value.

    Attributes
    ----------
    padded : ndarray (N, H + padding, W + padding, C)
    counts : pair of int
        (OH, OW), the number of windows.
    """

    def __init__(
        self, x: np.ndarray, size: Pair, strides: Pair, padding: str, value: float
    ) -> None:
        N, H, W, C = x.shape
        self.size, self.image_size = size, (H, W)
        rows = places(H, size[0], strides[0], padding)
        columns = places(W, size[1], strides[1], padding)
        self.counts = len(rows), len(columns)
        # How far windows reach beyond the image.
        self.top, self.left = max(0, -rows[0]), max(0, -columns[0])
        bottom = max(0, rows[-1] + size[0] - H)
        right = max(0, columns[-1] + size[1] - W)
        self.padded = np.full((N, self.top + H + bottom, self.left + W + right, C), value)
        for n, h, w, c in np.ndindex(x.shape):
            self.padded[n, self.top + h, self.left + w, c] = x[n, h, w, c]
        self.rows = [self.top + row for row in rows]
        self.columns = [self.left + column for column in columns]

    def pixel(self, i: int, j: int, a: int, b: int) -> Pair:
        """Return (row, column) in ``padded`` of place (a, b) in window (i, j)."""
        return self.rows[i] + a, self.columns[j] + b

    def without_padding(self, padded: np.ndarray) -> np.ndarray:
        """Remove the padding from an array shaped like ``padded``."""
        H, W = self.image_size
        return padded[:, self.top : self.top + H, self.left : self.left + W]


def places(size: int, window: int, stride: int, padding: str) -> list[int]:
    """Return where windows start along an axis of ``size`` pixels; -1 is just before the first."""
    if padding == "valid":
        starts = [start for start in range(0, size, stride) if start + window <= size]
    elif padding == "same":
        count = len(range(0, size, stride))  # one window for each stride that starts in the image
        added = max(0, (count - 1) * stride + window - size)
        # Half of the padding goes before; if it is odd, the extra pixel goes at the end.
        starts = [k * stride - added // 2 for k in range(count)]
    else:
        raise ValueError(f'padding must be "valid" or "same", got {padding!r}')
    if not starts:
        raise ValueError(f"a window of {window} does not fit in {size} pixels")
    return starts


def as_pair(value: object, name: str) -> Pair:
    """Return ``value`` as (height, width); a single whole number stands for both."""
    pair = value if isinstance(value, list | tuple) else (value, value)
    whole = [isinstance(size, int | np.integer) and not isinstance(size, bool) for size in pair]
    if len(pair) != 2 or not all(whole) or min(pair) < 1:
        raise ValueError(f"{name} must be one or two whole numbers of at least 1, got {value!r}")
    return int(pair[0]), int(pair[1])
