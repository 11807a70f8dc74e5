"""The workbook with every solution in the place of its stub: every check passes."""

import nbformat
import pytest
from nbclient import NotebookClient
from solving import WORKBOOK, solve

from scratchcnn.exercises.declaration import EXERCISES


@pytest.mark.slow
@pytest.mark.parametrize("path", WORKBOOK, ids=lambda path: path.stem)
def test_with_the_solutions_put_in_every_check_passes(path, tmp_path, monkeypatch):
    monkeypatch.setenv("SCRATCHCNN_PROGRESS", str(tmp_path / "progress.json"))
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    names = [name for cell in code for name in solve(cell)]
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=120, resources=resources).execute()
    shown = [
        output["data"]["text/plain"]
        for cell in code
        for output in cell.outputs
        if "data" in output and "text/plain" in output["data"]
    ]
    assert names
    for name in names:
        assert any(text.startswith(f"✓ {name} is right") for text in shown), shown
    assert f"{len(names)} of {len(EXERCISES)} exercises are done." in shown[-1]
