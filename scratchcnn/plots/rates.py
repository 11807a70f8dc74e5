"""Measured rates and the machine's limits."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from scratchcnn.plots.display import described
from scratchcnn.plots.style import BLUE, GRAY, INK, LINES, ORANGE, new_figure, plain_numbers, styled
from scratchcnn.plots.words import listed, number, short


def rate_bars(rates: Mapping[str, float], limits: Mapping[str, float], unit: str) -> Figure:
    """Draw rates as bars on a log axis, and the machine's limits as dashed lines.

    Parameters
    ----------
    rates, limits : mapping of str to float
        By name, from top to bottom.
    unit : str
        The unit of all rates, such as ``"GFLOP/s"``.
    """
    figure, (axis,) = new_figure(1, 1, 9.0, 0.9 + 0.36 * len(rates))
    names, numbers = list(rates), list(rates.values())
    with styled():
        axis.barh(names, numbers, height=0.66, color=BLUE)
        for row, value in enumerate(numbers):
            axis.text(value, row, f"  {short(value)}", va="center", fontsize=10)
        for name, limit in limits.items():
            axis.axvline(limit, color=ORANGE, linestyle="--")
            _write_above(axis, limit, f"{name} {short(limit)}", ORANGE, 11)
        axis.set(xscale="log", xlim=(min(numbers) / 2, 4 * max(*numbers, *limits.values())))
        axis.set(xlabel=unit)
        axis.xaxis.set_major_formatter(plain_numbers)
        axis.invert_yaxis()
        axis.tick_params(axis="y", length=0)
    bars = (f"{name} {short(rate)}" for name, rate in rates.items())
    lines = (f"{name} {short(limit)}" for name, limit in limits.items())
    return described(
        figure,
        f"Bars on a log axis, {unit}: {'; '.join(bars)}. Dashed lines mark the machine's limits: "
        f"{listed(lines)}.",
    )


def log_curves(
    x: Sequence[float],
    curves: Mapping[str, Sequence[float]],
    xlabel: str,
    ylabel: str,
    marks: Mapping[str, float] | None = None,
    ylog: bool = False,
) -> Figure:
    """Draw lines over a log axis, with named marks on it.

    Parameters
    ----------
    x : sequence of float (K,)
        The x values.
    curves : mapping of str to sequence of float (K,)
        The y values, by name; a single curve needs no legend.
    xlabel, ylabel : str
        Axis labels, with units.
    marks : mapping of str to float, optional
        x values to mark, by name.
    ylog : bool
        Whether the y axis is logarithmic too; otherwise it starts at zero.
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
            values = [value for y in curves.values() for value in y]
            steps = (1, 2, 5) if max(values) < 1e6 * min(values) else (1,)
            axis.yaxis.set_major_locator(LogLocator(subs=steps))
            axis.yaxis.set_major_formatter(plain_numbers)
            axis.yaxis.set_minor_formatter(NullFormatter())
        else:
            axis.set_ylim(0, 1.1 * max(max(y) for y in curves.values()))
        for name, place in (marks or {}).items():
            axis.axvline(place, color=GRAY, linestyle=":", linewidth=1.2, zorder=0)
            _write_above(axis, place, name, INK, 10)
        if len(curves) > 1:
            axis.legend()
    texts = (f"{name} {_turns(x, y)}" for name, y in curves.items())
    lines = [f"{name} at {number(place)}" for name, place in (marks or {}).items()]
    marked = f" Dotted lines mark {listed(lines)}." if lines else ""
    return described(figure, f"{ylabel} against {xlabel}: {'; '.join(texts)}.{marked}")


def _turns(x: Sequence[float], y: Sequence[float]) -> str:
    """Describe where a curve starts and ends, and its lowest and highest point."""
    low, high = int(np.argmin(y)), int(np.argmax(y))
    return (
        f"starts with {number(y[0])} at {number(x[0])} and ends with {number(y[-1])} at "
        f"{number(x[-1])}; lowest {number(y[low])} at {number(x[low])}, highest "
        f"{number(y[high])} at {number(x[high])}"
    )


def _write_above(axis: Axes, place: float, text: str, color: str, size: float) -> None:
    """Write the name of a vertical line at ``place`` above the panel."""
    axis.annotate(
        text,
        (place, 1),
        (0, 4),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="center",
        color=color,
        fontsize=size,
    )


def roofline(
    points: Mapping[str, tuple[float, float]], gflops: float, gbytes: Mapping[str, float]
) -> Figure:
    """Draw the speed of operations against their arithmetic per byte (a roofline plot).

    The slanted part of a roof is the limit set by memory, the flat part that set by arithmetic. A
    tick marks the ridge, where they meet.

    Parameters
    ----------
    points : mapping of str to (float, float)
        By name: operations per byte, and GFLOP/s reached.
    gflops : float
        The limit set by arithmetic.
    gbytes : mapping of str to float
        By name, the limit of each kind of memory in GB/s.
    """
    figure, (axis,) = new_figure(1, 1, 9.0, 3.9)
    places = [place for place, _ in points.values()]
    x = np.geomspace(min(places) / 2.5, 2.5 * max(places), 200)
    roofs = {
        name: f"{name}: {short(b)} GB/s, ridge at {short(gflops / b)} FLOP/byte"
        for name, b in gbytes.items()
    }
    with styled():
        for (name, bandwidth), style in zip(gbytes.items(), ("-", "--", ":"), strict=False):
            roof = np.minimum(gflops, bandwidth * x)
            axis.plot(x, roof, style, color=ORANGE, label=roofs[name])
            axis.plot(gflops / bandwidth, gflops, "|", color=ORANGE, markersize=14, mew=2)
        for k, (name, (place, rate)) in enumerate(points.items()):
            axis.plot(place, rate, "o", color=BLUE, markersize=7)
            below = (5, -4 - 14 * (k % 2))  # staggered: neighbors on the flat roof are close
            label = axis.annotate(name, (place, rate), below, textcoords="offset points", va="top")
            label.set_bbox({"fc": "white", "ec": "none", "pad": 0.5, "alpha": 0.8})
        axis.set(xscale="log", yscale="log", xlim=(x[0], x[-1]))
        axis.set(xlabel="Operations per byte (FLOP/byte)", ylabel="GFLOP/s")
        axis.xaxis.set_major_formatter(plain_numbers)
        axis.yaxis.set_major_formatter(plain_numbers)
        axis.legend(loc="lower right")
    texts = (
        f"{name}, {short(place)} operations per byte, {short(rate)} GFLOP/s"
        for name, (place, rate) in points.items()
    )
    return described(
        figure,
        f"A roofline on two log axes, flat at {short(gflops)} GFLOP/s. Roofs by kind of memory: "
        f"{'; '.join(roofs.values())}. "
        f"Points: {'; '.join(texts)}.",
    )
