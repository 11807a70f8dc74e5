"""Pooling: windows, results, and how much changes when the digit moves."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from scratchcnn.plots.arrays import matrices
from scratchcnn.plots.cells import frame, rectangle
from scratchcnn.plots.display import described
from scratchcnn.plots.style import BLUE, GRAY, INK, ORANGE, PURPLE, TEAL, new_figure, styled
from scratchcnn.plots.words import counted, in_rows, listed, number, sized

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
            inset = 0.05 + (0.07 * k if strides < pool_size else 0.0)
            frame(image_axis, i * strides, j * strides, pool_size, pool_size, color, inset)
            a, b = np.unravel_index(windows[i, j].argmax(), (pool_size, pool_size))
            center = (j * strides + b, i * strides + a)
            image_axis.add_patch(Circle(center, 0.3, fill=False, ec=INK, lw=1.4))
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


def changes_under_shift(changes: Mapping[str, np.ndarray], compared: Sequence[str]) -> Figure:
    """Draw how much maps change when the digit moves, image by image and on average.

    Parameters
    ----------
    changes : mapping of str to ndarray (shifts, images)
        For each way to make a map, the relative change when the digit moves by 0, 1, 2 ...
        pixels. Up to five ways.
    compared : sequence of str
        The ways whose distribution for a shift of one pixel is shown in the left panel.
    """
    figure, (spread, curve) = new_figure(1, 2, 9, 3.4)
    styles = [(GRAY, "-"), (INK, ":"), (BLUE, "-"), (ORANGE, "--"), (PURPLE, "-.")]
    bins = np.linspace(0, max(changes[name][1].max() for name in compared), 41)
    with styled():
        for (name, change), (color, line) in zip(changes.items(), styles, strict=False):
            if name in compared:
                spread.hist(change[1], bins.tolist(), color=color, alpha=0.55, label=name)
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
    centers = listed(f"{number(changes[name][1].mean(), 2)} for {name}" for name in compared)
    curves = (
        f"{name} " + ", ".join(number(mean, 2) for mean in change.mean(axis=1))
        for name, change in changes.items()
    )
    return described(
        figure,
        f"Left: histograms of the relative change of {counted(change.shape[1], 'digit')} moved by "
        f"one pixel, with means of {centers}. Right: the mean change for shifts of 0 to "
        f"{len(change) - 1} pixels: {'; '.join(curves)}.",
    )


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
