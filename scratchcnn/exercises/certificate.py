"""certificate: a page to hand in that says what is done, and with how much help."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from html import escape

from scratchcnn.exercises.declaration import EXERCISES
from scratchcnn.exercises.milestone_declaration import Milestone, in_order
from scratchcnn.exercises.progress import FILE, Reached, Record, milestones_reached, record_of
from scratchcnn.exercises.result import Note

Rows = list[tuple[str, ...]]

TITLE = "A convolutional network, built from nothing but NumPy"
COURSE = "The scratchcnn workbook"
LINE = "_" * 30  # to write on, on paper
SOURCE = (
    f"This page is made from {FILE}, which anybody can edit. To run the saved notebooks in fresh "
    "kernels and see what their checks say, use make check."
)
# Black on white also in a dark notebook: it is a page to print. The table of a notebook would
# otherwise come with stripes, and with the colors of its theme.
PAGE = (
    "max-width: 52em; padding: 1.6em 2em; background: #fff; color: #000; "
    "border: 3px double #000; print-color-adjust: exact"
)
CELL = "text-align: left; vertical-align: top; padding: 0.3em 0.8em 0.3em 0; background: #fff"
HEAD = f"{CELL}; border-bottom: 1px solid #000; white-space: nowrap"
COLOR = "color: #000"


class Certificate(Note):
    """The page that `certificate` shows.

    Attributes
    ----------
    message : str
        All its words, as plain text.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name
        records = {exercise: record_of(exercise) for exercise in EXERCISES}
        reached = milestones_reached()
        order = in_order()
        self.milestones: Rows = [row_of(one, reached.get(one.name)) for one in order]
        self.workbooks: Rows = rows_of_workbooks(records)
        done = sum(record["passed"] for record in records.values())
        count = sum(one.name in reached for one in order)
        headline = (
            f"{done} of {len(EXERCISES)} exercises {'is' if done == 1 else 'are'} done, "
            f"{count} of {len(order)} milestones {'is' if count == 1 else 'are'} reached."
        )
        super().__init__(headline)
        self.today = written(today()) if done or reached else LINE  # otherwise the same on each day

    @property
    def message(self) -> str:
        """All words, line by line."""
        lines = [COURSE, TITLE, "", f"Name: {self.name or LINE}", f"Date: {self.today}", ""]
        lines += [self.headline, ""]
        for what, accuracy, day, whose in self.milestones:
            lines += [f"{what}: {accuracy}" + (f" on {day}; {whose}" if day else "")]
        lines += [""]
        lines += [f"{book}  {count:8}  {names}" for book, count, names in self.workbooks]
        return "\n".join([*lines, "", SOURCE])

    def _repr_html_(self) -> str:
        return (
            f'<div style="{PAGE}"><p style="{COLOR}; margin: 0">{COURSE}</p>'
            f'<p style="{COLOR}; margin: 0.2em 0 1em; font-size: 1.4em"><b>{TITLE}</b></p>'
            f'<p style="{COLOR}">Name: <b>{escape(self.name) or LINE}</b><br>Date: {self.today}</p>'
            f'<p style="{COLOR}"><b>{self.headline}</b></p>'
            f"{table(('Milestone', 'Accuracy', 'Reached', 'Functions'), self.milestones)}"
            f"{table(('Workbook', 'Done', 'Exercises'), self.workbooks)}"
            f'<p style="{COLOR}; margin: 1em 0 0; font-size: 0.85em">{SOURCE}</p></div>'
        )


def today() -> date:
    """Return the date."""
    return date.today()


def written(day: date) -> str:
    """Write a date: November 27, 2026."""
    return f"{day:%B} {day.day}, {day.year}"


def row_of(declared: Milestone, reached: Reached | None) -> tuple[str, str, str, str]:
    """Return what the milestone is, its accuracy, its date, and whose functions did the work."""
    what = declared.helped[0].upper() + declared.helped[1:]
    if reached is None:
        return f"– {what}", "not yet", "", ""
    ours = ", ".join(reached["ours"])
    whose = f"not the student's: {ours}" if ours else "all the student's own"
    if declared.library:
        whose += f"; from the library: {declared.library}"
    day = written(date.fromisoformat(reached["date"]))
    return f"✓ {what}", f"{reached['accuracy']:.1%}", day, whose


def rows_of_workbooks(records: dict[str, Record]) -> Rows:
    """Return for each workbook its number, how much is done, and the exercises with the help."""
    names = defaultdict(list)
    for name, exercise in EXERCISES.items():
        names[exercise.lesson].append(name)
    rows: Rows = []
    for lesson in sorted(names):
        done = [name for name in names[lesson] if records[name]["passed"]]
        todo = [name for name in names[lesson] if name not in done]
        parts = [", ".join(name + help_with(records[name]) for name in done)]
        parts += [f"not yet: {', '.join(todo)}"] if todo else []
        count = f"{len(done)} of {len(names[lesson])}"
        rows.append((f"{lesson:02}", count, "; ".join(filter(None, parts))))
    return rows


def help_with(record: Record) -> str:
    """Say which help was used: " (2 hints)"."""
    helps = []
    if record["hints"]:
        hints = min(record["hints"], 3)
        helps.append("1 hint" if hints == 1 else f"{hints} hints")
    if record["seen"]:
        helps.append("solution seen first")
    return f" ({', '.join(helps)})" if helps else ""


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return an HTML table, black on white."""
    first = "".join(f'<th scope="col" style="{HEAD}; {COLOR}">{title}</th>' for title in head)
    last = len(head) - 1  # the column with the long texts, which takes what the others leave
    styles = [f"{CELL}; {COLOR}" + "; white-space: nowrap" * (i < last) for i in range(len(head))]
    lines = (
        "".join(
            f'<td style="{style}">{escape(text)}</td>'
            for style, text in zip(styles, row, strict=True)
        )
        for row in rows
    )
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    style = (
        "width: 100%; margin: 0 0 1em; border-collapse: collapse; font-size: 1em; "
        "table-layout: auto"  # Jupyter makes all columns equally wide
    )
    return f'<table style="{style}"><thead><tr>{first}</tr></thead><tbody>{body}</tbody></table>'


def certificate(name: str = "") -> Certificate:
    """Show a page to hand in: exercises, milestones, and how much help was used.

    Parameters
    ----------
    name : str
        What stands after "Name:"; without it there is a line to write on. It is not kept.

    Notes
    -----
    The page says what the file of `progress` says, and that is an ordinary file in the student's
    folder. It is a summary, not a proof: `make check` or the teacher's own run is what counts.
    """
    return Certificate(name).show()
