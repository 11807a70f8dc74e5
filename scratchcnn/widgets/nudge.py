"""Nudges: an image moved by a few pixels, and how much that changes."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Change:
    """How much an array differs from its values before the nudge.

    Attributes
    ----------
    difference : ndarray (H, W)
        New minus old.
    changed : int
        Number of pixels that changed.
    relative : float
        Norm of the difference divided by the norm of the old array, both as vectors and
        relative to the background.
    """

    difference: np.ndarray
    changed: int
    relative: float


def moved(image: np.ndarray, nudge: tuple[int, int], background: float) -> np.ndarray:
    """Return the image moved (down, right), with uncovered pixels set to the background."""
    result = np.full_like(image, background)
    rows, columns = image.shape
    (down, right) = nudge
    result[max(down, 0) : max(rows + down, 0), max(right, 0) : max(columns + right, 0)] = image[
        max(-down, 0) : max(rows - down, 0), max(-right, 0) : max(columns - right, 0)
    ]
    return result


def compare(old: np.ndarray, new: np.ndarray, background: float) -> Change:
    """Measure how ``new`` differs from ``old``, an array of the same shape."""
    difference = new - old
    length = float(np.linalg.norm(old - background))
    relative = float(np.linalg.norm(difference)) / length if length else 0.0
    return Change(difference, int(np.count_nonzero(difference)), relative)


def nudge_text(nudge: tuple[int, int]) -> str:
    """Write a nudge in words: "1 down, 2 left"."""
    down, right = nudge
    words = []
    if down:
        words.append(f"{abs(down)} {'down' if down > 0 else 'up'}")
    if right:
        words.append(f"{abs(right)} {'right' if right > 0 else 'left'}")
    return ", ".join(words) or "not at all"
