"""The figure of batch normalization: numbers, means and deviations are at their places."""

import numpy as np
import pytest

from scratchcnn import plots

STEPS = {"x": [1.0, 7.0, 9.0, 7.0], "normalized": [-5 / 3, 1 / 3, 1.0, 1 / 3]}


def test_every_number_is_a_dot_in_the_row_of_its_step():
    (axis,) = plots.normalization_steps(STEPS).axes
    for row, numbers in enumerate(STEPS.values()):
        dots = [
            place
            for line in axis.lines
            if line.get_marker() == "o" and abs(np.mean(line.get_ydata()) - row) < 0.01
            for place in line.get_xdata()
        ]
        assert sorted(dots) == pytest.approx(sorted(numbers))
    assert [label.get_text() for label in axis.get_yticklabels()] == list(STEPS)


def test_equal_numbers_do_not_hide_each_other():
    (axis,) = plots.normalization_steps(STEPS).axes
    twice = next(line for line in axis.lines if 7.0 in line.get_xdata())
    assert len(set(twice.get_ydata())) == 2


def test_the_bar_is_at_the_mean_and_the_band_reaches_a_deviation_to_each_side():
    (axis,) = plots.normalization_steps(STEPS).axes
    bars = [line.get_xdata()[0] for line in axis.lines if line.get_marker() == "None"]
    assert bars == pytest.approx([6.0, 0.0])
    bands = [(band.get_x(), band.get_x() + band.get_width()) for band in axis.patches]
    assert bands == [pytest.approx((3.0, 9.0)), pytest.approx((-1.0, 1.0))]


def test_words_give_numbers_mean_and_deviation():
    alt = plots.normalization_steps(STEPS).alt
    assert "x: 1.00, 7.00, 9.00, 7.00, mean 6.00, standard deviation 3.00" in alt
