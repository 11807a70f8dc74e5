"""The pooling explorer shows what the library's pooling keeps, and what a nudge changes."""

import re

import numpy as np
import pytest
from browser.scene import make
from hypothesis import given
from hypothesis import strategies as st
from widgets.events import key, numbers, point

from scratchcnn import AvgPool2D, MaxPool2D
from scratchcnn.widgets import PoolingExplorer
from scratchcnn.widgets.nudge import compare, moved, nudge_text
from scratchcnn.widgets.pooling_state import PoolingState, pool, winners


@pytest.fixture
def explorer():
    return make("pooling")


def pooled(image, layer, window, stride):
    layer = layer(window, stride)
    layer.build((*image.shape, 1), np.random.default_rng(0), "float64")
    return layer.forward(image[None, :, :, None])[0, :, :, 0]


@pytest.mark.parametrize(("kind", "layer"), [("max", MaxPool2D), ("average", AvgPool2D)])
@pytest.mark.parametrize(("window", "stride"), [(2, 2), (3, 2), (2, 3), (4, 1)])
def test_the_pooled_pixel_and_its_window_are_the_librarys(explorer, kind, layer, window, stride):
    explorer.set(image=5, kind=kind, window=window, stride=stride, nudge=(0, 0), pixel=(5, 6))
    image = explorer.images[5]
    output = pooled(image, layer, window, stride)
    assert (pool(image, explorer.state) == output).all()
    row, column, *pixels, value = numbers(explorer.stage.caption)
    assert (row, column) == (5, 6)
    corner = image[5 * stride : 5 * stride + window, 6 * stride : 6 * stride + window]
    assert pixels == pytest.approx(corner.ravel(), abs=6e-4)
    assert value == pytest.approx(output[5, 6], abs=6e-4)
    assert f"{output.shape[0]} by {output.shape[1]} pixels" in explorer.stage.alt


@given(st.integers(0, 2**20), st.integers(1, 4), st.integers(1, 4))
def test_the_winner_is_the_pixel_that_gets_the_gradient(seed, window, stride):
    image = np.random.default_rng(seed).integers(0, 3, (7, 6)).astype(float)  # many ties
    state = PoolingState(window=window, stride=stride)
    layer = MaxPool2D(window, stride)
    layer.build((7, 6, 1), np.random.default_rng(0), "float64")
    output = layer.forward(image[None, :, :, None])
    gradient = layer.backward(np.ones_like(output))[0, :, :, 0]
    rows, columns, alone = winners(image, state)
    counts = np.zeros_like(image)
    np.add.at(counts, (rows.ravel(), columns.ravel()), 1)
    assert (counts == gradient).all()
    for (row, column), single in np.ndenumerate(alone):
        corner = image[row * stride :, column * stride :][:window, :window]
        assert single == ((corner == corner.max()).sum() == 1)


def test_the_change_in_numbers_is_that_of_the_arrays(explorer):
    explorer.set(image=3, nudge=(0, 0))
    key(explorer, "image", "ArrowDown", "ArrowLeft", "ArrowLeft")
    image = explorer.images[3]
    shifted = np.zeros_like(image)
    shifted[1:, :-2] = image[:-1, 2:]
    arrays = [(image, shifted)]
    arrays.append([pooled(one, MaxPool2D, 2, 2) for one in (image, shifted)])
    texts = re.findall(r"(\d+) of (\d+).*?relative change ([\d.]+\d)", explorer.stage.alt)
    assert "nudged 1 down, 2 left" in explorer.stage.alt
    for (old, new), text in zip(arrays, texts, strict=True):
        relative = np.linalg.norm(new - old) / np.linalg.norm(old)
        expected = [(old != new).sum(), old.size, relative]
        assert [float(word) for word in text] == pytest.approx(expected, abs=6e-4)


def test_no_nudge_changes_nothing(explorer):
    explorer.set(nudge=(0, 0))
    assert "nudged not at all" in explorer.stage.alt
    assert "changed 0 of 784" in explorer.stage.alt
    assert "and 0 of 196" in explorer.stage.alt


@pytest.mark.parametrize(
    ("label", "nudge"), zip("←↑↓→", [(0, 0), (-1, 1), (1, 1), (0, 2)], strict=True)
)
def test_each_button_nudges_its_way(explorer, label, nudge):
    buttons = [part for row in explorer.children[:-1] for part in row.children]
    next(part for part in buttons if part.description == label).click()
    assert explorer.state.nudge == nudge


def test_dragging_the_image_nudges_it_as_far_as_the_pointer_goes(explorer):
    point(explorer, "image", "press", 0.5, 0.5)
    point(explorer, "image", "drag", 0.5 + 2 / 28, 0.5 - 3 / 28)
    assert explorer.state.nudge == (-3, 3)  # it began at (0, 1)
    point(explorer, "image", "drag", 0.99, 0.5)
    assert explorer.state.nudge == (0, 6)  # as far as it may


def test_pointing_at_the_pooled_image_chooses_the_window(explorer):
    point(explorer, "pooled", "hover", 0.99, 0.01)
    assert explorer.state.pixel == (0, 13)
    key(explorer, "pooled", "ArrowRight", "ArrowDown")
    assert explorer.state.pixel == (1, 13)


@given(st.integers(-6, 6), st.integers(-6, 6))
def test_moving_there_and_back_loses_only_what_left_the_image(down, right):
    image = np.random.default_rng(0).random((9, 8))
    back = moved(moved(image, (down, right), 0.0), (-down, -right), 0.0)
    inside = back != 0
    assert (back[inside] == image[inside]).all()
    assert inside.sum() == (9 - abs(down)) * (8 - abs(right))


@pytest.mark.parametrize("nudge", [(-6, 0), (6, 0), (0, -6), (0, 6), (-6, 6)])
def test_an_image_can_be_moved_out_of_sight(nudge):
    for side in (2, 5, 6):
        assert (moved(np.ones((side, side)), nudge, -1.0) == -1).all()


def test_a_change_is_measured_from_the_background():
    old = np.full((5, 4), -0.5)
    old[0, 0] = 0.5
    change = compare(old, moved(old, (0, 1), -0.5), -0.5)
    assert change.changed == 2
    assert change.relative == pytest.approx(np.sqrt(2))


def test_nudges_in_words():
    assert nudge_text((1, -2)) == "1 down, 2 left"
    assert nudge_text((-3, 0)) == "3 up"
    assert nudge_text((0, 0)) == "not at all"


def test_an_explorer_opens_at_a_window_where_there_is_something_to_see():
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 4, 21] = 255  # nudged one to the right at first
    explorer = PoolingExplorer(image)
    assert explorer.state.pixel == (2, 11)
    assert explorer.stage.caption.endswith("= 1.000")


def test_the_public_numbers_are_those_of_the_picture():
    explorer = make("pooling")
    explorer.set(nudge=(1, -1))
    assert (explorer.image[1:, :-1] == explorer.images[0][:-1, 1:]).all()
    before, after = explorer.changes
    assert f"changed {before.changed} of 784 pixels before" in explorer.stage.alt
    assert f"and {after.changed} of 196 after" in explorer.stage.alt
