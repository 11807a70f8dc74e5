"""Losses, accuracies and norms by update and by epoch."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from panels import lines

from scratchcnn import plots
from scratchcnn.plots.style import BLUE, ORANGE
from scratchcnn.plots.training_curves import moving_mean


def line(axis, label):
    """Return x and y of the line with this label."""
    (found,) = [line for line in axis.lines if line.get_label() == label]
    return found.get_data()


def test_two_losses_are_averaged_alike():
    losses = {"ours": np.arange(6.0), "Keras": np.arange(6.0) + 1}
    (axis,) = plots.loss_pair(losses, window=2).axes
    updates, ours = line(axis, "ours")
    assert updates.tolist() == [1, 2, 3, 4, 5, 6]
    assert ours[1:].tolist() == [0.5, 1.5, 2.5, 3.5, 4.5]
    assert np.array_equal(line(axis, "Keras")[1], ours + 1)


def test_differences_of_zero_are_left_out_and_the_limits_are_marked():
    losses = {"float32": np.array([1e-6, 0.0, 1e-7]), "float64": np.array([0.0, 1e-15, 0.0])}
    weights = {"float32": np.array([0.0, 1e-7, 1e-6]), "float64": np.array([1e-17, 1e-16, 1e-15])}
    figure = plots.run_differences(losses, weights, loss_limit=1e-4, weight_limit=1e-5)
    top, bottom = figure.axes
    assert top.get_yscale() == bottom.get_yscale() == "log"
    assert top.get_ylim() == bottom.get_ylim()
    assert np.array_equal(line(top, "float32"), [[1, 3], [1e-6, 1e-7]])
    assert np.array_equal(line(top, "float64"), [[2], [1e-15]])
    updates, drawn = line(bottom, "float32")
    assert updates.tolist() == [1, 2, 3]
    assert np.array_equal(drawn, [np.nan, 1e-7, 1e-6], equal_nan=True)
    assert np.array_equal(line(bottom, "float64")[1], weights["float64"])
    for axis, limit, text in ((top, 1e-4, "$10^{-4}$"), (bottom, 1e-5, "$10^{-5}$")):
        assert [*axis.lines[-1].get_ydata()] == [limit, limit]
        assert [label.get_text() for label in axis.texts] == [text]


def test_a_moving_mean_by_hand():
    assert_allclose(moving_mean([2, 4, 6, 8], 2), [2, 3, 5, 7])


def test_a_moving_mean_is_the_mean_of_the_last_values_or_of_what_there_is(rng):
    values = rng.random(50)
    means = moving_mean(values, 7)
    expected = [values[max(0, t - 6) : t + 1].mean() for t in range(50)]
    assert_allclose(means, expected)
    assert_allclose(moving_mean(values, 1), values)
    assert_allclose(moving_mean(values, 1000)[-1], values.mean())


def test_a_moving_mean_of_small_numbers_is_not_lost_behind_large_float32_sums():
    values = np.full(100_000, 0.1, np.float32)
    assert_allclose(moving_mean(values, 10), np.float64(np.float32(0.1)), rtol=1e-9)


def test_the_loss_of_every_update_is_drawn_from_update_1():
    (axis,) = plots.loss_curve(np.array([2.0, 1.0, 0.5])).axes
    assert_array_equal(axis.lines[0].get_xdata(), [1, 2, 3])
    assert_array_equal(axis.lines[0].get_ydata(), [2, 1, 0.5])
    assert axis.get_yscale() == "log"


def test_step_curves_show_every_loss_and_only_full_windows_of_accuracy(rng):
    losses, right = rng.random(40) + 0.1, rng.integers(0, 2, 40)
    top, bottom = plots.update_curves(losses, right, epoch=10, window=5).axes
    assert_array_equal(lines(top)["one update"][1], losses)
    assert_allclose(lines(top)["mean of the last 5"][1], moving_mean(losses, 5))
    x, y = bottom.lines[0].get_data()
    assert_array_equal(x, np.arange(5, 41))
    assert_allclose(y[0], right[:5].mean())
    marks = [line.get_xdata()[0] for line in bottom.lines if line.get_linestyle() == ":"]
    assert marks == [10, 20, 30]
    assert [tick.get_text() for tick in bottom.get_xticklabels()] == ["0", "10", "20", "30", "40"]


def test_epoch_curves_keep_training_and_validation_apart():
    history = {
        "loss": [2, 1],
        "accuracy": [0.3, 0.6],
        "val_loss": [3, 2],
        "val_accuracy": [0.2, 0.5],
    }
    loss, accuracy = plots.epoch_curves(history).axes
    for axis, name in ((loss, "loss"), (accuracy, "accuracy")):
        assert_array_equal(lines(axis)["training images"], [[1, 2], history[name]])
        assert_array_equal(lines(axis)["validation images"], [[1, 2], history["val_" + name]])
    assert loss.lines[0].get_color() == BLUE
    assert loss.lines[1].get_color() == ORANGE


@pytest.mark.parametrize("epochs", [1, 5, 30])
def test_epoch_curves_without_validation_have_one_line_and_whole_epochs_below(epochs):
    history = {"loss": np.linspace(2, 1, epochs), "accuracy": np.linspace(0, 1, epochs)}
    figure = plots.epoch_curves(history)
    plots.to_png(figure)  # places the ticks
    for axis in figure.axes:
        assert len(axis.lines) == 1
        low, high = axis.get_xlim()
        ticks = [tick for tick in axis.get_xticks() if low <= tick <= high]
        assert ticks
        assert all(tick == round(tick) for tick in ticks)


def test_norms_share_one_axis_and_show_mean_and_median():
    norms = {"kernel": np.array([1.0, 1.0, 1.0, 9.0]), "bias": np.array([0.5, 0.5, 0.5, 0.5])}
    left, right = plots.gradient_norms(norms, window=4).axes
    assert_array_equal(lines(left)["mean"], [[4], [3]])
    assert_array_equal(lines(left)["median"], [[4], [1]])
    assert left.get_ylim() == right.get_ylim()
    assert left.get_ylim()[1] > 9
    assert [left.get_title(), right.get_title()] == ["kernel", "bias"]


def test_the_loss_curve_says_how_far_the_loss_falls_and_marks_a_guess():
    assert "falls from 2 to 0.5" in plots.loss_curve([2.0, 1.0, 0.5]).alt
    figure = plots.loss_curve([2.0, 1.0, 0.5], guess=2.303)
    (axis,) = figure.axes
    assert axis.get_yscale() == "linear"
    assert 2.303 in axis.lines[1].get_ydata()
    assert "even guess, 2.303" in figure.alt


def test_update_curves_say_loss_and_accuracy_at_both_ends():
    losses, correct = np.linspace(2, 0.1, 40), np.repeat([0, 1], 20)
    alt = plots.update_curves(losses, correct, epoch=10, window=10).alt
    assert "0% at first" in alt
    assert "100% at the end" in alt


def test_epoch_curves_are_described_with_the_best_epoch():
    history = {"loss": [2, 1, 1], "accuracy": [0.1, 0.5, 0.9]}
    history |= {"val_loss": [2, 1, 3], "val_accuracy": [0.1, 0.6, 0.5]}
    alt = plots.epoch_curves(history).alt
    assert "(best: 1.00, epoch 2)" in alt
    assert "(best: 0.60, epoch 2)" in alt
