"""How learning rate, batch size, optimizer and schedule affect the loss."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scratchcnn.plots.cells import write_cells
from scratchcnn.plots.display import described
from scratchcnn.plots.style import (
    BLUE,
    COLORS,
    DASHES,
    GRAY,
    INK,
    ORANGE,
    PURPLE,
    TEAL,
    new_figure,
    styled,
)
from scratchcnn.plots.training_curves import moving_mean
from scratchcnn.plots.words import counted, course, listed, number, values

LINE_COLORS = (GRAY, PURPLE, TEAL, BLUE, ORANGE, INK)  # told apart also by the color-blind
OFFSET: dict[str, Any] = {"textcoords": "offset points", "va": "center", "color": INK}


def learning_rate_curves(
    curves: Mapping[float, np.ndarray], window: int = 50, top: float = 20
) -> Figure:
    """Draw smoothed losses by update on a log axis, one line per learning rate.

    Parameters
    ----------
    curves : mapping of float to ndarray (T,)
        For each learning rate, the loss of each update; shorter where training diverged.
    window : int
        Number of updates to average over.
    top : float
        Upper end of the axis; a line that goes beyond it is marked there.
    """
    figure, (axis,) = new_figure(1, 1, 8.6, 3.6)
    longest = max(map(len, curves.values()))
    ends, texts = [], []  # ends: (loss, rate, color) of each line that stays in the figure
    colors = (LINE_COLORS * len(curves))[: len(curves)]
    with styled():
        for (rate, losses), color in zip(curves.items(), colors, strict=True):
            smooth = moving_mean(losses, window)
            if smooth.max() > top:
                smooth = smooth[: np.argmax(smooth > top) + 1]
            x, y = 1 + np.arange(len(smooth)), np.minimum(smooth, top)
            axis.plot(x, y, color=color, clip_on=False)
            if len(losses) < longest:
                axis.plot(x[-1], y[-1], "x", color=color, markersize=9, mew=2, clip_on=False)
                axis.annotate(f"{rate:g} diverges", (x[-1], y[-1]), (9, 0), **OFFSET)
                end = counted(len(smooth), "update")
                texts.append(f"{rate:g} leaves the figure after {end} and diverges")
            else:
                ends.append((y[-1], rate, color))
                texts.append(f"{rate:g} {course(y, 2)}")
        label_at = np.inf
        for loss, rate, color in sorted(ends, key=lambda end: -end[0]):
            label_at = min(loss, label_at / 1.25)  # below the last label, never on top of it
            axis.plot(1.01 * longest, label_at, "s", color=color, markersize=7, clip_on=False)
            axis.annotate(f"{rate:g}", (1.01 * longest, label_at), (8, 0), **OFFSET)
        axis.set(xlabel="Update", ylabel=f"Loss (nats), mean of last {window}", yscale="log")
        axis.set(xlim=(0, 1.1 * longest), ylim=(0.15, top))
        axis.set_yticks([0.2, 0.5, 1, 2, 5, 10, 20], ["0.2", "0.5", "1", "2", "5", "10", "20"])
        axis.minorticks_off()
    return described(
        figure,
        f"The loss over {counted(longest, 'update')}, averaged over the last {window}, on a log "
        f"axis, for {counted(len(curves), 'learning rate')}: {'; '.join(texts)}.",
    )


def accuracy_grid(
    accuracies: np.ndarray, rates: Sequence[float], batch_sizes: Sequence[int]
) -> Figure:
    """Draw the accuracy for each batch size (row) and learning rate (column).

    Parameters
    ----------
    accuracies : ndarray (B, R)
        NaN where training diverged.
    rates, batch_sizes : sequences
        R learning rates, B batch sizes.
    """
    figure, (axis,) = new_figure(1, 1, 9.0, 1.2 + 0.6 * len(batch_sizes))
    texts = np.array(
        [["diverged" if np.isnan(v) else f"{v:.0%}" for v in row] for row in accuracies]
    )
    with styled():
        # Half of the color range, so that dark text is legible on every cell.
        picture = axis.imshow(accuracies, cmap="Blues", vmin=0, vmax=2, aspect="auto")
        write_cells(axis, picture, texts)
        for text in axis.texts:
            text.set_fontsize(13 if text.get_text() != "diverged" else 11)
        axis.set(xlabel="Learning rate", ylabel="Batch size")
        axis.set_xticks(range(len(rates)), [f"{rate:g}" for rate in rates])
        axis.set_yticks(range(len(batch_sizes)), [str(size) for size in batch_sizes])
        axis.tick_params(length=0)
        axis.spines[:].set_visible(False)
    rows = (
        f"batch size {size}: {', '.join(row)}" for size, row in zip(batch_sizes, texts, strict=True)
    )
    return described(
        figure,
        f"Accuracies at the learning rates {listed(f'{rate:g}' for rate in rates)}, in this order. "
        f"{'; '.join(rows).capitalize()}.",
    )


def optimizer_paths(paths: Mapping[str, np.ndarray], curvatures: tuple[float, float]) -> Figure:
    """Draw the paths of several optimizers down ``L = (c0 * a**2 + c1 * b**2) / 2``.

    Parameters
    ----------
    paths : mapping of str to ndarray (T + 1, 2)
        For each name, (a, b) before the first and after each update.
    curvatures : (float, float)
        c0 and c1.
    """
    figure, axes = new_figure(1, len(paths) + 1, 9.0, 2.8, width_ratios=[1] * len(paths) + [1.7])
    reach_a, reach_b = (1.15 * max(np.abs(p[:, k]).max() for p in paths.values()) for k in (0, 1))
    a, b = np.meshgrid(np.linspace(-reach_a, reach_a, 200), np.linspace(-reach_b, reach_b, 200))
    height = _bowl(np.stack([a, b], axis=-1), curvatures)
    levels = height.max() * np.linspace(0, 1, 10)[1:] ** 2
    with styled():
        for axis, (name, path), color in zip(axes, paths.items(), COLORS, strict=False):
            axis.contour(a, b, height, levels=levels, colors=[GRAY], linewidths=0.6, alpha=0.6)
            axis.plot(*path.T, "o-", color=color, ms=3, lw=1.2)
            axis.plot(*path[0], "o", color=INK, ms=7)
            axis.plot(0, 0, "+", color=INK, ms=11, mew=2)
            axis.set(xlabel="a", xticks=[-1, 0, 1], yticks=[])
            axis.set_title(name, color=color)
        axes[0].set_yticks([-1, 0, 1])
        axes[0].set_ylabel("b", rotation=0, va="center", labelpad=10)
        _draw_losses(axes[-1], paths, curvatures)
        axes[-1].legend(loc="lower left", fontsize=8, handlelength=1.4)
    start = values(next(iter(paths.values()))[0])
    texts = (
        f"{name} crosses the valley {counted(_crossings(path), 'time')} and ends at "
        f"({values(path[-1])})"
        for name, path in paths.items()
    )
    return described(
        figure,
        f"Contours of a bowl {number(curvatures[1] / curvatures[0])} times as steep along b as "
        f"along a, and paths of {counted(len(path) - 1, 'update')} from ({start}) toward its "
        f"lowest point (0, 0): {'; '.join(texts)}. {_losses_in_words(paths, curvatures)}",
    )


def learning_rate_schedules(
    rates: Mapping[str, Sequence[float]],
    paths: Mapping[str, np.ndarray],
    curvatures: tuple[float, float],
) -> Figure:
    """Draw the learning rate of every update, and the loss on the bowl under each schedule.

    Parameters
    ----------
    rates : mapping of str to sequence of float (T,)
        For each schedule, the learning rate of every update.
    paths, curvatures
        As for `optimizer_paths`, under the same names.
    """
    figure, (left, right) = new_figure(1, 2, 9.0, 2.6)
    texts = []
    with styled():
        for (name, steps), color, dashes in zip(rates.items(), COLORS, DASHES, strict=False):
            left.plot(steps, color=color, ls=dashes, label=name)
            texts.append(f"{name} {course(steps)}")
        left.set(xlabel="Update", ylabel="Learning rate", xlim=(0, None), ylim=(0, None))
        left.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(rates))
        _draw_losses(right, paths, curvatures)
    return described(
        figure,
        f"Left: learning rates over {counted(len(steps), 'update')}: {'; '.join(texts)}. "
        f"{_losses_in_words(paths, curvatures)}",
    )


def _bowl(place: np.ndarray, curvatures: tuple[float, float]) -> np.ndarray:
    """Return the height of the bowl at places (..., 2)."""
    height: np.ndarray = (np.asarray(place) ** 2 * curvatures).sum(axis=-1) / 2
    return height


def _crossings(path: np.ndarray) -> int:
    """Return how often a path (T + 1, 2) changes the sign of b, its second coordinate."""
    signs = np.sign(path[:, 1])
    signs = signs[signs != 0]
    return int((signs[1:] != signs[:-1]).sum())


def _draw_losses(
    axis: Axes, paths: Mapping[str, np.ndarray], curvatures: tuple[float, float]
) -> None:
    """Draw the height of the bowl after each update, a line for each path."""
    for (name, path), color, dashes in zip(paths.items(), COLORS, DASHES, strict=False):
        axis.plot(_bowl(path, curvatures), color=color, ls=dashes, label=name)
    axis.set(xlabel="Update", ylabel="Loss", yscale="log", xlim=(0, None))
    axis.set_ylim(bottom=max(1e-9, axis.get_ylim()[0]))


def _losses_in_words(paths: Mapping[str, np.ndarray], curvatures: tuple[float, float]) -> str:
    """Say how far the losses of `_draw_losses` fall."""
    texts = []
    for name, path in paths.items():
        losses = _bowl(path, curvatures)
        last = losses[-20:] if len(losses) > 40 else losses[-1:]
        texts.append(f"{name} {number(last.mean(), None)}")
    start = number(losses[0])
    return f"Right: the loss by update on a log axis, from {start} down to {listed(texts)}."
