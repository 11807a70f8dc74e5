"""Exercises: how good the network is (lesson 06)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals
from scratchcnn.exercises.topics.cross_entropy import LABELS


def accuracy(z, t):
    """Return the fraction of the examples whose highest score is that of the correct class.

    Parameters
    ----------
    z : array (N, C)
        Scores.
    t : array (N,) of int
        The correct class of each example.

    Returns
    -------
    fraction : float
        From 0 to 1.
    """
    return (z.argmax(axis=1) == t).mean()


Exercise(
    accuracy,
    lesson=6,
    returns=("fraction",),
    cases=[
        Case(np.array([[1, 2, 0]]), np.array([1])),
        Case(np.array([[1, 2, 0], [5, 3, 4], [0, 1, 2], [0, 9, 3]]), np.array([1, 0, 0, 1])),
        Case(np.array([[1, 0], [3, 4], [2, 1]]), np.array([1, 0, 1])),
        Case(np.array([[-3, -1], [-5, -6], [-2, -1]]), np.array([1, 0, 0])),
        Case(np.array([[4, 0, 0], [0, 1, 0], [0, 2, 3]]), np.array([0, 1, 2])),
        Case(decimals(100, 5, 7), LABELS),
    ],
    mistakes=[
        Mistake(
            "count instead of fraction",
            "You count the right answers. Divide by the number of examples.",
            lambda z, t: (z.argmax(axis=1) == t).sum(),
        ),
        Mistake(
            "percent",
            "You return percent. Return the fraction, from 0 to 1.",
            lambda z, t: 100 * accuracy(z, t),
        ),
        Mistake(
            "errors counted",
            "You return the fraction of wrong answers. Count where the prediction equals t.",
            lambda z, t: 1 - accuracy(z, t),
        ),
        Mistake(
            "wrong axis",
            "You look for the best example of each class. Look for the best class of each "
            "example: axis=1.",
            lambda z, t: (z.argmax(axis=0) == t).mean(),
        ),
        Mistake(
            "highest score of all",
            "argmax() without an axis looks for one place in the whole array. Look in each row: "
            "axis=1.",
            lambda z, t: (z.argmax() == t).mean(),
        ),
        Mistake(
            "lowest score",
            "You take the class with the lowest score. argmax finds the highest.",
            lambda z, t: accuracy(-z, t),
        ),
        Mistake(
            "divided by all numbers",
            "You divide by the number of scores, N * C. Divide by N, the number of examples.",
            lambda z, t: accuracy(z, t) / z.shape[1],
        ),
        Mistake(
            "one answer for each example",
            "You return an answer for each example. Return their mean, one number.",
            lambda z, t: z.argmax(axis=1) == t,
        ),
        Mistake(
            "score instead of class",
            "You compare the highest score itself with t. t holds the numbers of classes: argmax "
            "tells in which column the highest score is.",
            lambda z, t: (z.max(axis=1) == t).mean(),
        ),
    ],
    hints=(
        "Which class does the network choose for a row of scores? The one with the highest.",
        "z.argmax(axis=1) is the chosen class of each row. Compare it with t: == gives True or "
        "False for each example.",
        "The mean of True and False is the fraction of True: (z.argmax(axis=1) == t).mean().",
    ),
)


def confusion_matrix(predicted, t, classes=10):
    """Count which class was taken for which.

    Parameters
    ----------
    predicted : array (N,) of int
        The class that the network chose for each example.
    t : array (N,) of int
        The correct class of each example.
    classes : int
        How many classes there are.

    Returns
    -------
    counts : array (classes, classes)
        counts[i, j] examples of class i were taken for class j.
    """
    counts = np.zeros((classes, classes), dtype=int)
    for guess, right in zip(predicted, t, strict=True):
        counts[right, guess] += 1
    return counts


def counted_once(predicted, t, classes=10):
    """Use += with arrays of indices, which counts each pair only once."""
    counts = np.zeros((classes, classes), dtype=int)
    counts[t, predicted] += 1
    return counts


Exercise(
    confusion_matrix,
    lesson=6,
    returns=("counts",),
    cases=[
        Case(np.array([1]), np.array([0]), 2),
        Case(np.array([0, 1, 1, 1]), np.array([0, 1, 0, 0]), 2),
        Case(np.array([2, 0, 1, 1, 2]), np.array([2, 0, 0, 2, 2]), classes=4),
        Case(np.array([7, 9, 7, 9, 4, 7]), np.array([7, 4, 7, 9, 4, 9])),
    ],
    mistakes=[
        Mistake(
            "transposed",
            "Rows and columns are swapped: the row is the correct class, the column is the "
            "prediction.",
            lambda predicted, t, classes=10: confusion_matrix(t, predicted, classes),
        ),
        Mistake(
            "each pair counted once",
            "Pairs that occur several times are counted once. counts[t, predicted] += 1 adds 1 to "
            "each place only once; use a loop, or np.add.at.",
            counted_once,
        ),
        Mistake(
            "only the right answers",
            "Only right answers are counted. Count the wrong ones as well: the row is t, the "
            "column is the prediction.",
            lambda predicted, t, classes=10: np.diag(
                np.bincount(t[predicted == t], minlength=classes)
            ),
        ),
        Mistake(
            "only the wrong answers",
            "Only wrong answers are counted. Count the right ones as well, on the diagonal.",
            lambda predicted, t, classes=10: confusion_matrix(
                predicted[predicted != t], t[predicted != t], classes
            ),
        ),
        Mistake(
            "as many classes as were seen",
            "Your matrix has only the classes that occur in the data. Make it classes by classes.",
            lambda predicted, t, classes=10: confusion_matrix(
                predicted, t, 1 + max(predicted.max(), t.max())
            ),
        ),
        Mistake(
            "fractions",
            "You return fractions of all examples. Return counts.",
            lambda predicted, t, classes=10: confusion_matrix(predicted, t, classes) / len(t),
        ),
        Mistake(
            "always ten classes",
            "Your matrix is always 10 by 10. Use classes wherever you wrote 10.",
            lambda predicted, t, classes=10: confusion_matrix(predicted, t),
        ),
    ],
    hints=(
        "Begin with a table of zeros. Each example adds 1 at one place. In which row, and in which "
        "column?",
        "The row is the correct class, the column the prediction. Visit both arrays together with "
        "zip(predicted, t).",
        "counts = np.zeros((classes, classes), dtype=int), and in the loop "
        "counts[right, guess] += 1.",
    ),
)
