"""The one way to show a figure: with alternative text, as a PNG, the same every time."""

import itertools
import struct

import matplotlib as mpl
import numpy as np
import pytest

from scratchcnn.plots import draw_images, draw_matrices, new_figure, show, to_png
from scratchcnn.plots.style import PIXELS_PER_INCH, STYLE, styled

PNG = b"\x89PNG\r\n\x1a\n"


def size_of(png):
    """Return (width, height) in pixels from a PNG's header."""
    return struct.unpack(">II", png[16:24])


def figure():
    drawn, (axis,) = new_figure(width=4, height=3)
    axis.plot([0, 1], [0, 1])
    return drawn


@pytest.mark.parametrize("alt", ["", "   ", "\n"])
def test_a_figure_is_not_shown_without_alternative_text(alt):
    with pytest.raises(ValueError, match="alt is empty"):
        show(figure(), alt)


def test_alternative_text_is_no_option():
    with pytest.raises(TypeError, match="alt"):
        show(figure())


def test_a_shown_figure_is_a_png_with_its_alternative_text_and_width():
    image = show(figure(), alt="A line from 0 to 1.")
    data, metadata = image._repr_mimebundle_()
    assert list(data) == ["image/png"]
    assert metadata["image/png"] == {"width": 400, "alt": "A line from 0 to 1."}
    assert image.data.startswith(PNG)


def test_the_picture_has_the_size_and_resolution_asked_for():
    assert size_of(to_png(figure())) == (4 * PIXELS_PER_INCH, 3 * PIXELS_PER_INCH)
    assert size_of(to_png(figure(), 50)) == (200, 150)


def test_the_same_figure_gives_the_same_bytes():
    assert to_png(figure()) == to_png(figure())
    assert b"Software" not in to_png(figure())


def test_the_readers_own_settings_stay_as_they_are():
    before = {name: mpl.rcParams[name] for name in STYLE}
    with styled():
        assert mpl.rcParams["axes.spines.top"] is False
    show(figure(), alt="A line.")
    assert {name: mpl.rcParams[name] for name in STYLE} == before


def test_figures_are_not_kept_by_pyplot():
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    show(figure(), alt="A line.")
    assert plt.get_fignums() == before


def test_axes_come_as_a_flat_list_row_by_row():
    drawn, axes = new_figure(2, 3)
    assert len(axes) == 6
    assert axes == drawn.axes


def test_signed_images_share_one_scale_symmetric_about_zero():
    arrays = [np.array([[-1.0, 0.5]]), np.array([[0.0, 3.0]])]
    panels = [axis.images[0] for axis in draw_images(arrays, signed=True).axes if axis.images]
    assert {panel.get_clim() for panel in panels} == {(-3, 3)}
    assert {panel.get_cmap().name for panel in panels} == {"RdBu_r"}


def test_unsigned_images_share_one_scale():
    arrays = [np.array([[1.0, 2]]), np.array([[0.0, 5]])]
    panels = [axis.images[0] for axis in draw_images(arrays).axes if axis.images]
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
    drawn = draw_matrices(MATRICES, ["A title longer than its matrix", "b", "c"], cell=0.5)
    np.testing.assert_allclose(cells_in_inches(drawn), 0.5)


def test_symbols_stand_in_the_middle_between_matrices():
    drawn = draw_matrices(MATRICES, ["a", "b", "c"], symbols=["@", "="])
    places = [axis.get_position() for axis in drawn.axes]
    for text, before, after in zip(drawn.texts, places[:-1], places[1:], strict=True):
        np.testing.assert_allclose(text.get_position()[0], (before.x1 + after.x0) / 2)
    assert [text.get_text() for text in drawn.texts] == ["@", "="]


def test_long_titles_do_not_run_into_each_other():
    drawn = draw_matrices(MATRICES, ["A title longer than its matrix"] * 3)
    boxes = [axis.title.get_window_extent() for axis in drawn.axes]
    assert all(left.x1 < right.x0 for left, right in itertools.pairwise(boxes))
    assert boxes[0].x0 > 0
    assert boxes[-1].x1 < drawn.bbox.width


def test_matrices_have_a_scale_each_or_share_one():
    apart = draw_matrices(MATRICES, ["a", "b", "c"], signed=True).axes
    assert [axis.images[0].get_clim() for axis in apart] == [(-4, 4), (-8, 8), (-2, 2)]
    together = draw_matrices(MATRICES, ["a", "b", "c"], signed=True, shared_scale=True).axes
    assert [axis.images[0].get_clim() for axis in together] == [(-8, 8)] * 3


def test_numbers_are_written_with_the_decimals_of_their_matrix():
    drawn = draw_matrices(MATRICES[:2], ["a", "b"], digits=[0, 2])
    assert [[t.get_text() for t in axis.texts] for axis in drawn.axes] == [
        ["1", "\N{MINUS SIGN}2"],
        ["4.00", "0.50"],
    ]


def test_lines_between_all_rows_and_columns_are_drawn():
    (axis,) = draw_matrices([np.zeros((2, 3))], ["a"]).axes
    columns, rows = (lines.get_segments() for lines in axis.collections)
    assert [line.tolist() for line in columns] == [
        [[x, -0.5], [x, 1.5]] for x in (-0.5, 0.5, 1.5, 2.5)
    ]
    assert [line.tolist() for line in rows] == [[[-0.5, y], [2.5, y]] for y in (-0.5, 0.5, 1.5)]


def test_a_frame_at_the_edge_keeps_its_whole_line():
    (axis,) = draw_matrices([np.zeros((2, 3))], ["a"], boxes=[[(0, 1, 2, 2)]]).axes
    (drawn,) = axis.patches
    assert (drawn.get_xy(), drawn.get_width(), drawn.get_height()) == ((0.5, -0.5), 2, 2)
    assert not drawn.get_clip_on()
