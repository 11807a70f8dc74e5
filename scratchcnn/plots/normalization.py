"""Batch normalization step by step, on a line of numbers."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from scratchcnn.plots.display import described
from scratchcnn.plots.style import BLUE, INK, PALE_ORANGE, new_figure, styled
from scratchcnn.plots.words import number, values


def normalization_steps(steps: Mapping[str, Sequence[float]]) -> Figure:
    """Draw the numbers of a batch after each step, all on one axis.

    A band reaches from one standard deviation below the mean to one above it.

    Parameters
    ----------
    steps : mapping of str to sequence of float
        By the name of the step, from top to bottom. Equal numbers are stacked.
    """
    figure, (axis,) = new_figure(1, 1, 9.0, 0.55 * len(steps) + 0.9)
    with styled():
        for row, numbers in enumerate(steps.values()):
            mean, std = float(np.mean(numbers)), float(np.std(numbers))
            axis.barh(row, 2 * std, 0.6, mean - std, color=PALE_ORANGE)
            axis.plot([mean, mean], [row - 0.3, row + 0.3], color=INK, lw=1.6)
            different, counts = np.unique(np.round(numbers, 9), return_counts=True)
            for place, count in zip(different, counts, strict=True):
                heights = row + 0.2 * (np.arange(count) - (count - 1) / 2)
                axis.plot(np.full(count, place), heights, "o", color=BLUE, ms=7)
        axis.set(
            yticks=range(len(steps)),
            yticklabels=list(steps),
            ylim=(len(steps) - 0.5, -0.5),
            xlabel="Number (bar: mean; band: one standard deviation to each side)",
        )
        axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=16))
        axis.tick_params(axis="y", length=0)
        axis.grid(axis="x", color=INK, alpha=0.1)
    texts = (
        f"{name}: {values(numbers, 2)}, mean {number(float(np.mean(numbers)), 2)}, standard "
        f"deviation {number(float(np.std(numbers)), 2)}"
        for name, numbers in steps.items()
    )
    return described(figure, f"The numbers of a batch on one axis. {'; '.join(texts)}.")
