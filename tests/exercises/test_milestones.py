"""Milestones: the student's functions read digits, and what is not theirs is named."""

import json
from importlib import import_module

import numpy as np
import pytest

from scratchcnn import load_mnist_test
from scratchcnn.exercises import check, milestone, own_functions, progress
from scratchcnn.exercises.declaration import EXERCISES
from scratchcnn.exercises.milestone_declaration import MILESTONES, Milestone, Trained
from scratchcnn.exercises.own_functions import Clock, Own
from scratchcnn.exercises.progress import remember_milestone
from scratchcnn.exercises.stand_in import StandIn

REAL = list(MILESTONES)


def relu(x):
    return np.maximum(x, 0)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def renamed(name, function):
    function.__name__ = name
    return function


def train(own, step):
    """Read each digit from a sheet with the answers, by way of the student's functions."""
    own.relu(np.ones((40, 40)))
    step()
    answers = np.eye(10)[load_mnist_test()[1]]
    return Trained(lambda images: own.softmax(own.relu(answers)), answers)


@pytest.fixture(autouse=True)
def toy():
    """A milestone of workbook 09 that needs relu, and softmax of workbook 04."""
    yield Milestone(
        name="toy",
        yours="your own toy works",
        helped="a toy works",
        lesson=9,
        goal=0.8,
        needs=("relu", "softmax"),
        library="the answers",
        updates=1,
        train=train,
        draw=lambda learned: None,
    )
    del MILESTONES["toy"]


def kept(progress_file):
    return json.loads(progress_file.read_text(encoding="utf-8"))["milestones"]


def test_with_all_functions_right_it_is_reached_and_remembered(progress_file, capsys):
    outcome = milestone("toy", relu, softmax)
    assert outcome.reached
    assert outcome.all_yours
    assert outcome.accuracy == 1
    assert "✓ Milestone reached: your own toy works.\n100.0% of 1,000" in capsys.readouterr().out
    assert "All yours: relu, softmax." in outcome.message
    assert "From the library: the answers." in outcome.message
    assert kept(progress_file)["toy"]["ours"] == []
    assert "✓ Milestone: your own toy works (100.0%)." in progress().message
    assert "your own toy works" in progress()._repr_html_()


def test_with_nothing_written_nothing_is_trained_and_nothing_is_remembered(progress_file):
    outcome = milestone("toy")
    assert outcome.message == "… This milestone waits for your relu."
    assert not outcome.reached
    assert outcome.accuracy is None
    assert not progress_file.exists()


def test_a_wrong_function_of_this_workbook_is_named_and_nothing_is_trained(progress_file):
    outcome = milestone("toy", renamed("relu", lambda x: -x), softmax)
    assert not outcome.reached
    assert "relu is not right yet: see check(relu)." in outcome.message
    assert not progress_file.exists()


@pytest.mark.parametrize(
    "other",
    [[], [renamed("softmax", lambda z: z)], [StandIn(EXERCISES["softmax"])]],
    ids=["not given", "wrong", "ours"],
)
def test_a_function_of_ours_is_named_and_it_is_not_all_yours(progress_file, other):
    outcome = milestone("toy", relu, *other)
    assert outcome.reached
    assert not outcome.all_yours
    assert outcome.ours == ["softmax"]
    assert "Milestone reached, with some functions of ours: a toy works." in outcome.message
    assert "Yours: relu.\nOurs: softmax (workbook 04)." in outcome.message
    assert kept(progress_file)["toy"]["ours"] == ["softmax"]
    assert "✓ Milestone: a toy works, with our softmax (100.0%)." in progress().message


def test_ours_in_the_place_of_a_function_of_this_workbook_is_not_enough():
    assert not milestone("toy", StandIn(EXERCISES["relu"]), softmax).reached


def test_no_check_accepts_what_stands_in():
    result = check(StandIn(EXERCISES["softmax"]))
    assert not result.passed
    assert result.message.startswith("… softmax waits for your answer.")


@pytest.mark.parametrize("bad", [0.0, np.nan])
def test_a_network_that_reads_too_little_has_not_reached_it(toy, progress_file, bad):
    scores = np.where(np.arange(1000)[:, None] < 700, np.eye(10)[load_mnist_test()[1]], bad)
    object.__setattr__(toy, "train", lambda own, step: Trained(lambda images: scores, scores))
    outcome = milestone("toy", relu, softmax)
    assert not outcome.reached
    assert outcome.accuracy < 0.8
    assert "✗ The milestone is not reached yet." in outcome.message
    assert "The goal is 80%." in outcome.message
    assert not progress_file.exists()


