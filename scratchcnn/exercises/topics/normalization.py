"""Exercise: batch normalization (lesson 10)."""

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
    Case(np.array([[1.0], [7.0], [9.0], [15.0]]), np.ones(1), np.zeros(1), 0.0),
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
            "wrong axis, without keepdims",
            "x.mean(axis=1) is one number for each example. Normalize each column over the batch: "
            "axis=0.",
            lambda x, gamma, beta, epsilon=1e-3: (
                gamma * (x - x.mean(axis=1)) / np.sqrt(x.var(axis=1) + epsilon) + beta
            ),
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
            "beta added first",
            "beta is multiplied by gamma as well. First multiply by gamma, then add beta.",
            lambda x, gamma, beta, epsilon=1e-3: (
                gamma * ((x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon) + beta)
            ),
        ),
        Mistake(
            "epsilon added to the result",
            "epsilon is added to the result. Add it to the variance, under the root.",
            lambda x, gamma, beta, epsilon=1e-3: (
                gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0)) + epsilon + beta
            ),
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
            "parentheses forgotten",
            "Only the mean is divided by the root. First subtract, then divide: x - mean needs "
            "parentheses.",
            lambda x, gamma, beta, epsilon=1e-3: (
                gamma * x - x.mean(axis=0) / np.sqrt(x.var(axis=0) + epsilon) + beta
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
