"""What the figures of notebook 03 compute: ranges, bars, and what they write."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from numpy.testing import assert_allclose

from scratchcnn.losses import SoftmaxCrossEntropy, softmax
from scratchcnn.plots import softmax as figures
from scratchcnn.plots import to_png
from scratchcnn.plots.style import BLUE, ORANGE

SCORES = np.log([6.0, 3.0, 1.0])  # probabilities 0.6, 0.3, 0.1


def texts(*axes):
    """Return everything written inside the panels."""
    return [text.get_text() for axis in axes for text in axis.texts]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_exp_is_finite_and_positive_exactly_inside_the_range(dtype):
    low, high = figures.exp_range(dtype)
    inside = np.exp(np.array([low + 0.01, high - 0.01], dtype))
    assert (inside > 0).all()
    assert np.isfinite(inside).all()
    with np.errstate(over="ignore", under="ignore"):
        assert np.exp(np.array(low - 0.01, dtype)) == 0
        assert np.isinf(np.exp(np.array(high + 0.01, dtype)))


def test_bars_have_the_given_heights_values_and_color_of_the_right_class():
    figure = figures.bar_panels([SCORES, [0.6, -0.7, 0.1]], ["a", "b"], label=1, digits=1)
    assert_allclose([bar.get_height() for bar in figure.axes[1].patches], [0.6, -0.7, 0.1])
    assert texts(*figure.axes) == ["1.8", "1.1", "0.0", "0.6", "−0.7", "0.1"]
    colors = [to_hex(bar.get_facecolor()) for bar in figure.axes[1].patches]
    assert colors == [BLUE, ORANGE, BLUE]


def test_temperatures_are_drawn_as_bars_and_as_curves_that_agree():
    figure = figures.temperature_panels(SCORES, [0.5, 2])
    assert_allclose([b.get_height() for b in figure.axes[0].patches], np.array([36, 9, 1]) / 46)
    curves = [line for line in figure.axes[-1].lines if len(line.get_xdata()) > 2]
    for k, curve in enumerate(curves):
        expected = [softmax(SCORES / t)[k] for t in curve.get_xdata()]
        assert_allclose(curve.get_ydata(), expected)
    assert len(curves) == 3


def test_shifts_show_who_fails():
    figure = figures.shift_panels(np.array([SCORES, SCORES + 1000, SCORES - 1000]))
    fine, failed = "0.6, 0.3, 0.1", "nan, nan, nan"
    written = [[t for t in texts(axis) if "," in t] for axis in figure.axes]
    assert written == [[fine, failed, failed], [failed, fine, failed], [fine, fine, fine]]


def test_surprise_is_marked_where_the_loss_says():
    figure = figures.surprise_curve([0.3])
    loss = SoftmaxCrossEntropy().forward(SCORES[None], np.array([1]))
    assert texts(*figure.axes) == [f"p = 0.3: {loss:.3f}"]
    for axis in figure.axes:
        curve = axis.lines[0]
        assert_allclose(curve.get_ydata(), -np.log(curve.get_xdata()))


def test_contributions_share_one_scale_around_zero():
    image, contributions = np.ones((4, 4)), [np.full((4, 4), 0.5), np.full((4, 4), -2.0)]
    figure = figures.evidence_panels(image, contributions, ["image", "a", "b"])
    assert [axis.images[0].get_clim() for axis in figure.axes[1:3]] == [(-2, 2), (-2, 2)]


@pytest.mark.parametrize("draw", [figures.start_losses, figures.loss_curve])
def test_loss_figures_show_the_guess_and_can_be_saved(draw):
    figure = draw(np.array([2.3, 2.0, 1.7]), guess=np.log(10))
    guesses = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 2]
    assert np.log(10) in np.concatenate([guesses[0].get_xdata(), guesses[0].get_ydata()])
    assert to_png(figure).startswith(b"\x89PNG")
