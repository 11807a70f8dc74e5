"""Deep networks: curves over the layers, and accuracy against depth."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from scratchcnn.plots.display import described
from scratchcnn.plots.style import BLUE, GRAY, INK, ORANGE, PURPLE, TEAL, new_figure, styled
from scratchcnn.plots.words import listed, number

# Of each kind of network, the same in all figures of a lesson.
LOOKS = {
    "plain, Glorot": (GRAY, "o:"),
    "plain, He": (PURPLE, "s--"),
    "shortcuts": (TEAL, "^-."),
    "batch norm": (ORANGE, "d--"),
    "both": (BLUE, "o-"),
}


def looks(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return color and line of each network: those of `LOOKS`, or else the next ones."""
    others = iter(LOOKS.values())
    return [LOOKS.get(name) or next(others) for name in names]


def layer_curves(panels: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Draw positive numbers layer by layer on log axes, in one or more panels.

    Parameters
    ----------
    panels : mapping of str to mapping of str to sequence of float
        By title: for each network, a number for every layer, from the input to the scores. All
        panels hold the same networks.
    """
    figure, axes = new_figure(1, len(panels), 9.0, 3.5)
    texts = []
    with styled():
        for axis, (title, curves) in zip(axes, panels.items(), strict=True):
            for (name, curve), (color, line) in zip(curves.items(), looks(curves), strict=True):
                layers = np.arange(1, len(curve) + 1)
                axis.plot(layers, curve, line, color=color, ms=4, label=name)
            axis.set(title=title, xlabel="Convolution, from the input to the scores", yscale="log")
            axis.xaxis.set_major_locator(MaxNLocator(integer=True))
            axis.grid(axis="y", color=GRAY, alpha=0.2)
            ends = (
                f"{name} {number(float(curve[0]))} in the first and {number(float(curve[-1]))} in "
                f"the last of {len(curve)} layers"
                for name, curve in curves.items()
            )
            texts.append(f"{title}: {'; '.join(ends)}")
        handles, names = axes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper center", ncols=5)
    return described(figure, f"Curves over the layers, on log axes. {'. '.join(texts)}.")


def depth_accuracies(
    accuracies: Mapping[str, Mapping[int, Sequence[float]]], chance: float
) -> Figure:
    """Draw accuracy against depth: a dot for each run, a line through the means.

    Parameters
    ----------
    accuracies : mapping of str to mapping of int to sequence of float
        For each kind of network and each number of layers, the accuracies of several runs. A kind
        may have fewer numbers of layers than others, from the smallest on.
    chance : float
        What guessing gives, drawn as a dotted line.
    """
    figure, (axis,) = new_figure(1, 1, 9.0, 3.8)
    texts, styles = [], looks(accuracies)
    with styled():
        for k, (name, (color, line)) in enumerate(zip(accuracies, styles, strict=True)):
            runs = accuracies[name]
            # Side by side, so that equal accuracies do not hide one another.
            places = np.arange(len(runs)) + 0.06 * (k - (len(accuracies) - 1) / 2)
            means = [float(np.mean(values)) for values in runs.values()]
            axis.plot(places, means, line[1:], color=color)
            axis.plot([], [], line, color=color, ms=6, label=name)  # for the legend
            for place, values in zip(places, runs.values(), strict=True):
                axis.plot(np.full(len(values), place), values, line[0], color=color, ms=6)
            parts = (f"{mean:.0%} with {depth}" for depth, mean in zip(runs, means, strict=True))
            texts.append(f"{name} {listed(parts)}")
        axis.axhline(chance, color=INK, lw=1, ls=":", zorder=0)
        axis.text(1.005, chance, "guessing", transform=axis.get_yaxis_transform(), va="center")
        depths = max(map(list, accuracies.values()), key=len)
        axis.set_xticks(range(len(depths)), [str(depth) for depth in depths])
        axis.set(xlabel="Convolutions", ylabel="Validation accuracy", ylim=(0, 1.03))
        axis.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axis.grid(axis="y", color=GRAY, alpha=0.15)
        figure.legend(loc="outside upper center", ncols=5)
    seeds = len(next(iter(next(iter(accuracies.values())).values())))
    return described(
        figure,
        f"Validation accuracy against the number of convolutions, a dot for each of {seeds} seeds "
        f"and a line through the means. {'; '.join(texts)}. Guessing gives {chance:.0%}.",
    )
