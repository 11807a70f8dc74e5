"""Working copies: a student's workbook stands beside the original, and no update overwrites it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from scratchcnn._utils.files import write_atomic
from scratchcnn.exercises.declaration import EXERCISES
from scratchcnn.exercises.progress import FILE
from scratchcnn.exercises.result import Block, Note

ORIGINALS, COPIES = "workbook", "my_workbook"
PATTERN = "[0-9][0-9]_*.ipynb"
OURS = "scratchcnn"  # the key in a copy's metadata: which original it was made from

NOTHING = ""  # is to be said
CHANGED = "Changed in the course since you started; your copy was left alone"
DAMAGED = "Your copy cannot be read; it was left alone"
HOW_TO_START = (
    'To start one over: start_afresh("05") in a notebook, or, in a terminal, '
    "python -m scratchcnn.exercises afresh 05. Your old copy is kept under another name."
)
WITHOUT = (
    f"You can work in {ORIGINALS} itself. But keep copies of your own, since an update of the "
    "course may overwrite what you write there."
)
RELOAD = 'If the notebook is open, choose "Reload Notebook from Disk" in the File menu.'
IN_BROWSER = sys.platform == "emscripten"

Notebook = dict[str, Any]


def my_workbook(folder: str | Path | None = None) -> Note:
    """Make a working copy of each workbook in ``my_workbook``, beside the originals.

    What you have changed is never touched. A copy in which nothing has been written yet is
    replaced when the course has a newer original.

    Parameters
    ----------
    folder : path or None
        The folder of the originals; None looks for it.
    """
    if IN_BROWSER:
        return Note(
            "In the browser you need no copies: what you save stays in this browser, and hides the "
            "original."
        ).show()
    originals = find_originals(folder)
    if originals is None:
        return Note("The folder notebooks/workbook was not found.").show()
    copies = originals.parent / COPIES
    news: dict[str, list[str]] = defaultdict(list)
    for original in sorted(originals.glob(PATTERN)):
        try:
            what = copy_one(original, copies / original.name)
        except OSError as error:
            what = f"Could not be copied ({error.strerror or error})"
        news[what].append(original.stem)
    with suppress(OSError):
        if (originals / FILE).exists() and not os.path.lexists(copies / FILE):
            shutil.copyfile(originals / FILE, copies / FILE)
    news.pop(NOTHING, None)
    blocks = [(f"{what}: {', '.join(names)}.", "") for what, names in news.items()]
    if CHANGED in news or DAMAGED in news:
        blocks.append((HOW_TO_START, ""))
    if not any(copies.glob(PATTERN)):
        return Note("There are no working copies.", [*blocks, (WITHOUT, "")]).show()
    return Note(f"Your working copies are in {copies.parent.name}/{COPIES}.", blocks).show()


def start_afresh(name: str | int, folder: str | Path | None = None) -> Note:
    """Start a workbook over. Your copy is kept under a name with today's date.

    What is done stays done: `progress` does not forget.

    Parameters
    ----------
    name : str or int
        Its number: ``"05"``.
    folder : path or None
        The folder of the originals; None looks for it.
    """
    originals = find_originals(folder)
    found = sorted(originals.glob(PATTERN)) if originals and not IN_BROWSER else []
    number = str(name)[:2].zfill(2)
    chosen = [path for path in found if path.name[:2] == number]
    if len(chosen) != 1:
        names = ", ".join(path.name[:2] for path in found)
        known = f" There are {names}." if names else ""
        return Note(f"There is no workbook {name}.{known}").show()
    original = chosen[0]
    copy = original.parent.parent / COPIES / original.name
    try:
        aside = replace_with(copy, fresh(original))
    except (OSError, ValueError) as error:
        return Note(f"{copy.name} could not be replaced: {error}").show()
    blocks: list[Block] = []
    if aside:
        blocks = [(f"What you had is now {aside.name}.", ""), (RELOAD, "")]
    return Note(f"{copy.name} is as new.", blocks).show()


def replace_with(copy: Path, content: bytes) -> Path | None:
    """Write a new copy, and return where the one before is now; None if there was none."""
    if not os.path.lexists(copy):
        write_atomic(copy, content)
        return None
    aside = free_name(copy)
    os.rename(copy, aside)
    try:
        write_atomic(copy, content)
    except OSError:
        os.rename(aside, copy)  # as if nothing had happened
        raise
    return aside


def copy_one(original: Path, copy: Path, make: Callable[[Path], bytes] | None = None) -> str:
    """Make a copy, or renew one in which nothing was written. Return what was done.

    ``make(original)`` returns the content of a new copy; by default, `fresh` does.
    """
    try:
        content, source = (make or fresh)(original), digest(read(original))
    except ValueError:
        return "The original cannot be read"
    if not os.path.lexists(copy):
        write_atomic(copy, content)
        return "New"
    if copy.is_symlink():
        return NOTHING  # somebody has put it there on purpose
    try:
        mine = read(copy)
    except ValueError:
        return DAMAGED
    made_from = origin(mine)
    if made_from in ("", source):
        return NOTHING
    if digest(mine) != made_from:
        return CHANGED
    write_atomic(copy, content)
    return "Renewed, since you had not written in it yet"


def origin(notebook: Notebook) -> str:
    """Return the fingerprint of the original that a copy was made from; empty if unknown."""
    metadata = notebook.get("metadata")
    ours = metadata.get(OURS) if isinstance(metadata, dict) else None
    value = ours.get("original") if isinstance(ours, dict) else None
    return value if isinstance(value, str) else ""


def fresh(original: Path) -> bytes:
    """Return the content of a new copy, which says what it was made from.

    If somebody has worked in the original, the copy counts as written in from the beginning.
    """
    notebook = read(original)
    if untouched(notebook, int(original.name[:2])):
        notebook.setdefault("metadata", {})[OURS] = {"original": digest(notebook)}
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def read(path: Path) -> Notebook:
    """Return a notebook, or raise ValueError if it is none."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise ValueError(f"{path.name} is not a notebook")
    if not all(isinstance(cell, dict) for cell in notebook["cells"]):
        raise ValueError(f"{path.name} is not a notebook")
    return notebook


