"""explained: say in plain words what NumPy meant, for errors that students often meet."""

from __future__ import annotations

import re
from typing import NamedTuple


class Slip(NamedTuple):
    """An error that comes from a known slip: what it says, the line it is in, and the cure."""

    error: type[BaseException]
    says: str  # patterns, which are searched for
    line: str
    cure: str


# The first that fits is shown.
SLIPS = [
    Slip(
        TypeError,
        r"cannot unpack non-iterable (numpy\.)?int",
        "",
        "That is one number. argmax, for example, counts through a window row by row; "
        "np.unravel_index(place, window.shape) turns it into a row and a column.",
    ),
    Slip(
        ValueError,
        "truth value of an array",
        r"(?<![\w.])(max|min)\(",
        "Python's own max and min compare whole rows with each other. For the largest of all "
        "numbers, use window.max(); to compare number by number, np.maximum(a, b).",
    ),
    Slip(
        ValueError,
        "truth value of an array",
        r"\b(if|while|and|or|not)\b",
        "if, and, or and not want a single True or False, but a comparison of arrays gives one for "
        "each number. np.where(condition, a, b) chooses number by number.",
    ),
    Slip(
        TypeError,
        r"Cannot interpret '.*' as a data type",
        r"\b(zeros|ones|empty|full)\(",
        "The shape is one argument, so it has parentheses of its own: np.zeros((rows, columns)).",
    ),
    Slip(
        TypeError,
        "'.*float.*' object cannot be interpreted|expected a sequence of integers|slice indices",
        "",
        "Sizes and places are whole numbers. / gives a float, // a whole number.",
    ),
    Slip(
        IndexError,
        "only integers, slices",
        "",
        "An index is a whole number. / gives a float, // a whole number.",
    ),
    Slip(
        ValueError,
        "values to unpack",
        "",
        "There must be one name for each value. How many are there here?",
    ),
    Slip(
        ValueError,
        "matmul: .* mismatch",
        "",
        "In a @ b, a has as many columns as b has rows. Print both shapes: is one of them to be "
        "transposed, or does b come first?",
    ),
    Slip(
        ValueError,
        "could not be broadcast",
        "",
        "The shapes do not fit: print both. From the right, their sizes have to be equal, or one "
        "of them 1.",
    ),
    Slip(
        NameError,
        "is not defined",
        "in backward:",
        "backward knows only its own arguments and self. Let forward keep what it will need, with "
        "a line such as self.x = x.",
    ),
    Slip(
        AttributeError,
        "object has no attribute",
        r"in backward:.*\bself\.",
        "Nobody has kept it. Let forward do so, with a line such as self.x = x.",
    ),
]


def explained(error: BaseException, line: str) -> str:
    """Return what the student may have meant, or nothing.

    Parameters
    ----------
    error : BaseException
        What the student's function raised.
    line : str
        The line of the student's code where it was raised.
    """
    for slip in SLIPS:
        fits = isinstance(error, slip.error) and re.search(slip.says, str(error))
        if fits and re.search(slip.line, line):
            return slip.cure
    return ""
