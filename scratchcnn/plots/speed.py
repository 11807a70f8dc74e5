"""Figures of notebook 07 and of the benchmarks: times, rates, and the machine's limits."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from scratchcnn.plots.style import BLUE, GRAY, ORANGE, new_figure, styled

LINES = ((BLUE, "o-"), (ORANGE, "s-"), (GRAY, "^-"), ("#7a3e9d", "d-"))


def rate_bars(rates: Mapping[str, float], limits: Mapping[str, float], unit: str) -> Figure:
    """Draw rates as bars on a log axis, and the machine's limits as dashed lines.

    Parameters
    ----------
    rates, limits : mapping of str to float
        By name, from the top.
    unit : str
        Of all of them, such as ``"GFLOP/s"``.
    """
    figure, (axis,) = new_figure(1, 1, 9.0, 0.9 + 0.36 * len(rates))
    names, values = list(rates), list(rates.values())
    with styled():
        axis.barh(names, values, height=0.66, color=BLUE)
        for row, value in enumerate(values):
            axis.text(value, row, f"  {_short(value)}", va="center", fontsize=10)
        for name, limit in limits.items():
            axis.axvline(limit, color=ORANGE, linestyle="--")
            axis.annotate(
                f"{name} {_short(limit)}",
                (limit, 1),
                (0, 4),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                ha="center",
                color=ORANGE,
            )
        axis.set(xscale="log", xlim=(min(values) / 2, 4 * max(*values, *limits.values())))
        axis.set(xlabel=unit)
        axis.xaxis.set_major_formatter(plain_numbers)
        axis.invert_yaxis()
        axis.tick_params(axis="y", length=0)
    return figure


def time_bars(
    panels: Mapping[str, Mapping[str, float]], limits: Sequence[str] = (), unit: str = "µs"
) -> Figure:
    """Draw times as horizontal bars, a panel with a scale of its own for each title.

    Parameters
    ----------
    panels : mapping of str to mapping of str to float
        Title, then name of a bar, then seconds. All panels have the same names, from the top.
    limits : sequence of str
        The names that are no measured times but limits, in another color.
    unit : {"µs", "ms"}
        What to write.
    """
    names = list(next(iter(panels.values())))
    scale = {"µs": 1e6, "ms": 1e3}[unit]
    height = 0.75 + 0.31 * len(names)
    figure, axes = new_figure(1, len(panels), 9.0, height, sharey=True)
    with styled():
        for axis, (title, times) in zip(axes, panels.items(), strict=True):
            values = [scale * times[name] for name in names]
            colors = [ORANGE if name in limits else BLUE for name in names]
            axis.barh(names, values, height=0.66, color=colors)
            for row, value in enumerate(values):
                axis.text(value, row, f" {_short(value)}", va="center", fontsize=10)
            axis.set(xlim=(0, 1.18 * max(values)), xticks=[], title=title)
            axis.spines["bottom"].set_visible(False)
            axis.tick_params(axis="y", length=0)
        axes[0].invert_yaxis()
        figure.supxlabel(f"Time ({unit})", fontsize=10)
    return figure


def log_curves(
    x: Sequence[float],
    curves: Mapping[str, Sequence[float]],
    xlabel: str,
    ylabel: str,
    marks: Mapping[str, float] | None = None,
    ylog: bool = False,
) -> Figure:
    """Draw lines over a log axis, with named places on it marked.

    Parameters
    ----------
    x : sequence of float (K,)
    curves : mapping of str to sequence of float (K,)
        By name; a single one needs no legend.
    xlabel, ylabel : str
        With units.
    marks : mapping of str to float, optional
        Places on the x axis.
    ylog : bool
        Whether the other axis is logarithmic too; otherwise it starts at zero.
    """
    figure, (axis,) = new_figure(1, 1, 9.0, 3.2)
    with styled():
        for (name, y), (color, line) in zip(curves.items(), LINES, strict=False):
            axis.plot(x, y, line, color=color, markersize=4, label=name)
        axis.set(xscale="log", xlabel=xlabel, ylabel=ylabel)
        axis.xaxis.set_major_formatter(plain_numbers)
        if len(x) <= 10:
            axis.set_xticks(x)
            axis.minorticks_off()
        if ylog:
            axis.set_yscale("log")
            axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.yaxis.set_major_formatter(plain_numbers)
            axis.yaxis.set_minor_formatter(NullFormatter())
        else:
            axis.set_ylim(0, 1.1 * max(max(y) for y in curves.values()))
        for name, place in (marks or {}).items():
            axis.axvline(place, color=GRAY, linestyle=":", linewidth=1.2, zorder=0)
            axis.annotate(
                name,
                (place, 1),
                (0, 4),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                ha="center",
                fontsize=10,
            )
        if len(curves) > 1:
            axis.legend()
    return figure


def roofline(
    points: Mapping[str, tuple[float, float]], gflops: float, gbytes: Mapping[str, float]
) -> Figure:
    """Draw how fast operations compute against how much they compute with each byte.

    The slanted part of a roof is the memory's limit, the flat part that of arithmetic.

    Parameters
    ----------
    points : mapping of str to (float, float)
        By name: operations a byte, and GFLOP/s reached.
    gflops : float
        The arithmetic's limit.
    gbytes : mapping of str to float
        By name, the limit of each kind of memory in GB/s.
    """
    figure, (axis,) = new_figure(1, 1, 9.0, 3.9)
    places = [place for place, _ in points.values()]
    x = np.geomspace(min(places) / 2.5, 2.5 * max(places), 200)
    with styled():
        for (name, bandwidth), style in zip(gbytes.items(), ("-", "--", ":"), strict=False):
            roof = np.minimum(gflops, bandwidth * x)
            label = f"{name}: {_short(bandwidth)} GB/s, then {_short(gflops)} GFLOP/s"
            axis.plot(x, roof, style, color=ORANGE, label=label)
        for k, (name, (place, rate)) in enumerate(points.items()):
            axis.plot(place, rate, "o", color=BLUE, markersize=7)
            below = (0, -20 - 14 * (k % 2))  # staggered: neighbors on the flat roof are close
            style = {"textcoords": "offset points", "ha": "center"}
            label = axis.annotate(name, (place, rate), below, **style)
            label.set_bbox({"fc": "white", "ec": "none", "pad": 0.5, "alpha": 0.8})
        axis.set(xscale="log", yscale="log", xlim=(x[0], x[-1]))
        axis.set(xlabel="Operations a byte (FLOP/byte)", ylabel="GFLOP/s")
        axis.xaxis.set_major_formatter(plain_numbers)
        axis.yaxis.set_major_formatter(plain_numbers)
        axis.legend(loc="lower right")
    return figure


@FuncFormatter
def plain_numbers(value: float, _position: int) -> str:
    """Write 0.01, 1 and 1,000 rather than powers of ten."""
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def _short(value: float) -> str:
    """Write a number with about two digits, without an exponent."""
    if value >= 10:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2g}"
