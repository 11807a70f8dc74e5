"""StandIn: a function of ours in the place of one that a student has not written yet."""

from __future__ import annotations

from typing import Any

from scratchcnn.exercises.declaration import Exercise


class StandIn:
    """Computes what the student's function will compute. A check does not accept it."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise, self.__name__ = exercise, exercise.name

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Return what our function returns."""
        return self.exercise.reference(*arguments, **options)

    def __repr__(self) -> str:
        return f"<ours in the place of your {self.__name__}>"
