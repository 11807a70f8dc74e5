"""What the class board keeps and refuses, so that neither a restart nor garbage loses anything."""

import json
import os
from pathlib import Path

import board_state
import pytest
from board_messages import Refused
from board_outcomes import MISTAKES, message, outcome
from board_state import Board
from board_view import table, view


def seen(board):
    """Return all that a board shows, apart from how often it has changed."""
    views = [view(board, lesson, everything) for lesson in (1, 9) for everything in (False, True)]
    return [{**one, "version": 0} for one in views]


def busy(board):
    """Let students do this and that, and the teacher as well."""
    board.report(message(1, outcome(1, "failed", mistake=MISTAKES[0]), outcome(2)))
    board.report(message(2, outcome(3, "failed", mistake=MISTAKES[1], hints=2)))
    board.new_hour()
    board.report(message(3, outcome(4, "failed", "relu"), name="Heron"))
    board.report(message(4, name="Lynx"))
    board.let_in(False)
    board.remove([f"{4:024x}"])
    board.report(message(1, outcome(5, exercise="relu")))


def test_a_restart_loses_nothing(board, path):
    busy(board)
    again = Board(path)
    assert seen(again) == seen(board)
    assert (again.key, again.removed, again.open) == (board.key, board.removed, board.open)
    assert again.unreadable == 0


def test_wherever_the_last_line_is_torn_the_rest_is_there(board, path, tmp_path):
    busy(board)
    before = seen(board)
    whole = path.read_bytes()
    board.report(message(1, outcome(6, exercise="dropout")))
    last = path.read_bytes()[len(whole) :]
    for length in range(len(last)):
        torn = tmp_path / f"torn-{length}.jsonl"
        torn.write_bytes(whole + last[:length])
        again = Board(torn)
        if length < len(last) - 1:  # without its line break it is whole
            assert seen(again) == before
        again.report(message(1, outcome(6, exercise="dropout")))
        assert seen(Board(torn))[2]["exercises"][2]["solved"] == 1


@pytest.mark.parametrize(
    "line", ["{", "[]", "3", "null", '{"outcome": 3}', '{"name": "x"}', "\x00\x00", '"', "[" * 9999]
)
def test_a_damaged_line_is_passed_over(board, path, line):
    busy(board)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:3], line, *lines[3:], ""]))
    again = Board(path)
    assert seen(again) == seen(board)
    assert again.key == board.key


def test_what_arrives_twice_counts_once_even_after_a_restart_or_a_new_hour(board, path):
    report = message(1, outcome(1, "failed"), outcome(1, "failed"))
    board.report(report)
    board.report(report)
    Board(path).report(report)
    board.new_hour()
    board.report(report)
    assert board.hour == {}
    assert Board(path).everything[f"{1:024x}"].outcomes == 1


def test_a_new_hour_begins_empty_and_keeps_everything(board):
    board.report(message(1, outcome(1)))
    board.new_hour()
    assert view(board, 1, False)["students"] == []
    assert view(board, 1, True)["exercises"][1]["solved"] == 1
    board.report(message(1, outcome(2, "failed")))
    assert view(board, 1, False)["students"][0]["marks"][1][:2] == [False, 1]


def test_a_hundred_thousand_names_do_not_fill_the_board(path):
    board = Board(path, most_students=50)
    refused = 0
    for number in range(100_000):
        try:
            board.report(message(number, name=f"No {number}"))
        except Refused:
            refused += 1
    assert (len(board.hour), refused) == (50, 99_950)
    board.report(message(7, outcome(1), name="No 7"))
    assert path.stat().st_size < 10_000


def test_one_student_cannot_fill_the_file(board, path, monkeypatch):
    monkeypatch.setattr(board_state, "MOST_OUTCOMES", 20)
    for number in range(0, 1000, 10):
        board.report(message(1, *(outcome(number + i) for i in range(10))))
    assert board.hour[f"{1:024x}"].outcomes == 20
    assert len(path.read_text().splitlines()) == 22


