"""The figures of notebook 05: every number handed over is drawn, on one scale where compared."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from scratchcnn.plots import comparison as figures
from scratchcnn.plots import to_png
from scratchcnn.plots.style import BLUE, GRAY, ORANGE


def line(axis, label):
    """Return x and y of the line with this label."""
    (found,) = [line for line in axis.lines if line.get_label() == label]
    return found.get_data()


def legend(axis):
    return [text.get_text() for text in axis.get_legend().get_texts()]


def test_probabilities_stand_side_by_side_for_each_class():
    ours, theirs = np.array([0.2, 0.5, 0.3]), np.array([0.1, 0.6, 0.3])
    figure = figures.probabilities(np.zeros((4, 4)), {"ours": ours, "Keras": theirs})
    bars = figure.axes[1].containers
    assert [[bar.get_height() for bar in group] for group in bars] == [[*ours], [*theirs]]
    centers = [[bar.get_x() + bar.get_width() / 2 for bar in group] for group in bars]
    assert np.mean(centers, axis=0) == pytest.approx([0, 1, 2])
    assert legend(figure.axes[1]) == ["ours", "Keras"]


def test_clipping_draws_losses_left_and_slopes_right():
    difference, curves = np.arange(3.0), {"ours": np.ones(3), "Keras": np.zeros(3)}
    slopes = {name: values - 5 for name, values in curves.items()}
    left, right = figures.clipping(difference, curves, slopes).axes
    for name in curves:
        assert np.array_equal(line(left, name), [difference, curves[name]])
        assert np.array_equal(line(right, name), [difference, slopes[name]])


def test_two_losses_are_averaged_alike():
    losses = {"ours": np.arange(6.0), "Keras": np.arange(6.0) + 1}
    (axis,) = figures.two_losses(losses, window=2).axes
    updates, ours = line(axis, "ours")
    assert updates.tolist() == [1, 2, 3, 4, 5, 6]
    assert ours[1:].tolist() == [0.5, 1.5, 2.5, 3.5, 4.5]
    assert np.array_equal(line(axis, "Keras")[1], ours + 1)


def test_differences_of_zero_are_left_out_and_the_limits_are_marked():
    losses = {"float32": np.array([1e-6, 0.0, 1e-7]), "float64": np.array([0.0, 1e-15, 0.0])}
    weights = {"float32": np.array([0.0, 1e-7, 1e-6]), "float64": np.array([1e-17, 1e-16, 1e-15])}
    figure = figures.differences(losses, weights, loss_limit=1e-4, weight_limit=1e-5)
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


def test_kernels_share_one_scale_symmetric_about_zero():
    rows = {"ours": np.arange(18.0).reshape(3, 3, 1, 2), "difference": np.full((3, 3, 1, 2), -40.0)}
    *panels, _ = figures.kernels(rows).axes
    assert len(panels) == 4
    assert {axis.images[0].get_clim() for axis in panels} == {(-40, 40)}
    assert np.array_equal(panels[1].images[0].get_array(), rows["ours"][:, :, 0, 1])
    assert [axis.get_ylabel() for axis in panels] == ["ours", "", "difference", ""]


def test_the_spread_shows_every_seed_and_the_mean():
    (axis,) = figures.spread({"ours": [0.85, 0.87], "Keras": [0.8, 0.84, 0.88]}).axes
    dots = [drawn for drawn in axis.lines if drawn.get_marker() == "o"]
    assert [[*drawn.get_xdata()] for drawn in dots] == [[0.85, 0.87], [0.8, 0.84, 0.88]]
    assert [text.get_text() for text in axis.texts] == ["mean 86.0%", "mean 84.0%"]


def test_times_tell_the_first_call_from_the_later_ones():
    one = {"ours": [0.5, 0.1, 0.3, 0.2], "Keras": [2.0, 0.4, 0.4, 0.6]}
    measured = {"train": {**one, "Keras, more": [3, 0.1, 0.1]}, "predict": one}
    (axis,) = figures.times(measured).axes
    rows = [label.get_text() for label in axis.get_yticklabels()]
    jobs = ["train: ours", "train: Keras", "train: Keras, more", "predict: ours", "predict: Keras"]
    assert rows == jobs
    later, first, median = axis.lines[:3]
    assert sorted(later.get_xdata()) == pytest.approx([100, 200, 300])
    assert [*first.get_xdata()] == pytest.approx([500])
    assert first.get_markerfacecolor() == "none"
    assert [*median.get_xdata()] == pytest.approx([200, 200])
    colors = [to_hex(drawn.get_color()) for drawn in axis.lines[0:15:3]]
    assert colors == [BLUE, ORANGE, GRAY, BLUE, ORANGE]


@pytest.mark.parametrize("count", [1, 8])
def test_figures_fit_the_page_and_can_be_drawn(count):
    figure = figures.kernels({"ours": np.ones((3, 3, 1, count))})
    assert figure.get_figwidth() <= 9
    assert to_png(figure).startswith(b"\x89PNG")
