"""Exercises: ReLU and dropout (lesson 09)."""

from typing import Any

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, Values, decimals, integers


def relu(x):
    """Replace negative numbers by zero.

    Parameters
    ----------
    x : array of any shape

    Returns
    -------
    y : array of the same shape
    """
    return np.maximum(x, 0)


Exercise(
    relu,
    lesson=9,
    returns=("y",),
    cases=[
        Case(np.array([-1.0, 0.0, 2.0])),
        Case(np.array([[3, -4], [-5, 6]])),
        Case(decimals(110, 2, 3, 2)),
        Case(np.array([-2.0])),
    ],
    mistakes=[
        Mistake(
            "absolute value",
            "That is the absolute value. Negative numbers become 0, not positive.",
            lambda x: np.abs(x),
        ),
        Mistake(
            "negative half kept",
            "You keep the negative numbers. Keep the positive ones.",
            lambda x: np.minimum(x, 0),
        ),
        Mistake(
            "step",
            "You return 1 for positive numbers. Return the numbers themselves.",
            lambda x: x > 0,
        ),
        Mistake(
            "one maximum of all",
            "You return one maximum of the whole array. np.maximum(x, 0) works number by number.",
            lambda x: np.max(x),
        ),
        Mistake(
            "negative numbers left out",
            "The negative numbers are left out, so the shape is lost. Put 0 in their place.",
            lambda x: x[x > 0],
        ),
        Mistake(
            "Python's max or if",
            "max and if want a single True or False, but x > 0 holds one for each number. A "
            "function of NumPy compares number by number.",
            lambda x: max(0, x),
        ),
    ],
    hints=(
        "For each number: is it larger than 0? Then it stays. If not, what takes its place?",
        "NumPy compares a whole array with one number at once. Look up np.maximum.",
        "return np.maximum(x, 0). Note that np.max is another function.",
    ),
)


def relu_backward(dy, x):
    """Return the gradient of y = relu(x).

    Parameters
    ----------
    dy : array of any shape
        dL/dy.
    x : array of the same shape
        What went into relu.

    Returns
    -------
    dx : array of the same shape
        dy where x is positive, otherwise 0; also where x is exactly 0.
    """
    return np.where(x > 0, dy, 0)


Exercise(
    relu_backward,
    lesson=9,
    returns=("dx",),
    cases=[
        Case(np.array([5.0, 7.0]), np.array([-1.0, 2.0])),
        Case(np.array([[1, -2], [-3, 4]]), np.array([[3, 0], [-5, 6]])),
        Case(integers(112, 2, 3, 2), integers(113, 2, 3, 2)),
        Case(decimals(114, 4, 5), decimals(115, 4, 5)),
    ],
    mistakes=[
        Mistake(
            "gradient at zero",
            "Where x is exactly 0, the gradient is 0 by our rule. Compare with > instead of >=.",
            lambda dy, x: dy * (x >= 0),
        ),
        Mistake(
            "dy asked instead of x",
            "You look at the sign of dy. What matters is the sign of x, which went in.",
            lambda dy, x: dy * (dy > 0),
        ),
        Mistake(
            "dy forgotten",
            "You return 1 where x is positive. Multiply by dy (chain rule).",
            lambda dy, x: x > 0,
        ),
        Mistake(
            "all gradients pass",
            "Every gradient passes. Where x was negative, y did not change with x, so dx is 0.",
            lambda dy, x: dy,
        ),
        Mistake(
            "times x",
            "You multiply by relu(x). Multiply by its slope, which is 1 or 0.",
            lambda dy, x: dy * relu(x),
        ),
        Mistake(
            "other half",
            "The gradient passes where x is negative. It is the other way around.",
            lambda dy, x: dy * (x < 0),
        ),
    ],
    hints=(
        "Where x is positive, y = x. What is the slope? Where x is negative, y = 0. What is the "
        "slope there?",
        "So dy passes where x > 0, and is stopped elsewhere. x > 0 is an array of True and False.",
        "return dy * (x > 0), or np.where(x > 0, dy, 0).",
    ),
)


def dropout(x, rate, rng):
    """Set numbers to zero at random, and scale the others up to make up for it.

    Parameters
    ----------
    x : array of any shape
    rate : float
        The probability with which a number is dropped, from 0 to below 1.
    rng : np.random.Generator
        Where randomness comes from: rng.random(x.shape).

    Returns
    -------
    y : array of the same shape
        x / (1 - rate) where it is kept, otherwise 0.
    kept : array of bool of the same shape
        Which numbers are kept.
    """
    kept = rng.random(x.shape) >= rate
    return x * kept / (1 - rate), kept


def after_dropout(arguments: dict[str, Any], values: Values) -> Values:
    """Return the right y for the numbers that the student's function has kept."""
    x, rate, (_, kept) = arguments["x"], arguments["rate"], values
    plausible = kept.shape == x.shape and bool(np.isin(kept, (0, 1)).all())
    # Of n numbers, the share that is kept is within five standard deviations of 1 - rate.
    margin = 5 * np.sqrt(rate * (1 - rate) / x.size)
    if not plausible or abs(kept.mean() - (1 - rate)) > margin:
        kept = dropout(**{**arguments, "rng": np.random.default_rng(0)})[1]
    return x * kept / (1 - rate), kept


Exercise(
    dropout,
    lesson=9,
    returns=("y", "kept"),
    cases=[
        Case(np.array([[1.0, 2.0], [3.0, 4.0]]), 0.0, np.random.default_rng(1)),
        Case(np.arange(1.0, 201).reshape(10, 20), 0.25, np.random.default_rng(2)),
        Case(integers(116, 4, 5, 30, low=1), 0.9, np.random.default_rng(3)),
    ],
    mistakes=[
        Mistake(
            "not scaled",
            "What is kept must be divided by 1 - rate, so that the sum stays the same on average.",
            lambda x, rate, rng: (x * (kept := rng.random(x.shape) >= rate), kept),
        ),
        Mistake(
            "scaled by the rate",
            "You divide by rate. Divide by 1 - rate, the share that is kept.",
            lambda x, rate, rng: (x * (kept := rng.random(x.shape) >= rate) / rate, kept),
        ),
        Mistake(
            "rate kept instead of dropped",
            "You keep with probability rate. It is the probability of being dropped: "
            "rng.random(x.shape) >= rate.",
            lambda x, rate, rng: (x * (kept := rng.random(x.shape) < rate) / (1 - rate), kept),
        ),
        Mistake(
            "one random number for all",
            "You draw a single random number, so all numbers are kept or none. Draw one for each: "
            "rng.random(x.shape).",
            lambda x, rate, rng: (x * (kept := rng.random() >= rate) / (1 - rate), kept),
        ),
        Mistake(
            "dropped mask returned",
            "The mask marks what is dropped. Return which numbers are kept.",
            lambda x, rate, rng: ((found := dropout(x, rate, rng))[0], ~found[1]),
        ),
        Mistake(
            "mask not returned",
            "Return both, y and kept: the backward pass needs the mask.",
            lambda x, rate, rng: dropout(x, rate, rng)[0],
        ),
    ],
    hints=(
        "rng.random(x.shape) gives a number from 0 to 1 for each number of x. How many of them are "
        "smaller than rate, on average?",
        "kept = rng.random(x.shape) >= rate is True with probability 1 - rate. Multiply x by it.",
        "y = x * kept / (1 - rate); return y, kept.",
    ),
    expected=after_dropout,
)
