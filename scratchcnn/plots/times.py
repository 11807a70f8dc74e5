"""Measured times as bars."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from scratchcnn.plots.display import described
from scratchcnn.plots.style import BLUE, ORANGE, new_figure, styled
from scratchcnn.plots.words import listed, short


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
