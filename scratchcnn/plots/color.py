"""Color pictures: their channels, kernels for them, and maps laid over them."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from scratchcnn.plots.cells import Box, draw_picture, rectangle
from scratchcnn.plots.display import described
from scratchcnn.plots.style import INK, ORANGE, new_figure, styled
from scratchcnn.plots.words import counted, extent, listed, number

MOST_LISTED = 12  # titles that an alternative text lists
CHANNELS = ("Red", "Green", "Blue")
MAP = "Reds"  # for maps that are at least 0
ROOM_FOR_NAMES = 0.9  # inches to the left of a row of maps


def pictures(
    images: Sequence[ArrayLike],
    titles: Sequence[str] = (),
    columns: int = 8,
    boxes: Sequence[Box] = (),
    size: float = 1.15,
) -> Figure:
    """Draw color or gray pictures side by side, all on one scale.

    Parameters
    ----------
    images : sequence of ndarray (H, W, 3), (H, W, 1) or (H, W)
        The darkest and the lightest value in all of them are drawn as black and white.
    titles : sequence of str
        One above each picture, if given.
    columns : int
        Pictures per row.
    boxes : sequence of (row, column, height, width)
        One frame in each picture, if given.
    size : float
        Width and height of a picture, in inches.
    """
    colored = _as_colors(images)
    columns = min(columns, len(colored))
    rows = -(-len(colored) // columns)
    lines = 1 + max((title.count("\n") for title in titles), default=-1)
    height = rows * (size + (0.15 + 0.2 * lines if lines else 0.1))
    figure, axes = new_figure(rows, columns, columns * size, height)
    with styled():
        for axis in axes:
            axis.set_axis_off()
        for axis, picture in zip(axes, colored, strict=False):
            draw_picture(axis, picture)
        for axis, title in zip(axes, titles, strict=False):
            axis.set_title(title, fontsize=10)
        for axis, box in zip(axes, boxes, strict=False):
            _draw_box(axis, box)
    H, W = colored[0].shape[:2]
    words = f"{counted(len(colored), 'picture')} of {H} by {W} pixels"
    if len(boxes):
        words += ", each with a frame around its box"
    if len(titles) and len(colored) <= MOST_LISTED:
        words += f": {listed(title.replace(chr(10), ', ') for title in titles)}"
    elif len(titles):
        words += f", from {titles[0]} to {titles[-1]}".replace("\n", ", ")
    bright = [float(picture.mean()) for picture in colored]
    return described(
        figure,
        f"{words}. Their mean brightness lies between {number(min(bright), 3)} and "
        f"{number(max(bright), 3)}, from 0, black, to 1, white.",
    )


def color_channels(image: ArrayLike, size: float = 1.9) -> Figure:
    """Draw a color picture (H, W, 3), and its three channels in gray, all on one scale."""
    image = np.asarray(image)
    figure, axes = new_figure(1, 4, 4 * size, size + 0.35)
    scale = {"vmin": image.min(), "vmax": image.max()}
    with styled():
        draw_picture(axes[0], _as_colors([image])[0], "Picture")
        for axis, channel, name in zip(axes[1:], np.moveaxis(image, 2, 0), CHANNELS, strict=True):
            draw_picture(axis, channel, f"{name} channel", **scale)
    texts = (
        f"{name.lower()} {extent(channel)}"
        for name, channel in zip(CHANNELS, np.moveaxis(image, 2, 0), strict=True)
    )
    return described(
        figure, f"A color picture, and its three channels as gray pictures: {listed(texts)}."
    )


def color_kernels(kernels: ArrayLike, columns: int = 8, size: float = 0.95) -> Figure:
    """Draw kernels (KH, KW, 3, F) as small color pictures.

    A weight of 0 in all three channels is a medium gray. Each kernel is drawn with the full range
    of colors, so that strong and weak ones can both be seen.
    """
    kernels = np.asarray(kernels, dtype=float)
    count = kernels.shape[3]
    columns = min(columns, count)
    rows = -(-count // columns)
    figure, axes = new_figure(rows, columns, columns * size, rows * (size + 0.25))
    with styled():
        for axis in axes:
            axis.set_axis_off()
        for f, axis in zip(range(count), axes, strict=False):
            kernel = kernels[..., f]
            limit = float(np.abs(kernel).max()) or 1.0
            draw_picture(axis, 0.5 + kernel / (2 * limit), str(f))
    largest = listed(number(float(np.abs(kernels[..., f]).max())) for f in range(min(count, 8)))
    return described(
        figure,
        f"{counted(count, 'kernel')} of {kernels.shape[0]} by {kernels.shape[1]} pixels as color "
        f"pictures, gray where all three weights are 0. The largest weights of the first ones: "
        f"{largest}.",
    )


def maps_over_pictures(
    images: Sequence[ArrayLike],
    maps: Mapping[str, Sequence[ArrayLike]],
    titles: Sequence[str],
    boxes: Sequence[Box] = (),
    size: float = 1.3,
) -> Figure:
    """Draw pictures, and below them rows of maps: red where a map is large, a dot at its peak.

    Parameters
    ----------
    images : sequence of ndarray (H, W, 3), (H, W, 1) or (H, W)
        The pictures.
    maps : mapping of str to sequence of ndarray (h, w)
        Rows of maps by name, one map for each picture. They may be smaller than the pictures.
        Each has its own scale, from 0 to its largest value.
    titles : sequence of str
        One above each picture.
    boxes : sequence of (row, column, height, width)
        What is to be found in each picture.
    size : float
        Width and height of a picture, in inches.
    """
    colored, count = _as_colors(images), len(images)
    lines = 1 + max(title.count("\n") for title in titles)
    width = count * size + ROOM_FOR_NAMES
    height = (1 + len(maps)) * (size + 0.08) + 0.2 * lines
    figure, axes = new_figure(1 + len(maps), count, width, height)
    inside, at = dict.fromkeys(maps, 0), dict.fromkeys(maps, "")
    with styled():
        for axis, picture, title in zip(axes, colored, titles, strict=False):
            draw_picture(axis, picture)
            axis.set_title(title, fontsize=10)
        for row, (name, own) in enumerate(maps.items(), start=1):
            for n, found in enumerate(own):
                axis = axes[row * count + n]
                box = boxes[n] if len(boxes) else None
                y, x = _draw_map(axis, colored[n], np.asarray(found))
                at[name] += f"({y:.0f}, {x:.0f}) "
                if box is not None:
                    _draw_box(axis, box)
                    inside[name] += _is_inside(y, x, box)
            _write_name(axes[row * count], name)
        for axis, box in zip(axes, boxes, strict=False):
            _draw_box(axis, box)
    peaks = f" Peaks by row and column: {'; '.join(f'{name} {at[name].strip()}' for name in maps)}."
    if len(boxes):
        hits = listed(f"{name} in {hit} of {count}" for name, hit in inside.items())
        peaks += f" A frame shows what is to be found. The peak lies in it: {hits}."
    names = listed(title.replace(chr(10), ", ") for title in titles)
    return described(
        figure,
        f"{counted(count, 'picture')}: {names}. Below each, as red over the faded picture with a "
        f"dot at the peak: {listed(maps)}.{peaks}",
    )


def _draw_map(axis: Axes, picture: np.ndarray, found: np.ndarray) -> tuple[float, float]:
    """Lay a map over a faded picture; return row and column of its peak."""
    H, W = picture.shape[:2]
    frame = (-0.5, W - 0.5, H - 0.5, -0.5)
    axis.imshow(0.45 + 0.5 * picture.mean(axis=2), cmap="gray", vmin=0, vmax=1)
    share = np.clip(found / (found.max() or 1.0), 0, 1)
    axis.imshow(share, cmap=MAP, vmin=0, vmax=1, alpha=0.85 * share, extent=frame)
    row, column = np.unravel_index(found.argmax(), found.shape)
    y, x = (row + 0.5) * H / found.shape[0] - 0.5, (column + 0.5) * W / found.shape[1] - 0.5
    axis.plot(x, y, "o", color=INK, ms=5, mec="white", mew=1)
    axis.set_axis_off()
    axis.set(xlim=(-0.5, W - 0.5), ylim=(H - 0.5, -0.5))
    return float(y), float(x)


def _is_inside(row: float, column: float, box: Box) -> bool:
    """Return whether a place lies in a box."""
    top, left, height, width = box
    return bool(0 <= row - top + 0.5 < height and 0 <= column - left + 0.5 < width)


def _write_name(axis: Axes, name: str) -> None:
    """Write the name of a row to the left of its first panel."""
    axis.text(-0.08, 0.5, name, transform=axis.transAxes, ha="right", va="center", color=INK)


def _draw_box(axis: Axes, box: Box) -> None:
    """Frame a box, in a color that stands out from any picture: white on orange."""
    top, left, height, width = (float(side) for side in box)
    for color, line in (("white", 3.0), (ORANGE, 1.4)):
        style = {"fill": False, "ec": color, "lw": line, "zorder": 3}
        rectangle(axis, left - 0.5, top - 0.5, width, height, **style)


def _as_colors(images: Sequence[ArrayLike]) -> list[np.ndarray]:
    """Return pictures as (H, W, 3) from 0 to 1, all on one scale."""
    arrays = [np.asarray(image, dtype=float) for image in images]
    arrays = [array[..., None] if array.ndim == 2 else array for array in arrays]
    low, high = min(array.min() for array in arrays), max(array.max() for array in arrays)
    return [np.broadcast_to((a - low) / ((high - low) or 1.0), (*a.shape[:2], 3)) for a in arrays]
