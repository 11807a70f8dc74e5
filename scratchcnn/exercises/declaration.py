"""Exercise: all that the workbook knows about one function that students write.

An exercise is declared once, in a file of ``scratchcnn/exercises/topics``: the solution with its
docstring, the cases that a check tries, typical wrong answers with a message for each, and hints.
Everything else (checks, hints, progress, tests, grading) reads the declaration.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Function = Callable[..., Any]
Values = tuple[np.ndarray, ...]

EXERCISES: dict[str, Exercise] = {}  # by name, in the order in which they were declared


class Case:
    """One call of the student's function: ``Case(x, k)``, or ``Case(x, size=3)``."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.arguments, self.options = arguments, options


@dataclass(frozen=True)
class Mistake:
    """A typical wrong answer.

    Attributes
    ----------
    name : str
        A few words for the teacher's table: "flipped kernel".
    message : str
        What the student reads: one sentence that says what went wrong, and why.
    function : callable
        The wrong answer itself. A student's function that gives the same results on all
        cases has made this mistake. If it returns several results and only one of them is wrong,
        the mistake is also recognized while the others are wrong or not begun.
    """

    name: str
    message: str
    function: Function


@dataclass(frozen=True)
class Crash:
    """How a student's function stopped with an error.

    Attributes
    ----------
    error : BaseException
        What was raised.
    line : str
        The student's line, after its number and the name of the function.
    names : dict
        The variables of the student's functions at that moment. Where two have the same name, it
        is that of the inner function.
    arguments : dict
        What the function was called with.
    """

    error: BaseException
    line: str
    names: dict[str, Any] = field(default_factory=dict)
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Exercise:
    """A function, or a class, that students write. Declaring one registers it under its name.

    Attributes
    ----------
    reference : function
        The solution. Its name, arguments and docstring are those of the stub, and its source is
        what `solution` shows, so it needs nothing but NumPy as ``np``, and `Layer` if it is one.
    lesson : int
        The lesson, and the notebook of the workbook, that it belongs to.
    returns : tuple of str
        What the results are called: ``("dx", "dk")``.
    cases : sequence of Case
        The smallest first, since the first that fails is shown.
    mistakes : sequence of Mistake
        At least three. They must give different results from each other on some case.
    hints : tuple of str
        Three, from a nudge to nearly the answer.
    changes : tuple of str
        The arguments that the function changes in place, instead of returning anything.
    tolerance : float
        The relative error that is allowed. Coarser types, such as float16, are allowed more.
    explain : callable or None
        ``explain(arguments, which, index)`` writes out the arithmetic behind one number of
        result number ``which``, to be shown where an answer goes wrong.
    explain_error : callable or None
        ``explain_error(crash)`` says what a student may have meant by a line that raised an
        error, or returns an empty string.
    use : callable or None
        ``use(function, *arguments)`` calls the student's function and returns the results; None
        just calls it. A class has to be used this way: make a layer, run it forward and back. So
        does a function that trains a network: return the weights as well.
    expected : callable or None
        ``expected(arguments, values)`` returns the right results, given the student's: for
        functions with several right answers, such as those that draw random numbers.
    """

    reference: Function
    lesson: int
    returns: tuple[str, ...]
    cases: Sequence[Case]
    mistakes: Sequence[Mistake]
    hints: tuple[str, str, str]
    changes: tuple[str, ...] = ()
    tolerance: float = 1e-5
    explain: Callable[[dict[str, Any], int, tuple[int, ...]], str] | None = None
    explain_error: Callable[[Crash], str] | None = None
    use: Callable[..., Any] | None = None
    expected: Callable[[dict[str, Any], Values], Values] | None = None
    name: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.reference.__name__)
        if self.name in EXERCISES:
            raise ValueError(f"there are two exercises called {self.name!r}")
        EXERCISES[self.name] = self

    @property
    def beginning(self) -> str:
        """How the function, or class, begins: ``def correlate(x, k):``."""
        if inspect.isclass(self.reference):
            bases = ", ".join(base.__name__ for base in self.reference.__bases__)
            return f"class {self.name}({bases}):".replace("(object)", "")
        return f"def {self.name}{inspect.signature(self.reference)}:"

    def arguments_of(self, case: Case) -> dict[str, Any]:
        """Return the arguments of a case by their names."""
        if self.use is None:
            bound = inspect.signature(self.reference).bind(*case.arguments, **case.options)
            return dict(bound.arguments)
        bound = inspect.signature(self.use).bind(None, *case.arguments, **case.options)
        return dict(list(bound.arguments.items())[1:])  # without the function

    @property
    def source(self) -> str:
        """The source of the solution."""
        return inspect.getsource(self.reference)


def integers(seed: int, *shape: int, low: int = -9, high: int = 10) -> np.ndarray:
    """Return whole numbers as floats, the same for each seed: short to read in a message."""
    return np.random.default_rng(seed).integers(low, high, shape).astype(float)


def decimals(seed: int, *shape: int) -> np.ndarray:
    """Return normally distributed numbers with one decimal, for each seed."""
    return np.random.default_rng(seed).standard_normal(shape).round(1)
