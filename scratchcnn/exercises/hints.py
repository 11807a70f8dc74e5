"""hint and solution: help, a step at a time."""

from __future__ import annotations

import difflib
import os
from typing import Any

from scratchcnn.exercises.declaration import EXERCISES, Exercise, Function
from scratchcnn.exercises.progress import count_up, record_of
from scratchcnn.exercises.result import Note

SWITCH = "SCRATCHCNN_SOLUTIONS"  # "off" hides the solutions
TRIES = 3  # failed checks after which the solution is shown without asking twice


def hint(name: str | Function) -> Note:
    """Return the next of three hints for an exercise; after the third, all of them.

    Parameters
    ----------
    name : str or callable
        The exercise, ``"correlate"``, or a function with its name.
    """
    exercise = find(name)
    number = count_up(exercise.name, "hints")
    count = len(exercise.hints)
    if number < count:
        return Note(
            f"Hint {number + 1} of {count} for {exercise.name}", [(exercise.hints[number], "")]
        )
    lines: list[tuple[str, str]] = [
        (f"{i}. {text}", "") for i, text in enumerate(exercise.hints, 1)
    ]
    return Note(f"All {count} hints for {exercise.name}", lines)


def solution(name: str | Function, ask: bool = True) -> Note | str:
    """Show our solution, once a check has passed or failed three times, or when asked twice.

    Parameters
    ----------
    name : str or callable
        The exercise, ``"correlate"``, or a function with its name.
    ask : bool
        False returns the source at once, as a string.

    Raises
    ------
    PermissionError
        With ``ask=False``, if solutions are switched off for this class (the environment
        variable ``SCRATCHCNN_SOLUTIONS`` is ``off``). Otherwise a note says so.
    """
    exercise = find(name)
    if os.environ.get(SWITCH, "").lower() == "off":
        if not ask:
            raise PermissionError("the solutions are switched off for this class")
        return Note("The solutions are switched off for this class.")
    if not ask:
        return exercise.source
    record = record_of(exercise.name)
    tried = record["passed"] or record["failed"] >= TRIES
    if count_up(exercise.name, "asked") == 0 and not tried:
        more = f'hint("{exercise.name}") gives a hint. To see our solution all the same, ask again.'
        return Note("Have you tried it yourself?", [(more, "")])
    return Note(f"Our solution for {exercise.name}", [("", exercise.source)])


def find(name: Any) -> Exercise:
    """Return an exercise by its name or function; if there is none, name the nearest."""
    name = getattr(name, "__name__", name)
    if name in EXERCISES:
        return EXERCISES[name]
    near = difflib.get_close_matches(str(name), EXERCISES, n=1)
    guess = f"; do you mean {near[0]!r}?" if near else ""
    raise ValueError(f"there is no exercise called {name!r}{guess}")
