"""What is done is remembered: in one small file, which survives restarts and damage."""

import json
import subprocess
import sys

import numpy as np
import pytest

from scratchcnn.exercises import NotDone, check, progress
from scratchcnn.exercises.declaration import EXERCISES


def right(x):
    return np.maximum(x, 0)


def wrong(x):
    return x


def state_of(name):
    return next(state for _, exercise, state in progress().rows if exercise == name)


def test_nothing_is_done_at_first_and_nothing_is_written(progress_file):
    assert progress().headline == f"0 of {len(EXERCISES)} exercises are done."
    assert {state for _, _, state in progress().rows} == {"not yet"}
    assert not progress_file.exists()


def test_checks_are_counted_until_one_passes():
    check(wrong, "relu")
    check(wrong, "relu")
    assert state_of("relu") == "tried: 2"
    check(right, "relu")
    assert state_of("relu") == "✓ done"
    assert progress().headline == f"1 of {len(EXERCISES)} exercises is done."


def test_running_the_workbook_as_it_ships_writes_nothing(progress_file):
    def relu(x):
        raise NotDone("relu")

    check(relu)
    assert state_of("relu") == "not yet"
    assert not progress_file.exists()


def test_what_is_done_stays_done():
    check(right, "relu")
    check(wrong, "relu")
    assert state_of("relu") == "✓ done"


def test_progress_survives_a_restart():
    code = (
        "import numpy as np; from scratchcnn import exercises;"
        "exercises.check(lambda x: np.maximum(x, 0), 'relu')"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert state_of("relu") == "✓ done"


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[1]",
        '{"relu": 3}',
        "",
        "\x00",
        '{"relu": {"hints": []}}',
        '{"milestones": {"templates": 3}}',
        '{"milestones": {"templates": {"accuracy": 1, "ours": [], "date": "yesterday"}}}',
    ],
)
def test_a_damaged_file_is_set_aside_and_work_goes_on(progress_file, content):
    progress_file.parent.mkdir()
    progress_file.write_text(content, encoding="utf-8")
    check(right, "relu")
    assert state_of("relu") == "✓ done"
    aside = progress_file.with_name("mine.json.damaged")
    assert aside.read_text(encoding="utf-8") == content
    assert "A damaged file was set aside as mine.json.damaged." in progress().message


def test_a_file_that_cannot_be_written_costs_nothing_but_the_memory(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setenv("SCRATCHCNN_PROGRESS", str(blocked / "below.json"))
    assert check(right, "relu").passed
    progress()


def test_without_a_name_the_file_stands_beside_the_notebook(tmp_path, monkeypatch):
    monkeypatch.delenv("SCRATCHCNN_PROGRESS")
    monkeypatch.chdir(tmp_path)
    check(right, "relu")
    stored = json.loads((tmp_path / "workbook_progress.json").read_text(encoding="utf-8"))
    assert stored["relu"]["passed"] is True


def test_an_empty_name_keeps_nothing_on_disk(tmp_path, monkeypatch):
    monkeypatch.setenv("SCRATCHCNN_PROGRESS", "")
    monkeypatch.chdir(tmp_path)
    check(wrong, "im2col")
    assert state_of("im2col") == "tried: 1"
    assert list(tmp_path.iterdir()) == []


def test_the_table_has_every_exercise_in_the_order_of_the_lessons():
    rows = progress().rows
    assert sorted(name for _, name, _ in rows) == sorted(EXERCISES)
    assert [lesson for lesson, _, _ in rows] == sorted(lesson for lesson, _, _ in rows)
    assert "<table>" in progress()._repr_html_()
