"""Times are bars as long as they are, in the unit that is named."""

import pytest
from matplotlib.colors import to_hex
from numpy.testing import assert_allclose
from panels import texts, widths

from scratchcnn import plots
from scratchcnn.plots.style import BLUE, ORANGE


@pytest.mark.parametrize(("unit", "scale"), [("µs", 1e6), ("ms", 1e3), ("ms per image", 1e3)])
def test_times_are_bars_in_the_unit_that_is_named(unit, scale):
    panels = {"one": {"a": 2e-3, "b": 3.5e-3}, "two": {"b": 0.5, "a": 0.25}}
    figure = plots.time_bars(panels, limits=["b"], unit=unit)
    assert_allclose(widths(figure.axes[0]), [2e-3 * scale, 3.5e-3 * scale])
    assert_allclose(widths(figure.axes[1]), [0.25 * scale, 0.5 * scale])  # the first one's order
    assert [axis.get_title() for axis in figure.axes] == ["one", "two"]
    assert [to_hex(bar.get_facecolor()) for bar in figure.axes[0].patches] == [BLUE, ORANGE]
    assert figure.get_supxlabel().startswith(f"Time ({unit})")


def test_bars_of_the_same_length_are_the_same_time_in_all_panels():
    figure = plots.time_bars({"before": {"a": 2e-3, "b": 3e-3}, "after": {"a": 1e-4, "b": 2e-4}})
    first, second = (axis.get_xlim() for axis in figure.axes)
    assert first == second
    assert first[0] == 0
    assert first[1] > 3000


def test_times_are_written_with_about_two_digits():
    (axis,) = plots.time_bars({"one": {"a": 1234e-6, "b": 12.4e-6, "c": 2.49e-6}}).axes
    assert texts(axis) == ["1,234", "12", "2.5"]
