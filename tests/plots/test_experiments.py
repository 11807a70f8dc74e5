"""The figure of an ablation: every run is a dot, and every mean a bar at its place."""

import numpy as np
import pytest

from scratchcnn import plots

ADDED = {"ReLU": [0.90, 0.92], "Adam": [0.89, 0.91]}
LEFT_OUT = {"ReLU": [0.96, 0.97], "Adam": [0.98, 0.98]}


def rows(axis):
    """Return the dots and the bar of each row."""
    dots = [line for line in axis.lines if line.get_marker() == "o"]
    bars = [line for line in axis.lines if line.get_linewidth() == 3]
    return dots, bars


@pytest.mark.parametrize(("panel", "runs", "reference"), [(0, ADDED, 0.88), (1, LEFT_OUT, 0.985)])
def test_every_run_is_a_dot_and_every_mean_a_bar_in_the_row_of_its_ingredient(
    panel, runs, reference
):
    axis = plots.ablation(ADDED, LEFT_OUT, [0.87, 0.89], [0.98, 0.99]).axes[panel]
    dots, bars = rows(axis)
    assert [list(dot.get_xdata()) for dot in dots[1:]] == list(runs.values())
    means = [reference, *(np.mean(values) for values in runs.values())]
    assert [bar.get_xdata()[0] for bar in bars] == pytest.approx(means)


def test_rows_are_named_after_what_was_changed():
    axis = plots.ablation(ADDED, LEFT_OUT, [0.87, 0.89], [0.98, 0.99]).axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()][1:] == ["ReLU", "Adam"]
