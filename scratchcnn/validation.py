"""Checks of what comes in from outside, with errors that say how to mend it."""

from collections.abc import Iterable, Sized

import numpy as np

from scratchcnn.layer import as_numbers, axes_hint, shape_text


def check_images(x: object, input_shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Return ``x`` as an array (N, *input_shape), N > 0, all finite, or raise an error.

    Numbers of another type are not converted here but batch by batch, to save memory.
    """
    x = as_numbers(x, getattr(x, "dtype", dtype), "x")
    if x.shape[1:] != input_shape or x.ndim == 0:
        raise ValueError(
            f"x has shape {x.shape}, expected {shape_text(input_shape)}"
            f"{axes_hint(x.shape, input_shape)}"
        )
    if len(x) == 0:
        raise ValueError(f"x is empty: its shape is {x.shape}")
    # A NaN or an infinity always shows in the minimum or in the maximum.
    if not (np.isfinite(x.min()) and np.isfinite(x.max())):
        bad = np.argwhere(~np.isfinite(x))[0]
        raise ValueError(
            f"x[{', '.join(map(str, bad))}] is {x[tuple(bad)]}, expected finite pixels"
        )
    return x


def check_labels(y: object, count: int, classes: int) -> np.ndarray:
    """Return ``y`` as ``count`` class numbers in 0 .. classes - 1, or raise an error."""
    y = np.asarray(y)
    if y.dtype.kind not in "iu":
        hint = ": use y.astype(int)" if y.dtype.kind in "bf" else ""
        raise TypeError(f"y has dtype {y.dtype}, expected whole numbers{hint}")
    if y.shape != (count,):
        hint = ""
        if y.shape == (count, classes):
            hint = ": turn one-hot rows into class numbers with y.argmax(axis=1)"
        raise ValueError(f"y has shape {y.shape}, expected ({count},), a label an image{hint}")
    if y.min() < 0 or y.max() >= classes:
        at = np.flatnonzero((y < 0) | (y >= classes))[0]
        raise ValueError(f"y[{at}] is {y[at]}, expected a class in 0 .. {classes - 1}")
    return y.astype(np.intp, copy=False)


def check_count(value: object, name: str) -> int:
    """Return ``value`` as a whole number of at least 1, or raise an error that names it."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}")
    return int(value)


def check_batches(batches: object) -> Sized:
    """Return ``batches`` if it can be iterated over and has a length, or raise a TypeError."""
    if isinstance(batches, np.ndarray) or not (
        isinstance(batches, Iterable) and isinstance(batches, Sized)
    ):
        raise TypeError(
            f"y is missing and x is no Batches but {type(batches).__name__}: give x and y, or an "
            "iterable with a length that yields (images, labels)"
        )
    return batches
