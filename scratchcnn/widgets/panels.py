"""Panels shared by several explorers: tiles of channels, bars, curves, a confusion matrix."""

import math
from collections.abc import Sequence

import numpy as np

from scratchcnn.widgets.colors import (
    BLUE,
    GRAY,
    INK,
    LINE,
    ORANGE,
    Color,
    cell_size,
    image_colors,
    number,
    signed_colors,
    text_on,
)
from scratchcnn.widgets.frames import Canvas

SMALLEST_ROW, LARGEST_ROW = 13, 31  # height of a bar with its margin, in pixels


def largest(array: np.ndarray) -> float:
    """Return the largest magnitude in ``array``: the limit of its colors."""
    return float(np.abs(array).max())


def scale_text(limit: float) -> str:
    """Say which values have full color."""
    return f"colors ±{limit:.2g}"


def draw_tiles(
    canvas: Canvas,
    x: float,
    y: float,
    channels: np.ndarray,
    limit: float,
    columns: int,
    size: int,
    count: int,
    chosen: int | None = None,
    numbered: bool = True,
) -> None:
    """Draw the first channels of ``channels`` (H, W, C) as tiles, row by row, on one scale.

    Parameters
    ----------
    limit : float
        The value of full color.
    columns : int
        Tiles per row.
    size : int
        Space for a tile, in pixels; the channel is enlarged or reduced to fit.
    count : int
        The maximum number of tiles to draw.
    chosen : int, optional
        The tile to frame.
    numbered : bool
        Whether to write the channel's number, from 0, on each tile.
    """
    height, width, total = channels.shape
    gap = 2 if max(height, width) > 5 else 6  # kernels have pixels to spare, maps do not
    cell = cell_size(channels.shape, size - gap)
    for k in range(min(count, total)):
        left, top = x + k % columns * size, y + k // columns * size
        colors = signed_colors(channels[:, :, k], limit)
        canvas.colors(colors, left, top, cell)
        canvas.box(left, top, width * cell, height * cell, LINE)
        if numbered:
            behind = min(int(6 / cell), height - 1, width - 1)  # the pixel behind the number
            canvas.text(left + 3, top + 2, str(k), 11, text_on(colors[behind, behind]))
        if k == chosen:
            canvas.box(left, top, width * cell, height * cell, ORANGE, line=2)


