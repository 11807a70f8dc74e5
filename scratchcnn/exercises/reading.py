"""slip_in_the_text: find slips that can be seen in the text of a student's function."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

SWAPPED = {("W", "H"), ("KW", "KH"), ("OW", "OH")}
# Functions that leave their argument as it is, and return a new array.
RETURNING = {"pad", "reshape", "ravel", "transpose", "astype", "copy", "clip", "maximum", "where"}


def slip_in_the_text(function: Any) -> str:
    """Say which slip stands in the text of a function; empty if there is none.

    The function is wrong already: what is found here explains it, but proves nothing.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):  # not every function has a text
        return ""
    return next((words for node in ast.walk(tree) for words in slips_of(node)), "")


def slips_of(node: ast.AST) -> Iterator[str]:
    """Say which slips one part of the text holds."""
    if isinstance(node, ast.For | ast.While) and any(isinstance(n, ast.Return) for n in node.body):
        yield (
            "Your return is inside the loop, so the function ends in the first round. Move it to "
            "the left, below the loop."
        )
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        called = node.value.func
        if isinstance(called, ast.Attribute) and called.attr in RETURNING:
            text = ast.unparse(node.value)
            name = "x" if not node.value.args else ast.unparse(node.value.args[0])
            if ast.unparse(called.value) != "np":
                name = ast.unparse(called.value)
            yield (
                f"{ast.unparse(called)} returns a new array, and here nobody keeps it: "
                f"write {name} = {text}."
            )
    if isinstance(node, ast.Assign):
        yield from swapped(node.targets[0], node.value)
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "sum" and len(node.args) == 1:
        text, kind = ast.unparse(node.args[0]), type(node.args[0])
        if kind in (ast.BinOp, ast.Subscript):
            yield (
                "Python's own sum adds up the rows of a matrix, and leaves a number for each "
                f"column. To add up all numbers, write "
                f"{f'({text})' if kind is ast.BinOp else text}.sum()."
            )


def swapped(target: ast.expr, value: ast.expr) -> Iterator[str]:
    """Find ``W, H = x.shape``, and ``(W, H), (KW, KH) = x.shape, k.shape``."""
    if not isinstance(target, ast.Tuple):
        return
    if isinstance(value, ast.Tuple):
        for one, other in zip(target.elts, value.elts, strict=False):
            yield from swapped(one, other)
    elif isinstance(value, ast.Attribute) and value.attr == "shape":
        names = tuple(ast.unparse(name) for name in target.elts)
        if names in SWAPPED:
            yield (
                f"A shape has the rows first: {names[1]}, {names[0]} = {ast.unparse(value)}, and "
                f"not {names[0]}, {names[1]}."
            )
