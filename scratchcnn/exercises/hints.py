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
    """Show the next of three hints for an exercise; after the third, all of them.

    Parameters
    ----------
    name : str or callable
        The exercise, ``"correlate"``, or a function with its name.
    """
    exercise = EXERCISES.get(name_of(name))
    if exercise is None:
        return no_exercise(name).show()
    number, count = count_up(exercise.name, "hints"), len(exercise.hints)
    if number < count:
        headline = f"Hint {number + 1} of {count} for {exercise.name}"
        return Note(headline, [(exercise.hints[number], "")]).show()
    lines = [(f"{i}. {text}", "") for i, text in enumerate(exercise.hints, 1)]
    return Note(f"All {count} hints for {exercise.name}", lines).show()


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
    ValueError
        With ``ask=False``, if there is no such exercise.
    """
    exercise = EXERCISES.get(name_of(name))
    if not ask:
        if exercise is None:
            raise ValueError(no_exercise(name).message)
        if switched_off():
            raise PermissionError("the solutions are switched off for this class")
        return exercise.source
    return (no_exercise(name) if exercise is None else answer_to_asking(exercise)).show()


def answer_to_asking(exercise: Exercise) -> Note:
    """Return the solution if it is due, or what has to come first."""
    if switched_off():
        return Note("The solutions are switched off for this class.")
    record = record_of(exercise.name)
    tried = record["passed"] or record["failed"] >= TRIES
    if count_up(exercise.name, "asked") == 0 and not tried:
        more = f'hint("{exercise.name}") gives a hint. To see our solution all the same, ask again.'
        return Note("Have you tried it yourself?", [(more, "")])
    if not record["passed"]:
        count_up(exercise.name, "seen")
    return Note(f"Our solution for {exercise.name}", [("", exercise.source)])


def switched_off() -> bool:
    """Return whether a teacher has switched the solutions off."""
    return os.environ.get(SWITCH, "").lower() == "off"


def name_of(name: Any) -> str:
    """Return the name of an exercise, given its name or its function."""
    return str(getattr(name, "__name__", name))


def no_exercise(name: Any) -> Note:
    """Say that there is no such exercise, and name the nearest."""
    near = difflib.get_close_matches(name_of(name), EXERCISES, n=1)
    guess = f" Do you mean {near[0]}?" if near else ""
    return Note(f"There is no exercise called {name_of(name)}.{guess}")
