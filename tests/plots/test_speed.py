"""What the figures of speed draw and write: bars as long as times, in the unit they name."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from numpy.testing import assert_allclose

from scratchcnn.plots import speed, to_png
from scratchcnn.plots.style import BLUE, ORANGE


def texts(axis):
    return [text.get_text().strip() for text in axis.texts]


def widths(axis):
    return [bar.get_width() for bar in axis.patches]


def test_rates_are_bars_from_the_top_and_limits_are_lines():
    figure = speed.rate_bars({"loops": 0.0031, "product": 14.2}, {"limit": 93.4}, "GFLOP/s")
    (axis,) = figure.axes
    assert widths(axis) == [0.0031, 14.2]
    assert texts(axis) == ["0.0031", "14", "limit 93"]
    assert axis.lines[0].get_xdata()[0] == 93.4
    assert axis.get_xscale() == "log"
    assert axis.yaxis_inverted()
    assert [label.get_text() for label in axis.get_yticklabels()] == ["loops", "product"]
    assert axis.get_xlabel() == "GFLOP/s"


@pytest.mark.parametrize(("unit", "scale"), [("µs", 1e6), ("ms", 1e3)])
def test_times_are_bars_in_the_unit_that_is_named(unit, scale):
    panels = {"one": {"a": 2e-3, "b": 3.5e-3}, "two": {"b": 0.5, "a": 0.25}}
    figure = speed.time_bars(panels, limits=["b"], unit=unit)
    assert_allclose(widths(figure.axes[0]), [2e-3 * scale, 3.5e-3 * scale])
    assert_allclose(widths(figure.axes[1]), [0.25 * scale, 0.5 * scale])  # the first one's order
    assert [axis.get_title() for axis in figure.axes] == ["one", "two"]
    assert [to_hex(bar.get_facecolor()) for bar in figure.axes[0].patches] == [BLUE, ORANGE]
    assert figure.get_supxlabel() == f"Time ({unit})"


def test_times_are_written_with_about_two_digits():
    (axis,) = speed.time_bars({"one": {"a": 1234e-6, "b": 12.4e-6, "c": 2.49e-6}}).axes
    assert texts(axis) == ["1,234", "12", "2.5"]


def test_curves_have_a_log_axis_and_marks_with_names():
    figure = speed.log_curves(
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
    (axis,) = speed.log_curves([1, 10], {"a": [3, 2]}, "x", "y", ylog=True).axes
    assert axis.get_legend() is None
    assert axis.get_yscale() == "log"


def test_a_roof_rises_with_the_bandwidth_and_is_flat_from_the_arithmetic_limit_on():
    points = {"sum": (0.1, 1.0), "product": (100, 80)}
    (axis,) = speed.roofline(points, 90, {"cache": 45, "memory": 9}).axes
    for line, bandwidth in zip(axis.lines, (45, 9), strict=False):
        x, y = line.get_data()
        assert_allclose(y, np.where(x < 90 / bandwidth, bandwidth * x, 90))
    assert [tuple(line.get_xydata()[0]) for line in axis.lines[2:]] == [(0.1, 1.0), (100, 80)]
    assert texts(axis) == ["sum", "product"]


@pytest.mark.parametrize(
    ("value", "text"), [(0.01, "0.01"), (0.5, "0.5"), (2, "2"), (1000, "1,000")]
)
def test_axes_say_plain_numbers(value, text):
    assert speed.plain_numbers(value, 0) == text


def test_figures_become_pictures():
    assert to_png(speed.roofline({"a": (1, 1)}, 2, {"cache": 3})).startswith(b"\x89PNG")
