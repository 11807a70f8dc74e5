"""`make check`: a saved workbook is run in a fresh kernel, and its checks say what they said."""

import subprocess
import sys
from pathlib import Path

import check_workbook
import nbformat
import pytest
from solving import WORKBOOK, solve

pytestmark = pytest.mark.slow

BEGIN = "import numpy as np\nfrom scratchcnn.exercises import check, NotDone"


def saved(tmp_path, *sources):
    """Save a notebook with these cells."""
    cells = [nbformat.v4.new_code_cell(source) for source in (BEGIN, *sources)]
    path = tmp_path / "mine.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_as_it_ships_every_check_waits():
    found = check_workbook.answers(WORKBOOK[0])
    assert len(found) >= 3
    assert all(" waits for your answer.\n" in answer for answer in found)


def test_a_solved_notebook_passes_and_is_not_changed(tmp_path):
    notebook = nbformat.read(WORKBOOK[0], as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            solve(cell)
    path = tmp_path / "solved.ipynb"
    nbformat.write(notebook, path)
    before = path.read_bytes()
    done = subprocess.run(
        [sys.executable, check_workbook.__file__, path], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert done.stderr == ""
    assert done.stdout.splitlines()[1].startswith("  ✓ one_output is right")
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["solved.ipynb"]


def test_what_a_kernel_has_left_over_does_not_count(tmp_path):
    path = saved(tmp_path, "check(relu)")  # the cell that defined it has been deleted
    assert check_workbook.answers(path) == [
        "✗ A cell stopped with NameError: name 'relu' is not defined"
    ]
    done = subprocess.run([sys.executable, check_workbook.__file__, path], capture_output=True)
    assert done.returncode == 1


def test_a_cell_that_never_ends_and_one_that_ends_python_are_met_calmly(tmp_path):
    path = saved(tmp_path, "while True: pass")
    assert check_workbook.answers(path, timeout=2) == [
        "✗ A cell took longer than 2 seconds, so the rest was not run."
    ]
    path = saved(tmp_path, "import os; os._exit(1)", "check(relu)")
    notebook = nbformat.read(path, as_version=4)
    stale = {"text/plain": "✓ relu is right in all 4 cases."}
    notebook.cells[-1].outputs = [nbformat.v4.new_output("display_data", stale)]
    nbformat.write(notebook, path)
    assert check_workbook.answers(path) == [
        "✗ Python ended before the notebook did, so the rest was not run."
    ]


def test_the_makefile_has_the_command():
    makefile = Path(check_workbook.__file__).parent.parent / "Makefile"
    assert "tools/check_workbook.py $(WORKBOOK)" in makefile.read_text(encoding="utf-8")
