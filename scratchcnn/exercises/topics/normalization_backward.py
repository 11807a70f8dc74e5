"""Exercise: back through the whole of batch normalization (lesson 10)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals, integers
from scratchcnn.exercises.topics.normalization import normalized
from scratchcnn.exercises.topics.normalization_steps import center_backward, scale_backward


def batch_norm_backward(dy, x, gamma, epsilon=1e-3):
    """Return the gradients of y = batch_norm(x, gamma, beta, epsilon).

    Parameters
    ----------
    dy : array (N, D)
        dL/dy.
    x : array (N, D)
        What was normalized.
    gamma : array (D,)
        Scale of each column.
    epsilon : float
        Added to the variance.

    Returns
    -------
    dx : array (N, D)
        dL/dx. Each number also acts through the mean and the variance of its column.
    dgamma, dbeta : array (D,)
        dL/dgamma and dL/dbeta.
    """
    std = np.sqrt(x.var(axis=0) + epsilon)
    normal = (x - x.mean(axis=0)) / std
    dgamma, dbeta = (dy * normal).sum(axis=0), dy.sum(axis=0)
    dx = gamma / std * (dy - dbeta / len(x) - normal * dgamma / len(x))
    return dx, dgamma, dbeta


def parts(dy, x, gamma, epsilon, mean=True, variance=True, scale=True):
    """Return wrong answers: `batch_norm_backward` without some of its parts."""
    _, dgamma, dbeta = batch_norm_backward(dy, x, gamma, epsilon)
    dx = gamma * dy if scale else dy
    if variance:
        dx = scale_backward(dx, x - x.mean(axis=0), epsilon)
    else:
        dx = dx / np.sqrt(x.var(axis=0) + epsilon)
    return center_backward(dx) if mean else dx, dgamma, dbeta


Exercise(
    batch_norm_backward,
    lesson=10,
    returns=("dx", "dgamma", "dbeta"),
    cases=[
        Case(
            np.array([[1.0], [0.0], [0.0], [0.0]]),
            np.array([[1.0], [7.0], [9.0], [15.0]]),
            np.ones(1),
            0.0,
        ),
        Case(integers(165, 3, 4), integers(166, 3, 4), np.array([1.0, 2.0, 0.5, -1.0])),
        Case(decimals(167, 5, 3), decimals(168, 5, 3), decimals(169, 3), 0.1),
        Case(decimals(170, 4, 2), decimals(171, 4, 2), decimals(172, 2)),
    ],
    mistakes=[
        Mistake(
            "mean and variance taken for constants",
            "In dx, mean and variance are treated as constants. They change with x as well: "
            "subtract what flows through them.",
            lambda dy, x, gamma, epsilon=1e-3: parts(
                dy, x, gamma, epsilon, mean=False, variance=False
            ),
        ),
        Mistake(
            "variance taken for a constant",
            "In dx, the part through the variance is missing: it changes with x as well.",
            lambda dy, x, gamma, epsilon=1e-3: parts(dy, x, gamma, epsilon, variance=False),
        ),
        Mistake(
            "mean taken for a constant",
            "In dx, the part through the mean is missing: it changes with x as well.",
            lambda dy, x, gamma, epsilon=1e-3: parts(dy, x, gamma, epsilon, mean=False),
        ),
        Mistake(
            "gamma forgotten",
            "In dx, gamma is missing.",
            lambda dy, x, gamma, epsilon=1e-3: parts(dy, x, gamma, epsilon, scale=False),
        ),
        Mistake(
            "not centered before it is scaled",
            "In dx, you scale back with x. What was divided by std is x - mean.",
            lambda dy, x, gamma, epsilon=1e-3: (
                center_backward(scale_backward(gamma * dy, x, epsilon)),
                *batch_norm_backward(dy, x, gamma, epsilon)[1:],
            ),
        ),
        Mistake(
            "sums in dx",
            "In dx you subtract sums. Subtract means: each number has only a share of 1/N in the "
            "mean and in the variance of its column.",
            lambda dy, x, gamma, epsilon=1e-3: (
                gamma
                / np.sqrt(x.var(axis=0) + epsilon)
                * (dy - dy.sum(axis=0) - (y := normalized(x, epsilon)) * (dy * y).sum(axis=0)),
                *batch_norm_backward(dy, x, gamma, epsilon)[1:],
            ),
        ),
        Mistake(
            "summed over everything",
            "dgamma and dbeta are sums over the whole array. Each column has a gamma and a beta of "
            "its own: axis=0.",
            lambda dy, x, gamma, epsilon=1e-3: (
                batch_norm_backward(dy, x, gamma, epsilon)[0],
                (dy * normalized(x, epsilon)).sum(),
                dy.sum(),
            ),
        ),
        Mistake(
            "always the same epsilon",
            "You always use an epsilon of 0.001. Pass epsilon on to whatever you call.",
            lambda dy, x, gamma, epsilon=1e-3: batch_norm_backward(dy, x, gamma),
        ),
        Mistake(
            "x instead of the normalized x",
            "In dgamma, dy is multiplied by x. gamma was multiplied by the normalized x.",
            lambda dy, x, gamma, epsilon=1e-3: (
                batch_norm_backward(dy, x, gamma, epsilon)[0],
                (dy * x).sum(axis=0),
                dy.sum(axis=0),
            ),
        ),
        Mistake(
            "means instead of sums",
            "dgamma and dbeta are means over the examples. Take sums: the loss has already divided "
            "by N.",
            lambda dy, x, gamma, epsilon=1e-3: (
                batch_norm_backward(dy, x, gamma, epsilon)[0],
                (dy * normalized(x, epsilon)).mean(axis=0),
                dy.mean(axis=0),
            ),
        ),
    ],
    hints=(
        "Begin with the easy ones. y = gamma * normal + beta, where normal is the normalized x. "
        "What are dgamma and dbeta? Both are sums over the examples.",
        "For dx, go back the way that x went: it was centered, then divided by std, then "
        "multiplied by gamma. So the gradient is first multiplied by gamma, and then needs "
        "scale_backward and center_backward.",
        "In one formula: dx = gamma / std * (dy - dy.mean(axis=0) - normal * (dy * "
        "normal).mean(axis=0)).",
    ),
)
