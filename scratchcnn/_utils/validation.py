"""Checks of arguments, with errors that say how to fix them."""

from __future__ import annotations

import math
import sys
import warnings
from typing import Any, Protocol, TypeGuard

import numpy as np

FAR = 20  # pixels beyond +-20 are almost surely a mistake: standardized images stay within about 5


class Shapes(Protocol):
    """What a network says about its input and output."""

    input_shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def layers(self) -> tuple[Any, ...]:
        """The layers, first to last."""

    @property
    def num_classes(self) -> int:
        """Number of classes."""


def check_images(x: object, model: Shapes, warned: list[str] | None = None) -> np.ndarray:
    """Return ``x`` as an array (N, *input_shape), N > 0, all finite, or raise an error.

    Other dtypes are not converted here but batch by batch, to save memory. Pixels far outside
    [-1, 1] only cause a warning, which is recorded in the list ``warned`` and not repeated.
    """
    warned = [] if warned is None else warned
    x, expected = as_numbers(x, None, "x"), model.input_shape
    if x.shape[1:] != expected or x.ndim == 0:
        raise ValueError(
            f"x has shape {x.shape}, expected {shape_text(expected)}{axes_hint(x.shape, expected)}"
        )
    if len(x) == 0:
        raise ValueError(f"x is empty: its shape is {x.shape}")
    # Any NaN or infinity shows up in the minimum or the maximum.
    (low, high), largest = extremes(x), np.finfo(model.dtype).max
    if not (-largest <= low and high <= largest):
        bad = np.argwhere(~(np.abs(x) <= largest))[0]
        raise ValueError(
            f"x[{', '.join(map(str, bad))}] is {x[tuple(bad)]}, expected finite pixels"
        )
    far = max(float(high), -float(low)) > FAR
    if far and not warned and not scales_input(model):
        warned.append(
            f"pixels from {low:g} to {high:g} are far outside [-1, 1], where networks learn best: "
            "use x / 255 - 0.5 for pixels from 0 to 255"
        )
        warnings.warn(warned[0], RuntimeWarning, stacklevel=outside_the_package())
    return x


def extremes(x: np.ndarray) -> tuple[Any, Any]:
    """Return the smallest and the largest number in ``x`` (N, ...), or NaN if there is one."""
    # Part by part: the maximum then finds in the cache what the minimum has just read.
    parts = (x[start : start + 256] for start in range(0, len(x), 256))
    lows, highs = zip(*((part.min(), part.max()) for part in parts), strict=True)
    return np.min(lows), np.max(highs)


def scales_input(model: Shapes) -> bool:
    """Return whether a layer like `Rescaling` comes before all trainable layers."""
    for layer in model.layers:
        if layer.params or getattr(layer, "scales_input", False):
            return not layer.params
    return False


def check_labels(y: object, count: int, num_classes: int) -> np.ndarray:
    """Return ``y`` as ``count`` class numbers in 0 .. num_classes - 1, or raise an error."""
    try:
        y = np.asarray(y)
    except ValueError:
        raise ValueError("y is not a regular array, expected a class for each image") from None
    if y.shape == (count, num_classes):
        hint = ": turn one-hot rows into class numbers with y.argmax(axis=1)"
    elif y.shape == (count, 1):
        hint = ": use y.ravel()"
    elif y.dtype.kind in "USO":
        hint = ": turn names into numbers with names, y = np.unique(y, return_inverse=True)"
    elif y.dtype.kind == "f" and y.shape == (count,):
        whole = bool((y == np.round(y)).all())
        hint = ": use y.astype(int)" if whole else ", the class numbers, not fractions"
    else:
        hint = ""
    if y.shape != (count,):
        raise ValueError(
            f"y has shape {y.shape}, expected ({count},), one label for each image{hint}"
        )
    if y.dtype.kind not in "iub":
        raise TypeError(f"y has dtype {y.dtype}, expected whole numbers{hint}")
    if y.min() < 0 or y.max() >= num_classes:
        at = np.flatnonzero((y < 0) | (y >= num_classes))[0]
        hint = ": two classes need two scores, Dense(2)" if num_classes == 1 else ""
        raise ValueError(f"y[{at}] is {y[at]}, expected a class in 0 .. {num_classes - 1}{hint}")
    return y.astype(np.intp, copy=False)


