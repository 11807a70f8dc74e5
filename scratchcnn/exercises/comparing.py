"""Read what a function returned, and find where it first differs from what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchcnn.exercises.declaration import Values

LARGEST = 10**6  # numbers; copying more might not fit into memory


@dataclass(frozen=True)
class Difference:
    """Where two arrays first differ: at ``index``, or in their shapes if it is None."""

    index: tuple[int, ...] | None


def read_values(raw: Any, names: tuple[str, ...]) -> tuple[Values | None, str]:
    """Return the results as arrays, one for each name; or None and why they cannot be read."""
    if raw is None:
        return None, f"The function returned None. Does it end with: return {', '.join(names)}?"
    if len(names) == 1:
        parts = [raw]
    elif isinstance(raw, tuple | list) and len(raw) == len(names):
        parts = list(raw)
    else:
        count = f"{len(raw)} results" if isinstance(raw, tuple) else "one result"
        return None, (
            f"The function returned {count}, expected {len(names)}. "
            f"Let it end with: return {', '.join(names)}"
        )
    values = []
    for part, name in zip(parts, names, strict=True):
        value, problem = read_array(part, name)
        if value is None:
            return None, problem
        values.append(value)
    return tuple(values), ""


def read_array(part: Any, name: str) -> tuple[np.ndarray | None, str]:
    """Return a result as an array of real numbers; or None and why it is not one."""
    if part is None:
        return None, f"{name} is None, expected numbers."
    if isinstance(part, np.ndarray) and part.size > LARGEST:
        return None, f"{name} has shape {part.shape}, far more numbers than expected."
    try:
        value = np.array(part)  # a copy: a view would change with what it looks at
    except Exception:  # rows of different lengths, or an object with an __array__ of its own
        return None, f"{name} is not a regular array: its rows have different lengths."
    if value.dtype.kind not in "fiub":
        kind = type(part).__name__ if value.ndim == 0 else f"an array of {value.dtype}"
        return None, f"{name} is {kind}, expected real numbers."
    return value, ""


def difference(got: np.ndarray, expected: np.ndarray, tolerance: float) -> Difference | None:
    """Return where ``got`` first differs from ``expected``, or None if they agree.

    Types do not matter, only numbers. NaN agrees with NaN. For a single number, an array that
    holds one number is as good.
    """
    if expected.ndim == 0 and got.size == 1:
        got = got.reshape(())
    if got.shape != expected.shape:
        return Difference(None)
    if got.dtype.kind == "f":  # rounding of coarser types
        tolerance = max(tolerance, 100 * float(np.finfo(got.dtype).eps))
    a, b = got.astype(float), expected.astype(float)
    finite = np.abs(b[np.isfinite(b)])
    scale = finite.max() if finite.size and finite.max() > 0 else 1.0
    near = np.isclose(a, b, rtol=tolerance, atol=0.1 * tolerance * scale, equal_nan=True)
    if near.all():
        return None
    return Difference(tuple(int(i) for i in np.argwhere(~near)[0]))
