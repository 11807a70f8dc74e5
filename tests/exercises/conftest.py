"""What the tests of the workbook share."""

import pytest


@pytest.fixture(autouse=True)
def progress_file(tmp_path, monkeypatch):
    """A file of progress for each test, and solutions that are not switched off."""
    path = tmp_path / "progress" / "mine.json"
    monkeypatch.setenv("SCRATCHCNN_PROGRESS", str(path))
    monkeypatch.delenv("SCRATCHCNN_SOLUTIONS", raising=False)
    return path
