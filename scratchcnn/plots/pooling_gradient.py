"""The gradient of max pooling: winners, how often there are ties, and two rules for them."""

from collections.abc import Mapping

import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from scratchcnn.plots.cells import draw_picture, signed_scale
from scratchcnn.plots.display import described
from scratchcnn.plots.pooling import PLACE_COLORS, PLACES
from scratchcnn.plots.style import BLUE, GRAY, IMAGE, INK, ORANGE, new_figure, styled
from scratchcnn.plots.words import counted, listed, number, sized


def pooling_winners(feature_map: np.ndarray, pooled: np.ndarray, places: np.ndarray) -> Figure:
    """Draw which pixel of each 2x2 window won.

    Parameters
    ----------
    feature_map : ndarray (2 * OH, 2 * OW)
        The input of the pooling.
    pooled : ndarray (OH, OW)
        Its windows' maxima.
    places : ndarray of int (OH, OW)
        Each window's winner: 0 top left, 1 top right, 2 bottom left, 3 bottom right.
    """
    figure, axes = new_figure(1, 3, 9, 3.75)
    colors = signed_scale([feature_map])
    rows, columns = np.indices(places.shape)
    with styled():
        draw_picture(axes[0], feature_map, "Feature map, winners dotted", **colors)
        for edge in range(0, len(feature_map) + 1, 2):
            axes[0].axhline(edge - 0.5, color=GRAY, lw=0.4)
            axes[0].axvline(edge - 0.5, color=GRAY, lw=0.4)
        x, y = 2 * columns + places % 2, 2 * rows + places // 2
        axes[0].plot(x.ravel(), y.ravel(), "o", color=INK, ms=2.2)
        palette = ListedColormap(PLACE_COLORS)
        draw_picture(axes[1], places, "Where the winner was", cmap=palette, vmin=-0.5, vmax=3.5)
        draw_picture(axes[2], pooled, "Pooled", **colors)
        handles = [Patch(facecolor=color) for color in PLACE_COLORS]
        figure.legend(handles, PLACES, ncols=4, fontsize=10, loc="outside lower center")
    shares = np.bincount(places.ravel(), minlength=4) / places.size
    texts = (f"{share:.0%} {name}" for name, share in zip(PLACES, shares, strict=True))
    return described(
        figure,
        f"A feature map cut into {sized(places.shape)} windows, with a dot on each window's "
        f"largest pixel, the winner. Beside it the place of each winner in color, {listed(texts)}, "
        "and the pooled map.",
    )


def tie_counts(image: np.ndarray, counts: np.ndarray, shares: np.ndarray, title: str) -> Figure:
    """Draw how many pixels of each window share its maximum, for one image and for many.

    Parameters
    ----------
    image : ndarray (H, W)
        The image.
    counts : ndarray of int (OH, OW)
        For each 2x2 window of its feature map, 1 to 4.
    shares : ndarray (4,)
        Shares of windows with 1, 2, 3 and 4 maxima, over many images.
    title : str
        Names these images.
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
    here = np.bincount(np.ravel(counts), minlength=5)[1:]
    return described(
        figure,
        "A digit, and for each window of one of its feature maps how many pixels share the "
        f"maximum: {_by_count([counted(int(n), 'window') for n in here])}. Over {title}: "
        f"{_by_count([f'{share:.0%}' for share in shares])}.",
    )


def _by_count(texts: list[str]) -> str:
    """List a text for each number of maxima: ``80% with 1, 5% with 2 ...``."""
    return listed(f"{text} with {k}" for k, text in enumerate(texts, start=1))


def tie_slopes(
    window: np.ndarray, directions: Mapping[str, np.ndarray], gradients: Mapping[str, np.ndarray]
) -> Figure:
    """Draw a window's maximum along some directions, and what gradients predict.

    Parameters
    ----------
    window : ndarray (PH, PW)
        The window.
    directions : mapping of str to ndarray (PH, PW)
        For each panel, the direction; the window changes by t times it.
    gradients : mapping of str to ndarray (PH, PW)
        d(maximum)/d(window) according to each rule; at most two.
    """
    figure, axes = new_figure(1, len(directions), 4.5 * len(directions), 3.0, sharey=True)
    t = np.linspace(-1, 1, 201)
    texts = []
    with styled():
        for axis, (title, direction) in zip(axes, directions.items(), strict=True):
            maxima = maxima_along(window, direction, t)
            axis.plot(t, maxima, color=INK, lw=3.5, label="maximum")
            slopes = []
            for (name, gradient), color, line in zip(
                gradients.items(), (BLUE, ORANGE), ("--", "-."), strict=False
            ):
                slope = float(np.sum(gradient * direction))
                axis.plot(t, window.max() + slope * t, line, color=color, label=f"{name} predicts")
                slopes.append(f"{name} predicts a slope of {number(slope)}")
            axis.set(title=title, xlabel="t", xticks=(-1, -0.5, 0, 0.5, 1))
            ends = [number(maxima[k]) for k in (0, 100, 200)]
            texts.append(
                f"{title}: the maximum is {ends[0]} at t = −1, {ends[1]} at 0 and {ends[2]} at 1; "
                f"{listed(slopes)}."
            )
        axes[0].set_ylabel("Maximum of the window")
        axes[0].legend(fontsize=9)
    return described(figure, f"A window's maximum as it moves. {' '.join(texts)}")


def gradient_scatter(numeric: np.ndarray, analytic: Mapping[str, np.ndarray]) -> Figure:
    """Draw gradients from backward passes against central differences, one panel per rule.

    Parameters
    ----------
    numeric : ndarray
        From central differences.
    analytic : mapping of str to ndarray
        For each rule, an array of the same shape. Correct gradients lie on the diagonal.
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
    texts = []
    for name, gradient in analytic.items():
        wrong_signs = int((np.sign(gradient) * np.sign(numeric) < 0).sum())
        distance = number(float(np.abs(gradient - numeric).max()))
        texts.append(
            f"{name}: at most {distance} off the diagonal, {counted(wrong_signs, 'wrong sign')}"
        )
    return described(
        figure,
        f"{counted(np.size(numeric), 'gradient')} by the backward pass against central "
        f"differences. {'; '.join(texts)}.",
    )


def maxima_along(window: np.ndarray, direction: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return the largest number of ``window + t * direction`` for each value of ``t`` (T,)."""
    maxima: np.ndarray = (window + t[:, None, None] * direction).max(axis=(1, 2))
    return maxima
