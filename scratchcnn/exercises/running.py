"""attempt: call a student's function on one case, and survive whatever it does."""

from __future__ import annotations

import copy
import io
import warnings
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from scratchcnn.exercises.comparing import difference, read_values
from scratchcnn.exercises.declaration import Case, Exercise, Function, Values
from scratchcnn.exercises.time_limit import call, time_limit

MOST_PRINTED = 2000  # characters kept of what the function prints; an endless loop prints more


@dataclass(frozen=True)
class Attempt:
    """What happened when a function was called on one case.

    Attributes
    ----------
    values : tuple of np.ndarray or None
        The results, if there are any that can be read.
    problem : str
        Why the results cannot be read, or which argument was changed; empty if all is well.
    error : BaseException or None
        What the function raised.
    printed : str
        What it printed.
    raw : object
        What it returned, as it is.
    """

    case: Case
    values: Values | None = None
    problem: str = ""
    error: BaseException | None = None
    printed: str = ""
    raw: Any = None


class Printed(io.TextIOBase):
    """Keeps the beginning of what is printed."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        """Keep ``text`` as long as there is room."""
        if len(self.text) < MOST_PRINTED:
            self.text += text[: MOST_PRINTED - len(self.text)]
        return len(text)


def attempt(
    function: Function, exercise: Exercise, case: Case, seconds: float | None = None
) -> Attempt:
    """Call ``function`` on copies of the arguments of ``case``.

    Parameters
    ----------
    function : callable
        The student's function, or a wrong answer that is kept with the exercise.
    exercise : Exercise
        Says what the function must return, and which arguments it may change.
    case : Case
        The arguments.
    seconds : float or None
        The time limit; None for functions that are ours.

    Returns
    -------
    Attempt
        Nothing is raised, whatever the function does.
    """
    given = copy.deepcopy(case)
    arguments = exercise.arguments_of(given)
    # The arrays themselves: a function may put others in the place of those in a list.
    arrays = {name: arrays_in(value, name) for name, value in arguments.items()}
    target = function if exercise.use is None else partial(exercise.use, function)
    printed, error, raw = Printed(), None, None
    try:
        with redirect_stdout(printed), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            if seconds is None:
                raw = target(*given.arguments, **given.options)
            else:
                with time_limit(seconds):
                    raw = call(target, given.arguments, given.options)
    except BaseException as raised:  # KeyboardInterrupt and exit() as well
        error = raised
    if error is not None:
        return Attempt(case, None, "", error, printed.text)

    before = exercise.arguments_of(case)
    for name in arrays:
        if name not in exercise.changes and not same(arrays[name], arrays_in(before[name], name)):
            problem = (
                f"The function changes its argument {name}, which others may still need. "
                f"Write into a new array, or into a copy: {name}.copy()."
            )
            return Attempt(case, None, problem, None, printed.text, raw)
    if exercise.changes:
        changed = [array for name in exercise.changes for array in arrays[name].values()]
        return Attempt(case, tuple(map(np.copy, changed)), "", None, printed.text, raw)
    values, problem = read_values(raw, exercise.returns)
    return Attempt(case, values, problem, None, printed.text, raw)


def arrays_in(value: Any, name: str) -> dict[str, np.ndarray]:
    """Return the arrays in an argument: ``x``, or ``params[0]``, ``params[1]`` ..."""
    if isinstance(value, np.ndarray):
        return {name: value}
    if isinstance(value, list):
        return {f"{name}[{i}]": array for i, array in enumerate(value)}
    return {}


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    """Return whether both hold the same arrays, number by number."""
    return all(
        one[name].shape == array.shape
        and one[name].dtype == array.dtype
        and one[name].tobytes() == array.tobytes()
        for name, array in other.items()
    )


def alike(one: Attempt, other: Attempt, exercise: Exercise) -> bool:
    """Return whether two functions did the same on one case."""
    if one.error is not None or other.error is not None:
        return type(one.error) is type(other.error)
    if one.values is None or other.values is None:
        return one.problem == other.problem
    return all(
        difference(a, b, exercise.tolerance) is None
        for a, b in zip(one.values, other.values, strict=True)
    )
