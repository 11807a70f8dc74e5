"""Images and matrices: one scale, equally large cells, every number written."""

import itertools

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from scratchcnn import plots


def test_maps_share_one_scale_around_zero():
    maps = [np.array([[1.0, -4.0]]), np.array([[2.0]])]
    figure = plots.image_and_maps(np.zeros((2, 2)), maps, ["a", "b", "c"])
    assert [axis.images[0].get_clim() for axis in figure.axes[1:3]] == [(-4, 4), (-4, 4)]


def test_signed_images_share_one_scale_symmetric_about_zero():
    arrays = [np.array([[-1.0, 0.5]]), np.array([[0.0, 3.0]])]
    panels = [axis.images[0] for axis in plots.images(arrays, signed=True).axes if axis.images]
    assert {panel.get_clim() for panel in panels} == {(-3, 3)}
    assert {panel.get_cmap().name for panel in panels} == {"RdBu_r"}


def test_unsigned_images_share_one_scale():
    arrays = [np.array([[1.0, 2]]), np.array([[0.0, 5]])]
    panels = [axis.images[0] for axis in plots.images(arrays).axes if axis.images]
    assert {panel.get_clim() for panel in panels} == {(0, 5)}
    assert {panel.get_cmap().name for panel in panels} == {"gray"}


MATRICES = [np.array([[1.0, -2.0]]), np.array([[4.0], [0.5]]), np.eye(3)]


def cells_in_inches(drawn):
    """Return width and height of a cell of each matrix of a figure."""
    sizes = []
    for axis in drawn.axes:
        place, (rows, columns) = axis.get_position(), axis.images[0].get_array().shape
        width, height = drawn.get_size_inches()
        sizes.append((place.width * width / columns, place.height * height / rows))
    return sizes


def test_cells_of_all_matrices_are_equally_large_squares():
    drawn = plots.matrices(MATRICES, ["A title longer than its matrix", "b", "c"], cell=0.5)
    np.testing.assert_allclose(cells_in_inches(drawn), 0.5)


def test_symbols_stand_in_the_middle_between_matrices():
    drawn = plots.matrices(MATRICES, ["a", "b", "c"], symbols=["@", "="])
    places = [axis.get_position() for axis in drawn.axes]
    for text, before, after in zip(drawn.texts, places[:-1], places[1:], strict=True):
        np.testing.assert_allclose(text.get_position()[0], (before.x1 + after.x0) / 2)
    assert [text.get_text() for text in drawn.texts] == ["@", "="]


def test_long_titles_do_not_run_into_each_other():
    drawn = plots.matrices(MATRICES, ["A title longer than its matrix"] * 3)
    boxes = [axis.title.get_window_extent() for axis in drawn.axes]
    assert all(left.x1 < right.x0 for left, right in itertools.pairwise(boxes))
    assert boxes[0].x0 > 0
    assert boxes[-1].x1 < drawn.bbox.width


def test_matrices_have_a_scale_each_or_share_one():
    apart = plots.matrices(MATRICES, ["a", "b", "c"], signed=True).axes
    assert [axis.images[0].get_clim() for axis in apart] == [(-4, 4), (-8, 8), (-2, 2)]
    together = plots.matrices(MATRICES, ["a", "b", "c"], signed=True, shared_scale=True).axes
    assert [axis.images[0].get_clim() for axis in together] == [(-8, 8)] * 3


def test_numbers_are_written_with_the_decimals_of_their_matrix():
    drawn = plots.matrices(MATRICES[:2], ["a", "b"], digits=[0, 2])
    assert [[t.get_text() for t in axis.texts] for axis in drawn.axes] == [
        ["1", "\N{MINUS SIGN}2"],
        ["4.00", "0.50"],
    ]


def test_lines_between_all_rows_and_columns_are_drawn():
    (axis,) = plots.matrices([np.zeros((2, 3))], ["a"]).axes
    columns, rows = (lines.get_segments() for lines in axis.collections)
    assert [line.tolist() for line in columns] == [
        [[x, -0.5], [x, 1.5]] for x in (-0.5, 0.5, 1.5, 2.5)
    ]
    assert [line.tolist() for line in rows] == [[[-0.5, y], [2.5, y]] for y in (-0.5, 0.5, 1.5)]


def test_a_frame_at_the_edge_keeps_its_whole_line():
    (axis,) = plots.matrices([np.zeros((2, 3))], ["a"], boxes=[[(0, 1, 2, 2)]]).axes
    (drawn,) = axis.patches
    assert (drawn.get_xy(), drawn.get_width(), drawn.get_height()) == ((0.5, -0.5), 2, 2)
    assert not drawn.get_clip_on()


def test_matrices_are_read_aloud_with_their_numbers_symbols_and_frames():
    alt = plots.matrices(
        [[[1, -2], [0, 3]], [[2]]], ["a", "b"], boxes=[[(0, 1, 1, 1)], []], symbols=["="]
    ).alt
    assert "a, 2 by 2, rows 1 −2, 0 3, framed at (0, 1)" in alt
    assert "equals b 2" in alt


def test_images_are_described_by_title_range_and_the_side_of_red():
    alt = plots.images([np.array([[-1.0, 2.0]]), np.zeros((1, 2))], ["x", "y"], signed=True).alt
    assert "x from −1 to 2, red right of blue" in alt
    assert "y 0 everywhere" in alt
    assert "full color −2 and 2" in alt


def test_many_images_are_described_together():
    alt = plots.images([np.full((2, 2), float(k)) for k in range(20)]).alt
    assert "20 gray images of 2 by 2 pixels on one scale, from 0 to 19" in alt


def test_titles_of_two_lines_are_not_cut_off_at_the_top():
    figure = plots.images([np.eye(28)] * 5, ["first line\nsecond line"] * 5, columns=5, size=1.8)
    FigureCanvasAgg(figure).draw()
    assert figure.axes[0].title.get_window_extent().y1 <= figure.bbox.y1
    assert "first line, second line from 0 to 1" in figure.alt
