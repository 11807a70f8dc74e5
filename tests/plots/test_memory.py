"""Which cells of memory an array looks at, and what the figures write there."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from panels import texts

from scratchcnn import plots
from scratchcnn.plots.memory import cells_of

BASE = np.array([[5, 0, 3, 8], [2, 7, 1, 4], [9, 6, 0, 2]], dtype="float32")
MAP = np.array([[1, 5, 3, 0], [2, 0, 1, 4], [0, 2, 7, 0], [6, 4, 2, 3]], dtype="float32")
WINDOWS = np.lib.stride_tricks.sliding_window_view(BASE, (2, 2))


def written_in(figure):
    return texts(*figure.axes)


@pytest.mark.parametrize(
    "view",
    [BASE, BASE.T, BASE[:, ::2], BASE[::-1, 1:], BASE[1], WINDOWS, WINDOWS[1, ::2]],
    ids=["itself", "transposed", "columns", "backward", "a row", "windows", "some windows"],
)
def test_the_cells_of_a_view_hold_its_numbers(view):
    numbered = np.arange(BASE.size).reshape(BASE.shape)
    assert_array_equal(BASE.ravel()[cells_of(view, BASE)], view)
    assert_array_equal(cells_of(numbered[:, ::2], numbered), numbered[:, ::2])


def test_a_copy_has_no_cells():
    with pytest.raises(ValueError, match="does not share memory"):
        cells_of(BASE.copy(), BASE)


def test_views_are_titled_with_shape_and_strides_in_cells():
    written = written_in(
        plots.memory_views(BASE, {"a": BASE, "flipped": BASE.T, "windows": WINDOWS})
    )
    for title in ("a", "shape (3, 4)", "strides (4, 1)", "flipped", "strides (1, 4)"):
        assert title in written
    assert "shape (2, 3, 2, 2)" in written
    assert "strides (4, 1, 4, 1)" in written


def test_every_number_of_a_view_stands_beside_its_cell():
    written = written_in(plots.memory_views(BASE, {"windows": WINDOWS}))
    start = written.index("strides (4, 1, 4, 1)") + 1
    assert written[start : start + 8] == ["5", "0", "0", "1", "2", "4", "7", "5"]
    assert len(written[start:]) == 2 * WINDOWS.size


def test_the_matrices_of_three_axes_stand_side_by_side():
    axis = plots.memory_views(BASE, {"windows": WINDOWS[0]}).axes[0]
    corners = [patch.get_xy() for patch in axis.patches[BASE.size :]]
    firsts, top = corners[:: WINDOWS[0, 0].size], corners[0][1]
    assert firsts == [(0.0, top), (2.5, top), (5.0, top)]


def test_a_cell_has_the_color_of_its_row_in_memory():
    figure = plots.memory_views(BASE, {"flipped": BASE.T})
    colors = [patch.get_facecolor() for patch in figure.axes[0].patches]
    in_memory, in_view = colors[:12], colors[12:]
    assert len(set(in_memory)) == 3
    assert in_view[:3] == [in_memory[0], in_memory[4], in_memory[8]]  # cells 0, 4, 8


def test_phases_lie_side_by_side_and_their_maximum_is_the_pooled_map():
    written = written_in(plots.memory_phases(MAP))
    cells = [text for text in written if text.isdigit()]
    # Of each pixel: in the map, in memory row by row, and a number of memory phase by phase.
    assert cells[0:48:3] == cells[1:48:3] == [f"{value:g}" for value in MAP.ravel()]
    phases = list("1307502021620443")
    assert cells[2:48:3] == phases
    assert cells[48:64] == phases
    assert cells[64:] == ["5", "5", "4", "4", "6", "6", "7", "7"]
