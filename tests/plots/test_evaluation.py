"""Confusions, mistakes and accuracies."""

import numpy as np
from numpy.testing import assert_allclose

from scratchcnn import plots
from scratchcnn.plots.style import BLUE


def test_the_spread_shows_every_seed_and_the_mean():
    (axis,) = plots.accuracies({"ours": [0.85, 0.87], "Keras": [0.8, 0.84, 0.88]}).axes
    dots = [drawn for drawn in axis.lines if drawn.get_marker() == "o"]
    assert [[*drawn.get_xdata()] for drawn in dots] == [[0.85, 0.87], [0.8, 0.84, 0.88]]
    assert [text.get_text() for text in axis.texts] == ["mean 86.0%", "mean 84.0%"]


def test_the_spread_says_which_images_were_classified():
    figure = plots.accuracies({"a": [0.85], "b": [0.8]}, "validation images")
    assert figure.axes[0].get_xlabel() == "Accuracy on the validation images"
    assert "on the validation images" in figure.alt


def test_accuracy_is_drawn_over_the_shifts():
    (axis,) = plots.accuracy_by_shift({"a": [0.9, 0.5], "b": [1.0, 0.8]}, [0, 3]).axes
    assert [line.get_xydata().tolist() for line in axis.lines] == [
        [[0, 0.9], [3, 0.5]],
        [[0, 1.0], [3, 0.8]],
    ]
    assert axis.lines[0].get_color() == BLUE
    assert list(axis.get_xticks()) == [0, 3]


def test_the_confusion_matrix_writes_counts_and_colors_shares_of_the_row():
    confusion = np.array([[8, 2, 0], [0, 100, 0], [0, 0, 0]])
    axis = plots.confusion_matrix(confusion).axes[0]
    written = {text.get_position(): text.get_text() for text in axis.texts}
    assert written == {(0, 0): "8", (1, 0): "2", (1, 1): "100"}  # (predicted, right)
    shares = axis.images[0].get_array() ** 2
    assert_allclose(shares, [[0.8, 0.2, 0], [0, 1, 0], [0, 0, 0]], atol=1e-12)


def test_mistakes_name_the_right_class_the_predicted_one_and_its_probability(rng):
    p = np.full((3, 10), 0.01)
    p[0, 2] = p[1, 9] = p[2, 1] = 0.91
    axes = plots.mistakes(rng.random((3, 28, 28)), [3, 5, 7], p, columns=2).axes
    titles = [axis.get_title() for axis in axes]
    assert titles[:3] == [f"a {a}, called {b}\n91.0% sure" for a, b in ((3, 2), (5, 9), (7, 1))]
    assert [len(axis.images) for axis in axes] == [1, 1, 1, 0]


def test_the_confusion_matrix_names_its_most_frequent_mistakes():
    alt = plots.confusion_matrix([[8, 2, 0], [5, 90, 0], [0, 0, 7]]).alt
    assert "112 examples in 3 classes, 105 on the diagonal" in alt
    assert "5 times 1 called 0 and 2 times 0 called 1" in alt
    assert "no mistakes" in plots.confusion_matrix(np.diag([3, 4])).alt


def test_a_confusion_matrix_calls_classes_by_their_names():
    figure = plots.confusion_matrix([[5, 1], [2, 4]], ["Shirt", "Coat"])
    axis = figure.axes[0]
    for labels in (axis.get_xticklabels(), axis.get_yticklabels()):
        assert [label.get_text() for label in labels] == ["Shirt", "Coat"]
    assert "2 times Coat called Shirt and 1 times Shirt called Coat" in figure.alt


def test_accuracies_of_three_networks_can_be_compared():
    figure = plots.accuracies({"a": [0.8, 0.9], "b": [0.7, 0.9], "c": [0.5, 0.6]})
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["a", "b", "c"]
    assert "c from 50.0% to 60.0%, mean 55.0%" in figure.alt
