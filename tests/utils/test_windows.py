"""Pairs of sizes, and where windows lie: the layers' formulas against the loops' counting."""

import numpy as np
import pytest
from drawn import paddings, pairs, sizes, windows
from hypothesis import given
from hypothesis import strategies as st

from scratchcnn._utils.windows import as_pair, check_padding, output_size, pad_widths
from scratchcnn.reference.windows import Windows


@pytest.mark.parametrize("value", [None, "3", 2.0, (1, 2, 3), (1,), (1, 2.0), True, (1, True)])
def test_a_size_that_is_no_pair_of_whole_numbers_is_refused_by_name(value):
    with pytest.raises(TypeError, match=r"sides .*whole number"):
        as_pair(value, "sides")


@pytest.mark.parametrize("value", [0, -1, (1, 0)])
def test_a_size_below_one_is_refused_by_name(value):
    with pytest.raises(ValueError, match="sides must be at least 1, got"):
        as_pair(value, "sides")


def test_one_whole_number_stands_for_both_sides():
    assert (
        as_pair(3, "sides") == as_pair(np.int32(3), "sides") == as_pair([3, 3], "sides") == (3, 3)
    )


@given(size=st.tuples(sizes, sizes), window=windows, strides=pairs, padding=paddings)
def test_counts_and_padding_agree_with_counting(size, window, strides, padding):
    x = np.zeros((1, *size, 1))
    try:
        counted = Windows(x, window, strides, padding, 0)
    except ValueError:
        with pytest.raises(ValueError, match="does not fit"):
            output_size(size, window, strides, padding)
        return
    assert output_size(size, window, strides, padding) == counted.counts
    (top, bottom), (left, right) = pad_widths(size, window, strides, padding)
    assert (top, left) == (counted.top, counted.left)
    assert (1, size[0] + top + bottom, size[1] + left + right, 1) == counted.padded.shape


@pytest.mark.parametrize("padding", ["SAME", "full", None, 1])
def test_a_padding_that_there_is_not_is_refused_with_the_choices(padding):
    with pytest.raises(ValueError, match='padding must be "valid" or "same", got'):
        check_padding(padding)


def test_a_window_that_does_not_fit_is_refused_with_both_sizes_and_the_cure():
    message = r'Conv2D: a window of \(5, 5\) .* image of \(4, 6\); .*padding="same"'
    with pytest.raises(ValueError, match=message):
        output_size((4, 6), (5, 5), (1, 1), "valid", "Conv2D")
