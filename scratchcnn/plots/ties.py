"""Figures of notebook 02 about ties: how frequent they are, and what two rules make of them."""

from collections.abc import Mapping

import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure

from scratchcnn.plots.style import BLUE, GRAY, IMAGE, INK, ORANGE, new_figure, styled


def tie_counts(image: np.ndarray, counts: np.ndarray, shares: np.ndarray, title: str) -> Figure:
    """Draw how many pixels of each window share its maximum, for one image and for many.

    Parameters
    ----------
    image : ndarray (H, W)
    counts : ndarray of int (OH, OW)
        For each 2x2 window of its feature map, 1 to 4.
    shares : ndarray (4,)
        Shares of windows with 1, 2, 3 and 4 maxima, over many images.
    title : str
        Says over which.
    """
    figure, axes = new_figure(1, 3, 9, 2.9, width_ratios=[1, 1.2, 1.1])
    with styled():
        axes[0].imshow(image, cmap=IMAGE)
        axes[0].set_title("Digit")
        palette = ListedColormap(["#ffffff", "#f3cfa9", "#e29f5a", ORANGE])
        picture = axes[1].imshow(counts, cmap=palette, norm=BoundaryNorm(np.arange(0.5, 5), 4))
        figure.colorbar(picture, ax=axes[1], ticks=range(1, 5), shrink=0.85)
        axes[1].set_title("Pixels that share the maximum")
        for axis in axes[:2]:
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(True)
        bars = axes[2].bar(range(1, 5), 100 * np.asarray(shares), color=ORANGE)
        axes[2].bar_label(bars, fmt="%.0f%%")
        axes[2].set(
            xticks=range(1, 5),
            xlabel="Pixels that share the maximum",
            ylabel="Windows (%)",
            title=title,
            ylim=(0, 115 * max(shares)),
        )
    return figure


def tie_slopes(
    window: np.ndarray, directions: Mapping[str, np.ndarray], gradients: Mapping[str, np.ndarray]
) -> Figure:
    """Draw a window's maximum along some directions, and what gradients predict of it.

    Parameters
    ----------
    window : ndarray (PH, PW)
    directions : mapping of str to ndarray (PH, PW)
        A panel each: the window moves by t times the direction.
    gradients : mapping of str to ndarray (PH, PW)
        What each rule gives for d(maximum)/d(window); at most two.
    """
    figure, axes = new_figure(1, len(directions), 4.5 * len(directions), 3.0, sharey=True)
    t = np.linspace(-1, 1, 201)
    with styled():
        for axis, (title, direction) in zip(axes, directions.items(), strict=True):
            axis.plot(t, maxima_along(window, direction, t), color=INK, lw=3.5, label="maximum")
            for (name, gradient), color, line in zip(
                gradients.items(), (BLUE, ORANGE), ("--", "-."), strict=False
            ):
                slope = np.sum(gradient * direction)
                axis.plot(t, window.max() + slope * t, line, color=color, label=f"{name} predicts")
            axis.set(title=title, xlabel="t", xticks=(-1, -0.5, 0, 0.5, 1))
        axes[0].set_ylabel("Maximum of the window")
        axes[0].legend(fontsize=9)
    return figure


def gradient_scatter(numeric: np.ndarray, analytic: Mapping[str, np.ndarray]) -> Figure:
    """Draw gradients by backward passes against central differences, a panel a rule.

    Parameters
    ----------
    numeric : ndarray
        By central differences.
    analytic : mapping of str to ndarray
        Of the same shape, by each rule. Right ones lie on the diagonal.
    """
    figure, axes = new_figure(1, len(analytic), 3.6 * len(analytic), 3.5, sharex=True, sharey=True)
    values = np.concatenate([np.ravel(numeric), *map(np.ravel, analytic.values())])
    ends = 1.08 * np.array([values.min(), values.max()])
    with styled():
        for axis, (name, gradient), color in zip(
            axes, analytic.items(), (BLUE, ORANGE), strict=True
        ):
            axis.plot(ends, ends, color=GRAY, lw=1)
            axis.plot(np.ravel(numeric), np.ravel(gradient), "o", color=color, ms=4, alpha=0.8)
            axis.set(title=name, xlabel="Gradient by central differences", aspect="equal")
        axes[0].set_ylabel("Gradient by the backward pass")
    return figure


def maxima_along(window: np.ndarray, direction: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return the largest number of ``window + t * direction`` for each value of ``t`` (T,)."""
    return (window + t[:, None, None] * direction).max(axis=(1, 2))
