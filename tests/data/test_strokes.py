"""A drawing is put into MNIST's form as MNIST's makers did it."""

import sys

import numpy as np
import pytest
from handwriting import HANDS

from scratchcnn import load_mnist
from scratchcnn.data.normalization import center_of_mass
from scratchcnn.data.strokes import as_mnist


def placed(digit, size, left, top):
    return [[(left + size * x, top + size * y) for x, y in stroke] for stroke in HANDS[digit][0]]


every_digit = pytest.mark.parametrize("digit", HANDS)


@every_digit
def test_the_center_of_mass_lies_in_the_middle(digit):
    image = as_mnist(placed(digit, 0.4, 0.5, 0.1))
    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    assert center_of_mass(image) == pytest.approx((14, 14), abs=0.1)


@every_digit
def test_the_digit_fills_a_box_of_twenty_pixels(digit):
    ink = as_mnist(placed(digit, 0.4, 0.5, 0.1)) > 32  # an eighth of a pixel, the finer grid
    extent = max(np.ptp(np.flatnonzero(ink.any(axis=axis))) + 1 for axis in (0, 1))
    assert extent in (20, 21)  # 21 where the box begins within a pixel


@every_digit
def test_size_and_place_of_the_drawing_do_not_matter(digit):
    small, large = as_mnist(placed(digit, 0.2, 0.7, 0.05)), as_mnist(placed(digit, 300, 10, 40))
    assert np.abs(small.astype(int) - large).max() <= 32  # rounded to the finer grid


def test_wide_drawings_stay_wide():
    ink = as_mnist([[(0, 0), (10, 0)]]) > 0
    assert ink.any(axis=0).sum() > 5 * ink.any(axis=1).sum()


def test_mnists_own_digits_lie_in_the_same_place():
    (x, _), _ = load_mnist()
    centers = np.array([center_of_mass(image) for image in x[:200]])
    assert np.abs(centers - 14).max() < 1


def test_no_stroke_is_an_empty_image():
    assert not as_mnist([]).any()
    assert not as_mnist([[]]).any()


def test_a_single_point_is_a_dot_in_the_middle():
    image = as_mnist([[(0.9, 0.1)]])
    assert 1 <= (image > 0).sum() <= 16
    assert center_of_mass(image) == pytest.approx((14, 14), abs=0.1)


def test_without_pillow_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match=r'pip install "scratchcnn\[course\]"'):
        as_mnist([[(0, 0), (1, 1)]])
