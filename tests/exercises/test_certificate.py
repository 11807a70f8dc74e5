"""The page to hand in says what is done, with how much help, and what is not the student's."""

from datetime import date
from importlib import import_module

import numpy as np
import pytest

from scratchcnn.exercises import certificate, check, hint, solution
from scratchcnn.exercises.declaration import EXERCISES
from scratchcnn.exercises.milestone_declaration import MILESTONES
from scratchcnn.exercises.progress import remember_milestone


@pytest.fixture(autouse=True)
def one_day(monkeypatch):
    module = import_module("scratchcnn.exercises.certificate")  # the function hides it
    monkeypatch.setattr(module, "today", lambda: date(2026, 11, 27))


def right(x):
    return np.maximum(x, 0)


def line_with(words):
    (line,) = (line for line in certificate().message.splitlines() if words in line)
    return line


def test_with_nothing_done_it_is_the_same_on_each_day(monkeypatch):
    first = certificate()
    module = import_module("scratchcnn.exercises.certificate")
    monkeypatch.setattr(module, "today", lambda: date(2027, 5, 1))
    assert certificate().message == first.message
    assert certificate()._repr_html_() == first._repr_html_()
    assert first.message.startswith("The scratchcnn workbook\n")
    assert f"0 of {len(EXERCISES)} exercises are done, 0 of {len(MILESTONES)}" in first.message


def test_what_is_done_counts_and_has_a_date():
    check(right, "relu")
    assert f"1 of {len(EXERCISES)} exercises is done" in certificate().message
    assert "Date: November 27, 2026" in certificate().message
    assert line_with("09 ").startswith("09  1 of ")
    assert "relu; not yet: relu_backward, " in line_with("09 ")


def test_hints_are_counted():
    hint("relu")
    check(right, "relu")
    assert "relu (1 hint); " in line_with("09 ")
    for _ in range(4):  # after the third, all are shown again
        hint("relu")
    assert "relu (3 hints); " in line_with("09 ")


def test_a_solution_that_was_seen_before_the_check_passed_is_named():
    solution("relu")  # asks whether you have tried
    solution("relu")
    check(right, "relu")
    assert "relu (solution seen first); " in line_with("09 ")


def test_a_solution_that_was_seen_after_the_check_passed_is_not_named():
    check(right, "relu")
    solution("relu")
    assert "relu; " in line_with("09 ")


def test_milestones_have_their_accuracy_and_what_is_not_the_students():
    assert "– Templates read digits: not yet" in certificate().message
    remember_milestone("templates", 0.887, [])
    remember_milestone("network", 0.837, ["im2col", "dense"])
    remember_milestone("deep network", 0.979, [])
    assert "✓ Templates read digits: 88.7% on " in line_with("Templates")
    assert line_with("Templates").endswith("; all the student's own")
    assert line_with("✓ A convolutional network").endswith("; not the student's: im2col, dense")
    assert "from the library: Conv2D, MaxPool2D" in line_with("✓ A deep network")


def test_the_page_has_all_the_words_of_the_text():
    check(right, "relu")
    remember_milestone("network", 0.837, ["im2col"])
    page = certificate("Alex").message
    html = certificate("Alex")._repr_html_()
    for words in (
        "Alex",
        "November 27, 2026",
        "exercises is done, 1 of 3 milestones is reached",
        "not the student&#x27;s: im2col",
    ):
        assert words in html
        assert words.replace("&#x27;", "'") in page
    assert html.count("✓") == page.count("✓") == 1  # signs, not colors


def test_a_name_is_shown_as_it_is_written():
    assert "&lt;b&gt;Alex" in certificate("<b>Alex")._repr_html_()
    assert "Name: <b>Alex" in certificate("<b>Alex").message


def test_it_says_that_it_is_no_proof():
    assert "which anybody can edit" in certificate().message
    assert "make check" in certificate()._repr_html_()
