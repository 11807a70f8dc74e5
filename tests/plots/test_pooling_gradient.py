"""Winners, ties, and what two rules predict."""

import numpy as np
from matplotlib.colors import to_hex
from numpy.testing import assert_allclose, assert_array_equal
from panels import texts

from scratchcnn import MaxPool2D, plots
from scratchcnn.plots.pooling_gradient import maxima_along


def test_winners_are_dotted_where_the_layer_sends_the_gradient():
    feature_map = np.random.default_rng(0).standard_normal((6, 6))
    windows = feature_map.reshape(3, 2, 3, 2).transpose(0, 2, 1, 3).reshape(3, 3, 4)
    layer = MaxPool2D(2)
    layer.build((6, 6, 1), np.random.default_rng(0), "float64")
    pooled = layer.forward(feature_map[None, :, :, None])
    won = np.argwhere(layer.backward(np.ones_like(pooled))[0, :, :, 0])

    figure = plots.pooling_winners(feature_map, pooled[0, :, :, 0], windows.argmax(axis=2))
    dots = figure.axes[0].lines[-1]
    drawn = {(int(y), int(x)) for x, y in dots.get_xydata()}
    assert drawn == {tuple(map(int, place)) for place in won}


def test_winners_have_the_color_that_the_legend_gives_their_place():
    places = np.array([[0, 1], [2, 3]])
    figure = plots.pooling_winners(np.zeros((4, 4)), np.zeros((2, 2)), places)
    picture = figure.axes[1].images[0]
    (legend,) = figure.legends
    names = ["top left", "top right", "bottom left", "bottom right"]
    assert [text.get_text() for text in legend.get_texts()] == names
    for place, patch in zip(range(4), legend.get_patches(), strict=True):
        assert to_hex(picture.to_rgba(place)) == to_hex(patch.get_facecolor())


def test_tie_counts_writes_the_shares_in_percent():
    figure = plots.tie_counts(
        np.zeros((4, 4)), np.ones((2, 2), int), np.array([0.5, 0.2, 0.1, 0.2]), "Two digits"
    )
    assert texts(figure.axes[2]) == ["50%", "20%", "10%", "20%"]


def test_the_maximum_along_a_direction():
    t = np.array([-1.0, 0.0, 2.0])
    flat = np.zeros((2, 2))
    assert_array_equal(maxima_along(flat, np.eye(2), t), [0, 0, 2])
    assert_array_equal(maxima_along(flat, np.ones((2, 2)), t), t)


def test_slopes_draw_what_a_gradient_predicts():
    ties = {"first": np.array([[1, 0], [0, 0]]), "all": np.ones((2, 2))}
    (axis,) = plots.tie_slopes(np.zeros((2, 2)), {"together": np.ones((2, 2))}, ties).axes
    truth, first, everyone = (line.get_ydata() for line in axis.lines)
    assert_allclose(first, truth)
    assert_allclose(everyone, 4 * truth)


def test_the_scatter_puts_right_gradients_on_the_diagonal():
    numeric = np.array([1.0, -2.0])
    figure = plots.gradient_scatter(numeric, {"right": numeric, "wrong": 3 * numeric})
    for axis, factor in zip(figure.axes, (1, 3), strict=True):
        diagonal, points = axis.lines
        assert_array_equal(diagonal.get_xdata(), diagonal.get_ydata())
        assert_array_equal(points.get_ydata(), factor * points.get_xdata())
        low, high = diagonal.get_xdata()
        assert low < -6
        assert high > 3
