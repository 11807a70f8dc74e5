"""Own: call a student's functions while a network is trained, and survive what they do."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from scratchcnn.exercises.declaration import Exercise, Function
from scratchcnn.exercises.time_limit import OutOfTime

LIMIT = 300.0  # seconds for a training; with our functions it takes less than a tenth
PATIENCE = 15.0  # seconds after which it is estimated how long the rest will take


class Stopped(Exception):
    """A function has raised an error during the training."""

    def __init__(self, exercise: Exercise, function: Function, error: Exception) -> None:
        super().__init__(str(error))
        self.exercise, self.function, self.error = exercise, function, error


class Clock:
    """Counts the updates of a training, and how many seconds each function takes.

    Parameters
    ----------
    updates : int
        How many there will be.
    """

    def __init__(self, updates: int) -> None:
        self.updates, self.done, self.start = updates, 0, time.monotonic()
        self.spent: dict[str, float] = {}
        self.running: list[str] = []  # one function may call another

    def step(self) -> None:
        """Count an update; raise `OutOfTime` if the training is going to take too long."""
        self.done += 1
        passed = time.monotonic() - self.start
        if passed > PATIENCE and passed * self.updates / self.done > LIMIT:
            raise OutOfTime

    def begin(self, name: str) -> float:
        """Note that a function begins, and return the time."""
        self.running.append(name)
        return time.monotonic()

    def end(self, begun: float) -> None:
        """Note that the last function has ended. Its time is not that of the one that called it."""
        name, passed = self.running.pop(), time.monotonic() - begun
        self.spent[name] = self.spent.get(name, 0.0) + passed
        if self.running:
            outer = self.running[-1]
            self.spent[outer] = self.spent.get(outer, 0.0) - passed

    def slowest(self) -> str:
        """Return the name of the function that has taken the most time."""
        return max(self.spent, key=lambda name: self.spent[name], default="")


class Own:
    """A student's function, or ours in its place. What it returns comes as arrays."""

    def __init__(self, exercise: Exercise, function: Function, clock: Clock) -> None:
        self.exercise, self.function, self.clock = exercise, function, clock

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Call the function; raise `Stopped` if it raises an error."""
        begun = self.clock.begin(self.exercise.name)
        try:
            result = self.function(*arguments, **options)
            if self.exercise.changes:
                return None
            if len(self.exercise.returns) == 1:
                return np.asarray(result)
            return tuple(map(np.asarray, result))
        except Stopped:
            raise  # another function, which this one has called
        except Exception as error:
            raise Stopped(self.exercise, self.function, error) from error
        finally:
            self.clock.end(begun)