def test_an_error_in_the_training_is_shown_at_the_students_line():
    def relu(x):
        if x.size > 1000:
            raise ValueError("so many")
        return np.maximum(x, 0)

    message = milestone("toy", relu, softmax).message
    assert "The function stopped with ValueError: so many" in message
    assert 'raise ValueError("so many")' in message
    assert "relu" in message


def test_a_training_that_would_take_too_long_is_stopped_and_the_slowest_is_named(monkeypatch):
    monkeypatch.setattr(own_functions, "PATIENCE", 0.0)
    monkeypatch.setattr(own_functions, "LIMIT", 0.0)
    message = milestone("toy", relu, softmax).message
    assert "it would have taken longer than five minutes" in message
    assert "100% of the time went into relu." in message


def test_the_time_of_a_function_is_not_that_of_the_one_that_calls_it():
    clock = Clock(updates=1)
    inner = Own(EXERCISES["softmax"], lambda: sum(range(300_000)), clock)
    Own(EXERCISES["relu"], lambda: inner() and inner(), clock)()
    assert clock.slowest() == "softmax"
    assert clock.spent["relu"] >= 0


def test_a_training_can_be_stopped_by_hand(toy):
    def train(own, step):
        raise KeyboardInterrupt

    object.__setattr__(toy, "train", train)
    outcome = milestone("toy", relu, softmax)
    assert not outcome.reached
    assert "You stopped the training." in outcome.message


def test_what_functions_print_is_not_shown_and_lists_are_as_good_as_arrays(capsys):
    def relu(x):
        print("called")
        return np.maximum(x, 0).tolist()

    assert milestone("toy", relu, softmax).all_yours
    assert "called" not in capsys.readouterr().out


def test_the_best_outcome_is_kept(progress_file):
    milestone("toy", relu)
    assert kept(progress_file)["toy"]["ours"] == ["softmax"]
    milestone("toy", relu, softmax)
    assert kept(progress_file)["toy"]["ours"] == []
    milestone("toy", relu)
    assert kept(progress_file)["toy"]["ours"] == []
    check(relu)  # what is remembered about exercises leaves the milestones alone
    assert kept(progress_file)["toy"]["accuracy"] == 1


def test_fewer_functions_of_ours_are_better_and_then_a_higher_accuracy(progress_file):
    for accuracy, ours, best in [
        (0.85, ["softmax"], 0.85),
        (0.83, ["softmax"], 0.85),
        (0.86, ["softmax"], 0.86),
        (0.81, [], 0.81),
        (0.99, ["softmax"], 0.81),
        (0.82, [], 0.82),
    ]:
        remember_milestone("toy", accuracy, ours)
        assert kept(progress_file)["toy"]["accuracy"] == best


def test_an_unknown_milestone_is_answered_with_those_that_there_are():
    assert 'There are "templates", "network", "deep network"' in milestone("templets").message


class Enough(BaseException):
    """Ends a training after its first update."""


def enough():
    raise Enough


@pytest.mark.parametrize("name", REAL)
def test_every_function_that_a_milestone_names_takes_part_in_an_update(name):
    declared, clock = MILESTONES[name], Clock(updates=1)
    own = {one: Own(EXERCISES[one], EXERCISES[one].reference, clock) for one in declared.needs}
    with pytest.raises(Enough):
        declared.train(type("Functions", (), own), enough)
    assert set(clock.spent) == set(declared.needs)


@pytest.mark.parametrize("name", REAL)
def test_a_milestone_needs_something_of_its_own_workbook_and_nothing_of_later_ones(name):
    lessons = {EXERCISES[one].lesson for one in MILESTONES[name].needs}
    assert max(lessons) == MILESTONES[name].lesson


@pytest.mark.parametrize(
    ("name", "shape"),
    [("templates", (784, 10)), ("network", (9, 8)), ("deep network", (3, 3, 1, 16))],
)
def test_what_was_learned_is_drawn_with_a_text_for_those_who_cannot_see_it(name, shape):
    pytest.importorskip("matplotlib")
    learned = np.random.default_rng(0).standard_normal(shape)
    assert MILESTONES[name].draw(learned).alt


def test_a_milestone_is_reported_to_the_class_board(monkeypatch):
    told = []
    module = import_module("scratchcnn.exercises.milestone")
    monkeypatch.setattr(module, "report", lambda *outcome: told.append(outcome))
    milestone("toy", relu, renamed("softmax", softmax))
    milestone("toy")  # waits for functions, so there is nothing to report
    assert told == [("milestone: toy", "passed")]
