"""What the figures in the triangle of probabilities compute: places, descents, arrows."""

import numpy as np
from numpy.testing import assert_allclose

from scratchcnn.losses import softmax
from scratchcnn.plots import triangle as figures

SCORES = np.log([6.0, 3.0, 1.0])  # probabilities 0.6, 0.3, 0.1


def test_the_triangle_has_sides_of_one_and_certain_answers_at_its_corners():
    corners = figures.in_triangle(np.eye(3))
    assert_allclose(corners, figures.CORNERS)
    for k in range(3):
        assert_allclose(np.linalg.norm(corners[k] - corners[k - 1]), 1)
    assert_allclose(figures.in_triangle(np.full(3, 1 / 3)), corners.mean(axis=0))


def test_the_triangle_keeps_distances_so_that_arrow_lengths_are_true():
    p, q = softmax(np.random.default_rng(0).standard_normal((2, 20, 3)))
    drawn = np.linalg.norm(figures.in_triangle(p) - figures.in_triangle(q), axis=1)
    assert_allclose(drawn, np.linalg.norm(p - q, axis=1) / np.sqrt(2))


def test_a_descent_starts_at_the_scores_and_steps_against_p_minus_y():
    path = figures.descend(SCORES, label=1, steps=1, rate=0.5)
    assert_allclose(path[0], [0.6, 0.3, 0.1])
    assert_allclose(path[1], softmax(SCORES - 0.5 * np.array([0.6, -0.7, 0.1])))


def test_a_descent_ends_at_the_right_class_and_leaves_the_scores_alone():
    scores = SCORES.copy()
    path = figures.descend(scores, label=2, steps=2000, rate=0.5)
    assert path.shape == (2001, 3)
    assert (np.diff(path[:, 2]) > 0).all()
    assert path[-1, 2] > 0.99
    assert_allclose(scores, SCORES)


def test_arrows_of_the_triangle_point_to_the_right_corner():
    figure = figures.triangle_panels(SCORES, label=1)
    arrows = [text for text in figure.axes[0].texts if getattr(text, "arrow_patch", None)]
    assert len(arrows) == 36  # all multiples of a tenth without an edge, the example among them
    for arrow in arrows:
        start, tip = np.array(arrow.xyann), np.array(arrow.xy)
        assert_allclose(tip - start, (figures.CORNERS[1] - start) / 6, atol=1e-12)
