"""The network explorer's picture: layers side by side, connections, and the arithmetic of one."""

import math
from collections.abc import Sequence

import numpy as np

from scratchcnn.widgets.colors import (
    BLUE,
    GRAY,
    INK,
    LINE,
    ORANGE,
    PAPER,
    number,
    picture_colors,
    signed_colors,
    text_on,
)
from scratchcnn.widgets.frames import Canvas
from scratchcnn.widgets.network_layout import LEFT, RIGHT, TOP, Column
from scratchcnn.widgets.network_state import Sum
from scratchcnn.widgets.panels import largest, scale_text

HEIGHT = 436
BELOW = 308  # top edge of the arithmetic
GRIDS, GRID = (208, 412, 616), (184, 80)  # left edges of the three grids, and room for one
LISTED = 4  # connections that are written out one by one
MOST_LINES = 16
RED, DASH = "#b2182b", 5.0
WIDEST = 6.0  # pixels of the line of the strongest connection


def draw_column(
    canvas: Canvas, column: Column, title: str, values: np.ndarray, off: Sequence[int]
) -> None:
    """Draw a layer's maps (H, W, C) as pictures, or its numbers as bars."""
    total = column.shape[2]
    height, width = column.shape[:2]
    words = f"{column.shown} of {total}" if column.shown < total else f"{total}"
    if column.is_row:
        words += " units"
    elif column.width > 110:
        words += f" maps of {height} × {width}"
    elif column.width < 50:
        words = f"{column.shown}/{total}"
    elif column.shown == total:
        words = f"{height} × {width}" + (f" × {total}" if height < 100 else "")
    letters = 13 if column.width >= 50 else 11
    canvas.text(column.x, 4, title, letters, bold=True, room=column.width + 10)
    canvas.text(column.x, 22, words, 11, GRAY, room=column.width + 10)
    limit = largest(values) or 1.0
    for channel in range(column.first, min(column.first + column.shown, total)):
        x, y = column.corner(channel) or (0.0, 0.0)
        if column.is_row:
            _draw_bar(canvas, column, x, y, float(values[0, 0, channel]) / limit)
            across, down = column.width, column.size
        else:
            cell = column.cell
            colors = signed_colors(values[:, :, channel], limit)
            canvas.colors(colors, x, y, cell)
            across, down = width * cell, height * cell
            canvas.box(x, y, across, down, LINE)
            if across >= 30:
                canvas.text(x + 2, y + 1, str(channel), 11, text_on(colors[0, 0]))
        if channel in off:
            _cross_out(canvas, x, y, across, down)


def _draw_bar(canvas: Canvas, column: Column, x: float, y: float, share: float) -> None:
    middle, length = x + column.width / 2, share * column.width / 2
    top, height = y + 1, max(column.size - 2, 2)
    color = RED if share > 0 else BLUE
    canvas.box(min(middle, middle + length), top, abs(length), height, fill=color)
    canvas.line((middle, y), (middle, y + column.size), color=GRAY)


