"""Figures of notebook 05: this library and Keras, side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from scratchcnn.plots.style import BLUE, GRAY, IMAGE, INK, ORANGE, SIGNED, new_figure, styled
from scratchcnn.plots.training import moving_mean


def probabilities(image: np.ndarray, predicted: Mapping[str, np.ndarray]) -> Figure:
    """Draw a digit, and the probabilities that two networks give to every class.

    Parameters
    ----------
    image : ndarray (H, W)
    predicted : mapping of str to ndarray (K,)
        By each of two networks.
    """
    figure, (left, right) = new_figure(1, 2, 9.0, 2.5, width_ratios=[1, 3.2])
    with styled():
        left.imshow(image, cmap=IMAGE)
        left.set_axis_off()
        bars = zip(predicted.items(), (BLUE, ORANGE), (-0.2, 0.2), strict=True)
        for (name, values), color, shift in bars:
            right.bar(np.arange(len(values)) + shift, values, 0.38, color=color, label=name)
        right.set(xlabel="Digit", ylabel="Probability", xticks=np.arange(len(values)))
        right.legend(ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


def clipping(
    difference: np.ndarray, losses: Mapping[str, np.ndarray], slopes: Mapping[str, np.ndarray]
) -> Figure:
    """Draw loss and gradient of two scores over their difference.

    Parameters
    ----------
    difference : ndarray (T,)
        Score of the right class minus score of the wrong one.
    losses, slopes : mapping of str to ndarray (T,)
        By two ways to compute them: the loss, and its derivative with respect to the score
        of the right class.
    """
    figure, axes = new_figure(1, 2, 9.0, 3.1)
    labels = ("Loss (nats)", "dL / d(right score)")
    with styled():
        for axis, curves, label in zip(axes, (losses, slopes), labels, strict=True):
            styles = ((BLUE, "-", 3.5), (ORANGE, "--", 1.8))
            for (name, values), (color, line, width) in zip(curves.items(), styles, strict=True):
                axis.plot(difference, values, line, color=color, lw=width, label=name)
            axis.set(xlabel="Right score minus wrong score", ylabel=label)
        axes[0].legend()
    return figure


def two_losses(losses: Mapping[str, np.ndarray], window: int = 100) -> Figure:
    """Draw the losses (T,) of two runs, averaged over the last ``window`` updates."""
    figure, (axis,) = new_figure(1, 1, 9.0, 2.5)
    styles = ((BLUE, "-", 4.0), (ORANGE, "--", 1.6))
    with styled():
        for (name, values), (color, line, width) in zip(losses.items(), styles, strict=True):
            updates = np.arange(1, len(values) + 1)
            axis.plot(updates, moving_mean(values, window), line, color=color, lw=width, label=name)
        axis.set(
            xlabel="Update",
            ylabel=f"Loss (nats),\nmean of the last {window}",
            xlim=(0, len(values)),
            ylim=(0, None),
        )
        axis.legend()
    return figure


def differences(
    losses: Mapping[str, np.ndarray],
    weights: Mapping[str, np.ndarray],
    loss_limit: float,
    weight_limit: float,
) -> Figure:
    """Draw how far two runs are apart after each update, on log axes.

    Parameters
    ----------
    losses, weights : mapping of str to ndarray (T,)
        For each of two precisions: absolute differences of the losses, and the largest
        absolute difference of any weight. A difference of exactly zero has no place on a
        log axis and is left out.
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
    return figure


def kernels(rows: Mapping[str, np.ndarray]) -> Figure:
    """Draw sets of kernels (KH, KW, 1, F), a row each, all on one signed scale."""
    filters = next(iter(rows.values())).shape[-1]
    figure, axes = new_figure(len(rows), filters, 9.0, 1.0 * len(rows) + 0.1)
    limit = max(np.abs(kernel).max() for kernel in rows.values())
    with styled():
        for r, (name, kernel) in enumerate(rows.items()):
            for f in range(filters):
                axis = axes[r * filters + f]
                picture = axis.imshow(kernel[:, :, 0, f], cmap=SIGNED, vmin=-limit, vmax=limit)
                axis.set(xticks=[], yticks=[])
                axis.spines[:].set_visible(True)
            axes[r * filters].set_ylabel(name, rotation=0, ha="right", va="center", labelpad=8)
        figure.colorbar(picture, ax=axes, shrink=0.85)
    return figure


def spread(accuracies: Mapping[str, Sequence[float]]) -> Figure:
    """Draw accuracies, a row of dots for each network, with a bar at their mean."""
    figure, (axis,) = new_figure(1, 1, 9.0, 0.7 * len(accuracies) + 0.8)
    with styled():
        for row, (values, color) in enumerate(
            zip(accuracies.values(), (BLUE, ORANGE), strict=True)
        ):
            axis.plot(values, np.full(len(values), row), "o", color=color, ms=8, alpha=0.55)
            mean = np.mean(values)
            axis.plot([mean, mean], [row - 0.28, row + 0.28], color=color, lw=3)
            axis.text(mean, row - 0.34, f"mean {100 * mean:.1f}%", ha="center", va="bottom")
        axis.set(
            yticks=range(len(accuracies)),
            yticklabels=list(accuracies),
            ylim=(len(accuracies) - 0.5, -0.75),
            xlabel="Accuracy on the test images",
        )
        axis.xaxis.set_major_formatter(PercentFormatter(1, decimals=1))
        axis.tick_params(axis="y", length=0)
        axis.spines["left"].set_visible(False)
    return figure


def times(seconds: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Draw measured times on a log axis, a row for each job and who did it.

    Parameters
    ----------
    seconds : mapping of str to mapping of str to sequence of float
        For each job and each name: the first call, which may have to compile, and then all
        others. The first is drawn as a ring, the others as dots, their median as a bar.
    """
    rows = [(job, name) for job, measured in seconds.items() for name in measured]
    names = list(dict.fromkeys(name for _, name in rows))
    colors = dict(zip(names, (BLUE, ORANGE, GRAY), strict=False))
    figure, (axis,) = new_figure(1, 1, 9.0, 0.36 * len(rows) + 1.1)
    with styled():
        for row, (job, name) in enumerate(rows):
            first, *warm = 1000 * np.asarray(seconds[job][name])
            color = colors[name]
            axis.plot(warm, np.full(len(warm), row), "o", color=color, ms=6, alpha=0.5)
            axis.plot(first, row, "o", color=color, ms=8, mfc="none", mew=1.8)
            axis.plot([np.median(warm)] * 2, [row - 0.3, row + 0.3], color=color, lw=3)
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
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axis.grid(axis="x", color=GRAY, alpha=0.2)
        axis.tick_params(axis="y", length=0)
    return figure
