"""What each ingredient of a recipe is worth: added alone, and left out alone."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from scratchcnn.plots.display import described
from scratchcnn.plots.style import BLUE, GRAY, INK, ORANGE, new_figure, styled
from scratchcnn.plots.words import listed


def ablation(
    added: Mapping[str, Sequence[float]],
    left_out: Mapping[str, Sequence[float]],
    baseline: Sequence[float],
    full: Sequence[float],
) -> Figure:
    """Draw accuracies of runs with one ingredient added, and with one left out.

    Parameters
    ----------
    added, left_out : mapping of str to sequence of float
        For each ingredient, the accuracies of several runs: added to the baseline, and left out
        of the full recipe. Both hold the same ingredients in the same order.
    baseline, full : sequence of float
        The accuracies without any ingredient and with all of them.
    """
    figure, axes = new_figure(1, 2, 9.0, 0.36 * len(added) + 1.3, sharey=True)
    panels = (
        (axes[0], added, baseline, "Baseline", "with ... added", BLUE),
        (axes[1], left_out, full, "Full recipe", "without ...", ORANGE),
    )
    texts = []
    with styled():
        for axis, runs, reference, name, title, color in panels:
            _draw_runs(axis, {name: reference, **runs}, color)
            axis.set_title(f"{name} {title}")
            means = (f"{key} {np.mean(values):.1%}" for key, values in runs.items())
            texts.append(f"{name} {np.mean(reference):.1%}; {title} {listed(means)}")
        axes[0].set(
            yticks=range(len(added) + 1),
            yticklabels=["(nothing changed)", *added],
            ylim=(len(added) + 0.6, -0.6),
        )
        for axis in axes:
            axis.tick_params(axis="y", length=0)
    return described(
        figure,
        f"Validation accuracy, a dot for each of {len(baseline)} seeds and a bar at the mean. "
        f"{'. '.join(texts)}.",
    )


def _draw_runs(axis: Axes, runs: Mapping[str, Sequence[float]], color: str) -> None:
    """Draw a row of dots for each entry, with a bar at the mean; the first is the reference."""
    for row, dots in enumerate(runs.values()):
        mean, shade = np.mean(dots), color if row else INK
        axis.plot(dots, np.full(len(dots), row), "o", color=shade, ms=6, alpha=0.45)
        axis.plot([mean, mean], [row - 0.32, row + 0.32], color=shade, lw=3)
        if not row:
            axis.axvline(float(mean), color=GRAY, lw=1, ls=":")
    axis.xaxis.set_major_formatter(PercentFormatter(1, decimals=1))
    axis.xaxis.set_major_locator(MaxNLocator(5))
    axis.set_xlabel("Validation accuracy")
    axis.grid(axis="y", color=GRAY, alpha=0.15)
