"""Exercise: from scores to probabilities (lesson 04)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals

SCORES = np.array([[2.0, 1.0, 0.0]])
LARGE = np.array([[1000.0, 999.0, 0.0], [0.0, 1.0, 2.0]])


def softmax(z):
    """Turn scores into probabilities, row by row.

    Parameters
    ----------
    z : array (N, C)
        A row of scores for each example, of any size.

    Returns
    -------
    p : array (N, C)
        exp(z), divided by its sum over the classes. Each row adds up to 1.
    """
    e = np.exp(z - z.max(axis=1, keepdims=True))  # shifting a row does not change its result
    return e / e.sum(axis=1, keepdims=True)


def softmax_unshifted(z):
    """Take the exponential of large scores."""
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def softmax_shifted_by_all(z):
    """Subtract the largest score of all rows."""
    return softmax_unshifted(z - z.max())


def softmax_without_keepdims(z):
    """Divide the columns by the sums of the rows, where the shapes allow it."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1)


def sigmoid(z):
    """Squash every score on its own."""
    return 1 / (1 + np.exp(-z))


Exercise(
    softmax,
    lesson=4,
    returns=("p",),
    cases=[
        Case(np.array([[0.0, 0.0]])),
        Case(SCORES),
        Case(np.array([[1.0, 2.0], [3.0, 3.0], [-1.0, 0.0]])),
        Case(np.array([[0, 3], [2, 1]])),
        Case(LARGE),
        Case(np.array([[-1000.0, -1001.0]])),
        Case(3 * decimals(60, 5, 7)),
    ],
    mistakes=[
        Mistake(
            "wrong axis",
            "You add up over the examples. Each example has its own probabilities, so add up over "
            "the classes: axis=1.",
            lambda z: softmax(z.T).T,
        ),
        Mistake(
            "not shifted",
            "It is right for small scores, but exp(1000) overflows. Subtract the largest score of "
            "each row first: that does not change the probabilities.",
            softmax_unshifted,
        ),
        Mistake(
            "shifted by the largest of all rows",
            "You subtract the largest score of all rows. In a row of much smaller scores, every "
            "exponential is then 0, and 0 / 0 is NaN. Subtract the largest of each row.",
            softmax_shifted_by_all,
        ),
        Mistake(
            "keepdims forgotten",
            "The sums have the shape (N,), and NumPy lines them up with the columns. With "
            "keepdims=True their shape is (N, 1), and each row is divided by its own sum.",
            softmax_without_keepdims,
        ),
        Mistake(
            "sum over everything",
            "You divide by the sum over all rows. Each row has a sum of its own: axis=1 and "
            "keepdims=True.",
            lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
        ),
        Mistake(
            "without the exponential",
            "The exponential is missing: you divide the scores themselves by their sum.",
            lambda z: z / z.sum(axis=1, keepdims=True),
        ),
        Mistake(
            "sigmoid",
            "That is the sigmoid: it treats every score on its own, so that a row does not add up "
            "to 1.",
            sigmoid,
        ),
        Mistake(
            "not divided",
            "The rows do not add up to 1: divide by the sum of each row.",
            lambda z: np.exp(z - z.max(axis=1, keepdims=True)),
        ),
    ],
    hints=(
        "Take one row on paper: [0, 0]. What is exp(0)? What do you have to divide by, so that "
        "both numbers add up to 1?",
        "e = np.exp(z), then divide each row by its sum. e.sum(axis=1, keepdims=True) has shape "
        "(N, 1), so that it is divided row by row.",
        "For scores such as 1000, subtract z.max(axis=1, keepdims=True) from z before you take "
        "the exponential.",
    ),
)
