"""The workbook with every solution in the place of its stub: every check passes."""

import nbformat
import pytest
from nbclient import NotebookClient
from solving import WORKBOOK, solve

from scratchcnn.exercises.declaration import EXERCISES


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """Return a copy of the workbook with all solutions: one notebook uses what another defines."""
    folder, names = tmp_path_factory.mktemp("workbook"), {}
    for path in WORKBOOK:
        notebook = nbformat.read(path, as_version=4)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        names[path.name] = [name for cell in code for name in solve(cell)]
        nbformat.write(notebook, folder / path.name)
    return folder, names


@pytest.mark.slow
@pytest.mark.parametrize("path", WORKBOOK, ids=lambda path: path.stem)
def test_with_the_solutions_put_in_every_check_passes(path, solved, tmp_path, monkeypatch):
    monkeypatch.setenv("SCRATCHCNN_PROGRESS", str(tmp_path / "progress.json"))
    folder, names = solved[0], solved[1][path.name]
    notebook = nbformat.read(folder / path.name, as_version=4)
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=300, resources=resources).execute()
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    shown = [out["data"]["text/plain"] for out in outputs if "text/plain" in out.get("data", {})]
    assert names
    for name in names:
        assert any(text.startswith(f"✓ {name} is right") for text in shown), shown
    done = f"{len(names)} of {len(EXERCISES)} exercises {'is' if len(names) == 1 else 'are'} done"
    assert any(done in text for text in shown)
    reached = [text for text in shown if "Milestone reached" in text]
    assert len(reached) == sum("milestone(" in cell.source for cell in notebook.cells)
    assert all("All yours" in text for text in reached), reached
    printed = "".join(out.get("text", "") for out in outputs)
    assert "waits" not in printed, printed  # nothing that uses them says that one is missing
