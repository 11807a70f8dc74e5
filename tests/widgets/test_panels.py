"""Panels keep to their room, whatever is drawn in them."""

import numpy as np
import pytest

from scratchcnn.widgets.colors import cell_size, resize
from scratchcnn.widgets.frames import Canvas
from scratchcnn.widgets.panels import (
    classes_that_fit,
    draw_bars,
    draw_confusion,
    draw_tiles,
    top_of_axis,
)


def inked(canvas):
    """Return the first and last row and column that are not paper, in pixels of the frame."""
    rows, columns = np.nonzero((np.asarray(canvas.picture) != 255).any(axis=2))
    edges = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    return [edge / canvas.scale for edge in edges]


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize(
    "shape", [(1, 1), (3, 3), (11, 11), (28, 28), (53, 53), (200, 100), (9, 512)], ids=str
)
def test_tiles_never_leave_their_room(shape, scale):
    canvas = Canvas(300, 300, scale)
    channels = np.random.default_rng(0).normal(size=(*shape, 9))
    draw_tiles(canvas, 40, 40, channels, 1.0, columns=3, size=54, count=6)
    top, bottom, left, right = inked(canvas)
    assert (top, left) >= (38, 38)
    assert bottom <= 40 + 2 * 54 + 1
    assert right <= 40 + 3 * 54 + 1
    assert max(bottom - top, right - left) > 60  # and they use it


@pytest.mark.parametrize("side", [1, 5, 27, 63, 126, 250, 251, 400])
def test_a_picture_fits_its_panel_and_fills_it_well(side):
    cell = cell_size((side, side // 2 + 1), 252)
    assert 0.8 * 252 <= side * cell <= 252
    colors = np.zeros((side, side // 2 + 1, 3), np.uint8)
    assert resize(colors, cell).shape[:2] == (round(side * cell), round((side // 2 + 1) * cell))


def test_a_reduced_picture_shows_means():
    colors = np.zeros((4, 4, 3), np.uint8)
    colors[:, ::2] = 200
    assert (resize(colors, 0.5) == 100).all()


@pytest.mark.parametrize("count", [2, 10, 12])
def test_all_classes_show_in_their_order_where_there_is_room(count):
    probabilities = np.random.default_rng(0).dirichlet(np.ones(count))
    assert classes_that_fit(probabilities, 162, 1) == list(range(count))


@pytest.mark.parametrize("count", [26, 47, 1000])
def test_of_many_classes_the_likeliest_show_and_always_the_wanted_one(count):
    probabilities = np.random.default_rng(0).dirichlet(np.ones(count))
    order = np.argsort(-probabilities).tolist()
    shown = classes_that_fit(probabilities, 162)
    assert shown == order[: len(shown)]
    assert len(shown) == 12
    shown = classes_that_fit(probabilities, 162, wanted=order[-1])
    assert shown == [*order[:11], order[-1]]
    assert classes_that_fit(probabilities, 162, wanted=order[3]) == order[:12]


@pytest.mark.parametrize("count", [2, 10, 26, 47, 150])
@pytest.mark.parametrize("signed", [False, True])
def test_bars_keep_to_their_height(count, signed):
    canvas = Canvas(200, 300)
    values = np.random.default_rng(0).dirichlet(np.ones(count))
    draw_bars(canvas, 30, 50, values, 80, 162, classes_that_fit(values, 162), 0, signed)
    top, bottom, _, right = inked(canvas)
    assert top >= 50
    assert bottom <= 50 + 162 + 1
    assert right <= 200


@pytest.mark.parametrize("count", [2, 10, 26, 47, 200, 500])
def test_a_confusion_matrix_keeps_to_its_room(count):
    canvas = Canvas(400, 400)
    counts = np.random.default_rng(0).integers(0, 30, (count, count))
    cell = min(23, cell_size(counts.shape, 230))
    draw_confusion(canvas, 60, 60, counts, cell)
    top, bottom, left, right = inked(canvas)
    assert top >= 50
    assert left >= 20
    assert bottom <= 60 + 230 + 20
    assert right <= 60 + 230 + 12


@pytest.mark.parametrize("count", [2, 10, 26, 47, 200])
def test_class_numbers_beside_a_confusion_matrix_stand_apart(count):
    canvas = Canvas(400, 400)
    cell = min(23, cell_size((count, count), 230))
    draw_confusion(canvas, 60, 60, np.eye(count, dtype=int), cell)
    below = (np.asarray(canvas.picture)[round(60 + count * cell) + 3 :] != 255).any(axis=(0, 2))
    places = np.flatnonzero(below)
    assert len(places) > 0
    # Between two numbers there are at least three pixels of paper, within one at most two.
    gaps = np.diff(places)
    assert (gaps > 3).sum() >= min(count - 1, 4)


def test_text_is_cut_where_it_does_not_fit_and_only_there():
    canvases = [Canvas(300, 40) for _ in range(3)]
    for canvas, room in zip(canvases, (None, 290, 60), strict=True):
        canvas.text(5, 5, "Trousers (right)", room=room)
    whole, fits, cut = (np.asarray(canvas.picture) for canvas in canvases)
    assert (whole == fits).all()
    assert inked(canvases[2])[3] <= 65
    assert (cut != 255).any()


@pytest.mark.parametrize(("largest", "top"), [(2.94, 3), (0.11, 0.15), (1.0, 1), (0.0, 1)])
def test_an_axis_ends_at_a_round_number(largest, top):
    assert top_of_axis(np.array([0.0, largest])) == pytest.approx(top)
