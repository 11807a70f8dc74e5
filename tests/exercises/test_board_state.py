"""What the class board counts, what it refuses, and that a restart loses nothing."""

import json
import os
import random
from pathlib import Path

import board_state
import pytest
from board_messages import Refused
from board_state import Board
from board_view import table, view

from scratchcnn.exercises.declaration import EXERCISES

MISTAKES = [one.name for one in EXERCISES["correlate"].mistakes]


def outcome(number, state="passed", exercise="correlate", mistake="", hints=0):
    return {
        "id": f"{number:016x}",
        "time": 0.0,
        "exercise": exercise,
        "state": state,
        "mistake": mistake,
        "hints": hints,
    }


def message(student, *outcomes, name="Otter"):
    return {"student": f"{student:024x}", "name": name, "outcomes": list(outcomes)}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "class_board.jsonl"


@pytest.fixture
def board(path):
    return Board(path)


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


def test_counts_are_those_of_a_plain_count(board):
    rng = random.Random(0)
    solved, tried = set(), set()
    for number in range(3000):
        student, name = rng.randrange(40), rng.choice(["correlate", "output_size", "one_output"])
        state = rng.choice(["passed", "failed", "failed"])
        board.report(message(student, outcome(number, state, name), name=f"No {student}"))
        tried.add((student, name))
        if state == "passed":
            solved.add((student, name))
        if number % 500 == 250:
            shown = {one["name"]: one for one in view(board, 1, False)["exercises"]}
            for name in ("correlate", "output_size", "one_output"):
                right = sum(exercise == name for _, exercise in solved)
                assert shown[name]["solved"] == right
                assert shown[name]["trying"] == sum(e == name for _, e in tried) - right


def test_the_commonest_wrong_answer_is_counted_by_students_not_by_tries(board):
    wrong, other = MISTAKES[:2]
    ids = iter(range(100))
    for _ in range(9):
        board.report(message(1, outcome(next(ids), "failed", mistake=other)))
    for student in (2, 3):
        board.report(message(student, outcome(next(ids), "failed", mistake=wrong), name="Lynx"))
    for student in (4, 5, 6):
        board.report(message(student, outcome(next(ids), "failed"), name="Newt"))
    board.report(message(3, outcome(next(ids)), name="Lynx"))
    rows = view(board, 1, False)["wrong"]
    assert [(row["mistake"], row["students"], row["still"]) for row in rows] == [
        (wrong, 2, 1),
        (other, 1, 1),
        ("", 3, 3),  # what is not known is nothing to talk about, so it comes last
    ]
    assert rows[0]["message"] == EXERCISES["correlate"].mistakes[0].message


def test_milestones_stand_after_the_exercises_of_their_workbook(board):
    board.report(message(1, outcome(1, "failed", "milestone: network"), outcome(2)))
    board.report(message(2, outcome(3, "passed", "milestone: network"), name="Lynx"))
    shown = view(board, 6, False)
    assert shown["exercises"][-1] == {"name": "milestone: network", "solved": 1, "trying": 1}
    assert shown["wrong"] == []


def test_a_student_who_has_solved_it_is_not_stuck_after_another_try(board):
    board.report(message(1, outcome(1), outcome(2, "failed", mistake=MISTAKES[0])))
    shown = view(board, 1, False)
    assert shown["students"][0]["marks"][1][0] is True
    assert shown["wrong"][0]["still"] == 0


def test_the_lesson_is_the_one_that_the_class_is_at(board):
    assert view(board, None, False)["lesson"] == 1
    for number in range(20):
        board.report(message(number, outcome(number, exercise="softmax")))
    board.report(message(1, outcome(99)))
    assert view(board, None, False)["lesson"] == 4
    assert view(board, 1, False)["lesson"] == 1
    assert view(board, 77, False)["lesson"] == 4


def test_students_stand_in_the_order_of_their_names(board):
    names = ["Otter 10", "badger", "Otter 2", "7", "Otter", "٣ x"]
    for number, name in enumerate(names):
        board.report(message(number, name=name))
    shown = [row["name"] for row in view(board, 1, False)["students"]]
    assert shown == ["٣ x", "7", "badger", "Otter", "Otter 2", "Otter 10"]


def test_whoever_is_in_another_lesson_is_shown_there(board):
    board.report(message(1, outcome(1, exercise="softmax")))
    (row,) = view(board, 1, False)["students"]
    assert (row["at"], row["elsewhere"]) == (-1, "softmax")


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


def test_two_students_of_the_same_name_are_told_apart(board, path):
    names = ["Otter", "otter", "Ｏtter", "Otter 2", "Otter"]
    called = [board.report(message(number, name=name)) for number, name in enumerate(names)]
    assert called == ["Otter", "otter 2", "Ｏtter 3", "Otter 2 2", "Otter 4"]
    assert board.report(message(4)) == "Otter 4"
    assert Board(path).report(message(4)) == "Otter 4"


def test_whoever_is_removed_stays_away_until_joining_anew(board):
    board.report(message(1, outcome(1)))
    board.remove([f"{1:024x}"])
    assert view(board, 1, True)["students"] == []
    assert view(board, 1, True)["exercises"][1]["solved"] == 0
    with pytest.raises(Refused, match="removed"):
        board.report(message(1, outcome(2)))
    assert board.report(message(2, name="Lynx")) == "Lynx"


def test_with_the_door_closed_only_those_who_are_in_can_report(board):
    board.report(message(1))
    board.let_in(False)
    board.report(message(1, outcome(1)))
    with pytest.raises(Refused, match="taking no new names"):
        board.report(message(2))
    board.let_in(True)
    board.report(message(2))


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
