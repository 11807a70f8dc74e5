"""check: say whether a student's function is right, and if not, what went wrong."""

from __future__ import annotations

import time
from typing import Any

from scratchcnn.exercises.board import report
from scratchcnn.exercises.copies import word_about_the_original
from scratchcnn.exercises.declaration import EXERCISES, Exercise, Function
from scratchcnn.exercises.diagnosis import diagnose, is_right
from scratchcnn.exercises.feedback import called_with, printed_block, what_went_wrong
from scratchcnn.exercises.hints import no_exercise
from scratchcnn.exercises.not_done import NotDone
from scratchcnn.exercises.progress import remember_check
from scratchcnn.exercises.result import Block, Result
from scratchcnn.exercises.running import Attempt, attempt
from scratchcnn.exercises.stand_in import StandIn
from scratchcnn.exercises.time_limit import OutOfTime

TIME_LIMIT = 2.0  # seconds for all cases together; right answers take a few hundredths


def check(function: Function, name: str | None = None) -> Result:
    """Check a function of the workbook, show the answer, and remember it.

    Parameters
    ----------
    function : callable
        What you wrote.
    name : str or None
        The exercise; None if the function has its name.

    Returns
    -------
    Result
        ``passed`` (bool) and ``message`` (str). Nothing is raised, whatever the function does.
    """
    name = name if name is not None else getattr(function, "__name__", None)
    if not isinstance(name, str) or name not in EXERCISES:
        return unknown(name).show()
    try:
        result = examine(function, EXERCISES[name])
    except Exception as error:  # a mistake of ours, which a student should not have to read
        what = (
            f"The check itself stopped with {type(error).__name__}: {error}. That is our mistake."
        )
        result = Result(name, "failed", what)
    remember_check(result)
    report(result.name, result.state, result.mistake)
    result.blocks += word_about_the_original()
    return result.show()


def examine(function: Function, exercise: Exercise, seconds: float | None = None) -> Result:
    """Check a function without showing or remembering anything.

    Parameters
    ----------
    function : callable
        What a student wrote.
    exercise : Exercise
        The exercise.
    seconds : float or None
        The time limit for all cases together; None for that of `check`.

    Returns
    -------
    Result
        What `check` shows.
    """
    name = exercise.name
    if isinstance(function, StandIn):
        return waiting(name, NotDone(name))
    if not callable(function):
        kind = type(function).__name__
        return Result(name, "failed", f"{name} is {kind}; it begins with {exercise.beginning}")
    tried: list[Attempt] = []
    end = time.monotonic() + (TIME_LIMIT if seconds is None else seconds)
    for case in exercise.cases:
        tried.append(attempt(function, exercise, case, max(end - time.monotonic(), 0.05)))
        error = tried[-1].error
        if isinstance(error, NotDone | NotImplementedError):
            return waiting(name, error)
        if isinstance(error, OutOfTime | KeyboardInterrupt):
            break
    wrong = [one for one in tried if not is_right(exercise, one)]
    if not wrong:
        count = len(exercise.cases)
        return Result(
            name, "passed", f"{name} is right in all {count} cases.", printed_block(tried[0])
        )
    return failure(function, exercise, tried, wrong)


def waiting(name: str, error: NotDone | NotImplementedError) -> Result:
    """Answer that the function, or another that it calls, is not written yet."""
    other = error.exercise if isinstance(error, NotDone) else name
    calls = "" if other == name else f"{name} calls {other}, and "
    words = "Have you written it? Delete the raise line, and run that cell again."
    return Result(name, "waiting", f"{calls}{other} waits for your answer.", [(words, "")])


def failure(
    function: Function, exercise: Exercise, tried: list[Attempt], wrong: list[Attempt]
) -> Result:
    """Describe the smallest case that fails, and name the mistake if it is a known one."""
    name, found = exercise.name, diagnose(function, exercise, tried, wrong)
    blocks: list[Block] = [(sentence, "") for sentence in found.sentences]
    at, case = len(blocks), called_with(exercise, found.shown.case)
    blocks += what_went_wrong(exercise, function, found)
    # First what the mistake is, then the case, then what came of it. An error comes first.
    blocks.insert(at if found.shown.error is None else len(blocks), case)
    blocks += printed_block(found.shown)
    count = len(tried) - len(wrong)
    if count:
        blocks.append((f"{count} of {len(tried)} cases {'is' if count == 1 else 'are'} right.", ""))
    blocks.append((f'For help: hint("{name}")', ""))
    return Result(name, "failed", f"{name} is not right yet.", blocks, found.mistake, count)


def unknown(name: Any) -> Result:
    """Answer that there is no such exercise."""
    if name is None:
        headline = 'Which exercise is it? Name it: check(my_function, "relu")'
    else:
        headline = no_exercise(name).headline
    return Result(str(name), "failed", headline)