def _cross_out(canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
    canvas.line((x, y), (x + width, y + height), color=INK, line=1.5)
    canvas.line((x, y + height), (x + width, y), color=INK, line=1.5)
    if height >= 22 and width >= 26:
        left, top = x + width / 2, y + height / 2
        canvas.box(left - 12, top - 8, 24, 16, fill=PAPER)
        canvas.text(left, top, "off", 12, INK, "mm", bold=True)


def draw_gaps(canvas: Canvas, columns: Sequence[Column], last: int) -> None:
    """Say where layers of a deep network are left out."""
    between = [column.layer for column in columns[1:]]
    if between and between[0] > 1:
        canvas.text(LEFT - 4, TOP + 50, "…", 18, GRAY, "mm")
    if between and between[-1] < last - 1:
        canvas.text(RIGHT + 4, TOP + 50, "…", 18, GRAY, "mm")


def draw_image(canvas: Canvas, column: Column, title: str, image: np.ndarray) -> None:
    """Draw the image (H, W, C): gray, in color, or the mean of its channels."""
    canvas.text(2, 4, title, bold=True, room=column.width + 10)
    H, W, C = image.shape
    low, high = float(image.min()), float(image.max())
    ends = f"{number(low, 2)} … {number(high, 2)}"
    words = f"{H} × {W}" + (f", {C} channels" if C > 1 else "")
    canvas.text(2, 22, words, 11, GRAY)
    canvas.text(2, TOP + H * column.cell + 3, ends, 11, GRAY)
    colors = picture_colors(image, low, high)
    canvas.colors(colors, 2, TOP, column.cell)
    canvas.box(2, TOP, W * column.cell, H * column.cell, LINE)


def draw_frame(canvas: Canvas, column: Column, channel: int, window: tuple[float, ...]) -> None:
    """Frame a (row, column, height, width) of a channel, as far as it is inside."""
    corner = column.corner(channel)
    if corner is None:
        return
    x, y = corner
    if column.is_row:
        canvas.box(x - 2, y, column.width + 4, column.size, ORANGE, line=2)
        return
    top, left, height, width = window
    bottom, right = min(top + height, column.shape[0]), min(left + width, column.shape[1])
    top, left = max(top, 0), max(left, 0)
    cell = column.cell
    box = x + left * cell, y + top * cell, (right - left) * cell, (bottom - top) * cell
    canvas.box(*box, ORANGE, line=2)


def draw_connections(canvas: Canvas, column: Column, found: Sum, end: tuple[float, float]) -> None:
    """Draw a line from each channel that the unit sees: solid if it adds, dashed if it subtracts.

    Its width is in proportion to the contribution.
    """
    lines = [(channel, float(found.by_channel[channel])) for channel in found.channels]
    if column.layer == 0:  # all channels of an image are at one place
        lines = [(0, sum(share for _, share in lines))]
    limit = max(abs(share) for _, share in lines) or 1.0
    height, width = found.inputs.shape[:2]
    middle = found.corner[0] + (height - 1) / 2, found.corner[1] + (width - 1) / 2
    for channel, share in reversed(lines[:MOST_LINES]):
        start = column.center(channel, *middle)
        if start is None or not share:
            continue
        line = max(1.0, WIDEST * abs(share) / limit)
        if share > 0:
            canvas.line(start, end, color=PAPER, line=line + 2)
            canvas.line(start, end, color=RED, line=line)
        else:
            for part in dashes(start, end):
                canvas.line(*part, color=BLUE, line=line)


def dashes(
    start: tuple[float, float], end: tuple[float, float]
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Cut a line into dashes, with gaps as long as they are."""
    steps = max(1, int(math.dist(start, end) / DASH))
    places = np.linspace(start, end, steps + 1).tolist()
    return [(tuple(places[k]), tuple(places[k + 1])) for k in range(0, steps, 2)]


def draw_sum(
    canvas: Canvas, found: Sum, rank: int, names: Sequence[str], title: str, rest: str, factor: str
) -> None:
    """List what adds to the unit, and write out the products of one connection.

    Parameters
    ----------
    rank : int
        Which of ``found.channels`` is written out.
    names : sequence of str
        What to call each of the input's channels.
    title : str
        What the unit is.
    rest : str
        What to call what does not come from the input.
    factor : str
        What to call what each input is multiplied by.
    """
    canvas.text(2, BELOW, title, bold=True, room=GRIDS[0] - 10)
    rows, chosen = rows_of(found, rank, names, rest)
    for k, (name, value) in enumerate(rows):
        y, bold = BELOW + 18 + 14 * k, k == chosen
        canvas.text(2, y, f"{'▸ ' if bold else ''}{name}", 12, INK, bold=bold, room=110)
        canvas.text(180, y, signed(value), 12, INK, "ra", bold=bold)
    y = BELOW + 20 + 14 * len(rows)
    canvas.line((2, y), (180, y), color=GRAY)
    canvas.text(2, y + 2, "output", 12, INK, bold=True)
    canvas.text(180, y + 2, signed(found.total), 12, INK, "ra", bold=True)
    channel = found.channels[rank]
    total = signed(found.by_channel[channel])
    parts = found.inputs[:, :, channel], found.weights[:, :, channel], found.products[:, :, channel]
    titles = f"Input: {names[channel]}", f"× {factor}", f"= products, sum {total}"
    for x, heading, part in zip(GRIDS, titles, parts, strict=True):
        canvas.text(x, BELOW, heading, 12, INK, bold=True, room=GRID[0])
        draw_grid(canvas, x, BELOW + 20, part)


def rows_of(
    found: Sum, rank: int, names: Sequence[str], rest: str
) -> tuple[list[tuple[str, float]], int]:
    """Return what adds to the unit, as (name, value), and which of these has this rank.

    Connections that are not listed are summed up in one row.
    """
    shares = found.by_channel
    first = max(0, min(rank - LISTED + 1, len(found.channels) - LISTED))
    listed = found.channels[first : first + LISTED]
    rows = [(names[channel], float(shares[channel])) for channel in listed]
    others = float(shares.sum()) - sum(value for _, value in rows)
    if len(found.channels) > len(listed):
        rows.append((f"{len(found.channels) - len(listed)} others", others))
    rows += [(rest, found.rest)] if rest else []
    return rows, rank - first


def draw_grid(canvas: Canvas, x: float, y: float, values: np.ndarray) -> None:
    """Draw an array (h, w) as cells with their numbers, or, if they are many, as a picture."""
    height, width = values.shape
    across, down = min(58.0, GRID[0] / width), min(26.0, GRID[1] / height)
    limit = largest(values) or 1.0
    if across < 30 or down < 14:
        cell = min(GRID[0] / width, GRID[1] / height)
        canvas.colors(signed_colors(values, limit), x, y, cell)
        canvas.box(x, y, max(round(width * cell), 1), max(round(height * cell), 1), LINE)
        canvas.text(x + width * cell + 6, y, f"{height} × {width}", 11, GRAY)
        canvas.text(x + width * cell + 6, y + 15, scale_text(limit), 11, GRAY)
        return
    colors = signed_colors(values, 2 * limit)
    digits = 3 if across >= 46 and limit < 10 else 2 if limit < 10 else 1
    for row, column in np.ndindex(height, width):
        left, top = x + column * across, y + row * down
        canvas.box(left, top, across, down, LINE, colors[row, column])
        text = number(float(values[row, column]), digits)
        canvas.text(
            left + across / 2, top + down / 2, text, 11 if across >= 40 else 10, anchor="mm"
        )


def signed(value: float) -> str:
    """Write a number with its sign."""
    text = number(float(value), 3)
    return text if text.startswith("\N{MINUS SIGN}") else f"+{text}"
