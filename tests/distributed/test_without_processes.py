"""Lesson 14 where no process can be started, as in a browser: it says so, and runs to its end."""

from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
# The kernel itself has started by then; what is imported later takes it for a browser's Python.
AS_IN_A_BROWSER = "import sys\nsys.platform = 'emscripten'"


def said(cell):
    """Return what a cell says in text."""
    shown = (
        output.get("text") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    )
    return "".join(shown)


def test_the_lesson_runs_to_its_end_and_says_what_a_browser_does_not_have():
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    notebook = nbformat.read(NOTEBOOKS / "14_many_machines.ipynb", as_version=4)
    stored = [cell for cell in notebook.cells if cell.cell_type == "code"]
    expected = [said(cell) for cell in stored]
    notebook.cells.insert(0, nbformat.v4.new_code_cell(AS_IN_A_BROWSER))
    resources = {"metadata": {"path": str(NOTEBOOKS)}}
    nbclient.NotebookClient(notebook, timeout=120, resources=resources).execute()
    for cell, old in zip(stored, expected, strict=True):
        tags = cell.metadata.get("tags", [])
        if "not-in-a-browser" in tags:
            assert "browser" in said(cell), cell.source
        elif "nbval-ignore-output" not in tags:
            assert said(cell) == old, cell.source
