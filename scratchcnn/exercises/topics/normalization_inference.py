"""Exercises: what batch normalization keeps, and how it predicts (lesson 10)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals, integers
from scratchcnn.exercises.topics.normalization import batch_norm


def moving_average(moving, batch, momentum=0.99):
    """Return the moving average after one more batch.

    Parameters
    ----------
    moving : array (D,)
        The moving average of the means, or of the variances, before this batch.
    batch : array (D,)
        The means, or the variances, of this batch.
    momentum : float
        The share of the old average that is kept.

    Returns
    -------
    new : array (D,)
        momentum parts of the old average, and the rest of this batch.
    """
    return momentum * moving + (1 - momentum) * batch


Exercise(
    moving_average,
    lesson=10,
    returns=("new",),
    cases=[
        Case(np.array([0.0]), np.array([10.0]), 0.9),
        Case(np.array([1.0, -2.0]), np.array([3.0, 4.0]), 0.75),
        Case(decimals(220, 6), decimals(221, 6)),
        Case(integers(222, 4), integers(223, 4), 0.5),
    ],
    mistakes=[
        Mistake(
            "momentum on the batch",
            "You keep 1 - momentum of the old average, so it forgets almost everything. momentum "
            "is the share of the old average.",
            lambda moving, batch, momentum=0.99: momentum * batch + (1 - momentum) * moving,
        ),
        Mistake(
            "shares do not add up to 1",
            "The batch counts in full, so the average grows and grows. Both shares have to add up "
            "to 1: the batch gets 1 - momentum.",
            lambda moving, batch, momentum=0.99: momentum * moving + batch,
        ),
        Mistake(
            "old average not shrunk",
            "The old average counts in full. Multiply it by momentum.",
            lambda moving, batch, momentum=0.99: moving + (1 - momentum) * batch,
        ),
        Mistake(
            "plain mean",
            "You take the mean of both. The old average gets momentum, the batch the rest.",
            lambda moving, batch, momentum=0.99: (moving + batch) / 2,
        ),
        Mistake(
            "only the batch",
            "You return the batch alone, so nothing is left of all the batches before.",
            lambda moving, batch, momentum=0.99: batch,
        ),
        Mistake(
            "always 0.9",
            "You always keep 0.9. Use momentum, whatever it is.",
            lambda moving, batch, momentum=0.99: 0.9 * moving + 0.1 * batch,
        ),
        Mistake(
            "always 0.99",
            "You always keep 0.99. Use momentum.",
            lambda moving, batch, momentum=0.99: 0.99 * moving + 0.01 * batch,
        ),
    ],
    hints=(
        "With momentum 0.9, nine tenths of the new average are the old one. What is the rest?",
        "Two products are added. Their factors add up to 1.",
        "The old average is multiplied by momentum, the batch by 1 - momentum.",
    ),
)


def batch_norm_inference(x, mean, variance, gamma, beta, epsilon=1e-3):
    """Normalize with given means and variances, as when predicting.

    Parameters
    ----------
    x : array (N, D)
        A row of numbers for each example; N may be 1.
    mean, variance : array (D,)
        The moving averages from training.
    gamma, beta : array (D,)
        Scale and shift of each column.
    epsilon : float
        Added to the variance.

    Returns
    -------
    y : array (N, D)
        gamma * (x - mean) / sqrt(variance + epsilon) + beta.
    """
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


ONE, ZERO = np.ones(1), np.zeros(1)

Exercise(
    batch_norm_inference,
    lesson=10,
    returns=("y",),
    cases=[
        Case(np.array([[7.0]]), ONE, np.array([4.0]), ONE, ZERO, 0.0),
        Case(np.array([[7.0], [1.0]]), ONE, np.array([3.0]), np.array([2.0]), np.array([5.0]), 1.0),
        Case(integers(224, 1, 3), integers(225, 3), integers(226, 3, low=1), *decimals(227, 2, 3)),
        Case(decimals(228, 4, 2), decimals(229, 2), np.array([0.0, 0.5]), *decimals(230, 2, 2)),
    ],
    mistakes=[
        Mistake(
            "mean and variance of the batch",
            "You normalize with the mean and variance of x itself, as in training. Use those that "
            "are given: an image must get the same answer whichever others come with it.",
            lambda x, mean, variance, gamma, beta, epsilon=1e-3: batch_norm(
                x, gamma, beta, epsilon
            ),
        ),
        Mistake(
            "variance of the batch",
            "Your mean is the one that is given, but your variance is that of x itself.",
            lambda x, mean, variance, gamma, beta, epsilon=1e-3: (
                gamma * (x - mean) / np.sqrt(x.var(axis=0) + epsilon) + beta
            ),
        ),
        Mistake(
            "root forgotten",
            "You divide by the variance. Divide by its square root.",
            lambda x, mean, variance, gamma, beta, epsilon=1e-3: (
                gamma * (x - mean) / (variance + epsilon) + beta
            ),
        ),
        Mistake(
            "root and epsilon forgotten",
            "You divide by the variance alone. Add epsilon to it, and take the root.",
            lambda x, mean, variance, gamma, beta, epsilon=1e-3: (
                gamma * (x - mean) / variance + beta
            ),
        ),
        Mistake(
            "epsilon outside the root",
            "epsilon is added to the standard deviation. Add it to the variance, under the root.",
            lambda x, mean, variance, gamma, beta, epsilon=1e-3: (
                gamma * (x - mean) / (np.sqrt(variance) + epsilon) + beta
            ),
        ),
        Mistake(
            "epsilon forgotten",
            "epsilon is missing. A pixel that is always black has the variance 0.",
            lambda x, mean, variance, gamma, beta, epsilon=1e-3: (
                gamma * (x - mean) / np.sqrt(variance) + beta
            ),
        ),
        Mistake(
            "beta added first",
            "beta is multiplied by gamma as well. First multiply by gamma, then add beta.",
            lambda x, mean, variance, gamma, beta, epsilon=1e-3: (
                gamma * ((x - mean) / np.sqrt(variance + epsilon) + beta)
            ),
        ),
        Mistake(
            "epsilon added to the result",
            "epsilon is added to the result. Add it to the variance, under the root.",
            lambda x, mean, variance, gamma, beta, epsilon=1e-3: (
                gamma * (x - mean) / np.sqrt(variance) + epsilon + beta
            ),
        ),
        Mistake(
            "gamma and beta forgotten",
            "gamma and beta are missing: multiply by gamma, and add beta.",
            lambda x, mean, variance, gamma, beta, epsilon=1e-3: (
                (x - mean) / np.sqrt(variance + epsilon)
            ),
        ),
        Mistake(
            "mean not subtracted",
            "The mean is not subtracted.",
            lambda x, mean, variance, gamma, beta, epsilon=1e-3: (
                gamma * x / np.sqrt(variance + epsilon) + beta
            ),
        ),
    ],
    hints=(
        "It is batch_norm with one difference: you need not compute mean and variance. Where do "
        "they come from?",
        "Subtract mean, divide by the root of variance + epsilon, then scale and shift.",
        "gamma * (x - mean) / np.sqrt(variance + epsilon) + beta, with the mean and the variance "
        "from the arguments.",
    ),
)
