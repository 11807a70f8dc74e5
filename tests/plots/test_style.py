"""The course's style holds inside its figures and nowhere else."""

import matplotlib as mpl
import pytest

from scratchcnn.plots.style import STYLE, new_figure, plain_numbers, styled


def test_the_style_holds_inside_the_block_only():
    before = {name: mpl.rcParams[name] for name in STYLE}
    with styled():
        assert mpl.rcParams["axes.spines.top"] is False
    assert {name: mpl.rcParams[name] for name in STYLE} == before


def test_axes_come_as_a_flat_list_row_by_row():
    drawn, axes = new_figure(2, 3)
    assert len(axes) == 6
    assert axes == drawn.axes


@pytest.mark.parametrize(
    ("value", "text"), [(0.01, "0.01"), (0.5, "0.5"), (2, "2"), (1000, "1,000")]
)
def test_axes_say_plain_numbers(value, text):
    assert plain_numbers(value, 0) == text
