"""Measured times as bars and dots."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from scratchcnn.plots.display import described
from scratchcnn.plots.style import BLUE, GRAY, ORANGE, new_figure, plain_numbers, styled
from scratchcnn.plots.words import listed, number, short


def time_bars(
    panels: Mapping[str, Mapping[str, float]], limits: Sequence[str] = (), unit: str = "µs"
) -> Figure:
    """Draw times as horizontal bars, a panel for each title, all on one scale.

    Bars of the same length stand for the same time, also in different panels.

    Parameters
    ----------
    panels : mapping of str to mapping of str to float
        Title, then name of a bar, then seconds. All panels have the same names, top to bottom.
    limits : sequence of str
        The names that are limits rather than measured times, drawn in another color.
    unit : str
        The unit to display: "µs" or "ms", which may be followed by words, as in "µs per image".
    """
    names = list(next(iter(panels.values())))
    scale = {"µs": 1e6, "ms": 1e3}[unit.split()[0]]
    longest = scale * max(max(times.values()) for times in panels.values())
    height = max(1.9, 0.85 + 0.33 * len(names))
    figure, axes = new_figure(1, len(panels), 9.0, height, sharex=True, sharey=True)
    texts = []
    with styled():
        for axis, (title, times) in zip(axes, panels.items(), strict=True):
            numbers = [scale * times[name] for name in names]
            colors = [ORANGE if name in limits else BLUE for name in names]
            axis.barh(names, numbers, height=0.66, color=colors)
            for row, value in enumerate(numbers):
                axis.text(value, row, f" {short(value)}", va="center", fontsize=10)
            axis.set(xlim=(0, (1.1 + 0.08 * len(panels)) * longest), title=title)
            axis.tick_params(axis="y", length=0)
            bars = (f"{name} {short(v)}" for name, v in zip(names, numbers, strict=True))
            texts.append(f"{title}: {'; '.join(bars)}.")
        axes[0].invert_yaxis()
        shared = ", the same scale in all panels" if len(panels) > 1 else ""
        figure.supxlabel(f"Time ({unit}){shared}", fontsize=11)
    marked = f" In another color, as limits: {listed(limits)}." if limits else ""
    return described(figure, f"Bars of times in {unit}. {' '.join(texts)}{marked}")


def call_times(seconds: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Draw measured times on a log axis, one row for each job and program.

    Parameters
    ----------
    seconds : mapping of str to mapping of str to sequence of float
        For each job and each name: the first call, which may have to compile, then all
        later calls. The first is drawn as a ring, the others as dots, their median as a bar.
    """
    rows = [(job, name) for job, measured in seconds.items() for name in measured]
    names = list(dict.fromkeys(name for _, name in rows))
    colors = dict(zip(names, (BLUE, ORANGE, GRAY), strict=False))
    figure, (axis,) = new_figure(1, 1, 9.0, 0.36 * len(rows) + 1.1)
    texts = []
    with styled():
        for row, (job, name) in enumerate(rows):
            first, *warm = 1000 * np.asarray(seconds[job][name])
            color, median = colors[name], float(np.median(warm))
            axis.plot(warm, np.full(len(warm), row), "o", color=color, ms=6, alpha=0.5)
            axis.plot(first, row, "o", color=color, ms=8, mfc="none", mew=1.8)
            axis.plot([median] * 2, [row - 0.3, row + 0.3], color=color, lw=3)
            texts.append(f"{job}, {name}: {number(median)} ms, first call {number(first)} ms")
        last = 0
        for measured in list(seconds.values())[:-1]:
            last += len(measured)
            axis.axhline(last - 0.5, color=GRAY, lw=0.6)
        axis.set(
            yticks=range(len(rows)),
            yticklabels=[f"{job}: {name}" for job, name in rows],
            ylim=(len(rows) - 0.5, -0.5),
            xscale="log",
            xlabel="Milliseconds (ring: first call, dots: later calls, bar: their median)",
        )
        axis.xaxis.set_major_formatter(plain_numbers)
        axis.grid(axis="x", color=GRAY, alpha=0.2)
        axis.tick_params(axis="y", length=0)
    return described(
        figure,
        "Times on a log axis: a ring for the first call, dots for later ones, a bar at their "
        f"median. Medians: {'; '.join(texts)}.",
    )
