"""Measure how long the lessons take to teach, section by section.

python tools/lessons.py               minutes of every lesson
python tools/lessons.py 03 --sections minutes of every section of lesson 03
python tools/lessons.py 03 --rows     the same as rows of a table, for docs/teaching.md
python tools/lessons.py playground --rows

Reading, code, figures and explorers count: words / 130 + visible lines of code / 8 + a minute for
each figure + two for each explorer. Cells with the tag "optional" do not count, and the code of
folded cells does not either.
"""

import argparse
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
PLAYGROUND = NOTEBOOKS / "playground.ipynb"
WORDS_PER_MINUTE = 130
LINES_PER_MINUTE = 8
MINUTES_PER_FIGURE = 1
MINUTES_PER_EXPLORER = 2

# What an explorer leaves in a stored notebook, in place of its controls.
STORED_EXPLORER = "run this cell to play with it"


@dataclass
class Section:
    """A section of a lesson, and what takes time in it."""

    title: str
    words: int = 0
    lines: int = 0
    figures: int = 0
    explorers: int = 0
    cells: list[NotebookNode] = field(default_factory=list)

    @property
    def minutes(self) -> float:
        """How long the section takes to teach, in minutes."""
        return (
            self.words / WORDS_PER_MINUTE
            + self.lines / LINES_PER_MINUTE
            + self.figures * MINUTES_PER_FIGURE
            + self.explorers * MINUTES_PER_EXPLORER
        )


def lessons() -> list[Path]:
    """Return the files of all lessons, in order."""
    return sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


def tags(cell: NotebookNode) -> list[str]:
    """Return the tags of a cell."""
    return cell.metadata.get("tags", [])


def is_folded(cell: NotebookNode) -> bool:
    """Say whether the code of a cell is folded away, so that a class does not see it."""
    return bool(cell.metadata.get("jupyter", {}).get("source_hidden", False))


def sections(notebook: NotebookNode) -> list[Section]:
    """Return the sections of a lesson; a section begins with a heading of the first two levels."""
    found = [Section("")]
    for cell in notebook.cells:
        heading = re.match(r"##? (.+)", cell.source) if cell.cell_type == "markdown" else None
        if heading:
            found.append(Section(heading[1]))
        found[-1].cells.append(cell)
        if "optional" not in tags(cell):
            count(cell, found[-1])
    return found[1:] if not found[0].cells else found


def count(cell: NotebookNode, section: Section) -> None:
    """Add what a cell holds to the counts of its section."""
    if cell.cell_type == "markdown":
        text = re.sub(r"<[^>]+>", " ", cell.source)
        section.words += sum(any(map(str.isalnum, word)) for word in text.split())
        return
    if not is_folded(cell):
        section.lines += sum(bool(line.strip()) for line in cell.source.splitlines())
    pictures = sum("image/png" in output.get("data", {}) for output in cell.outputs)
    if any(STORED_EXPLORER in text for text in stored_texts(cell)):
        section.explorers += 1
    else:
        section.figures += pictures


def stored_texts(cell: NotebookNode) -> Iterable[str]:
    """Yield the plain text of every output of a code cell."""
    for output in cell.outputs:
        yield output.get("text", "") or output.get("data", {}).get("text/plain", "")


def minutes(notebook: NotebookNode) -> float:
    """Return how long a lesson takes to teach, in minutes."""
    return sum(section.minutes for section in sections(notebook))


def claimed_minutes(notebook: NotebookNode) -> int:
    """Return the minutes that the opening of a lesson promises."""
    opening = " ".join(cell.source for cell in notebook.cells[:4] if cell.cell_type == "markdown")
    found = re.search(r"(\d+)\s+minutes", opening)
    if found is None:
        raise ValueError("the opening of the lesson does not say how many minutes it takes")
    return int(found[1])


def table_rows(notebook: NotebookNode) -> list[tuple[str, int]]:
    """Return the rows of a lesson in the teacher's guide: sections, and whole minutes.

    What stands before the first numbered section is the opening. Exercises and summary have no row.
    """
    opening, *others = sections(notebook)
    numbered = [section for section in others if re.match(r"\d+\. ", section.title)]
    times = {"Opening": opening.minutes} | {one.title: one.minutes for one in numbered}
    return [(title, max(1, round(time))) for title, time in times.items()]


def print_minutes(path: Path, with_sections: bool) -> None:
    """Print how long a lesson takes and, if asked to, each of its sections."""
    notebook = nbformat.read(path, as_version=4)
    claim = "" if path == PLAYGROUND else f", {claimed_minutes(notebook)} claimed"
    print(f"{path.stem:<32} {minutes(notebook):5.1f} minutes{claim}")
    for section in sections(notebook) if with_sections else []:
        parts = f"{section.words} words, {section.lines} lines, {section.figures} figures"
        print(f"    {section.title[:44]:<44} {section.minutes:5.1f}   {parts}")


def main() -> None:
    """Print the minutes of the lessons that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="starts of file names, such as 01; default: all")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--sections", action="store_true", help="one line for each section")
    how.add_argument("--rows", action="store_true", help="rows of a Markdown table, with minutes")
    arguments = parser.parse_args()
    for path in [*lessons(), PLAYGROUND]:
        if arguments.names and not path.name.startswith(tuple(arguments.names)):
            continue
        if not arguments.rows:
            print_minutes(path, arguments.sections)
            continue
        print(f"\n{path.stem}\n")
        for title, whole in table_rows(nbformat.read(path, as_version=4)):
            print(f"| {title} | {whole} |")


if __name__ == "__main__":
    main()