def check_xy(
    model: Shapes, pair: object, name: str, warned: list[str] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return (images, labels) checked against the model, or raise an error; see `check_images`."""
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise TypeError(f"{name} is not a pair of images and labels")
    x = check_images(pair[0], model, warned)
    return x, check_labels(pair[1], len(x), model.num_classes)


def outside_the_package() -> int:
    """Return the ``stacklevel`` with which a warning points to the caller of this package."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("scratchcnn."):
        level, frame = level + 1, frame.f_back
    return level


def as_numbers(x: object, dtype: Any, name: str) -> np.ndarray:
    """Return ``x`` as an array of ``dtype`` (None: its own); reject all but real numbers."""
    if x is None:
        raise TypeError(f"{name} is None: did you forget to return it?")
    try:
        array = np.asarray(x)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"{name} is not a regular array: {error}") from None
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} has dtype {array.dtype}, expected real numbers")
    return array.astype(dtype or array.dtype, copy=False)


def as_floats(logits: np.ndarray) -> np.ndarray:
    """Return ``logits`` as an array of floats: differences of small integers could overflow."""
    if type(logits) is np.ndarray and logits.dtype in (np.float32, np.float64):
        return logits
    return as_numbers(logits, np.float64, "logits")


def check_axes(x: object, axes: tuple[int | str, ...], name: str) -> np.ndarray:
    """Return ``x`` in float64 if its shape matches ``axes``, where a name matches any size."""
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


def check_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of one image as a tuple of whole numbers, or raise an error."""
    if not isinstance(shape, list | tuple) or not all(is_whole(size) for size in shape):
        raise TypeError(f"input_shape is {shape!r}, expected whole numbers such as (28, 28, 1)")
    if not shape or min(shape) < 1:
        raise ValueError(f"input_shape is {shape!r}, expected every size to be at least 1")
    return tuple(int(size) for size in shape)


def check_count(value: Any, name: str) -> int:
    """Return ``value`` as a whole number of at least 1, or raise an error that names it."""
    if not is_whole(value):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}")
    return int(value)


def check_seed(seed: Any) -> int:
    """Return ``seed`` as a whole number of at least 0, or raise an error that names it."""
    if not is_whole(seed):
        raise TypeError(f"seed must be a whole number, got {seed!r}")
    if seed < 0:
        raise ValueError(f"seed must be at least 0, got {seed}")
    return int(seed)


def check_rng(rng: object) -> np.random.Generator:
    """Return ``rng`` if it is a NumPy random generator, or raise a TypeError."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng is {rng!r}, expected one such as np.random.default_rng(0)")
    return rng


def check_dtype(dtype: str | np.dtype) -> np.dtype:
    """Return ``dtype`` as a NumPy dtype, or raise a TypeError that names the choices."""
    if str(dtype) not in ("float32", "float64"):
        raise TypeError(f'dtype is {dtype!r}, expected "float32" or "float64"')
    return np.dtype(str(dtype))


def check_flag(value: object, name: str) -> bool:
    """Return ``value`` if it is True or False, or raise a TypeError that names it."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def is_whole(value: object) -> TypeGuard[int]:
    """Return whether ``value`` is a whole number; True and False are not."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def axes_hint(shape: tuple[int, ...], expected: tuple[int, ...]) -> str:
    """Say how to turn ``shape`` into the ``expected`` one, if axes are missing or moved."""
    if shape == expected[:-1]:
        return ": add the batch and channel axes with x[None, ..., None]"
    if shape == expected:
        return ": add the batch axis with x[None]"
    if shape[1:] == expected[:-1] and expected[-1] == 1:
        return ": add the channel axis with x[..., None]"
    if len(expected) == 3:
        H, W, C = expected
        if shape[1:] == (C, H, W):
            return ": put the channels last with x.transpose(0, 2, 3, 1)"
        if shape == (C, H, W):
            return ": put the channels last and add a batch axis with x.transpose(1, 2, 0)[None]"
        if shape[-1:] == (H * W * C,):
            return f": fold the rows into images with x.reshape(-1, {H}, {W}, {C})"
    elif len(shape) > 1 and math.prod(shape[1:]) == math.prod(expected):
        return f": lay each image out as a row with x.reshape(len(x), {math.prod(expected)})"
    return ""


def check_number(value: float, name: str, below: float = np.inf) -> float:
    """Return ``value`` as a float in [0, below), or raise an error that names it."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not 0 <= value < below:
        raise ValueError(f"{name} must be in [0, {below}), got {value!r}")
    # A Python float, because a NumPy float64 would promote float32 arithmetic to float64.
    return float(value)
