"""Surprise, losses and the triangle of probabilities."""

import numpy as np
from numpy.testing import assert_allclose
from panels import texts

from scratchcnn import plots
from scratchcnn.losses import SoftmaxCrossEntropy, softmax
from scratchcnn.plots.loss import CORNERS, descend, in_triangle

SCORES = np.log([6.0, 3.0, 1.0])  # probabilities 0.6, 0.3, 0.1


def line(axis, label):
    """Return x and y of the line with this label."""
    (found,) = [line for line in axis.lines if line.get_label() == label]
    return found.get_data()


def test_clipping_draws_losses_left_and_slopes_right():
    difference, curves = np.arange(3.0), {"ours": np.ones(3), "Keras": np.zeros(3)}
    slopes = {name: values - 5 for name, values in curves.items()}
    left, right = plots.clipped_loss(difference, curves, slopes).axes
    for name in curves:
        assert np.array_equal(line(left, name), [difference, curves[name]])
        assert np.array_equal(line(right, name), [difference, slopes[name]])


def test_surprise_is_marked_where_the_loss_says():
    figure = plots.surprise_curve([0.3])
    loss = SoftmaxCrossEntropy().forward(SCORES[None], np.array([1]))
    assert texts(*figure.axes) == [f"p = 0.3: {loss:.3f}"]
    for axis in figure.axes:
        curve = axis.lines[0]
        assert_allclose(curve.get_ydata(), -np.log(curve.get_xdata()))


def test_the_triangle_has_sides_of_one_and_certain_answers_at_its_corners():
    corners = in_triangle(np.eye(3))
    assert_allclose(corners, CORNERS)
    for k in range(3):
        assert_allclose(np.linalg.norm(corners[k] - corners[k - 1]), 1)
    assert_allclose(in_triangle(np.full(3, 1 / 3)), corners.mean(axis=0))


def test_the_triangle_keeps_distances_so_that_arrow_lengths_are_true():
    p, q = softmax(np.random.default_rng(0).standard_normal((2, 20, 3)))
    drawn = np.linalg.norm(in_triangle(p) - in_triangle(q), axis=1)
    assert_allclose(drawn, np.linalg.norm(p - q, axis=1) / np.sqrt(2))


def test_a_descent_starts_at_the_scores_and_steps_against_p_minus_t():
    path = descend(SCORES, label=1, steps=1, rate=0.5)
    assert_allclose(path[0], [0.6, 0.3, 0.1])
    assert_allclose(path[1], softmax(SCORES - 0.5 * np.array([0.6, -0.7, 0.1])))


def test_a_descent_ends_at_the_right_class_and_leaves_the_scores_alone():
    scores = SCORES.copy()
    path = descend(scores, label=2, steps=2000, rate=0.5)
    assert path.shape == (2001, 3)
    assert (np.diff(path[:, 2]) > 0).all()
    assert path[-1, 2] > 0.99
    assert_allclose(scores, SCORES)


def test_arrows_of_the_triangle_point_to_the_right_corner():
    figure = plots.probability_triangle(SCORES, label=1)
    arrows = [text for text in figure.axes[0].texts if getattr(text, "arrow_patch", None)]
    assert len(arrows) == 36  # all multiples of a tenth without an edge, the example among them
    for arrow in arrows:
        start, tip = np.array(arrow.xyann), np.array(arrow.xy)
        assert_allclose(tip - start, (CORNERS[1] - start) / 6, atol=1e-12)


def test_losses_before_training_stand_beside_the_guess():
    figure = plots.initial_losses(np.array([2.33, 2.5, 2.72]), guess=2.303)
    assert sum(bar.get_height() for bar in figure.axes[0].patches) == 3
    assert figure.axes[0].lines[0].get_xdata()[0] == 2.303
    assert "from 2.33 to 2.72" in figure.alt
