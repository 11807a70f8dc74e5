"""Numbers and lists read as a person would say them."""

import numpy as np
import pytest

from scratchcnn.plots import words


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (-1.5, None, "−1.5"),
        (0.123456, None, "0.123"),
        (13530, None, "13,530"),
        (-0.0, None, "0"),
        (0.6, 2, "0.60"),
        (-0.001, 2, "0.00"),
    ],
)
def test_numbers_have_a_true_minus_sign_and_no_more_digits_than_needed(value, digits, text):
    assert words.number(value, digits) == text


@pytest.mark.parametrize(
    ("count", "nouns", "text"),
    [
        (1, ("pixel",), "1 pixel"),
        (1352, ("pixel",), "1,352 pixels"),
        (0, ("pixel",), "0 pixels"),
        (2, ("patch", "patches"), "2 patches"),
    ],
)
def test_counts_agree_with_their_nouns(count, nouns, text):
    assert words.counted(count, *nouns) == text


@pytest.mark.parametrize(
    ("parts", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists_end_with_and(parts, text):
    assert words.listed(parts) == text


def test_matrices_are_read_row_by_row_without_what_is_not_known():
    assert words.in_rows([[1, -2], [0.5, 3]]) == "1 −2, 0.5 3"
    assert words.in_rows([[1, np.nan], [np.nan, np.nan]]) == "1"


def test_a_range_of_one_value_is_that_value():
    assert words.extent([[-1, 2], [0, 1]]) == "from −1 to 2"
    assert words.extent(np.zeros(3)) == "0 everywhere"


@pytest.mark.parametrize(
    ("curve", "text"),
    [
        ([2, 5, 1], "falls from 2 to 1"),
        ([1, 5, 2], "rises from 1 to 2"),
        ([1, 5, 1], "starts and ends at 1"),
    ],
)
def test_curves_are_told_by_their_ends(curve, text):
    assert words.course(curve) == text


EDGE = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
RING = np.pad(-np.ones((2, 2)), 2, constant_values=1.0)


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (EDGE, "red right of blue"),
        (-EDGE, "red left of blue"),
        (EDGE.T, "red below blue"),
        (np.array([[1, 0], [0, -1]]), "red above and left of blue"),
        (RING, "red around blue"),
        (-RING, "blue around red"),
        (np.abs(EDGE), ""),
    ],
)
def test_signed_maps_are_told_by_the_side_on_which_red_lies(array, text):
    assert words.sides(array) == text


def test_a_map_without_sides_is_told_by_how_much_of_it_is_zero():
    half = np.array([[1.0, 0], [0, 1]])
    assert words.panel("draw", half, signed=True) == "draw from 0 to 1, 50% of it zero"
    assert words.panel("draw", half, signed=False) == "draw from 0 to 1"
    assert words.panel("edge", EDGE, signed=True) == "edge from −2 to 2, red right of blue"
