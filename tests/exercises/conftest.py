"""What the tests of the workbook share."""

from importlib import import_module

import pytest
from board_network import Post
from board_state import Board

from scratchcnn import exercises
from scratchcnn.exercises import sending


@pytest.fixture(autouse=True)
def progress_file(tmp_path, monkeypatch):
    """A file of progress for each test, and solutions that are not switched off."""
    path = tmp_path / "progress" / "mine.json"
    monkeypatch.setenv("SCRATCHCNN_PROGRESS", str(path))
    monkeypatch.delenv("SCRATCHCNN_SOLUTIONS", raising=False)
    module = import_module("scratchcnn.exercises.progress")  # the package's `progress` hides it
    monkeypatch.setattr(module, "_memory", {})
    monkeypatch.setattr(module, "_damaged", [])
    return path


@pytest.fixture(autouse=True)
def nobody_joined(monkeypatch):
    """No pause before a message is repeated; and nobody stays joined to a class board."""
    monkeypatch.setattr(sending, "FIRST_PAUSE", 0.0)
    monkeypatch.setattr(sending, "LONGEST_PAUSE", 0.0)
    monkeypatch.delenv("SCRATCHCNN_BOARD", raising=False)
    yield
    exercises.leave()


@pytest.fixture
def network(monkeypatch):
    """Join a board whose network is played by the returned function."""

    def joined(*answers, name="Otter"):
        post = Post(*answers)
        monkeypatch.setattr(sending.Sender.__init__, "__defaults__", (post,))
        post.note = exercises.join("http://board:8899", name)
        return post

    return joined


@pytest.fixture
def path(tmp_path):
    """The file of a class board."""
    return tmp_path / "class_board.jsonl"


@pytest.fixture
def board(path):
    """A class board that nobody has reported to yet."""
    return Board(path)
