"""Figures of notebook 02: windows and winners, moved digits, ties, and their gradients."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from scratchcnn.plots.arrays import draw_numbers
from scratchcnn.plots.style import BLUE, GRAY, IMAGE, INK, ORANGE, SIGNED, new_figure, styled

# One color for each place in a 2x2 window, or for each of the first four windows.
COLORS = (BLUE, ORANGE, "#7a3e9d", "#0f766e")
PLACES = ("top left", "top right", "bottom left", "bottom right")


def pooling_by_hand(image: np.ndarray, pool_size: int = 2, strides: int = 2) -> Figure:
    """Draw a small image with its windows framed, and both ways to pool it.

    The largest number of each window is circled; pixels in no window are hatched.

    Parameters
    ----------
    image : ndarray (H, W)
        Up to four windows get a color each, then the colors repeat.
    pool_size, strides : int
        As in `MaxPool2D`.
    """
    windows = windows_of(image, pool_size, strides)
    OH, OW = windows.shape[:2]
    widths = [image.shape[1], OW, OW]
    # The width is what limits the cells, so that they are equally large in all panels.
    width = 0.52 * sum(widths) + 1.1
    figure, axes = new_figure(1, 3, width, 0.52 * image.shape[0] + 0.5, width_ratios=widths)
    figure.get_layout_engine().set(wspace=0.12)
    with styled():
        draw_numbers(axes[0], image, signed=True)
        draw_numbers(axes[1], windows.max(axis=(2, 3)), signed=True)
        means = windows.mean(axis=(2, 3))
        draw_numbers(axes[2], means, signed=True, digits=0 if (means % 1 == 0).all() else 1)
        for row, column in np.argwhere(~covered_pixels(image.shape, pool_size, strides)):
            _frame(axes[0], row, column, 1, hatch="///", ec=GRAY, lw=0)
        for k, (i, j) in enumerate(np.ndindex(OH, OW)):
            color = COLORS[k % len(COLORS)]
            # Frames of overlapping windows are drawn one inside the other to stay apart.
            inset = 0.05 + (0.07 * k if strides < pool_size else 0.0)
            _frame(axes[0], i * strides, j * strides, pool_size, inset, ec=color, lw=2.5)
            di, dj = np.unravel_index(windows[i, j].argmax(), (pool_size, pool_size))
            axes[0].add_patch(
                Circle((j * strides + dj, i * strides + di), 0.3, fill=False, ec=INK, lw=1.4)
            )
            for axis in axes[1:]:
                _frame(axis, i, j, 1, 0.05, ec=color, lw=2.5)
        for axis, title in zip(axes, ("Image", "Largest", "Mean"), strict=True):
            axis.set_title(title)
    return figure


def image_and_maps(
    image: np.ndarray, maps: Sequence[np.ndarray], titles: Sequence[str], size: float = 2.1
) -> Figure:
    """Draw an image in gray and maps made from it in color, all maps on one signed scale.

    Parameters
    ----------
    image : ndarray (H, W)
    maps : sequence of ndarray (H, W)
        Of any sizes; each is drawn as large as the image.
    titles : sequence of str
        One for the image and one for each map.
    size : float
        Width and height of a panel, in inches.
    """
    figure, axes = new_figure(1, len(maps) + 1, size * (len(maps) + 1) + 0.6, size + 0.35)
    limit = max(np.abs(array).max() for array in maps)
    with styled():
        axes[0].imshow(image, cmap=IMAGE)
        for axis, array in zip(axes[1:], maps, strict=True):
            picture = axis.imshow(array, cmap=SIGNED, vmin=-limit, vmax=limit)
        for axis, title in zip(axes, titles, strict=True):
            axis.set_title(title)
            axis.set_axis_off()
        figure.colorbar(picture, ax=axes, shrink=0.8)
    return figure


def shift_changes(changes: Mapping[str, np.ndarray], compared: Sequence[str]) -> Figure:
    """Draw how much maps change when the digit moves, image by image and on average.

    Parameters
    ----------
    changes : mapping of str to ndarray (shifts, images)
        For each way to make a map, the relative change when the digit moves by 0, 1, 2 ...
        pixels. Up to five ways.
    compared : sequence of str
        Those of which the left panel shows the spread at one pixel.
    """
    figure, (spread, curve) = new_figure(1, 2, 9, 3.4)
    styles = [(GRAY, "-"), (INK, ":"), (BLUE, "-"), (ORANGE, "--"), ("#7a3e9d", "-.")]
    bins = np.linspace(0, max(changes[name][1].max() for name in compared), 41)
    with styled():
        for (name, change), (color, line) in zip(changes.items(), styles, strict=False):
            if name in compared:
                spread.hist(change[1], bins, color=color, alpha=0.55, label=name)
                spread.axvline(change[1].mean(), color=color, lw=1.5)
            curve.plot(change.mean(axis=1), line, color=color, marker="o", ms=4, label=name)
        spread.set(xlabel="Relative change", ylabel="Digits", title="Moved by one pixel")
        spread.legend(fontsize=9, loc="upper left")
        curve.set(
            xlabel="Shift to the right (pixels)",
            ylabel="Relative change, mean",
            title="Moved further",
            xticks=range(len(change)),
            ylim=(0, None),
        )
        curve.legend(fontsize=9, loc="lower right")
    return figure


def winners(feature_map: np.ndarray, pooled: np.ndarray, places: np.ndarray) -> Figure:
    """Draw which pixel of each 2x2 window won.

    Parameters
    ----------
    feature_map : ndarray (2 * OH, 2 * OW)
    pooled : ndarray (OH, OW)
        Its windows' maxima.
    places : ndarray of int (OH, OW)
        Each window's winner: 0 top left, 1 top right, 2 bottom left, 3 bottom right.
    """
    figure, axes = new_figure(1, 3, 9, 3.6)
    limit = np.abs(feature_map).max()
    scale = {"cmap": SIGNED, "vmin": -limit, "vmax": limit}
    rows, columns = np.indices(places.shape)
    with styled():
        axes[0].imshow(feature_map, **scale)
        for edge in range(0, len(feature_map) + 1, 2):
            axes[0].axhline(edge - 0.5, color=GRAY, lw=0.4)
            axes[0].axvline(edge - 0.5, color=GRAY, lw=0.4)
        axes[0].plot(
            2 * columns.ravel() + places.ravel() % 2,
            2 * rows.ravel() + places.ravel() // 2,
            "o",
            color=INK,
            ms=2.2,
        )
        axes[1].imshow(places, cmap=ListedColormap(COLORS), vmin=-0.5, vmax=3.5)
        axes[2].imshow(pooled, **scale)
        handles = [Rectangle((0, 0), 1, 1, fc=color) for color in COLORS]
        figure.legend(handles, PLACES, ncols=4, fontsize=10, loc="outside lower center")
        for axis, title in zip(
            axes, ("Feature map, winners dotted", "Where the winner was", "Pooled"), strict=True
        ):
            axis.set_title(title)
            axis.set_axis_off()
    return figure


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
            axis.set(title=name, xlabel="By central differences", aspect="equal")
        axes[0].set_ylabel("By the backward pass")
    return figure


def windows_of(
    image: np.ndarray, pool_size: int, strides: int, writeable: bool = False
) -> np.ndarray:
    """Return the windows of ``image`` (H, W) as a view (OH, OW, PH, PW)."""
    windows = np.lib.stride_tricks.sliding_window_view(
        image, (pool_size, pool_size), writeable=writeable
    )
    return windows[::strides, ::strides]


def covered_pixels(shape: tuple[int, int], pool_size: int, strides: int) -> np.ndarray:
    """Return which pixels of an image of ``shape`` (H, W) lie in some window, as booleans."""
    covered = np.zeros(shape, bool)
    windows_of(covered, pool_size, strides, writeable=True)[...] = True
    return covered


def maxima_along(window: np.ndarray, direction: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return the largest number of ``window + t * direction`` for each value of ``t`` (T,)."""
    return (window + t[:, None, None] * direction).max(axis=(1, 2))


def _frame(
    axis: Axes, row: float, column: float, size: int, inset: float = 0.0, **style: object
) -> None:
    """Frame ``size`` x ``size`` cells of a drawn matrix, a little inside their edge."""
    corner = (column - 0.5 + inset, row - 0.5 + inset)
    extent = size - 2 * inset
    axis.add_patch(Rectangle(corner, extent, extent, fill=False, **style))
