"""The charts of the report: ratios as bars, and growth of time as lines on log axes."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from scratchcnn.plots.style import BLUE, GRAY, LINES, new_figure, plain_numbers, styled

OURS = "scratchcnn"


TITLES = {
    "W1": "Training,\nbatch 1",
    "W1 cold": "Five epochs\nfrom cold",
    "W2": "Training,\nbatch 32",
    "W3": "Convnet,\ntraining",
    "W4 course": "Prediction",
    "W4 deep": "Convnet,\nprediction",
}


def draw_ratios(workloads: dict[str, dict[str, float]]) -> Figure:
    """Draw each peer's time as a multiple of ours for each workload, without the loops."""
    peers = list(dict.fromkeys(peer for ratios in workloads.values() for peer in ratios))
    peers = [peer for peer in peers if peer != "loops"]
    figure, axes = new_figure(
        1, len(workloads), width=9.6, height=1.1 + 0.36 * len(peers), sharey=True
    )
    with styled():
        for axis, (name, ratios) in zip(axes, workloads.items(), strict=True):
            values = [ratios.get(peer, 0) for peer in peers]
            axis.barh(peers, values, color=[BLUE if peer == OURS else GRAY for peer in peers])
            for row, value in enumerate(values):
                text = f" {value:.1f}" if value else " –"
                axis.text(value, row, text, va="center", fontsize=9)
            axis.set(xlim=(0, 1.4 * max(values)), xticks=[])
            axis.tick_params(axis="y", length=0, labelsize=9)
            axis.set_title(TITLES.get(name, name), fontsize=10)
            axis.spines["bottom"].set_visible(False)
        axes[0].invert_yaxis()
        figure.supxlabel("Time, as a multiple of ours (less is faster)", fontsize=10)
    return figure


def draw_growth(growth: dict) -> Figure:
    """Draw time against every size that was varied: layers above, an epoch below."""
    columns = max(len({row["varied"] for row in growth[key]}) for key in ("layers", "epochs"))
    figure, axes = new_figure(2, columns, width=11.0, height=5.6)
    grid = np.reshape(axes, (2, columns))
    with styled():
        for row_of_axes, key in zip(grid, ("layers", "epochs"), strict=True):
            rows = growth[key]
            varied = list(dict.fromkeys(row["varied"] for row in rows))
            curves = [name for name in rows[0] if name.endswith(", s")]
            for axis, size in zip(row_of_axes, varied, strict=False):
                chosen = [row for row in rows if row["varied"] == size]
                x = [row["value"] for row in chosen]
                for name, (color, line) in zip(curves, LINES, strict=False):
                    y = [1e3 * row[name] for row in chosen]
                    axis.plot(x, y, line, color=color, markersize=3.5, label=name[:-3])
                axis.set(xscale="log", yscale="log", xlabel=size)
                axis.set_xticks(x[:: 1 + len(x) // 5])
                axis.minorticks_off()
                axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
                for side in (axis.xaxis, axis.yaxis):
                    side.set_major_formatter(plain_numbers)
                    side.set_minor_formatter(NullFormatter())
            for axis in row_of_axes[len(varied) :]:
                axis.set_axis_off()
            row_of_axes[0].set_ylabel(f"{'A layer' if key == 'layers' else 'An epoch'} (ms)")
        figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return figure
