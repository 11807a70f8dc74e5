"""Numbers and lists in words, for the labels and the alternative text of figures."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

MINUS = "\N{MINUS SIGN}"


def number(value: float, digits: int | None = None) -> str:
    """Write a number with a true minus sign.

    Parameters
    ----------
    value : float
        The number.
    digits : int, optional
        Decimals. By default three significant digits, and whole numbers from 100 on.
    """
    if digits is not None:
        text = f"{value:z.{digits}f}"
    else:
        text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:z.3g}"
    return text.replace("-", MINUS)


def short(value: float) -> str:
    """Write a positive number with about two digits, without an exponent."""
    if value >= 10:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """Write a count with its noun: ``1 pixel``, ``1,352 pixels``."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def listed(parts: Iterable[str]) -> str:
    """Join parts as in a sentence: ``a``, ``a and b``, ``a, b and c``."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def sized(shape: Sequence[int]) -> str:
    """Write a shape: ``28 by 28``."""
    return " by ".join(map(str, shape))


def values(vector: ArrayLike, digits: int | None = None) -> str:
    """Write numbers one after the other: ``0.6, −0.7, 0.1``."""
    return ", ".join(number(float(value), digits) for value in np.ravel(vector))


def in_rows(matrix: ArrayLike, digits: int | None = None) -> str:
    """Write a small matrix row by row: ``1 0 −1, 2 0 −2``; NaN is left out."""
    rows = np.atleast_2d(np.asarray(matrix))
    texts = (" ".join(number(v, digits) for v in row if not np.isnan(v)) for row in rows)
    return ", ".join(text for text in texts if text)


def extent(array: ArrayLike) -> str:
    """Write the smallest and the largest value: ``from −1 to 2``."""
    low, high = number(float(np.nanmin(array))), number(float(np.nanmax(array)))
    return f"{low} everywhere" if low == high else f"from {low} to {high}"


def course(curve: ArrayLike, digits: int | None = None) -> str:
    """Say where a curve starts and ends: ``falls from 2.3 to 0.1``."""
    curve = np.asarray(curve, dtype=float)
    first, last = number(curve[0], digits), number(curve[-1], digits)
    if first == last:
        return f"starts and ends at {first}"
    return f"{'falls' if curve[-1] < curve[0] else 'rises'} from {first} to {last}"


def sides(array: ArrayLike) -> str:
    """Say where red lies in a signed map: ``red left of blue``; empty if there is no answer.

    Compares the centers of mass of the positive and the negative values (H, W); they count as
    different if they are at least 8% of the map's height or width apart. If they agree, compares
    how far the values lie from the center: ``red around blue``.
    """
    array = np.asarray(array, dtype=float)
    positive, negative = np.maximum(array, 0), np.maximum(-array, 0)
    if not positive.any() or not negative.any():
        return ""
    places = np.indices(array.shape)
    # (2, H, W) * (H, W), summed over the pixels -> (2,)
    red, blue = ((places * part).sum(axis=(1, 2)) / part.sum() for part in (positive, negative))
    down, right = (red - blue) / array.shape
    words = []
    if abs(down) > 0.08:
        words.append("below" if down > 0 else "above")
    if abs(right) > 0.08:
        words.append("right of" if right > 0 else "left of")
    if words:
        return f"red {' and '.join(words)} blue"
    distances = np.hypot(*(places - ((red + blue) / 2)[:, None, None]))
    far, near = ((distances * part).sum() / part.sum() for part in (positive, negative))
    if max(far, near) > 1.1 * min(far, near):
        return "red around blue" if far > near else "blue around red"
    return ""


def panel(title: str, array: ArrayLike, signed: bool) -> str:
    """Describe one map: its title and range, and, if signed, where red lies or how much is zero."""
    text = f"{title} {extent(array)}"
    if not signed:
        return text
    zeros = (np.asarray(array) == 0).mean()
    where = sides(array) or (f"{zeros:.0%} of it zero" if zeros > 0.1 else "")
    return f"{text}, {where}" if where else text


def scale(limit: float) -> str:
    """Say how to read the colors of signed maps that share one scale."""
    limit_text = number(limit)
    return f"Blue is negative, red positive, at full color {MINUS}{limit_text} and {limit_text}."
