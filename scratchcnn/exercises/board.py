"""join and leave: report what your checks find to your teacher's class board, if you want to."""

from __future__ import annotations

import json
import os
import secrets
import time
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import TypedDict
from urllib.parse import urlsplit

from scratchcnn.exercises.progress import place, record_of
from scratchcnn.exercises.result import Note
from scratchcnn.exercises.sending import Sender, start_sender

SWITCH = "SCRATCHCNN_BOARD"  # "off" where workbooks are run by others, to be checked or graded
LONGEST_NAME = 24  # characters
PATIENCE = 3.0  # seconds that `join` waits for the board; checks never wait
PROMISE = (
    "From now on, each check and milestone sends its name, whether it passed, the name of the "
    "mistake if it is a known one, and how many hints you took. It never sends your code. "
    "exercises.leave() stops this, and so does restarting Python."
)


class Outcome(TypedDict):
    """What a check tells the board. This is all that it tells."""

    id: str  # random, so that what arrives twice counts once
    time: float  # seconds since 1970
    exercise: str
    state: str  # "passed" or "failed"
    mistake: str  # its name in the declaration, or empty
    hints: int


class Membership:
    """Under which name a student has joined, and where outcomes go."""

    def __init__(self, name: str, file: Path | None, sender: Sender | None, student: str) -> None:
        self.name, self.file, self.sender, self.student = name, file, sender, student


_joined: Membership | None = None


def join(address: str | None, name: str) -> Note:
    """Join the class board of your teacher, under a code name.

    From then on each `check` in this notebook reports its outcome: exercise, passed or failed,
    the name of the mistake if it is a known one, and the number of hints. Nothing else is sent,
    and nothing at all without joining. `leave` stops this, and so does restarting Python.

    Checks never wait for the board. Outcomes are also kept in a small file beside the notebook,
    which your teacher can load where there is no network between the two of you.

    Parameters
    ----------
    address : str or None
        What the board shows, such as ``"http://192.168.1.20:8899"``. None sends nothing and only
        keeps the file.
    name : str
        A code name, at most 24 characters. Do not use your real name.

    Returns
    -------
    Note
        Whether the board has answered. With the environment variable ``SCRATCHCNN_BOARD`` set to
        ``off``, nobody joins: so it is where saved workbooks are run to be checked or graded.
    """
    global _joined
    if os.environ.get(SWITCH, "").lower() == "off":
        return Note("The class board is switched off here.").show()
    clean = clean_name(name)
    if not clean:
        what = f'Choose a code name of 1 to {LONGEST_NAME} characters, such as "Otter".'
        return Note(what).show()
    url = address_of(address)
    if url is None and address is not None:
        what = 'The address looks like "http://192.168.1.20:8899": your teacher\'s board shows it.'
        return Note(what).show()
    if _joined is not None and _joined.sender is not None:
        _joined.sender.close()
    file = file_for(clean)
    student = student_in(file) or secrets.token_hex(12)
    sender = None if url is None else start_sender(f"{url}/report", student, clean)
    _joined = Membership(clean, file, sender, student)
    if sender is None:
        return only_kept(clean, file, address).show()
    kept = "" if file is None else f"They are also kept in {file.name}."
    return Note(sender.says(clean, PATIENCE), [(PROMISE, ""), (kept, "")]).show()


def only_kept(name: str, file: Path | None, address: str | None) -> Note:
    """Say that nothing is sent, and what is done instead."""
    why = "Nothing is sent. " if address is None else "Nothing can be sent from here. "
    if file is None:
        return Note(f"{why}Outcomes are not kept in a file here, either.")
    what = f"Your checks are noted in {file.name}, which your teacher can load."
    return Note(f"{why}You are {name}.", [(what, "")])


def leave() -> Note:
    """Leave the class board: nothing more is sent, not even what still waits to be sent."""
    global _joined
    if _joined is None:
        return Note("You have not joined a class board.").show()
    if _joined.sender is not None:
        _joined.sender.close()
    _joined = None
    return Note("You have left the class board. Your checks work as before.").show()


def report(name: str, state: str, mistake: str = "") -> None:
    """Tell the board, if the student has joined one, what a check of ``name`` has found.

    Returns at once: another thread does the sending. Nothing is raised, whatever happens. What
    still waits to be written is not reported.
    """
    if _joined is None or state not in ("passed", "failed"):
        return
    outcome = Outcome(
        id=secrets.token_hex(8),
        time=round(time.time(), 1),
        exercise=name,
        state=state,
        mistake=mistake,
        hints=record_of(name)["hints"],
    )
    if _joined.file is not None:
        line = json.dumps({"student": _joined.student, "name": _joined.name, **outcome})
        with suppress(OSError), open(_joined.file, "a", encoding="utf-8") as file:
            file.write(line + "\n")
    if _joined.sender is not None:
        _joined.sender.put(dict(outcome))


def clean_name(name: object) -> str:
    """Return a code name without line breaks and invisible characters; empty if it will not do."""
    if not isinstance(name, str) or len(name) > 10 * LONGEST_NAME:
        return ""
    shown = (" " if c.isspace() else c for c in unicodedata.normalize("NFC", name))
    # Categories C are control characters, marks that reverse the direction, and the like.
    words = "".join(c for c in shown if unicodedata.category(c)[0] != "C").split()
    clean = " ".join(words)
    return clean if len(clean) <= LONGEST_NAME else ""


def address_of(address: object) -> str | None:
    """Return ``http://host:port``, or None for what is no such address."""
    if not isinstance(address, str):
        return None
    text = address.strip()
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            return None
        _ = parts.port  # raises ValueError if it is none
    except ValueError:
        return None
    strange = any(c.isspace() or not c.isprintable() for c in parts.netloc)
    return None if strange else f"{parts.scheme}://{parts.netloc}"


def file_for(name: str) -> Path | None:
    """Return the file for a code name beside that of the progress, or None if none is kept."""
    progress = place()
    if progress is None:
        return None
    slug = "".join(c if c.isalnum() else "-" for c in name.lower())
    return progress.with_name(f"class_board_{slug}.jsonl")


def student_in(file: Path | None) -> str:
    """Return under which number the board already knows whoever wrote the file."""
    if file is not None:
        with suppress(OSError, ValueError, LookupError, TypeError):
            with open(file, encoding="utf-8") as lines:
                student = json.loads(lines.readline(1000))["student"]
            if isinstance(student, str) and len(student) == 24:
                return student
    return ""
