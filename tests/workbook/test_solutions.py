"""The workbook with every solution in the place of its stub: every check passes."""

import ast
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from scratchcnn.exercises.declaration import EXERCISES

FOLDER = Path(__file__).parent.parent.parent / "notebooks" / "workbook"
WORKBOOK = sorted(FOLDER.glob("*.ipynb"))


def solved(cell):
    """Put solutions in the place of the stubs of a cell; return the names of their exercises."""
    names = []
    for node in ast.parse(cell.source).body:
        if isinstance(node, ast.FunctionDef) and node.name in EXERCISES:
            stub = ast.get_source_segment(cell.source, node)
            cell.source = cell.source.replace(stub, EXERCISES[node.name].source.strip())
            names.append(node.name)
    return names


@pytest.mark.slow
@pytest.mark.parametrize("path", WORKBOOK, ids=lambda path: path.stem)
def test_with_the_solutions_put_in_every_check_passes(path, tmp_path, monkeypatch):
    monkeypatch.setenv("SCRATCHCNN_PROGRESS", str(tmp_path / "progress.json"))
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    names = [name for cell in code for name in solved(cell)]
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
