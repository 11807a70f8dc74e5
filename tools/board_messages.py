"""What students can report to the class board. Anything else is passed over, or refused."""

from typing import Any

from scratchcnn.exercises.declaration import EXERCISES
from scratchcnn.exercises.milestone_declaration import in_order

HEXADECIMAL = set("0123456789abcdef")

Entry = dict[str, Any]  # a line of the file


class Refused(Exception):
    """What the board does not take, with the HTTP status that says why."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status, self.problem = status, problem


def lessons() -> dict[str, int]:
    """Return what can be reported, in order, and the lesson that each belongs to."""
    exercises = {name: exercise.lesson for name, exercise in EXERCISES.items()}
    return {**exercises, **{f"milestone: {one.name}": one.lesson for one in in_order()}}


def mistakes_of(name: str) -> dict[str, str]:
    """Return the known mistakes of an exercise, and what the check says to each."""
    exercise = EXERCISES.get(name)  # milestones have none
    return {} if exercise is None else {one.name: one.message for one in exercise.mistakes}


def hexadecimal(text: Any, length: int) -> bool:
    """Return whether this is a text of so many hexadecimal digits."""
    return isinstance(text, str) and len(text) == length and set(text) <= HEXADECIMAL


def outcome_in(sent: Any) -> Entry | None:
    """Return an outcome as it is stored, or None: only names that the workbook has are kept."""
    if not isinstance(sent, dict) or not hexadecimal(sent.get("id"), 16):
        return None
    name, state, mistake = (sent.get(key) for key in ("exercise", "state", "mistake"))
    if not isinstance(name, str) or name not in lessons() or state not in ("passed", "failed"):
        return None
    known = isinstance(mistake, str) and mistake in mistakes_of(name)
    hints = sent.get("hints")
    hints = min(max(hints, 0), 3) if isinstance(hints, int) else 0
    outcome = {"outcome": sent["id"], "exercise": name, "state": state}
    return {**outcome, "mistake": mistake if known else "", "hints": hints}
