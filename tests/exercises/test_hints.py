"""Hints come one by one; the solution comes when it is due."""

import pytest

from scratchcnn.exercises import check, hint, solution
from scratchcnn.exercises.declaration import EXERCISES

RELU = EXERCISES["relu"]


def wrong(x):
    return x


def test_hints_come_one_after_the_other_and_then_all_together():
    for number, text in enumerate(RELU.hints, 1):
        assert hint("relu").message == f"Hint {number} of 3 for relu\n{text}"
    assert all(text in hint("relu").message for text in RELU.hints)
    assert hint("softmax").message.startswith("Hint 1 of 3")


def test_a_hint_can_be_asked_for_with_the_function_itself():
    def relu(x):
        return x

    assert RELU.hints[0] in hint(relu).message


def test_the_solution_is_shown_when_asked_twice():
    assert "def relu" not in solution("relu").message
    assert "def relu(x):" in solution("relu").message


def test_the_solution_is_shown_after_a_check_has_passed():
    check(RELU.reference)
    assert "def relu(x):" in solution("relu").message


def test_the_solution_is_shown_after_three_checks_have_failed():
    for _ in range(3):
        check(wrong, "relu")
    assert "def relu(x):" in solution("relu").message


def test_two_failed_checks_are_not_enough():
    for _ in range(2):
        check(wrong, "relu")
    assert "def relu" not in solution("relu").message


def test_without_asking_the_source_is_returned():
    assert solution("relu", ask=False) == RELU.source
    assert solution("relu", ask=False).startswith("def relu(x):\n")


def test_a_teacher_can_switch_the_solutions_off(monkeypatch):
    monkeypatch.setenv("SCRATCHCNN_SOLUTIONS", "off")
    check(RELU.reference)
    for _ in range(3):
        assert solution("relu").message == "The solutions are switched off for this class."
    with pytest.raises(PermissionError, match="switched off"):
        solution("relu", ask=False)


def test_an_unknown_name_gets_the_nearest_one():
    assert hint("sofmax").message == "There is no exercise called sofmax. Do you mean softmax?"
    assert "Do you mean softmax?" in solution("sofmax").message
    with pytest.raises(ValueError, match="softmax"):
        solution("sofmax", ask=False)
