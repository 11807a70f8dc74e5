"""Windows, what they cover, and what pooling makes of them."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Circle
from numpy.testing import assert_array_equal
from panels import legend, texts

from scratchcnn import plots
from scratchcnn.plots.pooling import covered_pixels, windows_of
from scratchcnn.reference import loops

ODD = np.array(
    [[1, 5, 3, 0, 1], [2, 0, 1, 4, 2], [0, 2, 7, 0, 1], [6, 4, 2, 3, 0], [1, 3, 0, 2, 9]],
    dtype=float,
)

SIZES = pytest.mark.parametrize(("pool_size", "strides"), [(2, 2), (3, 2), (3, 1), (2, 3), (5, 5)])


def circles(axis):
    """Return the (row, column) of every circle."""
    patches = [patch for patch in axis.patches if isinstance(patch, Circle)]
    return {(round(patch.center[1]), round(patch.center[0])) for patch in patches}


def hatched(axis):
    """Return the (row, column) of every hatched cell."""
    patches = [patch for patch in axis.patches if patch.get_hatch()]
    return {(round(patch.get_y() + 0.5), round(patch.get_x() + 0.5)) for patch in patches}


@SIZES
def test_windows_hold_what_the_layer_pools(pool_size, strides):
    windows = windows_of(ODD, pool_size, strides)
    pooled = loops.max_pool2d_forward(ODD[None, :, :, None], pool_size, strides)
    assert_array_equal(windows.max(axis=(2, 3)), pooled[0, :, :, 0])


@SIZES
def test_covered_pixels_are_those_that_average_pooling_hears(pool_size, strides):
    x = ODD[None, :, :, None]
    y = loops.avg_pool2d_forward(x, pool_size, strides)
    heard = loops.avg_pool2d_backward(np.ones_like(y), x, pool_size, strides)[0, :, :, 0] > 0
    assert_array_equal(covered_pixels(ODD.shape, pool_size, strides), heard)


def test_pooling_by_hand_circles_winners_and_hatches_what_is_dropped():
    image, largest, mean = plots.pooled_windows(ODD).axes
    assert circles(image) == {(0, 1), (1, 3), (3, 0), (2, 2)}
    assert hatched(image) == {(4, k) for k in range(5)} | {(k, 4) for k in range(5)}
    assert texts(largest) == ["5", "4", "6", "7"]
    assert texts(mean) == ["2", "2", "3", "3"]


def test_pooling_by_hand_with_overlapping_windows():
    image, largest, mean = plots.pooled_windows(ODD, pool_size=3, strides=2).axes
    assert circles(image) == {(2, 2), (4, 4)}
    assert hatched(image) == set()
    assert texts(largest) == ["7", "7", "7", "9"]
    assert texts(mean) == ["2.3", "2.1", "2.8", "2.7"]


def test_a_tie_is_circled_at_the_first_maximum():
    image = plots.pooled_windows(np.array([[0.0, 3.0], [3.0, 3.0]])).axes[0]
    assert circles(image) == {(0, 1)}


def test_each_way_gets_a_curve_of_its_changes():
    changes = {"map": np.array([0, 2]), "pooled": np.array([0, 1])}
    (axis,) = plots.changes_under_shift(changes).axes
    assert [line.get_ydata().tolist() for line in axis.lines] == [[0, 2], [0, 1]]
    assert legend(axis) == ["map", "pooled"]


def test_tie_counts_writes_the_shares_in_percent_over_bars_in_the_colors_of_the_windows():
    counts = np.array([[1, 2], [3, 4]])
    figure = plots.tie_counts(np.zeros((4, 4)), counts, np.array([0.5, 0.2, 0.1, 0.2]), "Digits")
    _, windows, bars = figure.axes
    assert texts(bars) == ["50%", "20%", "10%", "20%"]
    picture = windows.images[0]
    for count, bar in zip(range(1, 5), bars.patches, strict=True):
        assert to_hex(picture.to_rgba(count)) == to_hex(bar.get_facecolor())
