"""What the class board knows: who has joined, what their checks said, in a file of JSON lines.

Every change is first appended to the file, then made. Starting again reads the file, so nothing
is lost; a line that cannot be read, such as one that was torn by a crash, is passed over.
"""

import json
import os
import secrets
import time
import unicodedata
from collections import Counter, deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from board_messages import Entry, Refused, hexadecimal, lessons, outcome_in

from scratchcnn.exercises.board import clean_name

MOST_BYTES = 100_000_000  # of the file
MOST_OUTCOMES = 2000  # of one student that count in an hour; more are passed over
MOST_IN_ONE = 100  # outcomes in one message


@dataclass
class Cell:
    """What one student has done in one exercise."""

    passed: bool = False
    hints: int = 0
    mistake: str = ""  # the last
    wrong: Counter[str] = field(default_factory=Counter)  # times, by the name of the mistake


@dataclass
class Work:
    """What one student has done in an hour."""

    cells: dict[str, Cell] = field(default_factory=dict)
    outcomes: int = 0
    at: str = ""  # the exercise of the last outcome
    last: float = 0.0  # when it came


Hour = dict[str, Work]  # by student


class Board:
    """The students and their work, kept in a file.

    Parameters
    ----------
    path : Path
        The file; it is made if it does not exist.
    most_students : int
        More cannot join.
    """

    def __init__(self, path: Path, most_students: int = 500) -> None:
        self.path, self.most_students = path, most_students
        self.key = ""  # what the teacher's page has to know
        self.names: dict[str, str] = {}  # student: the name that the board shows
        self.numbers: dict[str, int] = {}  # student: a short number, which pages may know
        self.removed: set[str] = set()
        self.open = True  # whether new names may join
        self.hour: Hour = {}  # since the teacher last began a new one
        self.everything: Hour = {}
        self.recent: deque[int] = deque(maxlen=30)  # the lessons of the last outcomes
        self.version, self.unreadable, self.trouble = 0, 0, ""
        self._seen: set[str] = set()  # the ids of outcomes
        self._taken: set[str] = set()  # names, for comparing
        self._size, self._dirty = 0, False
        self._read()
        if not self.key:
            self._append([{"key": secrets.token_hex(8)}])

    # The file

    def _read(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            line = b"\n"
            for line in file:
                try:
                    self._apply(json.loads(line))
                except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
                    self.unreadable += bool(line.strip())
            if not line.endswith(b"\n"):
                file.write(b"\n")  # a torn line ends here, and the next begins
            self._size = file.seek(0, os.SEEK_END)

    def _append(self, entries: list[Entry]) -> None:
        """Write entries to the file, all or none, then apply them."""
        if not entries:
            return
        text = "".join(json.dumps(entry) + "\n" for entry in entries).encode()
        if self._size + len(text) > MOST_BYTES:
            self._complain(f"{self.path.name} is full. Move it away and start again.")
        try:
            with open(self.path, "ab", buffering=0) as file:
                try:
                    if file.write(text) != len(text):
                        raise OSError("the disk is full")
                except OSError:
                    file.truncate(self._size)
                    raise
        except OSError as error:
            self._complain(f"{self.path.name} cannot be written: {error.strerror or error}.")
        self._size += len(text)
        self._dirty, self.trouble = True, ""
        for entry in entries:
            self._apply(entry)

    def _complain(self, trouble: str) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            self.version += 1  # the page shows it
        raise Refused(503, trouble)

    def sync(self) -> None:
        """Make sure that what is written outlasts a power failure."""
        if self._dirty:
            self._dirty = False
            with suppress(OSError), open(self.path, "ab") as file:
                os.fsync(file.fileno())

    def _apply(self, entry: Entry) -> None:
        """Change what the board knows; the only place that does."""
        if "outcome" in entry:
            self._count(entry)
        elif "name" in entry:
            student, name = str(entry["student"]), str(entry["name"])
            self.names[student] = name
            self.numbers[student] = len(self.numbers) + 1
            self._taken.add(plain(name))
            for hour in (self.hour, self.everything):
                hour[student] = Work(last=float(entry["time"]))
        elif "removed" in entry:
            self.removed.add(str(entry["removed"]))
            for hour in (self.hour, self.everything):
                hour.pop(entry["removed"], None)
        elif "open" in entry:
            self.open = bool(entry["open"])
        elif "hour" in entry:
            self.hour = {}
        elif "key" in entry:
            self.key = str(entry["key"])
        self.version += 1

    def _count(self, entry: Entry) -> None:
        student, name = entry["student"], entry["exercise"]
        if student not in self.names or student in self.removed or name not in lessons():
            return
        self._seen.add(entry["outcome"])
        self.recent.append(lessons()[name])
        for hour in (self.hour, self.everything):
            work = hour.setdefault(student, Work())
            cell = work.cells.setdefault(name, Cell())
            work.outcomes += 1
            work.at, work.last = name, float(entry["time"])
            cell.hints = max(cell.hints, int(entry["hints"]))
            cell.passed |= entry["state"] == "passed"
            if entry["state"] == "failed":
                cell.mistake = str(entry["mistake"])
                cell.wrong[cell.mistake] += 1

    # What students send

    def report(self, message: Any, new_allowed: bool = True) -> str:
        """Take the message of a student, and return the name that the board shows.

        Parameters
        ----------
        message : object
            ``{"student": 24 hexadecimal digits, "name": code name, "outcomes": [...]}``
        new_allowed : bool
            Whether somebody whom the board does not know yet may join.

        Raises
        ------
        Refused
            If it is no such message, or the teacher does not let this student in.
        """
        if not isinstance(message, dict):
            raise Refused(400, "This is not a report.")
        student, name = message.get("student"), clean_name(message.get("name"))
        outcomes = message.get("outcomes")
        if not hexadecimal(student, 24) or not name or not isinstance(outcomes, list):
            raise Refused(400, "This is not a report.")
        if len(outcomes) > MOST_IN_ONE:
            raise Refused(413, f"Send at most {MOST_IN_ONE} outcomes at once.")
        if student in self.removed:
            raise Refused(403, "Your teacher has removed this code name. Choose another one.")
        now, entries = round(time.time(), 1), []
        if student not in self.names:
            if not self.open:
                raise Refused(
                    403, "The class board is taking no new names right now. Ask your teacher."
                )
            if len(self.names) - len(self.removed) >= self.most_students or not new_allowed:
                raise Refused(403, "The class board is full.")
            entries.append({"student": student, "name": self._free(name), "time": now})
        room = MOST_OUTCOMES - self._outcomes_of(student)
        valid = [one for one in map(outcome_in, outcomes) if one is not None]
        fresh = {one["outcome"]: one for one in valid if one["outcome"] not in self._seen}
        for outcome in list(fresh.values())[: max(room, 0)]:
            entries.append({**outcome, "student": student, "time": now})
        self._append(entries)
        return self.names[student]

    def load(self, lines: Iterable[str]) -> tuple[int, int]:
        """Take lines that students have kept; return how many outcomes are new, and lines bad."""
        before, bad = len(self._seen), 0
        for line in lines:
            try:
                entry = json.loads(line)
                one = {key: entry.get(key) for key in ("student", "name")}
                self.report({**one, "outcomes": [entry]})
            except (ValueError, AttributeError, RecursionError):
                bad += bool(line.strip())
            except Refused as refused:
                if refused.status == 503:
                    raise
                bad += 1
        return len(self._seen) - before, bad

    def _outcomes_of(self, student: str) -> int:
        return self.hour[student].outcomes if student in self.hour else 0

    def _free(self, name: str) -> str:
        """Return the name, or if somebody else has it, with a number: "Otter 2"."""
        number, free = 1, name
        while plain(free) in self._taken:
            number += 1
            free = f"{name} {number}"
        return free

    # What the teacher does

    def new_hour(self) -> None:
        """Begin with an empty page. What was before stays in the file, under "everything"."""
        self._append([{"hour": round(time.time(), 1)}])

    def let_in(self, is_open: bool) -> None:
        """Let new names join, or not."""
        self._append([{"open": is_open}])

    def remove(self, students: list[str]) -> None:
        """Take students off the board for good."""
        self._append([{"removed": one} for one in students if one not in self.removed])


def plain(name: str) -> str:
    """Return what must differ between two names."""
    return unicodedata.normalize("NFKC", name).casefold()