def digest(notebook: Notebook) -> str:
    """Return a fingerprint of what is written in the cells. Outputs do not count."""
    written = [[cell.get("cell_type"), source_of(cell).rstrip()] for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(written).encode()).hexdigest()


def source_of(cell: dict[str, Any]) -> str:
    """Return what is written in a cell; notebooks store a text, or a list of lines."""
    return "".join(cell.get("source", ""))


def untouched(notebook: Notebook, lesson: int) -> bool:
    """Return whether nobody has worked in an original: never saved by Jupyter, all stubs there."""
    metadata = notebook.get("metadata")
    if isinstance(metadata, dict) and set(metadata.get("language_info", ())) - {"name"}:
        return False  # a kernel adds its version and more
    everything = "\n".join(map(source_of, notebook["cells"]))
    names = [name for name, exercise in EXERCISES.items() if exercise.lesson == lesson]
    return all(f'raise NotDone("{name}")' in everything for name in names)


def free_name(copy: Path) -> Path:
    """Return a name with today's date that no file has: ``old_05_dense_2026-11-27.ipynb``."""
    name, number = f"old_{copy.stem}_{date.today().isoformat()}", 1
    while os.path.lexists(aside := copy.with_name(name + (f"_{number}" * (number > 1)) + ".ipynb")):
        number += 1
    return aside


def find_originals(folder: str | Path | None = None) -> Path | None:
    """Return the folder of the originals: given, near the notebook, or in the course's folder."""
    here, course = Path.cwd(), Path(__file__).parents[2]
    near = [here, here.parent, here / "notebooks", course / "notebooks"]
    places = [Path(folder)] if folder is not None else [one / ORIGINALS for one in near]
    if folder is None and here.name == ORIGINALS:
        places.insert(0, here)
    return next((place.absolute() for place in places if any(place.glob(PATTERN))), None)


def word_about_the_original() -> list[Block]:
    """Return a sentence if the notebook that runs is an original, opened in Jupyter.

    Jupyter's server names the notebook in ``JPY_SESSION_NAME``; tests and tools do not.
    """
    notebook = Path(os.environ.get("JPY_SESSION_NAME", "")).name
    if IN_BROWSER or Path.cwd().name != ORIGINALS or not fnmatch(notebook, PATTERN):
        return []
    if not os.path.exists(notebook):
        return []
    return [
        (
            "You are writing in the original, which an update of the course may overwrite. Save "
            "this notebook, run the line below in a new cell, and continue in your own copy, "
            f"{COPIES}/{notebook}.",
            "from scratchcnn.exercises import my_workbook; my_workbook()",
        )
    ]
