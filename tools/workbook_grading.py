"""What nbgrader is told about the workbook. A copy lies in each course; its configuration uses it.

nbgrader grades by running a submitted notebook with the teacher's rights, and believes what its
cells show. Here, two of its parts are replaced. `Submission` reads a notebook, whatever has become
of it, and puts the cells that nbgrader knows back as they were released. `GradeCells` runs no
notebook: it grades function by function with `grade`, and writes the answers below the checks.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbformat import NotebookNode
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    ComputeChecksums,
    LimitOutput,
    LockCells,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
    SaveCells,
)

from scratchcnn.exercises.declaration import EXERCISES
from scratchcnn.exercises.grading.grade import REASONS, Grade, grade
from scratchcnn.exercises.result import Result

CHECK = "check-"  # begins the grade_id of a check; the name of the exercise follows
LARGEST = 20 * 2**20  # bytes of a notebook


def configure(config: Any) -> None:
    """Set up nbgrader for a course of the workbook."""
    # nbgrader calls a command of its own environment, which need not be the active one.
    folders = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    os.environ["PATH"] = os.pathsep.join(folders)
    config.CourseDirectory.course_id = "scratchcnn"
    config.CourseDirectory.ignore = [
        ".ipynb_checkpoints", "*.pyc", "__pycache__", ".DS_Store", "workbook_progress.json*"
    ]  # fmt: skip
    # nbgrader zip_collect finds ada_01_convolution.ipynb among what has been downloaded.
    config.FileNameCollectorPlugin.named_regexp = (
        r".*?(?P<student_id>[A-Za-z0-9.-]+)_(?P<file_id>\d\d_[a-z_]+)"
    )
    # The stubs are released as they are: there is no solution in them to be cleared.
    config.GenerateAssignment.preprocessors = [
        LockCells, ClearOutput, CheckCellMetadata, ComputeChecksums, SaveCells, CheckCellMetadata
    ]  # fmt: skip
    config.Autograde.exporter_class = Submission
    config.Autograde.sanitize_preprocessors = [
        ClearOutput, OverwriteKernelspec, OverwriteCells, CheckCellMetadata
    ]  # fmt: skip
    config.Autograde.autograde_preprocessors = [
        GradeCells,
        ClearMetadataPreprocessor,
        LimitOutput,
        SaveAutoGrades,
        AssignLatePenalties,
        CheckCellMetadata,
    ]
    warnings.filterwarnings("ignore", "Object of type .* not in session")  # of its own database


class Submission(NotebookExporter):
    """Reads a submitted notebook so that the rest of nbgrader meets no surprise."""

    def from_filename(self, filename: str, resources: Any = None, **options: Any) -> Any:
        """Read, repair and convert a notebook."""
        coursedir = self.parent.coursedir
        where = resources["nbgrader"]
        # As it was handed out: the workbook may have changed since.
        folder = coursedir.format_path(coursedir.release_directory, ".", where["assignment"])
        released = nbformat.read(Path(folder) / f"{where['notebook']}.ipynb", as_version=4)
        submitted, problem = read(Path(filename))
        notebook = repaired(submitted, released)
        if problem:
            notebook.cells.insert(0, nbformat.v4.new_markdown_cell(f"**{problem}**"))
        resources = self._init_resources(resources)
        resources["metadata"].update(name=where["notebook"], path=str(Path(filename).parent))
        return self.from_notebook_node(notebook, resources=resources, **options)


def read(path: Path) -> tuple[list[NotebookNode], str]:
    """Return the cells of a notebook, each a plain one, and what was wrong with the file."""
    try:
        if path.stat().st_size > LARGEST:
            return [], "This file is too large to be graded. Clear its outputs and submit it again."
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [plain(cell) for cell in cells], ""
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return [], "This file could not be read as a notebook, so there was nothing to grade."


def plain(cell: dict[str, Any]) -> NotebookNode:
    """Return a cell with its text and its grade_id, and nothing else."""
    source = cell["source"]
    source = source if isinstance(source, str) else "".join(source)
    source = source.encode("utf-8", "replace").decode()  # half characters cannot be written again
    known = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")
    marks = {"nbgrader": {"grade_id": known}} if isinstance(known, str) else {}
    return new_cell(cell["cell_type"] == "code")(source, metadata=marks)


def new_cell(code: bool) -> Any:
    """Return what makes a new cell: one with code, or one with text."""
    return nbformat.v4.new_code_cell if code else nbformat.v4.new_markdown_cell


def repaired(cells: list[NotebookNode], released: NotebookNode) -> NotebookNode:
    """Return a notebook with these cells, and with all that nbgrader knows marked as released.

    Of copies, the last one counts, as in nbgrader. A cell that is missing comes back behind the one
    that it followed. Other cells are no longer nbgrader's, whatever they say. The text of checks is
    put back by nbgrader itself.
    """
    known = {cell.metadata.nbgrader.grade_id: cell for cell in released.cells if of_nbgrader(cell)}
    found: dict[str, NotebookNode] = {}
    for cell in reversed(cells):
        name = cell.metadata.pop("nbgrader", {}).get("grade_id")
        if name in known and name not in found:
            found[name] = cell
    ours = {cell.source for cell in released.cells}
    for cell in cells:
        # A page with feedback shows a student's text, and runs nothing that stands in it.
        if cell.cell_type == "markdown" and cell.source not in ours:
            cell.source = cell.source.replace("<", "&lt;")
    place = 0
    cells = list(cells)
    for name, original in known.items():
        cell = found.get(name)
        new = new_cell(original.cell_type == "code")
        if cell is None:
            cell = new(original.source if original.metadata.nbgrader.locked else "")
            cells.insert(place, cell)
        elif cell.cell_type != original.cell_type:  # turned into text
            at = index_of(cells, cell)
            cell = cells[at] = new(cell.source)
        cell.metadata = nbformat.from_dict(original.metadata)
        place = index_of(cells, cell) + 1
    for cell, number in zip(cells, range(len(cells)), strict=True):
        cell.id = f"cell-{number}"
    return nbformat.v4.new_notebook(cells=cells, metadata=released.metadata)


def of_nbgrader(cell: NotebookNode) -> bool:
    """Return whether nbgrader knows a cell."""
    return "nbgrader" in cell.metadata


def index_of(cells: list[NotebookNode], cell: NotebookNode) -> int:
    """Return where a cell stands; equal cells are not the same."""
    return next(i for i, each in enumerate(cells) if each is cell)


class GradeCells(NbGraderPreprocessor):
    """Writes the answer of `grade` below each check, in the place of running the notebook."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Grade a notebook."""
        code = [cell for cell in nb.cells if cell.cell_type == "code"]
        sources = [cell.source for cell in code]
        for at, cell in enumerate(code):
            if cell.metadata.get("nbgrader", {}).get("grade"):
                name = cell.metadata.nbgrader.grade_id.removeprefix(CHECK)
                graded = grade(sources, name, at) if name in EXERCISES else unknown(name)
                cell.outputs = outputs(graded, cell.metadata.nbgrader.points)
        return nb, resources


def unknown(name: str) -> Grade:
    """Return no points for a cell that only nbgrader knows: it would give all of them."""
    return Grade(
        Result(name, "failed", f"{name} is not an exercise; please grade it by hand."), 0.0
    )


def outputs(graded: Grade, points: float) -> list[NotebookNode]:
    """Return the answer, and the points in the form that nbgrader reads."""
    result, reached = graded.result, graded.share * points
    words = f"{reached:g} of {points:g} points{REASONS.get(graded.share, '')}"
    return [
        nbformat.v4.new_output(
            "display_data", {"text/plain": result.message, "text/html": result._repr_html_()}
        ),
        nbformat.v4.new_output(
            "execute_result", {"text/plain": f"{reached:g}", "text/html": f"<b>{words}</b>"}
        ),
    ]
