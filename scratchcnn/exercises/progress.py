"""progress: what is done, in one small file beside the notebooks."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, TypedDict

from scratchcnn._utils.files import write_atomic
from scratchcnn._utils.html import html_table
from scratchcnn.exercises.declaration import EXERCISES
from scratchcnn.exercises.result import Note, Result

VARIABLE = "SCRATCHCNN_PROGRESS"  # another file; an empty one keeps nothing
FILE = "workbook_progress.json"


class Record(TypedDict):
    """What is remembered about one exercise."""

    passed: bool
    failed: int  # checks
    hints: int
    asked: int  # for the solution


_memory: dict[str, Record] = {}  # used where no file can be written
_damaged: list[Path] = []


def place() -> Path | None:
    """Return the file, or None if nothing is to be kept."""
    named = os.environ.get(VARIABLE)
    if named is None:
        return Path.cwd() / FILE
    return Path(named) if named else None


def record_of(name: str) -> Record:
    """Return what is remembered about an exercise."""
    return _read().get(name, Record(passed=False, failed=0, hints=0, asked=0))


def remember_check(result: Result) -> None:
    """Remember what a check found. What has passed once stays done."""
    if result.state == "waiting":
        return
    record = record_of(result.name)
    record["passed"] |= result.passed
    record["failed"] += result.state == "failed"
    _write(result.name, record)


def count_up(name: str, what: str) -> int:
    """Count one more of "hints" or "asked", and return how many there were before."""
    record: Any = record_of(name)
    before = record[what]
    record[what] = before + 1
    _write(name, record)
    return before


def _read() -> dict[str, Record]:
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


def _valid(content: Any) -> dict[str, Record]:
    """Return the records in the file, or raise ValueError or TypeError."""
    if not isinstance(content, dict):
        raise ValueError("not a table")
    records = {}
    for name, record in content.items():
        if not isinstance(record, dict):
            raise ValueError("not a record")
        numbers = {key: int(record.get(key, 0)) for key in ("failed", "hints", "asked")}
        records[name] = Record(passed=bool(record.get("passed")), **numbers)  # type: ignore[typeddict-item]
    return records


def _write(name: str, record: Record) -> None:
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
        done = sum(record["passed"] for record in records.values() if record)
        blocks = [("", self._table())]
        blocks += [(f"A damaged file was set aside as {path.name}.", "") for path in _damaged]
        super().__init__(f"{done} of {len(EXERCISES)} exercises are done.", blocks)

    def _row(self, name: str, record: Record | None) -> tuple[str, str, str]:
        lesson = f"{EXERCISES[name].lesson:02}"
        if record is None or not (record["passed"] or record["failed"]):
            return lesson, name, "not yet"
        return lesson, name, "✓ done" if record["passed"] else f"tried: {record['failed']}"

    def _table(self) -> str:
        return "\n".join(f"{lesson}  {name:24}{state}" for lesson, name, state in self.rows)

    def _repr_html_(self) -> str:
        head, sides = ("Lesson", "Exercise", ""), ("left", "left", "left")
        return f"<p><b>{self.headline}</b></p>" + html_table(head, self.rows, sides)


def progress() -> Progress:
    """Show which exercises are done.

    It is kept in ``workbook_progress.json`` beside the notebook, or in the file that the
    environment variable ``SCRATCHCNN_PROGRESS`` names (if it is empty, until Python ends).
    """
    return Progress().show()
