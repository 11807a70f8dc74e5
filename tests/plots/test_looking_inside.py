"""Activations, saliency and patches: on shared scales, every number handed over is drawn."""

import numpy as np
from numpy.testing import assert_array_equal
from panels import limits

from scratchcnn import plots
from scratchcnn.plots.looking_inside import mosaic


def test_a_mosaic_keeps_every_map_and_leaves_gaps(rng):
    maps = rng.random((3, 4, 6))
    board = mosaic(maps, columns=4, gap=2)
    assert board.shape == (3 + 2 + 3, 4 * 4 + 3 * 2)
    assert_array_equal(board[:3, :4], maps[..., 0])
    assert_array_equal(board[:3, 18:], maps[..., 3])
    assert_array_equal(board[5:, 6:10], maps[..., 5])
    assert np.isnan(board[3:5]).all()
    assert np.isfinite(board).sum() == maps.size


def test_the_network_is_drawn_on_one_signed_scale_for_maps_and_pooled_maps(rng):
    maps, pooled = rng.standard_normal((26, 26, 8)), rng.standard_normal((13, 13, 8))
    maps[3, 3, 3] = -9
    figure = plots.forward_pass(rng.random((28, 28)), maps, pooled, np.full(10, 0.1), label=3)
    _, left, middle, bars, _ = figure.axes
    assert limits(left) == limits(middle) == (-9, 9)
    titles = [axis.get_title() for axis in figure.axes[:4]]
    shapes = ["28 × 28 × 1", "26 × 26 × 8", "13 × 13 × 8", "10"]
    assert [title.split("\n")[1] for title in titles] == shapes
    assert [bar.get_width() for bar in bars.patches] == [0.1] * 10
    colors = [bar.get_facecolor() for bar in bars.patches]
    assert [color != colors[0] for color in colors] == [k == 3 for k in range(10)]


def test_saliency_is_on_one_scale_below_the_images_and_its_description_says_where(rng):
    images = rng.random((2, 28, 28))
    weak, strong = rng.uniform(-1, 1, (2, 28, 28))
    weak[5, 6], strong[3, 4] = -2, 8
    figure = plots.saliency(images, [weak, strong], ["a 7", "a 3"], images[1] + 0.1, "after")
    panels = {}
    for axis in figure.axes:
        if axis.images and axis.get_title():
            panels.setdefault(axis.get_title(), []).append(axis)
    slopes = panels["saliency dz/dx"]
    assert [limits(axis) for axis in slopes] == [(-8, 8)] * 2
    assert_array_equal(slopes[0].images[0].get_array(), weak)
    assert_array_equal(slopes[1].images[0].get_array(), strong)
    # The changed image is drawn on the same scale as the two that are not changed.
    assert {limits(axis[0]) for name, axis in panels.items() if name != "saliency dz/dx"} == {
        (images.min(), images.max())
    }
    alt = plots.show(figure).alt
    assert "a 7, its saliency reaches 2, strongest at row 5, column 6" in alt
    assert "a 3, its saliency reaches 8, strongest at row 3, column 4" in alt
    assert "raise the score of the class if made lighter" in alt


def test_saliency_can_be_drawn_without_a_changed_image(rng):
    figure = plots.saliency(rng.random((1, 9, 9)), [rng.uniform(-1, 1, (9, 9))], ["one"])
    assert [axis.get_title() for axis in figure.axes[:2]] == ["one", "saliency dz/dx"]
