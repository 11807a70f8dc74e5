"""Learning rates, batch sizes, optimizers and schedules."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from panels import limits, texts

from scratchcnn import plots

PATHS = {"one": np.array([[-1.0, 0.5], [-0.5, 0.1]]), "two": np.array([[-1.0, 0.5], [0.2, 0.3]])}


def test_each_walk_has_a_panel_and_its_losses_a_line_of_the_same_color():
    one, two, losses = plots.optimizer_paths(PATHS, (1, 25)).axes
    for axis, (name, path), line in zip((one, two), PATHS.items(), losses.lines, strict=True):
        assert np.array_equal(axis.lines[0].get_xydata(), path)
        assert axis.get_title() == name
        assert axis.title.get_color() == axis.lines[0].get_color() == line.get_color()
        expected = [(a * a + 25 * b * b) / 2 for a, b in path]
        assert line.get_ydata() == pytest.approx(expected)
    assert losses.get_yscale() == "log"


def test_the_axis_of_losses_ends_where_numbers_mean_nothing_more():
    path = np.array([[1.0, 1.0], [1e-9, 1e-9]])
    assert plots.optimizer_paths({"fast": path}, (1, 25)).axes[-1].get_ylim()[0] == 1e-9


def test_schedules_show_rates_left_and_losses_right():
    rates = {"one": [0.3, 0.2], "two": [0.1, 0.1]}
    left, right = plots.learning_rate_schedules(rates, PATHS, (1, 25)).axes
    assert [list(line.get_ydata()) for line in left.lines] == list(rates.values())
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["one", "two"]
    assert len(right.lines) == 2


def test_learning_rates_that_diverge_are_marked_where_they_leave_the_figure():
    curves = {0.01: np.full(100, 1.0), 1.0: np.array([2.0, 2.0, 500.0, np.float32(1e30)])}
    (axis,) = plots.learning_rate_curves(curves, window=2, top=20).axes
    assert texts(axis) == ["1 diverges", "0.01"]
    x, y = axis.lines[1].get_data()
    assert_array_equal(x, [1, 2, 3])
    assert_array_equal(y, [2, 2, 20])
    cross = axis.lines[2]
    assert (cross.get_marker(), cross.get_xdata()[-1], cross.get_ydata()[-1]) == ("x", 3, 20)


def test_a_rate_that_ends_early_without_leaving_the_figure_is_marked_too():
    curves = {0.01: np.full(10, 1.0), 1.0: np.array([2.0, 2.0])}
    (axis,) = plots.learning_rate_curves(curves, window=2).axes
    assert texts(axis) == ["1 diverges", "0.01"]


def test_labels_of_learning_rates_do_not_lie_upon_each_other():
    curves = {rate: np.full(10, 1.0) for rate in (0.001, 0.01, 0.1)}
    (axis,) = plots.learning_rate_curves(curves, window=2).axes
    heights = [text.xy[1] for text in axis.texts]
    assert_allclose(np.divide(heights[:-1], heights[1:]), 1.25)


def test_labels_of_learning_rates_stand_in_the_order_of_the_lines_ends():
    ends = {0.001: 2.0, 0.01: 0.5, 0.1: 0.51}
    curves = {rate: np.full(10, end) for rate, end in ends.items()}
    (axis,) = plots.learning_rate_curves(curves, window=2).axes
    assert texts(axis) == ["0.001", "0.1", "0.01"]
    squares = [line for line in axis.lines if line.get_marker() == "s"]
    drawn = dict(zip(curves, axis.lines, strict=False))
    for square, rate in zip(squares, (0.001, 0.1, 0.01), strict=True):
        assert_array_equal(square.get_color(), drawn[rate].get_color())


def test_the_sweep_says_diverged_where_there_is_no_accuracy():
    accuracies = np.array([[0.5, np.nan], [0.124, 0.999]])
    (axis,) = plots.accuracy_grid(accuracies, [0.01, 1.0], [1, 10]).axes
    assert texts(axis) == ["50%", "diverged", "12%", "100%"]
    assert [tick.get_text() for tick in axis.get_xticklabels()] == ["0.01", "1"]
    assert [tick.get_text() for tick in axis.get_yticklabels()] == ["1", "10"]
    assert limits(axis) == (0, 2)  # pale colors: the numbers are dark everywhere