def classes_that_fit(
    probabilities: np.ndarray, room: float, wanted: int | None = None
) -> list[int]:
    """Return the classes whose bars fit in a panel ``room`` pixels high.

    If all of them fit, they are in order; otherwise the most likely ones come first, and the
    class ``wanted`` is always among them.
    """
    count = int(room // SMALLEST_ROW)
    if len(probabilities) <= count:
        return list(range(len(probabilities)))
    shown = [int(label) for label in np.argsort(-probabilities, kind="stable")[:count]]
    if wanted is not None and wanted not in shown:
        shown[-1] = wanted
    return shown


def draw_bars(
    canvas: Canvas,
    x: float,
    y: float,
    values: np.ndarray,
    width: float,
    room: float,
    classes: Sequence[int],
    highlight: int | None = None,
    signed: bool = False,
) -> None:
    """Draw a labeled bar for each of ``classes``, one below the other.

    Parameters
    ----------
    values : ndarray (K,)
        A number for each class, from 0 to 1 or, if ``signed``, from -1 to 1.
    width : float
        Length of a bar for 1 or, if ``signed``, for the whole range from -1 to 1.
    room : float
        Height of the panel.
    highlight : int, optional
        The class to draw in another color.
    """
    row = min(room / len(classes), LARGEST_ROW)
    for k, label in enumerate(classes):
        top, value = y + k * row, float(values[label])
        chosen = label == highlight
        color: Color = ORANGE if chosen else BLUE
        canvas.text(x + 8, top + row / 2, str(label), 12, color, "rm", bold=chosen)
        start, unit = (x + 14 + width / 2, width / 2) if signed else (x + 14, width)
        length = value * unit
        canvas.box(min(start, start + length), top + 2, abs(length), row - 4, fill=color)
        canvas.text(x + 18 + width, top + row / 2, number(value, 3), 12, INK, "lm")
    if signed:
        middle = x + 14 + width / 2
        canvas.line((middle, y), (middle, y + row * len(classes)), color=GRAY)


def draw_named_bars(
    canvas: Canvas,
    x: float,
    y: float,
    names: Sequence[str],
    values: np.ndarray,
    before: np.ndarray,
    width: float,
    chosen: int,
    room: float,
) -> tuple[list[int], float]:
    """Draw probabilities as bars under a title, each with the name of its class.

    If there is no room for all classes, those that are or were most likely are shown.

    Parameters
    ----------
    names : sequence of str
        A name for each class.
    values, before : ndarray (K,)
        The probabilities, and those to compare with, which get a gray line each.
    width : float
        Length of a bar for 1.
    chosen : int
        The class to draw in another color.
    room : float
        Height of the panel below the title.

    Returns
    -------
    classes : list of int
        The classes shown, from the top.
    row : float
        Height of a bar with its name.
    """
    classes = classes_that_fit(np.maximum(values, before), room, chosen)
    shown = "" if len(classes) == len(names) else f", {len(classes)} of {len(names)}"
    canvas.text(x, y - 22, f"Probability{shown}", bold=True)
    row = named_row(room, len(classes))
    beside = 84 if max(map(len, names)) > 3 else 40  # room for a name in the row of its bar
    for place, k in enumerate(classes):
        top, color, bold = y + place * row, ORANGE if k == chosen else BLUE, k == chosen
        if row < 32:
            start, length, at, height = x + beside, width - beside, top + 3, row - 6
            middle = top + row / 2
            canvas.text(start - 6, middle, names[k], 12, color, "rm", bold, room=beside - 6)
        else:
            start, length, at, height = x, width, top + 18, row - 24
            canvas.text(x, top + 2, names[k], 12, color, "la", bold, room=width)
        canvas.box(start, at, length * float(values[k]), height, fill=color)
        mark = start + length * float(before[k])
        canvas.line((mark, at - 2), (mark, at + height + 1), color=GRAY, line=2)
        canvas.text(start + length + 6, at + height / 2, number(values[k], 3), 12, INK, "lm")
    return classes, row


def named_row(room: float, count: int) -> float:
    """Return the height of a bar with its name, if so many share a panel ``room`` pixels high."""
    return min(room / count, 44.0)


def draw_curves(
    canvas: Canvas,
    box: tuple[float, float, float, float],
    curves: Sequence[tuple[np.ndarray, np.ndarray, Color]],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    x_label: str,
    cursor: float | None = None,
) -> None:
    """Draw curves (xs, ys, color) in ``box`` = (x, y, width, height), with three ticks per axis.

    The numbers of the vertical axis are to the left of the box, those of the horizontal
    axis below it.
    """
    x, y, width, height = box
    (x_low, x_high), (y_low, y_high) = x_range, y_range
    x_size, y_size = (x_high - x_low) or 1.0, (y_high - y_low) or 1.0
    for share, anchor in ((0, "la"), (0.5, "ma"), (1, "ra")):
        level = y + height * (1 - share)
        canvas.line((x, level), (x + width, level))
        canvas.text(x - 5, level, f"{y_low + share * y_size:.3g}", 12, GRAY, "rm")
        mark = f"{x_low + share * x_size:.0f}"
        canvas.text(x + share * width, y + height + 5, mark, 12, GRAY, anchor)
    canvas.text(x + width / 2, y + height + 20, x_label, 12, INK, "ma")
    for xs, ys, color in curves:
        across = x + width * (xs - x_low) / x_size
        along = y + height * (1 - (np.clip(ys, y_low, y_high) - y_low) / y_size)
        places = list(zip(across.tolist(), along.tolist(), strict=True))
        if len(places) > 1:
            canvas.line(*places, color=color, line=1.5)
        elif places:
            canvas.box(places[0][0] - 2, places[0][1] - 2, 4, 4, fill=color)
    if cursor is not None:
        place = x + width * (cursor - x_low) / x_size
        canvas.line((place, y - 3), (place, y + height), color=ORANGE, line=2)


def top_of_axis(values: np.ndarray) -> float:
    """Return a round number at least as large as all values: 3 for 2.94; 1 if there are none."""
    largest = float(values.max(initial=0))
    if not largest > 0:
        return 1.0
    unit = 10.0 ** math.floor(math.log10(largest))
    return next(
        step * unit for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * unit >= largest
    )


def steps_text(steps: int) -> str:
    """Say that a curve was measured in training, and how many steps each point covers."""
    return "while training" + (f", mean of each {steps} steps" if steps > 1 else "")


def draw_confusion(canvas: Canvas, x: float, y: float, counts: np.ndarray, cell: float) -> None:
    """Draw a confusion matrix (K, K): correct classes down, answers across, counts in the cells.

    If cells are too small for their counts, only colors are shown; beside the matrix, as many
    class numbers are written as fit.
    """
    size = len(counts) * cell
    # Dark means many, so that empty cells stay white.
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    colors = image_colors(1 - share, 0, 1, "Blues_r")
    canvas.colors(colors, x, y, cell)
    if cell >= 2 + 7 * len(str(counts.max())):
        for row, column in zip(*np.nonzero(counts), strict=True):
            place = x + (column + 0.5) * cell, y + (row + 0.5) * cell
            text = str(counts[row, column])
            canvas.text(*place, text, 12, text_on(colors[row, column]), "mm")
    canvas.box(x, y, size, size, LINE)
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 1000) if step * cell >= 18)
    for k in range(0, len(counts), step):
        canvas.text(x - 6, y + (k + 0.5) * cell, str(k), 12, GRAY, "rm")
        canvas.text(x + (k + 0.5) * cell, y + size + 4, str(k), 12, GRAY, "ma")
