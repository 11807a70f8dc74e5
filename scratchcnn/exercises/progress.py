"""progress: what is done, in one small file beside the notebooks."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import date
from html import escape
from pathlib import Path
from typing import Any, TypedDict, cast

from scratchcnn._utils.files import write_atomic
from scratchcnn._utils.html import html_table
from scratchcnn.exercises.declaration import EXERCISES
from scratchcnn.exercises.milestone_declaration import in_order
from scratchcnn.exercises.result import Note, Result

VARIABLE = "SCRATCHCNN_PROGRESS"  # another file; an empty one keeps nothing
FILE = "workbook_progress.json"


class Record(TypedDict):
    """What is remembered about one exercise."""

    passed: bool
    failed: int  # checks
    hints: int
    asked: int  # for the solution
    seen: int  # the solution, before a check passed


class Reached(TypedDict):
    """What is remembered about a milestone that has been reached."""

    accuracy: float
    ours: list[str]  # in whose place our functions did the work
    date: str  # 2026-11-27


COUNTS = ("failed", "hints", "asked", "seen")
REACHED = "milestones"  # the key in the file; no exercise is called that

_memory: dict[str, Any] = {}  # used where no file can be written
_damaged: list[Path] = []


def place() -> Path | None:
    """Return the file, or None if nothing is to be kept."""
    named = os.environ.get(VARIABLE)
    if named is None:
        return Path.cwd() / FILE
    return Path(named) if named else None


def record_of(name: str) -> Record:
    """Return what is remembered about an exercise."""
    new = Record(passed=False, failed=0, hints=0, asked=0, seen=0)
    return cast(Record, _read().get(name, new))


def milestones_reached() -> dict[str, Reached]:
    """Return what is remembered about the milestones that have been reached."""
    return cast(dict[str, Reached], _read().get(REACHED, {}))


def remember_check(result: Result) -> None:
    """Remember what a check found. What has passed once stays done."""
    if result.state == "waiting":
        return
    record = record_of(result.name)
    record["passed"] |= result.passed
    record["failed"] += result.state == "failed"
    _write(result.name, record)


def remember_milestone(name: str, accuracy: float, ours: list[str]) -> None:
    """Remember a milestone that has been reached. A better one stays: fewer functions of ours."""
    reached = milestones_reached()
    best = reached.get(name)
    if best is None or (len(ours), -accuracy) < (len(best["ours"]), -best["accuracy"]):
        new = Reached(accuracy=accuracy, ours=ours, date=date.today().isoformat())
        _write(REACHED, {**reached, name: new})


def count_up(name: str, what: str) -> int:
    """Count one more of "hints", "asked" or "seen", and return how many there were before."""
    record: Any = record_of(name)
    before = record[what]
    record[what] = before + 1
    _write(name, record)
    return before


def _read() -> dict[str, Any]:
    """Read the file. A damaged one is set aside, so that nothing in it is lost."""
    path = place()
    if path is None or not path.exists():
        return dict(_memory) if path is None else {}
    try:
        return _valid(json.loads(path.read_text(encoding="utf-8")))
    except OSError:
        return dict(_memory)
    except (ValueError, TypeError):
        aside = path.with_name(f"{path.name}.damaged")
        with suppress(OSError):
            os.replace(path, aside)
            _damaged.append(aside)
        return {}


def _valid(content: Any) -> dict[str, Any]:
    """Return the records in the file, or raise ValueError or TypeError."""
    if not isinstance(content, dict):
        raise ValueError("not a table")
    records: dict[str, Any] = {}
    for name, record in content.items():
        if not isinstance(record, dict):
            raise ValueError("not a record")
        if name == REACHED:
            records[name] = {one: _valid_milestone(each) for one, each in record.items()}
        else:
            numbers = {key: int(record.get(key, 0)) for key in COUNTS}
            records[name] = {"passed": bool(record.get("passed")), **numbers}
    return records


def _valid_milestone(record: Any) -> Reached:
    """Return what is remembered about a milestone, or raise ValueError or TypeError."""
    if not isinstance(record, dict) or not isinstance(record.get("ours"), list):
        raise ValueError("not a milestone")
    day = date.fromisoformat(record.get("date", ""))
    ours = [str(name) for name in record["ours"]]
    return Reached(accuracy=float(record.get("accuracy", 0)), ours=ours, date=day.isoformat())


def _write(name: str, record: Any) -> None:
    """Write one record. Where that is impossible, it is remembered until Python ends."""
    records = {**_read(), name: record}
    _memory[name] = record
    path = place()
    if path is not None:
        with suppress(OSError):
            write_atomic(path, json.dumps(records, indent=1, sort_keys=True).encode())


class Progress(Note):
    """The table that `progress` shows."""

    def __init__(self) -> None:
        records = _read()
        rows = [self._row(name, records.get(name)) for name in EXERCISES]
        self.rows = sorted(rows, key=lambda row: row[0])
        done = sum(records[name]["passed"] for name in EXERCISES if name in records)
        blocks = [("", self._table())]
        blocks += [(sentence, "") for sentence in milestone_sentences()]
        blocks += [(f"A damaged file was set aside as {path.name}.", "") for path in _damaged]
        be = "is" if done == 1 else "are"
        super().__init__(f"{done} of {len(EXERCISES)} exercises {be} done.", blocks)

    def _row(self, name: str, record: Record | None) -> tuple[str, str, str]:
        lesson = f"{EXERCISES[name].lesson:02}"
        if record is None or not (record["passed"] or record["failed"]):
            return lesson, name, "not yet"
        return lesson, name, "✓ done" if record["passed"] else f"tried: {record['failed']}"

    def _table(self) -> str:
        return "\n".join(f"{lesson}  {name:24}{state}" for lesson, name, state in self.rows)

    def _repr_html_(self) -> str:
        head, sides = ("Lesson", "Exercise", ""), ("left", "left", "left")
        table = html_table(head, self.rows, sides)
        sentences = "".join(f"<p>{escape(sentence)}</p>" for sentence, _ in self.blocks[1:])
        return f"<p><b>{self.headline}</b></p>{table}{sentences}"


def milestone_sentences() -> list[str]:
    """Return a sentence about each milestone that has been reached."""
    reached, sentences = milestones_reached(), []
    for declared in in_order():
        one = reached.get(declared.name)
        if one is not None:
            ours = f", with our {', '.join(one['ours'])}" if one["ours"] else ""
            what = declared.helped + ours if ours else declared.yours
            sentences.append(f"✓ Milestone: {what} ({one['accuracy']:.1%}).")
    return sentences


def progress() -> Progress:
    """Show which exercises are done, and which milestones are reached.

    It is kept in ``workbook_progress.json`` beside the notebook, or in the file that the
    environment variable ``SCRATCHCNN_PROGRESS`` names (if it is empty, until Python ends).
    """
    return Progress().show()
