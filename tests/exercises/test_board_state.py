"""What the class board counts, and for whom."""

import random

import pytest
from board_messages import Refused
from board_outcomes import MISTAKES, message, outcome
from board_state import Board
from board_view import view

from scratchcnn.exercises.declaration import EXERCISES


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
