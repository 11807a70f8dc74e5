"""Color pictures, kernels and maps: on one scale, in their place, and described."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from scratchcnn import plots


def drawn(axis):
    """Return the array of each picture in a panel."""
    return [np.asarray(picture.get_array()) for picture in axis.images]


def test_pictures_share_a_scale_and_gray_ones_are_drawn_in_gray(rng):
    colored, gray = rng.uniform(-0.5, 0.2, (6, 7, 3)), rng.uniform(-0.5, 0.2, (6, 7, 1))
    colored[0, 0, 0], gray[1, 1] = -0.5, 0.5
    figure = plots.pictures([colored, gray, gray[..., 0]], ["a", "b", "c"], columns=2)
    first, second, third, empty = figure.axes
    assert_allclose(drawn(first)[0], colored + 0.5)
    assert_allclose(drawn(second)[0], np.repeat(gray + 0.5, 3, axis=2))
    assert_allclose(drawn(third)[0], drawn(second)[0])
    assert not empty.images
    assert [axis.get_title() for axis in figure.axes[:3]] == ["a", "b", "c"]
    assert plots.show(figure).alt.startswith("3 pictures of 6 by 7 pixels: a, b and c.")


def test_a_box_frames_its_pixels(rng):
    figure = plots.pictures(rng.random((2, 8, 8, 3)), boxes=[(1, 2, 3, 4), (0, 0, 8, 8)])
    frames = figure.axes[0].patches
    assert {frame.get_bbox().bounds for frame in frames} == {(1.5, 0.5, 4, 3)}
    assert "a frame around its box" in figure.alt


def test_channels_are_drawn_on_one_scale_and_named(rng):
    image = rng.integers(10, 200, (5, 5, 3))
    figure = plots.color_channels(image)
    for axis, channel in zip(figure.axes[1:], np.moveaxis(image, 2, 0), strict=True):
        (picture,) = axis.images
        assert (np.asarray(picture.get_array()) == channel).all()
        assert picture.get_clim() == (image.min(), image.max())
    assert [axis.get_title() for axis in figure.axes[1:]] == [
        "Red channel",
        "Green channel",
        "Blue channel",
    ]


def test_a_weight_of_zero_is_gray_in_every_kernel(rng):
    kernels = rng.uniform(-1, 1, (3, 3, 3, 5))
    kernels[1, 1] = 0
    kernels[..., 2] *= 100
    kernels[..., 4] = 0
    figure = plots.color_kernels(kernels, columns=3)
    for f in range(5):
        (array,) = drawn(figure.axes[f])
        assert_allclose(array[1, 1], 0.5)
        assert array.min() >= 0
        assert array.max() <= 1
        if f != 4:
            assert np.abs(array - 0.5).max() == pytest.approx(0.5)
    assert figure.alt.startswith("5 kernels of 3 by 3 pixels")


def test_a_map_has_its_dot_at_its_peak_and_the_words_count_the_hits(rng):
    images = rng.random((2, 8, 8, 3))
    small, large = np.zeros((2, 4, 4)), np.zeros((2, 8, 8))
    small[0, 1, 2] = small[1, 3, 3] = 1  # the centers (2.5, 4.5) and (6.5, 6.5)
    large[0, 3, 5] = large[1, 0, 0] = 2
    boxes = [(2, 4, 2, 2), (0, 0, 2, 2)]
    figure = plots.maps_over_pictures(images, {"s": small, "l": large}, ["a", "b"], boxes)
    rows = np.array(figure.axes).reshape(3, 2)
    dots = [[axis.lines[0].get_xydata()[0].tolist() for axis in row] for row in rows[1:]]
    assert dots == [[[4.5, 2.5], [6.5, 6.5]], [[5, 3], [0, 0]]]
    assert "s in 1 of 2 and l in 2 of 2" in figure.alt
    assert "Peaks by row and column: s (2, 4) (6, 6); l (3, 5) (0, 0)." in figure.alt
    share = rows[1, 0].images[1]
    assert share.get_extent() == [-0.5, 7.5, 7.5, -0.5]


def test_a_map_of_zeros_can_be_drawn(rng):
    figure = plots.maps_over_pictures(rng.random((1, 4, 4)), {"m": np.zeros((1, 4, 4))}, ["a"])
    assert plots.show(figure).data
    assert "frame" not in figure.alt
