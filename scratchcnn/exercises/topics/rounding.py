"""Exercise: how many steps of float32 two results are apart (lesson 08)."""

from typing import Any

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals


def float32_steps(a, b):
    """Return how far apart two results are, in steps of float32.

    Parameters
    ----------
    a, b : array of the same shape
        What two programs computed.

    Returns
    -------
    steps : float
        The largest of all |a - b| / step. The step at a place is the distance between the larger
        of |a| and |b| and the next larger float32 number.
    """
    larger = np.maximum(np.abs(a), np.abs(b)).astype("float32")
    return (np.abs(a - b) / np.spacing(larger)).max()


def farthest(arguments: dict[str, Any], which: int, index: tuple[int, ...]) -> str:
    """Write out the place where the two are farthest apart."""
    a, b = arguments["a"], arguments["b"]
    step = np.spacing(larger_of(a, b))
    place = tuple(int(n) for n in np.unravel_index((np.abs(a - b) / step).argmax(), a.shape))
    at = ", ".join(map(str, place))
    return (
        f"The most is at [{at}]: a is {a[place]:.9g}, b is {b[place]:.9g}, and the step there is "
        f"{step[place]:.3g}"
    )


def larger_of(a, b):
    """Return the larger of |a| and |b|, place by place, in float32."""
    return np.maximum(np.abs(a), np.abs(b)).astype("float32")


def moved(seed, *shape, steps=5):
    """Return float32 numbers, and others that are up to so many steps larger or smaller."""
    a = decimals(seed, *shape).astype("float32")
    a[a == 0] = 1  # what comes right after 0 is too small for some right answers
    b = a + np.random.default_rng(seed).integers(-steps, steps + 1, shape) * np.spacing(a)
    return a.astype(float), b.astype("float32").astype(float)


EPSILON = float(np.finfo("float32").eps)  # the step at 1

Exercise(
    float32_steps,
    lesson=8,
    returns=("steps",),
    cases=[
        Case(np.array([5_000_000.0]), np.array([5_000_001.0])),
        Case(np.array([10_000_003.0, 5_000_000.0]), np.array([10_000_000.0, 5_000_001.0])),
        Case(np.array([3.0, 1.0]), np.array([3.0, 1 + 6 * EPSILON])),
        Case(np.array([-6_000_000.0, 20.0]), np.array([-6_000_002.0, 20.0])),
        Case(np.array([1.0, 0.0]), np.array([1.0, 0.0])),
        Case(np.array([1.5, 1 - 8.5 * EPSILON]), np.array([1.5, 1.0])),
        Case(np.array([2.0, -1.0]), np.array([2.5, 1.0])),
        Case(*moved(206, 3, 4)),
        Case(*moved(207, 20)),
    ],
    mistakes=[
        Mistake(
            "absolute difference",
            "You return the largest difference itself. What counts is how many steps of float32 it "
            "is: divide by np.spacing.",
            lambda a, b: np.abs(a - b).max(),
        ),
        Mistake(
            "relative difference",
            "You divide by the numbers themselves. Divide by the step at these numbers: "
            "np.spacing.",
            lambda a, b: (np.abs(a - b) / np.where(larger_of(a, b), larger_of(a, b), 1)).max(),
        ),
        Mistake(
            "step at 1",
            "You divide every difference by the step at 1. Larger numbers have larger steps: "
            "np.spacing takes an array.",
            lambda a, b: (np.abs(a - b) / EPSILON).max(),
        ),
        Mistake(
            "step taken to grow evenly",
            "You take the step for a fixed share of the number. But it stays the same from one "
            "power of 2 to the next, and then doubles: np.spacing knows it.",
            lambda a, b: (
                np.abs(a - b) / (EPSILON * np.where(larger_of(a, b), larger_of(a, b), 1))
            ).max(),
        ),
        Mistake(
            "relative difference, 0 / 0",
            "You divide by the numbers themselves, and 0 / 0 is NaN. Divide by the step at these "
            "numbers, which is never 0: np.spacing.",
            lambda a, b: (np.abs(a - b) / larger_of(a, b)).max(),
        ),
        Mistake(
            "step taken to grow evenly, 0 / 0",
            "You take the step for a fixed share of the number. But it stays the same from one "
            "power of 2 to the next, and is never 0: np.spacing knows it.",
            lambda a, b: (np.abs(a - b) / (EPSILON * larger_of(a, b))).max(),
        ),
        Mistake(
            "steps of float64",
            "These are steps of float64, which are far smaller. Turn the numbers into float32 "
            'before np.spacing: .astype("float32").',
            lambda a, b: (
                np.abs(a - b) / np.spacing(np.maximum(np.abs(a), np.abs(b)).astype(float))
            ).max(),
        ),
        Mistake(
            "signs kept in the size",
            "For negative numbers np.spacing is negative, and the larger of two negative numbers "
            "is the one closer to 0. Take the larger of np.abs(a) and np.abs(b).",
            lambda a, b: (np.abs(a - b) / np.spacing(np.maximum(a, b).astype("float32"))).max(),
        ),
        Mistake(
            "multiplied by the step",
            "You multiply by the step. How many steps fit into the difference? Divide.",
            lambda a, b: (np.abs(a - b) * np.spacing(larger_of(a, b))).max(),
        ),
        Mistake(
            "signs kept",
            "A difference can be negative, and then it is not the largest. Take np.abs(a - b).",
            lambda a, b: ((a - b) / np.spacing(larger_of(a, b))).max(),
        ),
        Mistake(
            "mean",
            "You take the mean over all places. One place that is far off is what you are looking "
            "for: take the largest.",
            lambda a, b: (np.abs(a - b) / np.spacing(larger_of(a, b))).mean(),
        ),
        Mistake(
            "one step for all",
            "You divide the largest difference by the step at the largest number. They may be at "
            "different places: divide place by place, then take the largest.",
            lambda a, b: np.abs(a - b).max() / np.spacing(larger_of(a, b).max()),
        ),
        Mistake(
            "one number for each place",
            "You return the steps of every place. Return the largest.",
            lambda a, b: np.abs(a - b) / np.spacing(larger_of(a, b)),
        ),
    ],
    hints=(
        "Between 4,194,304 and 8,388,608, float32 has every half: the step is 0.5. How many steps "
        "are 5,000,000 and 5,000,001 apart?",
        "np.spacing(x) gives the step at each number of x, in the type of x. Give it the larger of "
        "np.abs(a) and np.abs(b), place by place, as float32.",
        'larger = np.maximum(np.abs(a), np.abs(b)).astype("float32"). Then divide np.abs(a - b) by '
        "np.spacing(larger), and take the maximum.",
    ),
    explain=farthest,
)
