"""explained: say in plain words what NumPy meant, for errors that students often meet."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from scratchcnn.exercises.declaration import Crash


class Slip(NamedTuple):
    """An error that comes from a known slip: what it says, the line it is in, and the cure."""

    error: type[BaseException]
    says: str  # patterns, which are searched for
    line: str
    cure: str


OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}

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
        "of them 1. A slice that runs past the edge is cut off without an error.",
    ),
    Slip(
        ValueError,
        "cannot reshape array",
        "",
        "reshape keeps all numbers, so the sizes of the new shape, multiplied, have to give as "
        "many as there are.",
    ),
    Slip(
        ValueError,
        "setting an array element with a sequence",
        r"(?<![\w.])sum\(",
        "Python's own sum adds up the rows of a matrix, and leaves a number for each column. To "
        "add up all numbers, use window.sum().",
    ),
    Slip(
        ValueError,
        "setting an array element with a sequence",
        "",
        "There is room for one number, but several came. Print what you write there.",
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


def explained(crash: Crash) -> str:
    """Return what the student may have meant, or nothing."""
    for slip in SLIPS:
        fits = isinstance(crash.error, slip.error) and re.search(slip.says, str(crash.error))
        if fits and re.search(slip.line, crash.line):
            return slip.cure
    return beyond_the_last(crash)


def beyond_the_last(crash: Crash) -> str:
    """Say which array has no such place: ``x[5]``, if it has five rows."""
    name, index, axis = outside(crash)
    if not name:
        return ""
    array = crash.names[name]
    kind = ["row", "column"][axis] if array.ndim == 2 else "place"
    last = array.shape[axis] - 1
    has = f"its last {kind} is {last}" if last >= 0 else f"it has no {kind}s"
    return (
        f"{name} has shape {array.shape}. Counted from 0, {has}, so there is no {kind} {index}. "
        f"Does a loop run too far, or is {name} too small?"
    )


def outside(crash: Crash) -> tuple[str, int, int]:
    """Return the array, index and axis of an index that is out of bounds; or an empty name."""
    words = r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)"
    says = re.search(words, str(crash.error))
    if not (isinstance(crash.error, IndexError) and says):
        return "", 0, 0
    index, axis, size = map(int, says.groups())
    for name, places in indexed(crash.line.partition(":  ")[2]):
        array = crash.names.get(name)
        fits = isinstance(array, np.ndarray) and array.shape[axis : axis + 1] == (size,)
        if fits and whole_number(places[axis], crash.names) == index:
            return name, index, axis
    return "", 0, 0


def indexed(line: str) -> list[tuple[str, list[ast.expr]]]:
    """Return the arrays that a line of code takes numbers from, each with its indices."""
    try:
        nodes = list(ast.walk(ast.parse(line)))
    except SyntaxError:  # the line is only the beginning of a statement
        return []
    return [
        (node.value.id, node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice])
        for node in nodes
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)
    ]


def whole_number(node: ast.expr, names: dict[str, Any]) -> int | None:
    """Return what an index such as ``i * stride + a`` comes to; None if it is not so simple."""
    if isinstance(node, ast.Constant | ast.Name):
        value = node.value if isinstance(node, ast.Constant) else names.get(node.id)
        return int(value) if isinstance(value, int | np.integer) else None
    if isinstance(node, ast.BinOp):
        a, b = whole_number(node.left, names), whole_number(node.right, names)
        if a is not None and b is not None and type(node.op) in OPERATORS:
            return OPERATORS[type(node.op)](a, b)
    return None
