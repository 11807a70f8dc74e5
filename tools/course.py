"""Write a course for nbgrader from the workbook.

python tools/course.py [FOLDER] [--points 4]

Each notebook of the workbook becomes an assignment: its stubs are marked as solution cells, and the
checks below them are locked and worth points. Nothing in it is edited by hand: change the workbook
and write the course again. Grades and submissions in the folder are left alone.
"""

import argparse
import ast
import re
import shutil
import sys
from pathlib import Path

import nbformat

from scratchcnn.exercises.declaration import EXERCISES

ROOT = Path(__file__).parent.parent
WORKBOOK = ROOT / "notebooks" / "workbook"
COURSE = ROOT / "build" / "course"
POINTS = 4
GRADING = ROOT / "tools" / "workbook_grading.py"
CONFIG = '''"""How nbgrader grades the workbook; written by tools/course.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from workbook_grading import configure

configure(get_config())
'''


def main() -> None:
    """Write the course, and print what it is worth."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=COURSE)
    parser.add_argument("--points", type=int, default=POINTS, help="for each exercise")
    options = parser.parse_args()
    for name, exercises in write_course(options.folder, options.points).items():
        count = len(exercises)
        print(f"{name:24}{count * options.points:3} points: {', '.join(exercises)}")
    print(f"\nThe course is in {options.folder}. Next steps: docs/teaching.md")


def write_course(folder: Path, points: int = POINTS) -> dict[str, list[str]]:
    """Write an assignment for each notebook; return the exercises of each."""
    exercises = {}
    for path in sorted(WORKBOOK.glob("[0-9]*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        exercises[path.stem] = mark(notebook, points)
        if not exercises[path.stem]:
            sys.exit(f"{path.name} has no exercise with a check below it")
        target = folder / "source" / path.stem / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target)
    (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    shutil.copyfile(GRADING, folder / GRADING.name)
    return exercises


def mark(notebook: nbformat.NotebookNode, points: int = POINTS) -> list[str]:
    """Mark stubs and checks of a notebook for nbgrader; return the names of the exercises."""
    stubs, found = {}, []
    for cell in notebook.cells:
        # In a course, the lessons do not lie beside the workbook: their names stay, the links go.
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"(?<!!)\[([^\]]+)\]\((?!https?:|#)[^)]+\)", r"\1", cell.source)
            continue
        cell.outputs, cell.execution_count = [], None
        tree = ast.parse(cell.source)
        checked = [name for name in checks(tree) if name in stubs]
        if checked:
            (name,) = checked
            mark_cell(stubs.pop(name), name, solution=True, locked=False)
            mark_cell(cell, f"check-{name}", grade=True, locked=True, points=points)
            found.append(name)
        stubs.update((name, cell) for name in stubs_in(tree))
    return found


def stubs_in(tree: ast.Module) -> list[str]:
    """Return the exercises that a cell leaves to the student."""
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and node.name in EXERCISES
        and "NotDone(" in ast.unparse(node)
    ]


def checks(tree: ast.Module) -> list[str]:
    """Return the names of the functions that a cell checks."""
    return [
        node.args[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "check"
        and node.args
        and isinstance(node.args[0], ast.Name)
    ]


def mark_cell(cell, grade_id, *, solution=False, grade=False, locked=False, points=None):
    """Give a cell the metadata by which nbgrader knows it."""
    cell.metadata["nbgrader"] = {
        "schema_version": 3,
        "grade_id": grade_id,
        "solution": solution,
        "grade": grade,
        "locked": locked,
        "task": False,
    }
    if points is not None:
        cell.metadata["nbgrader"]["points"] = points


if __name__ == "__main__":
    main()
