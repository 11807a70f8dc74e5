"""Kernel initializers, with the names and formulas of Keras.

If kernels start too large, outputs explode from layer to layer; if they start too small,
outputs fade. Both rules below scale the random numbers by the fans: how many inputs each
output sums, and how many outputs each input feeds.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return (fan_in, fan_out) of a dense (in, out) or conv (KH, KW, C_in, C_out) kernel."""
    receptive_field = int(np.prod(shape[:-2]))
    return shape[-2] * receptive_field, shape[-1] * receptive_field


def glorot_uniform(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Uniform on +-sqrt(6 / (fan_in + fan_out)): Glorot and Bengio, AISTATS 2010."""
    limit = np.sqrt(6 / sum(fans(shape)))
    return rng.uniform(-limit, limit, shape)


def glorot_normal(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Truncated normal of variance 2 / (fan_in + fan_out): Glorot and Bengio, 2010."""
    return _truncated_normal(shape, np.sqrt(2 / sum(fans(shape))), rng)


def he_uniform(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Uniform on +-sqrt(6 / fan_in), for layers followed by ReLU: He et al., ICCV 2015."""
    limit = np.sqrt(6 / fans(shape)[0])
    return rng.uniform(-limit, limit, shape)


def he_normal(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Truncated normal of variance 2 / fan_in, for layers followed by ReLU: He et al., 2015."""
    return _truncated_normal(shape, np.sqrt(2 / fans(shape)[0]), rng)


INITIALIZERS = {f.__name__: f for f in (glorot_uniform, glorot_normal, he_uniform, he_normal)}


def get_initializer(name: str) -> Callable[[tuple[int, ...], np.random.Generator], np.ndarray]:
    """Return the initializer called ``name``, or raise an error that lists the names."""
    if name not in INITIALIZERS:
        raise ValueError(f"kernel_initializer is {name!r}, expected one of {list(INITIALIZERS)}")
    return INITIALIZERS[name]


def check_initializer(name: str) -> str:
    """Return ``name`` if it is the name of an initializer, or raise a ValueError."""
    get_initializer(name)
    return name


def _truncated_normal(
    shape: tuple[int, ...], stddev: float, rng: np.random.Generator
) -> np.ndarray:
    """Draw normal numbers, redrawing any beyond two deviations; the result has ``stddev``."""
    values = rng.standard_normal(shape)
    while (outside := np.abs(values) > 2).any():
        values[outside] = rng.standard_normal(outside.sum())
    # Cutting the tails at two deviations reduces the standard deviation to 0.8796.
    return values * (stddev / 0.87962566103423978)
