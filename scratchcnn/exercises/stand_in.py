"""StandIn: a function of ours in the place of one that a student has not written yet."""

from __future__ import annotations

from typing import Any

from scratchcnn.exercises.declaration import Exercise


class StandIn:
    """Computes what the student's function will compute. A check does not accept it.

    Attributes
    ----------
    why : str
        "waiting" if the student's function is not written, "failed" if it is not right yet.
    """

    def __init__(self, exercise: Exercise, why: str = "waiting") -> None:
        self.exercise, self.why, self.__name__ = exercise, why, exercise.name

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Return what our function returns."""
        return self.exercise.reference(*arguments, **options)

    def __repr__(self) -> str:
        return f"<ours in the place of your {self.__name__}>"
