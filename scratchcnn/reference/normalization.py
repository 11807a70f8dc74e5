"""Batch normalization as plain loops: slow, but obviously correct (see loops.py)."""

import math

import numpy as np

from scratchcnn._utils.validation import as_numbers, check_axes


def batch_norm_forward(
    x: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    mean: np.ndarray | None = None,
    variance: np.ndarray | None = None,
    epsilon: float = 1e-3,
) -> np.ndarray:
    """Normalize each channel of ``x`` (N, ..., C), then apply ``gamma`` and ``beta``.

    For prediction, pass the moving averages as ``mean`` and ``variance`` (C,). If they are
    omitted, those of the batch are used, as in training.
    """
    x, gamma, beta = _arguments(x, gamma, beta)
    if mean is None or variance is None:
        mean, variance = channel_moments(x)
    y = np.zeros(x.shape)
    for *place, c in np.ndindex(x.shape):
        normalized = (x[*place, c] - mean[c]) / math.sqrt(variance[c] + epsilon)
        y[*place, c] = gamma[c] * normalized + beta[c]
    return y


def batch_norm_backward(
    dy: np.ndarray,
    x: np.ndarray,
    gamma: np.ndarray,
    mean: np.ndarray | None = None,
    variance: np.ndarray | None = None,
    epsilon: float = 1e-3,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return dL/dx, dL/dgamma and dL/dbeta; ``mean`` and ``variance`` as in the forward pass.

    In training, every number also affects the mean and the variance of its channel, and through
    them all other numbers.
    """
    x, gamma, _ = _arguments(x, gamma, gamma)
    dy = check_axes(dy, x.shape, "dy")
    of_batch, C, count = mean is None, x.shape[-1], x.size // x.shape[-1]
    if mean is None or variance is None:
        mean, variance = channel_moments(x)
    dx, dgamma, dbeta, dmean, dvariance = np.zeros(x.shape), *np.zeros((4, C))
    for *place, c in np.ndindex(x.shape):
        std, centered = math.sqrt(variance[c] + epsilon), x[*place, c] - mean[c]
        dgamma[c] += dy[*place, c] * centered / std
        dbeta[c] += dy[*place, c]
        dx[*place, c] = dy[*place, c] * gamma[c] / std
        dmean[c] += dy[*place, c] * gamma[c] * -1 / std
        dvariance[c] += dy[*place, c] * gamma[c] * centered * -1 / (2 * std**3)
    if of_batch:
        for *place, c in np.ndindex(x.shape):
            # The mean is sum(x) / count, the variance is sum((x - mean)**2) / count.
            dx[*place, c] += dmean[c] / count + dvariance[c] * 2 * (x[*place, c] - mean[c]) / count
    return dx, dgamma, dbeta


def channel_moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the variance of each channel of ``x`` (N, ..., C): -> (C,), (C,)."""
    C, count = x.shape[-1], x.size // x.shape[-1]
    mean, variance = np.zeros(C), np.zeros(C)
    for *place, c in np.ndindex(x.shape):
        mean[c] += x[*place, c] / count
    for *place, c in np.ndindex(x.shape):
        variance[c] += (x[*place, c] - mean[c]) ** 2 / count
    return mean, variance


def _arguments(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Check that all three match, and return them as float64."""
    x = as_numbers(x, "float64", "x")
    C = x.shape[-1:]
    return x, check_axes(gamma, C, "gamma"), check_axes(beta, C, "beta")
