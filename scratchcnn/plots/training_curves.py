"""The course of training, update by update and epoch by epoch."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import ArrayLike

from scratchcnn.plots.display import described
from scratchcnn.plots.style import BLUE, GRAY, INK, ORANGE, new_figure, styled
from scratchcnn.plots.words import counted, course, extent, listed, number


def moving_mean(values: ArrayLike, window: int) -> np.ndarray:
    """Return, for each value (T,), the mean of the last ``window`` values up to it.

    For the first values, the mean is over as many values as there are.
    """
    values = np.asarray(values)
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - window, 0)
    means: np.ndarray = (sums[ends] - sums[starts]) / (ends - starts)
    return means


def loss_curve(losses: ArrayLike, guess: float | None = None) -> Figure:
    """Draw the loss of each update.

    Parameters
    ----------
    losses : ndarray (T,)
        Loss of each update, in nats.
    guess : float, optional
        Loss of a uniform guess, to be marked. If given, the axis is linear and starts at zero;
        otherwise it is logarithmic.
    """
    losses = np.asarray(losses)
    figure, (axis,) = new_figure(1, 1, 7.0, 2.7)
    with styled():
        axis.plot(np.arange(1, len(losses) + 1), losses, color=BLUE)
        axis.set(xlabel="Update", ylabel="Loss (nats)", xlim=(0, None))
        if guess is None:
            axis.set_yscale("log")
        else:
            axis.axhline(guess, color=ORANGE, linestyle=":")
            axis.text(len(losses), guess - 0.07, "an even guess: log 10", ha="right", va="top")
            axis.set_ylim(0, 1.1 * max(guess, losses.max()))
    half = int(np.argmax(losses <= losses[0] / 2)) + 1
    text = f"The loss over {counted(len(losses), 'update')} {course(losses)}"
    if (losses <= losses[0] / 2).any():
        text += f", and is half of its start at update {half:,}"
    marked = "" if guess is None else f" A line marks an even guess, {number(guess, 3)}."
    return described(figure, f"{text}.{marked}")


def update_curves(losses: np.ndarray, correct: np.ndarray, epoch: int, window: int = 100) -> Figure:
    """Draw loss and accuracy of each update, raw and averaged over the last ``window``.

    Parameters
    ----------
    losses, correct : ndarray (T,)
        For each update: the loss, and the fraction of its images classified correctly.
    epoch : int
        Updates per epoch, for the dotted marks.
    window : int
        Number of updates to average over.
    """
    figure, (top, bottom) = new_figure(2, 1, 9.0, 4.6, sharex=True)
    updates = np.arange(1, len(losses) + 1)
    smooth = f"mean of the last {window}"
    mean_losses, mean_correct = moving_mean(losses, window), moving_mean(correct, window)
    full = slice(window - 1, None)  # means of fewer updates would jump between 0 and 1
    with styled():
        top.plot(updates, losses, ".", color=GRAY, markersize=1.6, alpha=0.5, label="one update")
        top.plot(updates, mean_losses, color=BLUE, label=smooth)
        low, high = losses[losses > 0].min(), losses.max()
        top.set(ylabel="Loss (nats), log scale", yscale="log", ylim=(low / 2, 2 * high))
        figure.legend(loc="outside upper center", markerscale=6, ncols=2)
        bottom.plot(updates[full], mean_correct[full], color=BLUE)
        bottom.set(xlabel="Update", ylabel="Accuracy", ylim=(0, 1.02), xlim=(0, len(losses)))
        marks = range(0, len(losses) + 1, epoch)
        bottom.set_xticks(marks, [f"{mark:,}" for mark in marks])
        bottom.yaxis.set_major_formatter(PercentFormatter(1))
        for axis in (top, bottom):
            for mark in range(epoch, len(losses), epoch):
                axis.axvline(mark, color=GRAY, linewidth=0.9, linestyle=":", zorder=0)
    halfway = min(5 * window, len(losses)) - 1
    return described(
        figure,
        f"Two panels over {counted(len(losses), 'update')}. Above, on a log axis, the loss of each "
        f"update, dots {extent(losses)}; its mean over the last {window} "
        f"{course(mean_losses[full])}. "
        f"Below, the accuracy of the last {window} updates: {mean_correct[full][0]:.0%} at first, "
        f"{mean_correct[halfway]:.0%} after {halfway + 1:,} updates, {mean_correct[-1]:.0%} at the "
        "end.",
    )


def epoch_curves(history: Mapping[str, Sequence[float]]) -> Figure:
    """Draw loss and accuracy epoch by epoch, for training and any validation images.

    Parameters
    ----------
    history : mapping
        With ``"loss"`` and ``"accuracy"``, optionally also ``"val_loss"`` and
        ``"val_accuracy"``, as recorded by `fit`.
    """
    figure, axes = new_figure(1, 2, 9.0, 2.9)
    epochs = np.arange(1, len(history["loss"]) + 1)
    texts = []
    with styled():
        for axis, name in zip(axes, ("loss", "accuracy"), strict=True):
            axis.plot(epochs, history[name], "o-", color=BLUE, label="training images")
            texts.append(f"training {name} {course(history[name], 2)}")
            if f"val_{name}" in history:
                values = history[f"val_{name}"]
                axis.plot(epochs, values, "s--", color=ORANGE, label="validation images")
                best = int(np.argmin(values) if name == "loss" else np.argmax(values))
                text = f"validation {name} {course(values, 2)}"
                text += f" (best: {number(values[best], 2)}, epoch {best + 1})"
                texts.append(text)
            axis.set(xlabel="Epoch", xlim=(0.5, len(epochs) + 0.5))
            axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes[0].set(ylabel="Loss (nats)", ylim=(0, None))
        axes[1].set(ylabel="Accuracy")
        axes[1].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes[0].legend()
    heading = f"Loss and accuracy over {counted(len(epochs), 'epoch')}"
    return described(figure, f"{heading}: {listed(texts)}.")


def gradient_norms(norms: Mapping[str, np.ndarray], window: int = 100) -> Figure:
    """Draw the gradient's norm by update, one panel per parameter, on one log axis.

    Parameters
    ----------
    norms : mapping of str to ndarray (T,)
        For each parameter, the Euclidean norm of its gradient at each update.
    window : int
        Number of past updates that mean and median are taken over.
    """
    figure, axes = new_figure(1, len(norms), 9.0, 3.4, sharey=True)
    floor = min(values[values > 0].min() for values in norms.values())
    texts = []
    with styled():
        for axis, (name, values) in zip(axes, norms.items(), strict=True):
            updates = np.arange(1, len(values) + 1)
            axis.plot(updates, values, ".", color=GRAY, markersize=1.4, alpha=0.25)
            last = np.lib.stride_tricks.sliding_window_view(values, window)
            means, medians = last.mean(axis=1), np.median(last, axis=1)
            axis.plot(updates[window - 1 :], means, color=ORANGE, label="mean")
            axis.plot(updates[window - 1 :], medians, color=BLUE, label="median")
            axis.set(title=name, xlabel="Update", yscale="log")
            middle = len(values) // 2
            marks = (0, middle, 2 * middle)
            axis.set_xticks(marks, [f"{mark:,}" for mark in marks])
            texts.append(f"{name}: the mean {course(means)}, the median {course(medians)}")
        top = max(values.max() for values in norms.values())
        axes[0].set(ylabel="Norm of the gradient, log scale", ylim=(floor / 2, 2 * top))
        lines = axes[0].get_lines()[-2:]
        names = [f"{name} of the last {window} updates" for name in ("mean", "median")]
        figure.legend(lines, names, loc="outside upper center", ncols=2)
    return described(
        figure,
        f"The norm of the gradient over {counted(len(values), 'update')} on one log axis, with "
        f"mean and median of the last {window}. {'; '.join(texts)}.",
    )


def loss_pair(losses: Mapping[str, np.ndarray], window: int = 100) -> Figure:
    """Draw the losses (T,) of two runs, averaged over the last ``window`` updates."""
    figure, (axis,) = new_figure(1, 1, 9.0, 2.5)
    styles = ((BLUE, "-", 4.0), (ORANGE, "--", 1.6))
    means = {name: moving_mean(values, window) for name, values in losses.items()}
    with styled():
        for (name, values), (color, line, width) in zip(means.items(), styles, strict=True):
            updates = np.arange(1, len(values) + 1)
            axis.plot(updates, values, line, color=color, lw=width, label=name)
        axis.set(
            xlabel="Update",
            ylabel=f"Loss (nats),\nmean of the last {window}",
            xlim=(0, len(values)),
            ylim=(0, None),
        )
        axis.legend()
    first, second = means.values()
    return described(
        figure,
        f"The loss over {counted(len(first), 'update')}, averaged over the last {window}: "
        f"{listed(f'{name} {course(values, 2)}' for name, values in means.items())}. The two lines "
        f"are never further apart than {number(float(np.abs(first - second).max()))}.",
    )


def run_differences(
    losses: Mapping[str, np.ndarray],
    weights: Mapping[str, np.ndarray],
    loss_limit: float,
    weight_limit: float,
) -> Figure:
    """Draw how far apart two runs are after each update, on log axes.

    Parameters
    ----------
    losses, weights : mapping of str to ndarray (T,)
        For each of two precisions: absolute differences between the losses, and the largest
        absolute difference between any weights. A difference of exactly zero cannot be shown
        on a log axis and is left out.
    loss_limit, weight_limit : float
        Marked by a dotted line.
    """
    figure, axes = new_figure(2, 1, 9.0, 4.8, sharex=True)
    colors = (ORANGE, BLUE)
    with styled():
        for (name, values), color in zip(losses.items(), colors, strict=True):
            updates = np.flatnonzero(values) + 1
            axes[0].plot(updates, values[values > 0], ".", color=color, ms=2, alpha=0.6, label=name)
        for (name, values), color in zip(weights.items(), colors, strict=True):
            positive = np.where(values > 0, values, np.nan)
            axes[1].plot(np.arange(1, len(values) + 1), positive, color=color, label=name)
        for axis, limit in zip(axes, (loss_limit, weight_limit), strict=True):
            axis.axhline(limit, color=INK, lw=1.2, ls=":")
            text = f"$10^{{{round(np.log10(limit))}}}$"
            axis.text(1.005, limit, text, transform=axis.get_yaxis_transform(), va="center")
            axis.set(yscale="log", ylim=(1e-20, 1), yticks=10.0 ** np.arange(-20, 1, 4))
            axis.grid(axis="y", color=GRAY, alpha=0.2)
        axes[0].set_ylabel("Difference\nof the losses (nats)")
        axes[1].set(
            xlabel="Update", ylabel="Largest difference\nof any weight", xlim=(0, len(values))
        )
        axes[1].legend(ncols=2, loc="center right")  # between the two curves
    texts = (
        f"{what}: {listed(f'{number(values.max())} in {name}' for name, values in runs.items())}"
        f", with a line at {number(limit)}"
        for what, runs, limit in (
            ("of the losses", losses, loss_limit),
            ("of any weight", weights, weight_limit),
        )
    )
    return described(
        figure,
        f"Differences of two runs over {counted(len(values), 'update')}, on log axes. The largest, "
        f"{'; '.join(texts)}.",
    )
