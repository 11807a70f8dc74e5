"""Columns of the gradient explorer: kernels and feature maps, with their gradients below."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scratchcnn.trace import LayerTrace
from scratchcnn.widgets.colors import GRAY, number
from scratchcnn.widgets.frames import Canvas, Region
from scratchcnn.widgets.panels import draw_tiles, largest, scale_text

LEFT, RIGHT = 126, 674  # the columns are in between
TILE, ROWS = 54, 3  # size of a tile, and rows of tiles in a column
FORWARD, BACKWARD = 44, 236  # top edges of the pictures of each pass
MOST_COLUMNS = 10  # more would be too narrow to read


@dataclass
class Column:
    """An array from the forward pass, and its gradient.

    Attributes
    ----------
    title : str
        The label of the layer or of its kernels.
    values, gradients : ndarray (H, W, C)
    """

    title: str
    values: np.ndarray
    gradients: np.ndarray


def columns_of(layers: Sequence[LayerTrace]) -> list[Column]:
    """Return the columns to show: kernels, and outputs that are images.

    If there are more than `MOST_COLUMNS`, the kernels are left out first, then the last
    layers.
    """
    kernels, maps = [], []
    for k, layer in enumerate(layers):
        kernel = layer.params.get("kernel")
        if kernel is not None and kernel.ndim == 4:
            # (KH, KW, C, F) -> (KH, KW, F): each kernel's weights for the first channel
            gradient = layer.grads.get("kernel", np.zeros_like(kernel))[:, :, 0]  # may be frozen
            title = layer.label.replace("conv", "kernels")
            kernels.append((k, Column(title, kernel[:, :, 0], gradient)))
        # A layer that passes its input on unchanged would show the same numbers again.
        if layer.output.ndim == 3 and not layer.is_identity:
            maps.append((k, Column(layer.label, layer.output, layer.output_gradient)))
    if len(kernels) + len(maps) > MOST_COLUMNS:
        kernels = []
    # Sorting is stable: a layer's kernels stay before its output.
    ordered = sorted([*kernels, *maps], key=lambda pair: pair[0])
    return [column for _, column in ordered[:MOST_COLUMNS]]


def column_width(count: int) -> float:
    """Return the width of each of ``count`` columns, including the gap."""
    return (RIGHT - LEFT) / max(count, 1)


def tiles_across(count: int) -> int:
    """Return how many tiles fit side by side if there are ``count`` columns."""
    return max(1, int((column_width(count) - 4) // TILE))


def draw_columns(
    canvas: Canvas, columns: Sequence[Column], chosen: tuple[int, int]
) -> list[Region]:
    """Draw the arrays, and their gradients below; return where they are.

    Parameters
    ----------
    chosen : (column, tile)
        The tile to frame.
    """
    width, across = column_width(len(columns)), tiles_across(len(columns))
    size = min(TILE, int(width) - 2)
    regions = []
    for k, column in enumerate(columns):
        x = LEFT + k * width
        framed = chosen[1] if k == chosen[0] else None
        total = column.values.shape[2]
        shown = min(ROWS * across, total)
        count = f"{shown} of {total}" if shown < total else f"{total}"
        title = f"{column.title}, {count}" if across > 1 else column.title
        canvas.text(x, 4, title, 12 if across > 1 else 11, bold=True, room=width - 3)
        for y, array in ((FORWARD, column.values), (BACKWARD, column.gradients)):
            limit = largest(array)
            scale = scale_text(limit) if across > 1 else f"±{limit:.2g}"
            canvas.text(x, y - 20, scale, 12 if across > 1 else 11, GRAY, room=width - 3)
            forward = y == FORWARD  # gradients have the same places, and need no numbers
            draw_tiles(canvas, x + 1, y, array, limit, across, size, shown, framed, forward)
        label = f"{column.title}, {count}. Point at a tile, or move with the arrow keys."
        grid = -(-shown // across), min(across, shown)
        box = x, FORWARD, grid[1] * size, grid[0] * size
        regions.append(Region(f"column {k}", label, *box, *grid, hover=True))
    return regions


def describe(column: Column, tile: int) -> str:
    """Write out the numbers of a small tile, or the extremes of a large one."""
    values, gradients = column.values[:, :, tile], column.gradients[:, :, tile]
    name = f"{column.title.replace('kernels', 'kernel')} {tile}"
    if values.size <= 9:
        return f"{name}: {matrix_text(values, 2)}; gradient {matrix_text(gradients, 3)}"
    return (
        f"{name}: from {number(values.min(), 3)} to {number(values.max(), 3)}; "
        f"gradient from {number(gradients.min(), 4)} to {number(gradients.max(), 4)}"
        f" ({values.shape[0]} × {values.shape[1]})"
    )


def matrix_text(matrix: np.ndarray, digits: int) -> str:
    """Write a small matrix row by row: [1 0; 0 1]."""
    rows = (" ".join(number(value, digits) for value in row) for row in matrix)
    return f"[{'; '.join(rows)}]"
