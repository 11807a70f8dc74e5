"""Put what a check has found into words and numbers."""

from __future__ import annotations

import inspect
import linecache
import os
import re
import reprlib
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from scratchcnn.exercises.comparing import difference
from scratchcnn.exercises.declaration import Case, Crash, Exercise, Function, Values
from scratchcnn.exercises.diagnosis import Diagnosis, right_values
from scratchcnn.exercises.reading import slip_in_the_text
from scratchcnn.exercises.result import Block
from scratchcnn.exercises.running import Attempt
from scratchcnn.exercises.slips import explained
from scratchcnn.exercises.time_limit import OutOfTime

OURS = str(Path(__file__).parents[1])
PYTHONS = os.path.dirname(os.__file__)
NUMPYS = str(Path(np.__file__).parents[1])
NOT_THEIRS = (*(folder + os.sep for folder in (OURS, PYTHONS, NUMPYS)), "<frozen", "<__array")


def called_with(exercise: Exercise, case: Case) -> Block:
    """Show the arguments of a case."""
    arguments = exercise.arguments_of(case)
    numbers = "\n".join(f"{name} = {written(value)}" for name, value in arguments.items())
    return f"{exercise.name} was called with", numbers


def written(value: Any) -> str:
    """Write a number, an array or a list of arrays, the small ones completely."""
    if isinstance(value, list):
        return "[" + ",\n ".join(written(item) for item in value) + "]"
    if isinstance(value, np.random.Generator):
        return "a random number generator"
    if not isinstance(value, np.ndarray):
        return f"{value!r}"
    value = value + 0.0 if value.dtype.kind == "f" else value  # no -0
    options: dict[str, Any] = {"precision": 4, "suppress_small": True, "max_line_width": 88}
    text = np.array2string(value, threshold=120, **options)
    if value.ndim > 1:
        text = f"array of shape {value.shape}\n{text}"
    return text


def shortly(value: Any) -> str:
    """Write whatever a function returned, in a few lines at most."""
    short = reprlib.Repr()
    short.maxlist = short.maxtuple = 8
    short.maxother = short.maxstring = 200
    return without_addresses(short.repr(value))


def without_addresses(text: str) -> str:
    """Leave out the places in memory: they differ from run to run."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", text)


def number(value: Any) -> str:
    """Write one number with the digits that matter."""
    return f"{float(value) + 0.0:.8g}"


def what_went_wrong(exercise: Exercise, function: Function, found: Diagnosis) -> list[Block]:
    """Say why an attempt failed: its error, its problem, or where its numbers first differ."""
    tried = found.shown
    if tried.error is not None:
        what, place = error_block(exercise, function, tried.error)
        cure = "" if found.mistake else cure_of(exercise, function, tried, place)
        return [(what, place), (cure, "")] if cure else [(what, place)]
    if tried.values is None:
        problem: Block = (tried.problem, "")
        unread = tried.raw is not None and not isinstance(tried.raw, np.ndarray)
        return [problem, ("Your answer:", shortly(tried.raw))] if unread else [problem]
    return parting(exercise, tried, right_values(exercise, tried), found.which)


def cure_of(exercise: Exercise, function: Function, tried: Attempt, place: str) -> str:
    """Say what the student may have meant by the line that raised an error, or nothing."""
    assert tried.error is not None
    names: dict[str, Any] = {}
    for frame, _ in students_frames(function, tried.error):
        names |= frame.f_locals
    crash = Crash(tried.error, place, names, exercise.arguments_of(tried.case))
    special = exercise.explain_error(crash) if exercise.explain_error is not None else ""
    return slip_in_the_text(function) or special or explained(crash)


def result_names(exercise: Exercise, count: int) -> Sequence[str]:
    """Name the results: ``dx``, ``dk``; or the arrays that are changed: ``params[0]``."""
    if not exercise.changes:
        return exercise.returns
    each = count // len(exercise.changes)
    return [f"{name}[{i}]" for name in exercise.changes for i in range(each)]


def parting(exercise: Exercise, tried: Attempt, expected: Values, only: int = -1) -> list[Block]:
    """Show the first result that is wrong beside the right one, and where they first differ.

    If ``only`` is not negative, it is the number of the result to be shown.
    """
    assert tried.values is not None
    names = result_names(exercise, len(expected))
    for which, (name, got, right) in enumerate(zip(names, tried.values, expected, strict=True)):
        found = difference(got, right, exercise.tolerance)
        if found is None or only not in (-1, which):
            continue
        blocks = [(f"Your {name}:", written(got)), (f"Expected {name}:", written(right))]
        if found.index is None:
            words = f"Its shape is {got.shape}, expected {right.shape}"
            of = exercise.arguments_of(tried.case).get(name[1:]) if name[0] == "d" else None
            as_large = isinstance(of, np.ndarray) and of.shape == right.shape
            return [*blocks, (f"{words}: that of {name[1:]}." if as_large else f"{words}.", "")]
        got = got.reshape(right.shape)
        came, wanted = number(got[found.index]), number(right[found.index])
        at = f"The first difference is at {name}[{', '.join(map(str, found.index))}]: "
        start = f"{at}yours" if right.size > 1 else "Yours"
        blocks.append((f"{start} is {came}, expected {wanted}.", ""))
        if exercise.explain is not None:
            arguments = exercise.arguments_of(tried.case)
            blocks.append(("", exercise.explain(arguments, which, found.index)))
        return blocks
    return []


def error_block(exercise: Exercise, function: Function, error: BaseException) -> Block:
    """Show a student's exception at the student's line, without any traceback of ours."""
    place = students_line(function, error)
    if isinstance(error, OutOfTime):
        return "The function was stopped: it ran too long. Does one of its loops never end?", place
    if isinstance(error, KeyboardInterrupt):
        return "You stopped the check.", place
    if isinstance(error, RecursionError):
        return "The function calls itself without end (RecursionError).", place
    if isinstance(error, TypeError) and not place:
        cure = f"It should begin with: {exercise.beginning}"
        if inspect.isclass(exercise.reference) and "()" in str(error):  # a method of it
            cure = "Keep the first line of each method as it was."
        return f"It could not be called: {error}. {cure}", ""
    words = without_addresses(str(error)).strip().splitlines()
    what = f"{type(error).__name__}: {words[0][:300]}" if words else type(error).__name__
    return f"The function stopped with {what}", place


def students_line(function: Function, error: BaseException) -> str:
    """Return the last line of the student's own code before the error, with its number."""
    frames = students_frames(function, error)
    if not frames:
        return ""
    code, line = frames[-1][0].f_code, frames[-1][1]
    if line is None:  # what Python adds itself, such as the end of an except block
        return f"in {code.co_name}"
    text = linecache.getline(code.co_filename, line).strip()
    return f"line {line}, in {code.co_name}:  {text}"


def students_frames(function: Function, error: BaseException) -> list[tuple[FrameType, int | None]]:
    """Return the calls of the student's own functions before the error, with their lines."""
    own_file = getattr(getattr(function, "__code__", None), "co_filename", None)
    return [
        (frame, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == own_file
        or not frame.f_code.co_filename.startswith(NOT_THEIRS)
    ]


def printed_block(tried: Attempt, most: int = 8) -> list[Block]:
    """Show the first lines that the function printed, if any."""
    lines = tried.printed.rstrip().splitlines()
    if not lines:
        return []
    shown = [line[:100] for line in lines[:most]] + (["..."] if len(lines) > most else [])
    return [("It printed:", "\n".join(shown))]
