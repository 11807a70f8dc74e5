"""Figures of notebook 04: how training goes, update by update and epoch by epoch."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from scratchcnn.plots.style import BLUE, GRAY, INK, ORANGE, SEQUENTIAL, new_figure, styled

OFFSET = {"textcoords": "offset points", "va": "center", "color": INK}


def moving_mean(values: np.ndarray, window: int) -> np.ndarray:
    """Return, for each value (T,), the mean of it and those before it, ``window`` in all.

    The first ones have fewer behind them, and are means of what there is.
    """
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - window, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)


def loss_curve(losses: np.ndarray) -> Figure:
    """Draw the loss (T,) of each update on a log axis."""
    figure, (axis,) = new_figure(1, 1, 6.0, 2.6)
    with styled():
        axis.plot(np.arange(1, len(losses) + 1), losses, color=BLUE)
        axis.set(xlabel="Update", ylabel="Loss (nats)", yscale="log", xlim=(0, None))
    return figure


def step_curves(losses: np.ndarray, right: np.ndarray, epoch: int, window: int = 100) -> Figure:
    """Draw loss and accuracy of each update, raw and averaged over the last ``window``.

    Parameters
    ----------
    losses, right : ndarray (T,)
        Of each update: the loss, and the share of its images that were right.
    epoch : int
        Updates an epoch, for the dotted marks.
    window : int
        How many updates are averaged.
    """
    figure, (top, bottom) = new_figure(2, 1, 9.0, 4.4, sharex=True)
    updates = np.arange(1, len(losses) + 1)
    smooth = f"mean of the last {window}"
    with styled():
        top.plot(updates, losses, ".", color=GRAY, markersize=1.6, alpha=0.5, label="one update")
        top.plot(updates, moving_mean(losses, window), color=BLUE, label=smooth)
        top.set(ylabel="Loss (nats)", yscale="log", ylim=(1e-4, 2 * losses.max()))
        top.legend(loc="lower left", markerscale=6, ncols=2, frameon=True, edgecolor="none")
        # A share of fewer updates than the window would jump between 0 and 1.
        full = slice(window - 1, None)
        bottom.plot(updates[full], moving_mean(right, window)[full], color=BLUE, label=smooth)
        bottom.set(xlabel="Update", ylabel="Accuracy", ylim=(0, 1.02), xlim=(0, len(losses)))
        bottom.set_xticks(range(0, len(losses) + 1, epoch), _thousands(len(losses), epoch))
        bottom.yaxis.set_major_formatter(PercentFormatter(1))
        bottom.legend(loc="lower right")
        for axis in (top, bottom):
            for mark in range(epoch, len(losses), epoch):
                axis.axvline(mark, color=GRAY, linewidth=0.9, linestyle=":", zorder=0)
    return figure


def epoch_curves(history: dict[str, list[float]]) -> Figure:
    """Draw loss and accuracy epoch by epoch, on training and, if there are, validation images.

    Parameters
    ----------
    history : dict
        With ``"loss"`` and ``"accuracy"``, perhaps also ``"val_loss"`` and
        ``"val_accuracy"``, as `fit` records.
    """
    figure, axes = new_figure(1, 2, 9.0, 2.9)
    epochs = np.arange(1, len(history["loss"]) + 1)
    with styled():
        for axis, name in zip(axes, ("loss", "accuracy"), strict=True):
            axis.plot(epochs, history[name], "o-", color=BLUE, label="training images")
            if f"val_{name}" in history:
                values = history[f"val_{name}"]
                axis.plot(epochs, values, "s--", color=ORANGE, label="validation images")
            axis.set(xlabel="Epoch", xlim=(0.5, len(epochs) + 0.5))
            axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes[0].set(ylabel="Loss (nats)", ylim=(0, None))
        axes[1].set(ylabel="Accuracy")
        axes[1].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes[0].legend()
    return figure


def rate_curves(curves: dict[float, np.ndarray], window: int = 50, top: float = 20) -> Figure:
    """Draw smoothed losses by update on a log axis, a line for each learning rate.

    Parameters
    ----------
    curves : dict of float to ndarray (T,)
        For each learning rate, the loss of each update; shorter where training diverged.
    window : int
        How many updates are averaged.
    top : float
        Where the axis ends; a line that leaves it is marked there.
    """
    figure, (axis,) = new_figure(1, 1, 8.6, 3.6)
    longest = max(map(len, curves.values()))
    ends = []  # (loss, rate, color) where each line that stays in the figure ends
    with styled():
        for (rate, losses), color in zip(curves.items(), _shades(len(curves)), strict=True):
            smooth = moving_mean(losses, window)
            if smooth.max() > top:
                smooth = smooth[: np.argmax(smooth > top) + 1]
            x, y = 1 + np.arange(len(smooth)), np.minimum(smooth, top)
            axis.plot(x, y, color=color, clip_on=False)
            if len(losses) < longest:
                axis.plot(x[-1], y[-1], "x", color=color, markersize=9, mew=2, clip_on=False)
                axis.annotate(f"{rate:g} diverges", (x[-1], y[-1]), (9, 0), **OFFSET)
            else:
                ends.append((y[-1], rate, color))
        label_at = np.inf
        for loss, rate, color in sorted(ends, key=lambda end: -end[0]):
            label_at = min(loss, label_at / 1.25)  # below the last label, never upon it
            axis.plot(1.01 * longest, label_at, "s", color=color, markersize=7, clip_on=False)
            axis.annotate(f"{rate:g}", (1.01 * longest, label_at), (8, 0), **OFFSET)
        axis.set(xlabel="Update", ylabel=f"Loss (nats), mean of last {window}", yscale="log")
        axis.set(xlim=(0, 1.1 * longest), ylim=(0.15, top))
        axis.set_yticks([0.2, 0.5, 1, 2, 5, 10, 20], ["0.2", "0.5", "1", "2", "5", "10", "20"])
        axis.minorticks_off()
    return figure


def sweep_matrix(
    accuracies: np.ndarray, rates: Sequence[float], batch_sizes: Sequence[int]
) -> Figure:
    """Draw an accuracy for each batch size (row) and learning rate (column).

    Parameters
    ----------
    accuracies : ndarray (B, R)
        NaN where training diverged.
    rates, batch_sizes : sequences
        R learning rates, B batch sizes.
    """
    figure, (axis,) = new_figure(1, 1, 7.5, 1.2 + 0.55 * len(batch_sizes))
    with styled():
        axis.imshow(accuracies, cmap=SEQUENTIAL, vmin=0, vmax=1, aspect="auto")
        for b, r in np.ndindex(accuracies.shape):
            value = accuracies[b, r]
            text = "diverged" if np.isnan(value) else f"{value:.0%}"
            color = INK if np.isnan(value) or value > 0.5 else "white"
            axis.text(r, b, text, ha="center", va="center", color=color, fontsize=10)
        axis.set(xlabel="Learning rate", ylabel="Batch size")
        axis.set_xticks(range(len(rates)), [f"{rate:g}" for rate in rates])
        axis.set_yticks(range(len(batch_sizes)), map(str, batch_sizes))
        axis.tick_params(length=0)
        axis.spines[:].set_visible(False)
    return figure


def norm_curves(norms: dict[str, np.ndarray], window: int = 100) -> Figure:
    """Draw the gradient's norm by update, a panel for each parameter, on one log axis.

    Parameters
    ----------
    norms : dict of str to ndarray (T,)
        For each parameter, the Euclidean norm of its gradient at each update.
    window : int
        How many updates the lines for mean and median look back.
    """
    figure, axes = new_figure(1, len(norms), 9.0, 3.2, sharey=True)
    floor = max(1e-4, min(values.min() for values in norms.values()))
    with styled():
        for axis, (name, values) in zip(axes, norms.items(), strict=True):
            updates = np.arange(1, len(values) + 1)
            axis.plot(updates, values, ".", color=GRAY, markersize=1.4, alpha=0.25)
            last = np.lib.stride_tricks.sliding_window_view(values, window)
            axis.plot(updates[window - 1 :], last.mean(axis=1), color=ORANGE, label="mean")
            axis.plot(updates[window - 1 :], np.median(last, axis=1), color=BLUE, label="median")
            axis.set(title=name, xlabel="Update", yscale="log")
            middle = len(values) // 2
            axis.set_xticks([0, middle, 2 * middle], _thousands(len(values), middle))
        top = max(values.max() for values in norms.values())
        axes[0].set(ylabel="Norm of the gradient", ylim=(floor, 1.3 * top))
        axes[0].legend(loc="lower left", title=f"last {window} updates")
    return figure


def _shades(count: int) -> np.ndarray:
    """Return ``count`` colors from dark to light, the lightest still clear on white."""
    return mpl.colormaps[SEQUENTIAL](np.linspace(0, 0.85, count))


def _thousands(end: int, step: int) -> list[str]:
    """Write the numbers 0, step, 2 * step ... end, such as ``5,000``."""
    return [f"{mark:,}" for mark in range(0, end + 1, step)]