def test_the_file_has_a_limit_and_the_page_says_so(board, path, monkeypatch):
    board.report(message(1))
    size = path.stat().st_size
    monkeypatch.setattr(board_state, "MOST_BYTES", size + 300)
    board.report(message(1, outcome(1)))
    version = board.version
    for _ in range(2):
        with pytest.raises(Refused, match="full") as refused:
            board.report(message(1, *map(outcome, range(2, 12))))
        assert refused.value.status == 503  # so students keep it and try again
    assert path.stat().st_size <= size + 300
    assert "full" in view(board, 1, False)["trouble"]
    assert board.version == version + 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_loses_no_outcome_that_was_taken(board, path):
    board.report(message(1))
    board.path = Path("/dev/full")
    with pytest.raises(Refused, match="cannot be written"):
        board.report(message(1, outcome(1)))
    assert view(board, 1, False)["exercises"][1]["solved"] == 0
    board.path = path
    board.report(message(1, outcome(1)))
    assert view(board, 1, False)["exercises"][1]["solved"] == 1
    assert view(board, 1, False)["trouble"] == ""


def test_what_is_written_in_part_is_taken_back(board, path, monkeypatch):
    board.report(message(1))
    whole = path.read_bytes()
    real = open

    class Half:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.file.close()

        def write(self, text):
            return self.file.write(text[: len(text) // 2])

        def truncate(self, size):
            return self.file.truncate(size)

    monkeypatch.setattr("builtins.open", lambda *args, **kwargs: Half(real(*args, **kwargs)))
    with pytest.raises(Refused, match="disk is full"):
        board.report(message(1, outcome(1)))
    monkeypatch.undo()
    assert path.read_bytes() == whole


GOOD = message(1, outcome(1))


GARBAGE = [
    None,
    [],
    "x",
    3,
    {},
    {**GOOD, "student": "short"},
    {**GOOD, "student": "g" * 24},
    {**GOOD, "student": 3},
    {**GOOD, "student": None},
    {**GOOD, "name": ""},
    {**GOOD, "name": "x" * 25},
    {**GOOD, "name": "\u200b"},
    {**GOOD, "name": {}},
    {**GOOD, "outcomes": {}},
    {**GOOD, "outcomes": None},
    {**GOOD, "outcomes": [outcome(n) for n in range(101)]},
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda one: str(one)[:60])
def test_garbage_is_refused_and_leaves_nothing(board, path, garbage):
    before = path.read_bytes()
    with pytest.raises(Refused):
        board.report(garbage)
    assert path.read_bytes() == before


STRANGE = [
    None,
    [],
    {},
    {**outcome(1), "id": "x"},
    {**outcome(1), "id": 5},
    {**outcome(1), "exercise": "<script>"},
    {**outcome(1), "exercise": ["correlate"]},
    {**outcome(1), "exercise": None},
    {**outcome(1), "state": "waiting"},
    {**outcome(1), "state": {}},
]


@pytest.mark.parametrize("strange", STRANGE, ids=str)
def test_an_outcome_that_cannot_be_is_passed_over_and_the_others_count(board, strange):
    board.report(message(1, strange, outcome(2)))
    assert board.hour[f"{1:024x}"].outcomes == 1


@pytest.mark.parametrize("mistake", ["<script>", 3, None, [], {}, MISTAKES[0] + "x"])
@pytest.mark.parametrize("hints", [-1, 10**30, "3", None, [], True, 0.5])
def test_nothing_but_names_of_the_workbook_and_small_numbers_is_kept(board, mistake, hints):
    board.report(message(1, outcome(1, "failed", mistake=mistake, hints=hints)))
    cell = board.hour[f"{1:024x}"].cells["correlate"]
    assert list(cell.wrong) == [""]
    assert cell.hints in range(4)


def test_loading_passes_over_what_it_does_not_understand(board):
    good = json.dumps({"student": f"{1:024x}", "name": "Otter", **outcome(1)})
    lines = ["", "{", "[]", "null", "[" * 5000, good[:50], good, good, json.dumps(outcome(2))]
    assert board.load(lines) == (1, 6)


def test_the_table_has_a_line_for_each_student_and_exercise_tried(board):
    board.report(message(1, outcome(1, "failed", mistake=MISTAKES[0], hints=2), outcome(2)))
    board.report(message(2, outcome(3, "failed", "relu"), name='=1+1, "x"'))
    assert table(board, False).splitlines() == [
        "code name,lesson,exercise,passed,wrong answers,hints,last",
        '"\'=1+1, ""x""",9,relu,no,1,0,',
        f"Otter,1,correlate,yes,1,2,{MISTAKES[0]}",
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_the_file_can_be_read_by_the_teacher_alone(board, path):
    assert path.stat().st_mode & 0o077 == 0


def test_two_boards_have_different_keys(tmp_path):
    assert Board(tmp_path / "a").key != Board(tmp_path / "b").key
