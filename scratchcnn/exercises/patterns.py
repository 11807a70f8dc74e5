"""Mistakes that any function can show: a wrong sign, a factor, rows and columns swapped."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

Pair = tuple[np.ndarray, np.ndarray]  # what came, what was expected
FACTORS = {0.5: "half of", 2.0: "twice", 3.0: "three times", 4.0: "four times"}


def pattern(pairs: Sequence[Pair]) -> str:
    """Say in one sentence what all the wrong results have in common; empty if nothing."""
    whole = bool(pairs) and all(a.dtype.kind in "iu" for a, _ in pairs)
    pairs = [(a.astype(float), b.astype(float)) for a, b in pairs if b.size]
    if not pairs:
        return ""
    if any(a.shape == b.shape and np.isnan(a).any() for a, b in pairs):
        return "Your answer holds NaN (not a number): something was divided by zero, or overflowed."
    if not _moves(pairs):
        return ""
    if whole and _all(pairs, lambda a, b: np.array_equal(a, np.trunc(b))):
        return (
            "The numbers lost their decimals. Does an array of whole numbers hold them? "
            "np.zeros(shape) holds floats."
        )
    if _all(pairs, lambda a, b: not a.any()):
        return "Your answer is all zeros. Is the result ever written into it?"
    if _all(pairs, lambda a, b: np.allclose(a, -b)):
        return "Every number has the wrong sign."
    if all(_close(a, b.T) for a, b in pairs):
        return "Rows and columns are swapped: your answer is the transpose of what is expected."
    for factor, words in FACTORS.items():
        if all(_close(a, factor * b) for a, b in pairs):
            return f"Every number is {words} what is expected."
    if all(b.ndim and _close(a, b[::-1]) for a, b in pairs):
        return "The numbers are right, but in reverse order."
    return ""


def _moves(pairs: Sequence[Pair]) -> bool:
    """Return whether there is enough to see a pattern in: more than one number, not all zero."""
    return sum(b.size for _, b in pairs) > 2 and any(b.any() for _, b in pairs)


def _all(pairs: Sequence[Pair], rule: Callable[[np.ndarray, np.ndarray], bool]) -> bool:
    return all(a.shape == b.shape and rule(a, b) for a, b in pairs)


def _close(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and np.allclose(a, b)
