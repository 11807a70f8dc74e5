"""The softmax explorer shows the library's probabilities, loss and gradient."""

import re

import numpy as np
import pytest
from browser.scene import make
from widgets.events import key, numbers, point

from scratchcnn import SoftmaxCrossEntropy, softmax
from scratchcnn.widgets import SoftmaxExplorer
from scratchcnn.widgets.softmax import compute


@pytest.fixture
def explorer():
    return make("softmax")


@pytest.mark.parametrize("temperature", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("label", [0, 3])
def test_probabilities_loss_and_gradient_are_the_librarys(explorer, temperature, label):
    explorer.set(temperature=temperature, label=label)
    logits = np.array([explorer.state.scores]) / temperature
    loss = SoftmaxCrossEntropy()
    value, gradient = loss.forward(logits, np.array([label])), loss.backward()[0]
    found = re.findall(r"score (\S+), probability (\S+), gradient (\S+?)[;.] ", explorer.stage.alt)
    shown = np.array([numbers(" ".join(words)) for words in found])
    assert shown[:, 0] == pytest.approx(explorer.state.scores)
    assert shown[:, 1] == pytest.approx(softmax(logits)[0], abs=6e-4)
    assert shown[:, 2] == pytest.approx(gradient, abs=6e-4)
    assert numbers(explorer.stage.caption)[-1] == pytest.approx(value, abs=6e-4)


def test_dragging_sets_the_score_at_the_pointers_height(explorer):
    point(explorer, "scores", "press", 0.3, 0.25)
    assert explorer.state.chosen == 1
    assert explorer.state.scores[1] == 3.0
    point(explorer, "scores", "drag", 0.9, 0.5)  # past another class: still the one pressed
    assert explorer.state.scores == (2.0, 0.0, 0.0, -1.0, 0.5)
    point(explorer, "scores", "drag", 0.3, -4.0)
    assert explorer.state.scores[1] == 6.0


def test_keys_choose_a_class_and_change_its_score(explorer):
    key(explorer, "scores", "ArrowRight", "ArrowRight", "ArrowUp", "PageUp")
    assert explorer.state.chosen == 2
    assert explorer.state.scores[2] == pytest.approx(1.1)
    key(explorer, "scores", "ArrowDown", "PageDown", "Enter")
    assert explorer.state.scores[2] == pytest.approx(0.0)
    assert explorer.state.label == explorer.controls["label"].value == 2
    key(explorer, "scores", *["ArrowLeft"] * 9)
    assert explorer.state.chosen == 0


def test_a_step_goes_against_the_gradient_and_the_loss_falls(explorer):
    explorer.set(label=3, temperature=2.0)
    before = compute(explorer.state)
    scores = np.array(explorer.state.scores)
    explorer.step()
    assert explorer.state.scores == pytest.approx(scores - before.gradient / 2.0)
    assert compute(explorer.state).loss < before.loss


def test_the_step_uses_the_true_derivative_by_the_scores(explorer):
    explorer.set(temperature=0.5, label=1)
    scores, labels = np.array(explorer.state.scores), np.array([1])

    def loss(k, change):
        moved = scores.copy()
        moved[k] += change
        return SoftmaxCrossEntropy().forward(moved[None] / 0.5, labels)

    slopes = [(loss(k, 1e-6) - loss(k, -1e-6)) / 2e-6 for k in range(5)]
    explorer.step()
    assert scores - explorer.state.scores == pytest.approx(slopes, abs=1e-6)


def test_classes_have_names():
    explorer = SoftmaxExplorer([1.0, 2.0], classes=["cat", "dog"], label=1)
    assert "correct class dog" in explorer.stage.alt
    assert "−ln p(dog)" in explorer.stage.caption


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scores": [1.0]}, "2 to 12 numbers"),
        ({"scores": [1.0, 7.0]}, "between -6 and 6"),
        ({"scores": [0.0] * 47}, r"shape \(47,\), expected 2 to 12 numbers"),
        ({"scores": [1.0, 2.0], "label": 2}, "expected a class in 0 .. 1"),
        ({"scores": [1.0, 2.0], "classes": ["a"]}, "1 names, expected 2"),
    ],
)
def test_wrong_arguments_are_errors_that_say_what_is_expected(arguments, message):
    with pytest.raises(ValueError, match=message):
        SoftmaxExplorer(**arguments)
