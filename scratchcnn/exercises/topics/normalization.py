"""Exercises: batch normalization, forward and back (lesson 10)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals, integers

X = np.array([[1.0, 10.0], [3.0, 30.0]])
ONES, ZEROS = np.ones(2), np.zeros(2)


def batch_norm(x, gamma, beta, epsilon=1e-3):
    """Give every column of a batch mean beta and standard deviation gamma.

    Parameters
    ----------
    x : array (N, D)
        A row of numbers for each example.
    gamma, beta : array (D,)
        Scale and shift of each column.
    epsilon : float
        Added to the variance.

    Returns
    -------
    y : array (N, D)
        gamma * (x - mean) / sqrt(variance + epsilon) + beta. Mean and variance are those of
        the columns; the variance is the mean of the squared differences.
    """
    mean, variance = x.mean(axis=0), x.var(axis=0)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def normalized(x, epsilon, axis=0, ddof=0):
    """Return x with mean 0 and variance 1 along an axis, for the wrong answers below."""
    mean, variance = x.mean(axis=axis, keepdims=True), x.var(axis=axis, ddof=ddof, keepdims=True)
    return (x - mean) / np.sqrt(variance + epsilon)


FORWARD = [
    Case(X, ONES, ZEROS),
    Case(X, np.array([1.0, 2.0]), np.array([5.0, -5.0])),
    Case(integers(160, 3, 4), np.array([1.0, 2.0, 0.5, -1.0]), np.array([0.0, 1.0, -1.0, 2.0])),
    Case(np.full((3, 2), 4.0), ONES, ONES),
    Case(decimals(161, 5, 3), decimals(162, 3), decimals(163, 3), 0.1),
]

Exercise(
    batch_norm,
    lesson=10,
    returns=("y",),
    cases=FORWARD,
    mistakes=[
        Mistake(
            "wrong axis",
            "You normalize each example. Normalize each column over the batch: axis=0.",
            lambda x, gamma, beta, epsilon=1e-3: gamma * normalized(x, epsilon, axis=1) + beta,
        ),
        Mistake(
            "whole batch at once",
            "You take one mean and one variance of all numbers. Each column has its own: axis=0.",
            lambda x, gamma, beta, epsilon=1e-3: gamma * normalized(x, epsilon, axis=None) + beta,
        ),
        Mistake(
            "root forgotten",
            "You divide by the variance. Divide by its square root.",
            lambda x, gamma, beta, epsilon=1e-3: (
                gamma * (x - x.mean(axis=0)) / (x.var(axis=0) + epsilon) + beta
            ),
        ),
        Mistake(
            "epsilon outside the root",
            "epsilon is added to the standard deviation. Add it to the variance, under the root.",
            lambda x, gamma, beta, epsilon=1e-3: (
                gamma * (x - x.mean(axis=0)) / (x.std(axis=0) + epsilon) + beta
            ),
        ),
        Mistake(
            "divided by N - 1",
            "Your variance divides by N - 1. Ours is the mean of the squared differences: it "
            "divides by N.",
            lambda x, gamma, beta, epsilon=1e-3: gamma * normalized(x, epsilon, ddof=1) + beta,
        ),
        Mistake(
            "gamma and beta forgotten",
            "gamma and beta are missing: multiply by gamma, and add beta.",
            lambda x, gamma, beta, epsilon=1e-3: normalized(x, epsilon),
        ),
        Mistake(
            "mean not subtracted",
            "The mean is not subtracted.",
            lambda x, gamma, beta, epsilon=1e-3: (
                gamma * x / np.sqrt(x.var(axis=0) + epsilon) + beta
            ),
        ),
        Mistake(
            "epsilon forgotten",
            "epsilon is missing. In a column of equal numbers the variance is 0, and 0 / 0 is NaN.",
            lambda x, gamma, beta, epsilon=1e-3: gamma * normalized(x, 0) + beta,
        ),
    ],
    hints=(
        "Take one column, 1 and 3. Its mean is 2, its variance is 1. What becomes of 1 and 3?",
        "x.mean(axis=0) and x.var(axis=0) are the means and variances of the columns. NumPy "
        "subtracts them from every row.",
        "gamma * (x - mean) / np.sqrt(variance + epsilon) + beta.",
    ),
)


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


def parts(dy, x, gamma, epsilon, mean=1, variance=1, scale=True):
    """Return wrong answers: `batch_norm_backward` without some of its parts."""
    _, dgamma, dbeta = batch_norm_backward(dy, x, gamma, epsilon)
    normal = normalized(x, epsilon)
    dx = dy - mean * dbeta / len(x) - variance * normal * dgamma / len(x)
    dx = dx / np.sqrt(x.var(axis=0) + epsilon)
    return (gamma if scale else 1) * dx, dgamma, dbeta


Exercise(
    batch_norm_backward,
    lesson=10,
    returns=("dx", "dgamma", "dbeta"),
    cases=[
        Case(np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]]), integers(164, 3, 2), ONES),
        Case(integers(165, 3, 4), integers(166, 3, 4), np.array([1.0, 2.0, 0.5, -1.0])),
        Case(decimals(167, 5, 3), decimals(168, 5, 3), decimals(169, 3), 0.1),
        Case(decimals(170, 4, 2), decimals(171, 4, 2), decimals(172, 2)),
    ],
    mistakes=[
        Mistake(
            "mean and variance taken for constants",
            "In dx, mean and variance are treated as constants. They change with x as well: "
            "subtract what flows through them.",
            lambda dy, x, gamma, epsilon=1e-3: parts(dy, x, gamma, epsilon, mean=0, variance=0),
        ),
        Mistake(
            "variance taken for a constant",
            "In dx, the part through the variance is missing: it changes with x as well.",
            lambda dy, x, gamma, epsilon=1e-3: parts(dy, x, gamma, epsilon, variance=0),
        ),
        Mistake(
            "mean taken for a constant",
            "In dx, the part through the mean is missing: it changes with x as well.",
            lambda dy, x, gamma, epsilon=1e-3: parts(dy, x, gamma, epsilon, mean=0),
        ),
        Mistake(
            "gamma forgotten",
            "In dx, gamma is missing.",
            lambda dy, x, gamma, epsilon=1e-3: parts(dy, x, gamma, epsilon, scale=False),
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
        "x acts on y in three ways: directly, through the mean, and through the variance. The "
        "first is gamma / std * dy. The other two subtract something from dy.",
        "dx = gamma / std * (dy - dy.mean(axis=0) - normal * (dy * normal).mean(axis=0)).",
    ),
)
