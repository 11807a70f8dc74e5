"""The figures of deep networks: every layer and every run is where it belongs."""

import numpy as np
import pytest

from scratchcnn import plots
from scratchcnn.plots.depth import LOOKS

SIGNALS = {"plain, He": [1.0, 0.5, 0.25], "both": [1.0, 1.5, 2.0]}
ACCURACIES = {
    "plain, He": {4: [0.7, 0.8], 16: [0.25, 0.35]},
    "both": {4: [0.97, 0.99], 16: [0.98, 0.98]},
}


def test_every_network_has_a_point_for_each_layer_from_the_first_on():
    (axis,) = plots.layer_curves({"Signal": SIGNALS}).axes
    for line, curve in zip(axis.lines, SIGNALS.values(), strict=True):
        assert list(line.get_xdata()) == [1, 2, 3]
        assert list(line.get_ydata()) == curve
    assert axis.get_yscale() == "log"


def test_panels_have_their_titles_and_one_legend():
    figure = plots.layer_curves({"Signal": SIGNALS, "Gradient": SIGNALS})
    assert [axis.get_title() for axis in figure.axes] == ["Signal", "Gradient"]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == list(SIGNALS)


def test_a_network_looks_the_same_in_both_figures():
    signals = plots.layer_curves({"Signal": {"both": [1, 2]}}).axes[0].lines
    accuracies = plots.depth_accuracies({"both": {4: [0.9]}}, 0.25).axes[0].lines
    assert signals[0].get_color() == LOOKS["both"][0]
    assert accuracies[0].get_color() == LOOKS["both"][0]


def test_every_run_is_a_dot_and_the_line_goes_through_the_means():
    (axis,) = plots.depth_accuracies(ACCURACIES, 0.25).axes
    dots = [list(line.get_ydata()) for line in axis.lines if line.get_linestyle() == "None"]
    assert dots == [values for runs in ACCURACIES.values() for values in runs.values()]
    means = [list(line.get_ydata()) for line in axis.lines if len(line.get_ydata()) == 2]
    for runs in ACCURACIES.values():
        assert pytest.approx([np.mean(values) for values in runs.values()]) in means


def test_depths_are_named_and_guessing_is_marked():
    (axis,) = plots.depth_accuracies(ACCURACIES, 0.25).axes
    assert [label.get_text() for label in axis.get_xticklabels()] == ["4", "16"]
    assert [0.25, 0.25] in [list(line.get_ydata()) for line in axis.lines]


def test_words_follow_the_numbers():
    alt = plots.depth_accuracies(ACCURACIES, 0.25).alt
    assert "plain, He 75% with 4 and 30% with 16" in alt
    assert "both 98% with 4 and 98% with 16" in alt
    assert "plain, He 1 in the first and 0.25 in the last of 3 layers" in (
        plots.layer_curves({"Signal": SIGNALS}).alt
    )


def test_a_network_may_end_at_a_smaller_depth():
    (axis,) = plots.depth_accuracies({**ACCURACIES, "plain, He": {4: [0.7]}}, 0.25).axes
    assert [label.get_text() for label in axis.get_xticklabels()] == ["4", "16"]
