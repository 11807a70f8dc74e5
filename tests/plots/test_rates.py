"""Rates, limits and curves on log axes."""

import numpy as np
from numpy.testing import assert_allclose
from panels import legend, texts, widths

from scratchcnn import plots


def test_rates_are_bars_from_the_top_and_limits_are_lines():
    figure = plots.rate_bars({"loops": 0.0031, "product": 14.2}, {"limit": 93.4}, "GFLOP/s")
    (axis,) = figure.axes
    assert widths(axis) == [0.0031, 14.2]
    assert texts(axis) == ["0.0031", "14", "limit 93"]
    assert axis.lines[0].get_xdata()[0] == 93.4
    assert axis.get_xscale() == "log"
    assert axis.yaxis_inverted()
    assert [label.get_text() for label in axis.get_yticklabels()] == ["loops", "product"]
    assert axis.get_xlabel() == "GFLOP/s"


def test_curves_have_a_log_axis_and_marks_with_names():
    figure = plots.log_curves(
        [1, 10, 100], {"a": [3, 2, 1], "b": [1, 2, 3]}, "x", "y", marks={"here": 30}
    )
    (axis,) = figure.axes
    drawn = {line.get_label(): list(line.get_ydata()) for line in axis.lines[:2]}
    assert drawn == {"a": [3, 2, 1], "b": [1, 2, 3]}
    assert axis.lines[2].get_xdata()[0] == 30
    assert texts(axis) == ["here"]
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "linear")
    assert axis.get_legend() is not None


def test_a_single_curve_has_no_legend_and_both_axes_may_be_logarithmic():
    (axis,) = plots.log_curves([1, 10], {"a": [3, 2]}, "x", "y", ylog=True).axes
    assert axis.get_legend() is None
    assert axis.get_yscale() == "log"


def test_an_axis_over_many_powers_of_ten_still_has_numbers():
    (axis,) = plots.log_curves([1, 10], {"a": [1, 1e-15]}, "x", "y", ylog=True).axes
    axis.figure.canvas.draw()
    low, high = axis.get_ylim()
    ticks = [
        label.get_text() for label in axis.get_yticklabels() if low < label.get_position()[1] < high
    ]
    assert 3 <= len([text for text in ticks if text]) <= 12


def test_a_roof_rises_with_the_bandwidth_and_is_flat_from_the_arithmetic_limit_on():
    points = {"sum": (0.1, 1.0), "product": (100, 80)}
    (axis,) = plots.roofline(points, 90, {"cache": 45, "memory": 9}).axes
    for roof, ridge, bandwidth in zip(axis.lines[:4:2], axis.lines[1:4:2], (45, 9), strict=True):
        x, y = roof.get_data()
        assert_allclose(y, np.where(x < 90 / bandwidth, bandwidth * x, 90))
        assert tuple(ridge.get_xydata()[0]) == (90 / bandwidth, 90)
    assert [tuple(line.get_xydata()[0]) for line in axis.lines[4:]] == [(0.1, 1.0), (100, 80)]
    assert texts(axis) == ["sum", "product"]
    assert legend(axis)[1] == "memory: 9.0 GB/s, ridge at 10 FLOP/byte"
