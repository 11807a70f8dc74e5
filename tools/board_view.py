"""What the pages of the class board show: counts, wrong answers, marks, and a table to export."""

import csv
import io
import re
from collections import Counter
from typing import Any

from board_messages import lessons, mistakes_of
from board_state import Board, Cell, Hour

MOST_WRONG = 6  # wrong answers that are shown
UNKNOWN = "A wrong answer that the workbook does not recognize. Ask a student to show you one."


def lesson_of_now(board: Board) -> int:
    """Return the lesson that most of the last outcomes belong to."""
    counts = Counter(board.recent).most_common(1)
    return counts[0][0] if counts else min(lessons().values())


def view(board: Board, lesson: int | None, everything: bool) -> dict[str, Any]:
    """Return what the teacher's page shows.

    Parameters
    ----------
    board : Board
        Everything that is known.
    lesson : int or None
        The lesson; None for the one that the class is at.
    everything : bool
        Whether what was before this hour counts as well.
    """
    hour = board.everything if everything else board.hour
    numbers = sorted(set(lessons().values()))
    lesson = lesson if lesson in numbers else lesson_of_now(board)
    names = [name for name, number in lessons().items() if number == lesson]
    return {
        "version": board.version,
        "lesson": lesson,
        "lessons": numbers,
        "exercises": [{"name": name, **counts(hour, name)} for name in names],
        "students": sorted((row(board, hour, one, names) for one in hour), key=by_name),
        "wrong": wrong_answers(hour, names),
        "open": board.open,
        "trouble": board.trouble,
    }


def by_name(row: dict[str, Any]) -> tuple[list[str | int], int]:
    """Order students as people would: "Otter 2" before "Otter 10"."""
    parts = re.split(r"(\d+)", row["name"].casefold())  # text and numbers in turn
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], row["number"]


def row(board: Board, hour: Hour, student: str, names: list[str]) -> dict[str, Any]:
    """Return one student's marks: for each exercise passed, wrong answers, hints."""
    work = hour[student]
    cells = [work.cells.get(name, Cell()) for name in names]
    return {
        "number": board.numbers[student],
        "name": board.names[student],
        "marks": [[cell.passed, cell.wrong.total(), cell.hints, cell.mistake] for cell in cells],
        "at": names.index(work.at) if work.at in names else -1,
        "elsewhere": work.at if work.at not in names else "",
        "last": work.last,
    }


def counts(hour: Hour, name: str) -> dict[str, int]:
    """Return how many have solved an exercise, and how many have tried without success so far."""
    cells = [work.cells[name] for work in hour.values() if name in work.cells]
    solved = sum(cell.passed for cell in cells)
    return {"solved": solved, "trying": len(cells) - solved}


def wrong_answers(hour: Hour, names: list[str]) -> list[dict[str, Any]]:
    """Return the commonest wrong answers: known ones first, by the number of students.

    A student counts once for each, however often it was sent.
    """
    students: Counter[tuple[str, str]] = Counter()
    still: Counter[tuple[str, str]] = Counter()
    for work in hour.values():
        for name in filter(mistakes_of, names):  # a milestone that is not reached is no mistake
            cell = work.cells.get(name, Cell())
            students.update((name, mistake) for mistake in cell.wrong)
            if cell.wrong and not cell.passed:
                still[name, cell.mistake] += 1
    order = sorted(students, key=lambda one: (not one[1], -students[one], -still[one], one))
    return [
        {
            "exercise": name,
            "mistake": mistake,
            "message": mistakes_of(name).get(mistake, UNKNOWN),
            "students": students[name, mistake],
            "still": still[name, mistake],
        }
        for name, mistake in order[:MOST_WRONG]
    ]


def table(board: Board, everything: bool) -> str:
    """Return all outcomes as comma-separated values, one line for a student and an exercise."""
    hour = board.everything if everything else board.hour
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["code name", "lesson", "exercise", "passed", "wrong answers", "hints", "last"])
    for student in sorted(hour, key=lambda one: board.names[one].casefold()):
        cells = hour[student].cells
        for name, lesson in lessons().items():
            if name in cells:
                cell = cells[name]
                what = [name, "yes" if cell.passed else "no", cell.wrong.total(), cell.hints]
                writer.writerow([safe(board.names[student]), lesson, *what, cell.mistake])
    return file.getvalue()


def safe(name: str) -> str:
    """Return a name that a spreadsheet does not take for a formula."""
    return f"'{name}" if name[0] in "=+-@|%" else name
