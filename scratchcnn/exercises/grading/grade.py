"""grade: the answer of a check for a function of a notebook, and what it is worth."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from dataclasses import dataclass

from scratchcnn.exercises.checking import examine
from scratchcnn.exercises.declaration import EXERCISES, Exercise
from scratchcnn.exercises.grading.needed import Unreadable, needed
from scratchcnn.exercises.grading.remote import Ended, process
from scratchcnn.exercises.grading.wire import Garbled
from scratchcnn.exercises.not_done import NotDone
from scratchcnn.exercises.result import Result
from scratchcnn.exercises.time_limit import OutOfTime

SECONDS = 10.0  # for all cases together: five times what a student has, on a busy computer

FULL, HALF, QUARTER, NONE = 1.0, 0.5, 0.25, 0.0  # of the points
REASONS = {HALF: ": half of the cases are right", QUARTER: ": a typical mistake, named above"}


@dataclass(frozen=True)
class Grade:
    """What a function is worth.

    Attributes
    ----------
    result : Result
        What the check says.
    share : float
        Of the points: 1 if all cases are right, 1/2 if at least half of them are, 1/4 for a
        typical mistake that the check knows by name, otherwise 0.
    """

    result: Result
    share: float


def grade(
    cells: list[str], name: str, at: int | None = None, seconds: float | None = None
) -> Grade:
    """Grade a function, in a process of its own.

    Parameters
    ----------
    cells : list of str
        The sources of the code cells of a notebook, in order.
    name : str
        The exercise.
    at : int or None
        The number of the cell with its check; None for the end.
    seconds : float or None
        The time limit for all cases together; None for `SECONDS`.

    Returns
    -------
    Grade
        Nothing is raised, whatever stands in the cells.
    """
    exercise = EXERCISES[name]
    try:
        code = needed(cells, name, len(cells) if at is None else at)
    except Unreadable as broken:
        return failed(name, "stands in a cell that Python cannot read", str(broken))
    if not code:
        return failed(name, "is not defined in this notebook")
    try:
        return judge(exercise, code, SECONDS if seconds is None else seconds)
    except NotDone as todo:
        return Grade(Result(name, "waiting", str(todo)), NONE)
    except OutOfTime:
        return failed(name, "could not be graded: the cells that it needs do not come to an end")
    except (Ended, Garbled):
        return failed(name, "could not be graded: Python ended, or its answer made no sense")
    except Exception as error:  # what the cells raised that the function needs
        what = f"{type(error).__name__}: {error}"[:300]
        return failed(name, "could not be graded: a cell that it needs stopped", what)


def judge(exercise: Exercise, code: list[tuple[str, str]], seconds: float) -> Grade:
    """Run the code in another process, and check the function there."""
    earlier = {}
    if any("from_workbook" in source for _, source in code):
        earlier = {
            each.name: each.source for each in EXERCISES.values() if each.lesson < exercise.lesson
        }
    with process(earlier) as other:
        other.limit(seconds)
        with redirect_stdout(io.StringIO()):
            function = other.load(exercise.name, code)
        other.limit(seconds + 5)  # where no signal interrupts us
        result = examine(function, exercise, seconds)
        if other.broken is not None and not isinstance(other.broken, OutOfTime):
            raise other.broken
    return Grade(result, share(result, exercise))


def share(result: Result, exercise: Exercise) -> float:
    """Return the share of the points that an answer is worth."""
    if result.passed:
        return FULL
    if result.state == "waiting":
        return NONE
    if 2 * result.right >= len(exercise.cases):
        return HALF
    return QUARTER if result.mistake else NONE


def failed(name: str, why: str, what: str = "") -> Grade:
    """Return no points, and a word."""
    return Grade(Result(name, "failed", f"{name} {why}.", [("", what)] if what else []), NONE)
