"""Put the notebooks into the folder of a student: lessons, and working copies of the workbook.

python prepare_home.py

In ``~/notebooks``, lessons are the student's own copies. When the course has a newer lesson, a copy
in which nothing was written is replaced, or removed when the course no longer has the lesson; the
others are left alone. ``workbook`` has the originals, which cannot be changed, and ``my_workbook``
the copies to write in.
"""

import json
import os
import shutil
from pathlib import Path

from scratchcnn.exercises import copies

LESSONS = "*.ipynb"


def prepare(course: Path, home: Path, fonts: Path | None = None) -> None:
    """Make or renew everything that the course puts into a student's folder; ``results`` last."""
    originals, mine = course / "notebooks", home / "notebooks"
    for folder in (mine / copies.ORIGINALS, home / ".cache" / "matplotlib"):
        folder.mkdir(parents=True, exist_ok=True)
    for original in (originals / copies.ORIGINALS).glob(copies.PATTERN):
        renew_read_only(original, mine / copies.ORIGINALS / original.name)
    for original in originals.glob(LESSONS):
        copies.copy_one(original, mine / original.name, fresh_lesson)
    copies.my_workbook(mine / copies.ORIGINALS)
    for original in (originals / copies.ORIGINALS).glob(copies.PATTERN):
        if not os.path.lexists(mine / copies.COPIES / original.name):
            raise OSError(f"There is no working copy of {original.name}")
    if any(originals.glob(LESSONS)):
        remove_what_is_gone(originals, mine)
    for found in fonts.glob("fontlist*.json") if fonts else ():
        place = home / ".cache" / "matplotlib" / found.name
        if not place.exists():
            shutil.copyfile(found, place)
    results = mine / "results"
    if results.is_symlink() and results.readlink() != originals / "results":
        results.unlink()  # the course has moved
    if not os.path.lexists(results):
        results.symlink_to(originals / "results")


def remove_what_is_gone(originals: Path, mine: Path) -> None:
    """Remove what the course no longer has, except for notebooks that a student has written in."""
    for lesson in mine.glob(LESSONS):
        # A copy that the student has made of a lesson has another name, and stays.
        if not (originals / lesson.name).exists() and untouched(lesson, lesson.name):
            lesson.unlink()
    for workbook in (mine / copies.ORIGINALS).glob(copies.PATTERN):
        if not (originals / copies.ORIGINALS / workbook.name).exists():
            copy = mine / copies.COPIES / workbook.name
            if untouched(copy):
                copy.unlink()
            workbook.unlink()


def untouched(copy: Path, name: str | None = None) -> bool:
    """Return whether this is a copy that the course has made, in which nothing was written."""
    try:
        notebook = copies.read(copy)
    except (OSError, ValueError):
        return False
    made_from = copies.origin(notebook)
    if not made_from or made_from != copies.digest(notebook):
        return False
    return name is None or notebook["metadata"][copies.OURS].get("name") == name


def renew_read_only(original: Path, copy: Path) -> None:
    """Copy a file that may not be changed, if it is not there as it is now."""
    content = original.read_bytes()
    if copy.exists() and copy.read_bytes() == content:
        return
    aside = copy.with_suffix(".new")
    aside.unlink(missing_ok=True)
    aside.write_bytes(content)
    aside.chmod(0o444)
    aside.replace(copy)


def fresh_lesson(original: Path) -> bytes:
    """Return the content of a new copy of a lesson, which says what it was made from."""
    lesson = copies.read(original)
    made_from = {"original": copies.digest(lesson), "name": original.name}
    lesson.setdefault("metadata", {})[copies.OURS] = made_from
    return (json.dumps(lesson, indent=1, ensure_ascii=False) + "\n").encode()


if __name__ == "__main__":
    named = os.environ.get("SCRATCHCNN_FONTS")
    course = os.environ.get("SCRATCHCNN_COURSE", Path(__file__).parents[2])
    prepare(Path(course), Path.home(), Path(named) if named else None)
