"""What the figures of notebook 02 about ties compute: shares, slopes, and the diagonal."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from scratchcnn.plots import ties as figures


def texts(axis):
    """Return the numbers written into a panel, in their order."""
    return [text.get_text() for text in axis.texts]


def test_tie_counts_writes_the_shares_in_percent():
    figure = figures.tie_counts(
        np.zeros((4, 4)), np.ones((2, 2), int), np.array([0.5, 0.2, 0.1, 0.2]), "Two digits"
    )
    assert texts(figure.axes[2]) == ["50%", "20%", "10%", "20%"]


def test_the_maximum_along_a_direction():
    t = np.array([-1.0, 0.0, 2.0])
    flat = np.zeros((2, 2))
    assert_array_equal(figures.maxima_along(flat, np.eye(2), t), [0, 0, 2])
    assert_array_equal(figures.maxima_along(flat, np.ones((2, 2)), t), t)


def test_slopes_draw_what_a_gradient_predicts():
    ties = {"first": np.array([[1, 0], [0, 0]]), "all": np.ones((2, 2))}
    (axis,) = figures.tie_slopes(np.zeros((2, 2)), {"together": np.ones((2, 2))}, ties).axes
    truth, first, everyone = (line.get_ydata() for line in axis.lines)
    assert_allclose(first, truth)
    assert_allclose(everyone, 4 * truth)


def test_the_scatter_puts_right_gradients_on_the_diagonal():
    numeric = np.array([1.0, -2.0])
    figure = figures.gradient_scatter(numeric, {"right": numeric, "wrong": 3 * numeric})
    for axis, factor in zip(figure.axes, (1, 3), strict=True):
        diagonal, points = axis.lines
        assert_array_equal(diagonal.get_xdata(), diagonal.get_ydata())
        assert_array_equal(points.get_ydata(), factor * points.get_xdata())
        low, high = diagonal.get_xdata()
        assert low < -6
        assert high > 3
