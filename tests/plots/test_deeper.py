"""The figures of notebook 06: what they count, and that every number handed over is drawn."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Polygon, Rectangle

from scratchcnn.plots import deeper as figures
from scratchcnn.plots import to_png
from scratchcnn.plots.style import BLUE, ORANGE

STACK = [("conv", 3, 1), ("pool", 2, 2), ("conv", 3, 1), ("pool", 2, 2)]


def texts(axis):
    return [text.get_text() for text in axis.texts]


def boxes(axis, level, color):
    """Return the left edges of the pyramid's boxes of one color in one row."""
    found = [patch for patch in axis.patches if isinstance(patch, Rectangle)]
    found = [box for box in found if box.get_y() == level]
    return [box.get_x() for box in found if to_hex(box.get_facecolor()) == color]


def test_the_pyramid_counts_down_from_one_pixel_to_the_receptive_field():
    (axis,) = figures.pyramid(STACK).axes
    names, counts = texts(axis)[::2], texts(axis)[1::2]
    assert names == ["Image", "conv", "pool", "conv", "pool"]
    assert counts == ["10 pixels", "8 pixels", "4 pixels", "2 pixels", "1 pixel"]
    assert len(boxes(axis, 0, ORANGE)) == 10
    assert len(boxes(axis, 4, ORANGE)) == 1


@pytest.mark.parametrize("stack", [STACK, STACK[:1], [("conv", 5, 2), ("conv", 3, 3)]])
def test_every_funnel_of_the_pyramid_joins_what_is_seen_above_and_below(stack):
    (axis,) = figures.pyramid(stack).axes
    funnels = [patch.get_xy() for patch in axis.patches if isinstance(patch, Polygon)]
    assert len(funnels) == len(stack)
    for lower, upper in pairwise(funnels):
        # The upper edge of one funnel is as wide as the lower edge of the next.
        assert np.ptp(lower[:2, 0]) == pytest.approx(np.ptp(upper[2:4, 0]))
    widest = np.ptp(funnels[0][2:4, 0])
    assert widest == pytest.approx(len(boxes(axis, 0, ORANGE)))


def test_frames_lie_on_the_image_where_the_boxes_say_and_ways_are_cut_out_around_the_largest():
    ways = np.zeros((12, 12))
    ways[3:7, 4:8] = 5
    figure = figures.receptive_fields(
        np.zeros((12, 12)), {"one": (4, 5, 2), "two": (3, 4, 4)}, [ways, ways]
    )
    image, one, two = figure.axes
    frames = [(p.get_x(), p.get_y(), p.get_width(), p.get_height()) for p in image.patches]
    assert frames == [(4.5, 3.5, 2, 2), (3.5, 2.5, 4, 4)]
    for axis, name in ((one, "one\n2 × 2"), (two, "two\n4 × 4")):
        shown = axis.images[0].get_array().filled(np.nan)
        assert np.array_equal(shown, np.where(ways > 0, ways, np.nan)[2:8, 3:9], equal_nan=True)
        assert axis.get_title() == name
    colors = [to_hex(patch.get_edgecolor()) for patch in image.patches]
    assert colors == [to_hex(axis.spines["left"].get_edgecolor()) for axis in (one, two)]


def test_relu_shows_both_maps_on_one_scale():
    before = np.array([[-3.0, 1], [2, 0]])
    curve, left, right, _ = figures.relu(before, np.maximum(before, 0)).axes
    assert np.array_equal(left.images[0].get_array(), before)
    assert np.array_equal(right.images[0].get_array(), np.maximum(before, 0))
    assert left.images[0].get_clim() == right.images[0].get_clim() == (-3, 3)
    assert curve.lines[0].get_xydata().tolist() == [[-2, 0], [0, 0], [2, 2]]


PATHS = {"one": np.array([[-1.0, 0.5], [-0.5, 0.1]]), "two": np.array([[-1.0, 0.5], [0.2, 0.3]])}


def test_each_walk_has_a_panel_and_its_losses_a_line_of_the_same_color():
    one, two, losses = figures.bowl_paths(PATHS, (1, 25)).axes
    for axis, (name, path), line in zip((one, two), PATHS.items(), losses.lines, strict=True):
        assert np.array_equal(axis.lines[0].get_xydata(), path)
        assert axis.get_title() == name
        assert axis.title.get_color() == axis.lines[0].get_color() == line.get_color()
        expected = [(a * a + 25 * b * b) / 2 for a, b in path]
        assert line.get_ydata() == pytest.approx(expected)
    assert losses.get_yscale() == "log"


def test_the_axis_of_losses_ends_where_numbers_mean_nothing_more():
    path = np.array([[1.0, 1.0], [1e-9, 1e-9]])
    assert figures.bowl_paths({"fast": path}, (1, 25)).axes[-1].get_ylim()[0] == 1e-9


def test_schedules_show_rates_left_and_losses_right():
    rates = {"one": [0.3, 0.2], "two": [0.1, 0.1]}
    left, right = figures.schedules(rates, PATHS, (1, 25)).axes
    assert [list(line.get_ydata()) for line in left.lines] == list(rates.values())
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["one", "two"]
    assert len(right.lines) == 2


def test_accuracy_is_drawn_over_the_shifts():
    (axis,) = figures.accuracy_by_shift({"a": [0.9, 0.5], "b": [1.0, 0.8]}, [0, 3]).axes
    assert [line.get_xydata().tolist() for line in axis.lines] == [
        [[0, 0.9], [3, 0.5]],
        [[0, 1.0], [3, 0.8]],
    ]
    assert axis.lines[0].get_color() == BLUE
    assert list(axis.get_xticks()) == [0, 3]


def test_every_filter_has_a_row_with_the_made_picture_first_and_all_answers_below():
    rng = np.random.default_rng(0)
    ideals, patches = rng.random((2, 8, 8)), rng.random((2, 3, 8, 8))
    strengths = np.array([[9.0, 3, 2, 1], [8.0, 6, 5, 4]])
    figure = figures.exciting_patches(ideals, patches, [7, 11], strengths)
    to_png(figure)
    pictures = [axis for axis in figure.axes if axis.images]
    shown = [axis.images[0].get_array() for axis in pictures]
    expected = [ideals[0], *patches[0], ideals[1], *patches[1]]
    assert all(np.array_equal(*pair) for pair in zip(shown, expected, strict=True))
    assert [axis.get_xlabel() for axis in pictures] == [f"{s:.1f}" for s in strengths.ravel()]
    assert {axis.images[0].get_clim() for axis in pictures} == {(-0.5, 0.5)}
    assert [pictures[k].get_ylabel() for k in (0, 4)] == ["filter 7", "filter 11"]
    framed = [axis.spines["top"].get_visible() for axis in pictures]
    assert framed == [True, False, False, False] * 2
