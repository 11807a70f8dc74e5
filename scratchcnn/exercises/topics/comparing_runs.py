"""Exercise: the mean difference of pairs of runs, and how sure it is (lesson 08)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, integers


def paired_difference(a, b):
    """Compare two methods by the differences within pairs of runs.

    Parameters
    ----------
    a, b : array (n,)
        What each method has reached in n runs; a[i] and b[i] are a pair.

    Returns
    -------
    mean : float
        The mean of the differences a - b.
    error : float
        Its standard error: s / sqrt(n), where s is the standard deviation of the differences
        with n - 1 in the denominator.
    t : float
        mean / error.
    """
    differences = a - b
    mean = differences.mean()
    error = differences.std(ddof=1) / np.sqrt(len(differences))
    return mean, error, mean / error


def compared(error, difference=lambda a, b: a - b):
    """Return a wrong answer: another standard error, or other differences."""

    def wrong(a, b):
        mean = difference(a, b).mean()
        return mean, error(a, b), mean / error(a, b)

    return wrong


def right_error(a, b):
    """Return the standard error of the mean difference."""
    return paired_difference(a, b)[1]


Exercise(
    paired_difference,
    lesson=8,
    returns=("mean", "error", "t"),
    cases=[
        Case(np.array([5.0, 8.0, 6.0, 9.0]), np.array([5.0, 4.0, 2.0, 5.0])),
        Case(np.array([1.0, 5.0]), np.array([2.0, 3.0])),
        Case(integers(190, 9), integers(191, 9, low=0, high=20)),
        Case(np.arange(16.0) * 10 + integers(192, 16, low=0, high=3), np.arange(16.0) * 10),
    ],
    mistakes=[
        Mistake(
            "divided by n",
            "Your s divides by n. With only a sample of all possible runs, that is too small on "
            "average. Divide by n - 1: ddof=1.",
            compared(lambda a, b: (a - b).std() / np.sqrt(len(a))),
        ),
        Mistake(
            "standard deviation",
            "Your error is the standard deviation: how much a single difference varies. The mean "
            "of n differences varies less. Divide by sqrt(n).",
            compared(lambda a, b: (a - b).std(ddof=1)),
        ),
        Mistake(
            "root of n forgotten",
            "You divide s by n. Divide by the square root of n.",
            compared(lambda a, b: (a - b).std(ddof=1) / len(a)),
        ),
        Mistake(
            "n - 1 twice",
            "n - 1 belongs in the standard deviation alone. Then divide by sqrt(n).",
            compared(lambda a, b: (a - b).std(ddof=1) / np.sqrt(len(a) - 1)),
        ),
        Mistake(
            "variance",
            "Your error is made from the variance. Take its square root, the standard deviation.",
            compared(lambda a, b: (a - b).var(ddof=1) / np.sqrt(len(a))),
        ),
        Mistake(
            "root of the variance forgotten",
            "Your error is the square of the right one: take the root.",
            compared(lambda a, b: (a - b).var(ddof=1) / len(a)),
        ),
        Mistake(
            "pairs torn apart",
            "You add the variances of a and b, as if the runs were not paired. Subtract pair by "
            "pair first: what both runs of a pair share cancels.",
            compared(lambda a, b: np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / len(a))),
        ),
        Mistake(
            "b - a",
            "The mean and t have the wrong sign: the differences are a - b.",
            compared(right_error, lambda a, b: b - a),
        ),
        Mistake(
            "absolute differences",
            "You take the absolute differences. Then it no longer matters which method is better, "
            "and chance does not cancel. Keep the signs.",
            compared(
                lambda a, b: np.abs(a - b).std(ddof=1) / np.sqrt(len(a)), lambda a, b: np.abs(a - b)
            ),
        ),
        Mistake(
            "standard deviation returned",
            "Your error is still the standard deviation. Return s / sqrt(n), by "
            "which you have divided the mean.",
            lambda a, b: (
                paired_difference(a, b)[0],
                (a - b).std(ddof=1),
                paired_difference(a, b)[2],
            ),
        ),
        Mistake(
            "t upside down",
            "t is upside down: divide the mean by its error.",
            lambda a, b: (*paired_difference(a, b)[:2], 1 / paired_difference(a, b)[2]),
        ),
    ],
    hints=(
        "Begin with differences = a - b, one for each pair. From here on you need neither a nor b.",
        "s is differences.std(ddof=1). The mean of n numbers varies less than a single one, by a "
        "factor of sqrt(n).",
        "mean = differences.mean() and error = s / np.sqrt(n), where n is len(differences). Return "
        "mean, error, mean / error.",
    ),
)
