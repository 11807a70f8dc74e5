"""Figures of notebook 02: windows, what pooling makes of them, moved digits, and winners."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from scratchcnn.plots.arrays import draw_matrices, frame
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
    means = windows.mean(axis=(2, 3))
    figure = draw_matrices(
        [image, windows.max(axis=(2, 3)), means],
        ["Image", "Largest", "Mean"],
        signed=True,
        digits=[0, 0, 0 if (means % 1 == 0).all() else 1],
        cell=0.5,
        shared_scale=True,
    )
    image_axis, *pooled_axes = figure.axes
    with styled():
        for row, column in np.argwhere(~covered_pixels(image.shape, pool_size, strides)):
            corner = (column - 0.5, row - 0.5)
            image_axis.add_patch(Rectangle(corner, 1, 1, fill=False, hatch="///", ec=GRAY, lw=0))
        for k, (i, j) in enumerate(np.ndindex(windows.shape[:2])):
            color = COLORS[k % len(COLORS)]
            # Frames of overlapping windows are drawn one inside the other to stay apart.
            inset = 0.05 + (0.07 * k if strides < pool_size else 0.0)
            frame(image_axis, i * strides, j * strides, pool_size, pool_size, color, inset)
            di, dj = np.unravel_index(windows[i, j].argmax(), (pool_size, pool_size))
            image_axis.add_patch(
                Circle((j * strides + dj, i * strides + di), 0.3, fill=False, ec=INK, lw=1.4)
            )
            for axis in pooled_axes:
                frame(axis, i, j, 1, 1, color, 0.05)
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
    figure, axes = new_figure(1, 3, 9, 3.75)
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
