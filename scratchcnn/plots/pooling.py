"""Pooling: windows, results, how much changes when the digit moves, and how many pixels tie."""

from collections.abc import Mapping

import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from scratchcnn.plots.arrays import matrices
from scratchcnn.plots.cells import frame, rectangle
from scratchcnn.plots.display import described
from scratchcnn.plots.style import BLUE, GRAY, IMAGE, INK, ORANGE, PURPLE, TEAL, new_figure, styled
from scratchcnn.plots.words import counted, in_rows, listed, sized, values

# One color for each place in a 2x2 window, or for each of the first four windows.
PLACE_COLORS = (BLUE, ORANGE, PURPLE, TEAL)
PLACES = ("top left", "top right", "bottom left", "bottom right")


def pooled_windows(image: np.ndarray, pool_size: int = 2, strides: int = 2) -> Figure:
    """Draw a small image with its windows framed, and both ways to pool it.

    The largest number of each window is circled; pixels outside all windows are hatched.

    Parameters
    ----------
    image : ndarray (H, W)
        Up to four windows get their own colors, then the colors repeat.
    pool_size, strides : int
        As in `MaxPool2D`.
    """
    windows = windows_of(image, pool_size, strides)
    largest, means = windows.max(axis=(2, 3)), windows.mean(axis=(2, 3))
    decimals = 0 if (means % 1 == 0).all() else 1
    unused = np.argwhere(~covered_pixels(image.shape, pool_size, strides))
    figure = matrices(
        [image, largest, means],
        ["Image", "Largest", "Mean"],
        signed=True,
        digits=[0, 0, decimals],
        cell=0.5,
        shared_scale=True,
    )
    image_axis, *pooled_axes = figure.axes
    with styled():
        for row, column in unused:
            rectangle(
                image_axis, column - 0.5, row - 0.5, 1, 1,
                fill=False, hatch="///", ec=GRAY, lw=0, clip_on=True,
            )  # fmt: skip
        for k, (i, j) in enumerate(np.ndindex(windows.shape[:2])):
            color = PLACE_COLORS[k % len(PLACE_COLORS)]
            # Frames of overlapping windows have different insets, to stay distinguishable.
            inset = 0.05 + (0.05 * k if strides < pool_size else 0.0)
            frame(image_axis, i * strides, j * strides, pool_size, pool_size, color, inset)
            a, b = np.unravel_index(windows[i, j].argmax(), (pool_size, pool_size))
            center = (j * strides + b, i * strides + a)
            image_axis.add_patch(Circle(center, 0.26, fill=False, ec=INK, lw=1.4))
            for axis in pooled_axes:
                frame(axis, i, j, 1, 1, color, 0.05)
    rest = f" {counted(len(unused), 'pixel')} in no window, hatched." if len(unused) else ""
    return described(
        figure,
        f"A matrix of {sized(image.shape)}, rows {in_rows(image)}, with "
        f"{counted(windows.shape[0] * windows.shape[1], 'window')} of {pool_size} by {pool_size} "
        f"framed, {strides} apart, and the largest number of each circled.{rest} Largest: "
        f"{in_rows(largest)}. Mean: {in_rows(means, decimals)}.",
    )


def changes_under_shift(changes: Mapping[str, np.ndarray]) -> Figure:
    """Draw how much maps change, on average, when the digit moves.

    Parameters
    ----------
    changes : mapping of str to ndarray (shifts,)
        For each way to make a map, the mean relative change when the digit moves by 0, 1, 2 ...
        pixels. Up to five ways.
    """
    figure, (axis,) = new_figure(1, 1, 8, 3.6)
    styles = [(GRAY, "-", 4), (INK, ":", 1.8), (ORANGE, "--", 1.8), (BLUE, "-", 1.8)]
    styles.append((PURPLE, "-.", 1.8))
    with styled():
        for (name, change), (color, line, width) in zip(changes.items(), styles, strict=False):
            axis.plot(change, line, color=color, lw=width, marker="o", ms=5, label=name)
        axis.set(
            xlabel="Shift to the right (pixels)",
            ylabel="Relative change",
            xticks=range(len(change)),
            ylim=(0, None),
        )
        axis.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    curves = (f"{name} {values(change, 2)}" for name, change in changes.items())
    return described(
        figure,
        f"Curves of the mean relative change for shifts of 0 to {len(change) - 1} pixels: "
        f"{'; '.join(curves)}.",
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
    figure, axes = new_figure(1, 3, 9, 2.9, width_ratios=[1, 1, 1.2])
    with styled():
        axes[0].imshow(image, cmap=IMAGE)
        axes[0].set_title("Digit")
        palette = ListedColormap(["#ffffff", "#f3cfa9", "#e29f5a", ORANGE])
        axes[1].imshow(counts, cmap=palette, norm=BoundaryNorm(np.arange(0.5, 5), 4))
        axes[1].set_title("Its windows")
        for axis in axes[:2]:
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(True)
        bars = axes[2].bar(
            range(1, 5), 100 * np.asarray(shares), color=palette.colors, edgecolor=GRAY
        )
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


def windows_of(
    image: np.ndarray, pool_size: int, strides: int, writeable: bool = False
) -> np.ndarray:
    """Return the windows of ``image`` (H, W) as a view (OH, OW, PH, PW)."""
    windows = np.lib.stride_tricks.sliding_window_view(
        image, (pool_size, pool_size), writeable=writeable
    )
    return windows[::strides, ::strides]


def covered_pixels(shape: tuple[int, ...], pool_size: int, strides: int) -> np.ndarray:
    """Return which pixels of an image of ``shape`` (H, W) lie in some window, as booleans."""
    covered = np.zeros(shape, bool)
    windows_of(covered, pool_size, strides, writeable=True)[...] = True
    return covered
