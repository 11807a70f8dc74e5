"""Bars, temperatures and exponents: what is drawn is what softmax computes."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_hex
from numpy.testing import assert_allclose
from panels import texts

from scratchcnn import plots
from scratchcnn.losses import softmax
from scratchcnn.plots.probabilities import exp_range
from scratchcnn.plots.style import BLUE, ORANGE

SCORES = np.log([6.0, 3.0, 1.0])  # probabilities 0.6, 0.3, 0.1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_exp_is_finite_and_positive_exactly_inside_the_range(dtype):
    low, high = exp_range(dtype)
    inside = np.exp(np.array([low + 0.01, high - 0.01], dtype))
    assert (inside > 0).all()
    assert np.isfinite(inside).all()
    with np.errstate(over="ignore", under="ignore"):
        assert np.exp(np.array(low - 0.01, dtype)) == 0
        assert np.isinf(np.exp(np.array(high + 0.01, dtype)))


def test_bars_have_the_given_heights_values_and_color_of_the_right_class():
    figure = plots.class_bars([SCORES, [0.6, -0.7, 0.1]], ["a", "b"], label=1, digits=1)
    assert_allclose([bar.get_height() for bar in figure.axes[1].patches], [0.6, -0.7, 0.1])
    assert texts(figure.axes[0]) == ["1.8", "1.1", "0.0", "0", "1", "2"]
    assert texts(figure.axes[1]) == ["0.6", "−0.7", "0.1", "0", "1", "2"]
    colors = [to_hex(bar.get_facecolor()) for bar in figure.axes[1].patches]
    assert colors == [BLUE, ORANGE, BLUE]


@pytest.mark.parametrize("classes", [3, 10])
def test_the_values_at_the_bars_do_not_run_into_each_other(classes):
    vectors = np.full((3, classes), -0.55)
    figure = plots.class_bars(vectors, ["a", "b", "c"], digits=2, shared_scale=True)
    figure.draw_without_rendering()
    for axis in figure.axes:
        boxes = [text.get_window_extent() for text in axis.texts if "0.55" in text.get_text()]
        assert len(boxes) == classes
        for one, other in pairwise(boxes):
            assert one.x1 < other.x0


def test_temperatures_are_drawn_as_bars_and_as_curves_that_agree():
    figure = plots.softmax_temperatures(SCORES, [0.5, 2])
    assert_allclose([b.get_height() for b in figure.axes[0].patches], np.array([36, 9, 1]) / 46)
    curves = [line for line in figure.axes[-1].lines if len(line.get_xdata()) > 2]
    for k, curve in enumerate(curves):
        expected = [softmax(SCORES / t)[k] for t in curve.get_xdata()]
        assert_allclose(curve.get_ydata(), expected)
    assert len(curves) == 3


def test_shifts_show_who_fails():
    figure = plots.softmax_overflow(np.array([SCORES, SCORES + 1000, SCORES - 1000]))
    fine, failed = "0.6, 0.3, 0.1", "nan, nan, nan"
    written = [[t for t in texts(axis) if "," in t] for axis in figure.axes]
    assert written == [[fine, failed, failed], [failed, fine, failed], [fine, fine, fine]]


def test_bars_are_read_aloud_with_the_correct_class():
    alt = plots.class_bars([[0.6, 0.3, 0.1]], ["Probabilities"], label=1, digits=1).alt
    assert "classes 0 to 2, the correct class 1 in orange" in alt
    assert "Probabilities: 0.6, 0.3, 0.1" in alt
