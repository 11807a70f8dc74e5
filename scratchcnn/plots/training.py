"""Figures of notebook 04: how training goes, update by update and epoch by epoch."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from scratchcnn.plots.style import BLUE, GRAY, INK, ORANGE, SEQUENTIAL, new_figure, styled


def moving_mean(values: np.ndarray, window: int) -> np.ndarray:
    """Return the mean of every ``window`` values in a row: (T,) -> (T - window + 1,)."""
    return np.convolve(values, np.full(window, 1 / window), mode="valid")


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
        top.plot(updates, losses, ".", color=GRAY, markersize=1.6, alpha=0.5, label="one image")
        top.plot(updates[window - 1 :], moving_mean(losses, window), color=BLUE, label=smooth)
        top.set(ylabel="Loss (nats)", yscale="log", ylim=(1e-4, 2 * losses.max()))
        top.legend(loc="lower left", markerscale=6, ncols=2)
        bottom.plot(updates[window - 1 :], moving_mean(right, window), color=BLUE, label=smooth)
        bottom.set(xlabel="Update", ylabel="Accuracy", ylim=(0, 1.02), xlim=(0, len(losses)))
        bottom.yaxis.set_major_formatter(PercentFormatter(1))
        bottom.legend(loc="lower right")
        for axis in (top, bottom):
            for mark in range(epoch, len(losses), epoch):
                axis.axvline(mark, color=GRAY, linewidth=0.9, linestyle=":", zorder=0)
    return figure


def epoch_curves(history: dict[str, list[float]]) -> Figure:
    """Draw loss and accuracy epoch by epoch, on training and on validation images.

    Parameters
    ----------
    history : dict
        With ``"loss"``, ``"accuracy"``, ``"val_loss"``, ``"val_accuracy"``, as `fit` records.
    """
    figure, axes = new_figure(1, 2, 9.0, 2.9)
    epochs = np.arange(1, len(history["loss"]) + 1)
    with styled():
        for axis, name in zip(axes, ("loss", "accuracy"), strict=True):
            axis.plot(epochs, history[name], "o-", color=BLUE, label="training images")
            axis.plot(
                epochs, history[f"val_{name}"], "s--", color=ORANGE, label="validation images"
            )
            axis.set(xlabel="Epoch", xticks=epochs)
        axes[0].set(ylabel="Loss (nats)", ylim=(0, None))
        axes[1].set(ylabel="Accuracy")
        axes[1].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes[0].legend()
    return figure


def rate_curves(curves: dict[float, np.ndarray | None], window: int = 100) -> Figure:
    """Draw smoothed losses by update, a line for each learning rate.

    Parameters
    ----------
    curves : dict of float to ndarray (T,)
        For each learning rate, the loss of each update; shorter where training diverged.
    window : int
        How many updates are averaged.
    """
    figure, (axis,) = new_figure(1, 1, 8.0, 3.4)
    longest = max(len(losses) for losses in curves.values())
    colors = _shades(len(curves))
    with styled():
        for (rate, losses), color in zip(curves.items(), colors, strict=True):
            smooth = moving_mean(losses, window)
            axis.plot(np.arange(window, len(losses) + 1), smooth, color=color)
            diverged = len(losses) < longest
            text = f"{rate:g}" + (": diverged" if diverged else "")
            at = (len(losses), min(smooth[-1], 7))
            axis.annotate(text, at, (5, 0), textcoords="offset points", va="center", color=INK)
        axis.set(xlabel="Update", ylabel=f"Loss (nats), mean of {window}", ylim=(0, 7))
        axis.set_xlim(0, longest * 1.1)
        axis.axhline(np.log(10), color=GRAY, linewidth=0.9, linestyle=":", zorder=0)
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
            axis.plot(updates, values, ".", color=GRAY, markersize=1.4, alpha=0.35)
            last = np.lib.stride_tricks.sliding_window_view(values, window)
            axis.plot(updates[window - 1 :], last.mean(axis=1), color=ORANGE, label="mean")
            axis.plot(updates[window - 1 :], np.median(last, axis=1), color=BLUE, label="median")
            axis.set(title=name, xlabel="Update", yscale="log", ylim=(floor, None))
        axes[0].set_ylabel("Norm of the gradient")
        axes[0].legend(loc="lower left", title=f"last {window} updates")
    return figure


def _shades(count: int) -> np.ndarray:
    """Return ``count`` colors from dark to light, the lightest still clear on white."""
    return mpl.colormaps[SEQUENTIAL](np.linspace(0, 0.85, count))
