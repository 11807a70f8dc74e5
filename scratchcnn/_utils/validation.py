"""Checks of what comes in from outside, with errors that say how to mend it."""

from collections.abc import Iterable, Sized
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scratchcnn.network import Sequential


def check_images(x: object, input_shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Return ``x`` as an array (N, *input_shape), N > 0, all finite, or raise an error.

    Numbers of another type are not converted here but batch by batch, to save memory.
    """
    x = as_numbers(x, None, "x")
    if x.shape[1:] != input_shape or x.ndim == 0:
        raise ValueError(
            f"x has shape {x.shape}, expected {shape_text(input_shape)}"
            f"{axes_hint(x.shape, input_shape)}"
        )
    if len(x) == 0:
        raise ValueError(f"x is empty: its shape is {x.shape}")
    # A NaN or an infinity always shows in the minimum or in the maximum.
    largest = np.finfo(dtype).max
    if not (-largest <= x.min() and x.max() <= largest):
        bad = np.argwhere(~(np.abs(x) <= largest))[0]
        raise ValueError(
            f"x[{', '.join(map(str, bad))}] is {x[tuple(bad)]}, expected finite pixels"
        )
    return x


def check_labels(y: object, count: int, classes: int) -> np.ndarray:
    """Return ``y`` as ``count`` class numbers in 0 .. classes - 1, or raise an error."""
    try:
        y = np.asarray(y)
    except ValueError:
        raise ValueError("y is no regular array, expected a class number an image") from None
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


def check_pair(model: "Sequential", pair: object, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return (images, labels) checked against the model, or raise an error."""
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise TypeError(f"{name} is no pair of images and labels")
    x = check_images(pair[0], model.input_shape, model.dtype)
    return x, check_labels(pair[1], len(x), model.classes)


def check_batches(batches: object) -> Sized:
    """Return ``batches`` if it can be iterated over and has a length, or raise a TypeError."""
    if isinstance(batches, np.ndarray | list | tuple) or not (
        isinstance(batches, Iterable) and isinstance(batches, Sized)
    ):
        raise TypeError(
            f"y is missing and x is no Batches but {type(batches).__name__}: give x and y, or an "
            "iterable with a length that yields (images, labels)"
        )
    if len(batches) == 0:
        raise ValueError("x is empty, expected at least one batch")
    return batches


def as_numbers(x: object, dtype: np.dtype | str | None, name: str) -> np.ndarray:
    """Return ``x`` as an array of ``dtype`` (None: its own); refuse what are no real numbers."""
    try:
        array = np.asarray(x)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"{name} is no regular array: {error}") from None
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} has dtype {array.dtype}, expected real numbers")
    return array.astype(dtype or array.dtype, copy=False)


def check_axes(x: object, axes: tuple[int | str, ...], name: str) -> np.ndarray:
    """Return ``x`` in float64 if its shape is ``axes``, where a name stands for any size."""
    x = as_numbers(x, "float64", name)
    if len(axes) != x.ndim or any(
        isinstance(axis, int) and axis != size for axis, size in zip(axes, x.shape, strict=True)
    ):
        expected = f"({', '.join(map(str, axes))}{',' * (len(axes) == 1)})"
        raise ValueError(f"{name} has shape {x.shape}, expected {expected}")
    return x


def shape_text(shape: tuple[int, ...]) -> str:
    """Write a shape with its batch axis: ``(N, 28, 28, 1)``."""
    return f"(N, {', '.join(map(str, shape))})"


def pair(value: int | tuple[int, int], name: str) -> tuple[int, int]:
    """Return ``value`` as (height, width); a single whole number stands for both."""
    sizes = tuple(value) if isinstance(value, list | tuple) else (value, value)
    if len(sizes) != 2 or not all(is_whole(size) for size in sizes):
        raise TypeError(f"{name} must be a whole number or a pair of them, got {value!r}")
    if min(sizes) < 1:
        raise ValueError(f"{name} must be at least 1, got {value!r}")
    return int(sizes[0]), int(sizes[1])


def check_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of one image as a tuple of whole numbers, or raise an error."""
    if not isinstance(shape, list | tuple) or not all(is_whole(size) for size in shape):
        raise TypeError(f"input_shape is {shape!r}, expected whole numbers such as (28, 28, 1)")
    if not shape or min(shape) < 1:
        raise ValueError(f"input_shape is {shape!r}, expected sizes of at least 1")
    return tuple(int(size) for size in shape)


def check_count(value: object, name: str) -> int:
    """Return ``value`` as a whole number of at least 1, or raise an error that names it."""
    if not is_whole(value):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}")
    return int(value)


def check_seed(seed: object) -> int:
    """Return ``seed`` as a whole number of at least 0, or raise an error that names it."""
    if not is_whole(seed):
        raise TypeError(f"seed must be a whole number, got {seed!r}")
    if seed < 0:
        raise ValueError(f"seed must be at least 0, got {seed}")
    return int(seed)


def check_dtype(dtype: str) -> np.dtype:
    """Return ``dtype`` as NumPy's, or raise a TypeError that names the choices."""
    if str(dtype) not in ("float32", "float64"):
        raise TypeError(f'dtype is {dtype!r}, expected "float32" or "float64"')
    return np.dtype(str(dtype))


def check_flag(value: object, name: str) -> bool:
    """Return ``value`` if it is True or False, or raise a TypeError that names it."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def is_whole(value: object) -> bool:
    """Tell whether ``value`` is a whole number; True and False are not."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def axes_hint(shape: tuple[int, ...], expected: tuple[int, ...]) -> str:
    """Name the missing axes when ``shape`` is an image without batch or channel axis."""
    if shape == expected[:-1]:
        return ": add the batch and channel axes with x[None, ..., None]"
    if shape == expected:
        return ": add the batch axis with x[None]"
    if shape[1:] == expected[:-1] and expected[-1] == 1:
        return ": add the channel axis with x[..., None]"
    return ""


def check_number(value: float, name: str, below: float = np.inf) -> float:
    """Return ``value`` as a float in [0, below), or raise an error that names it."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not 0 <= value < below:
        raise ValueError(f"{name} must be in [0, {below}), got {value!r}")
    # A Python float, because a NumPy float64 would turn float32 arithmetic into float64.
    return float(value)
