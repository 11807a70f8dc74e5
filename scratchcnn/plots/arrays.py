"""Arrays as pictures: images, kernels, feature maps, and small matrices with their numbers."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath

from scratchcnn.plots.style import IMAGE, INK, ORANGE, SIGNED, STYLE, new_figure, styled

Box = tuple[int, int, int, int]


def draw_images(
    arrays: Sequence[np.ndarray],
    titles: Sequence[str] = (),
    signed: bool = False,
    columns: int = 8,
    limit: float | None = None,
    colorbar: bool = False,
    size: float = 1.15,
) -> Figure:
    """Draw 2-D arrays side by side, all on one scale, so that panels can be compared.

    Parameters
    ----------
    arrays : sequence of ndarray (H, W)
        Images, kernels, feature maps or gradients. A batch (N, H, W) will do.
    titles : sequence of str
        One above each, if given.
    signed : bool
        False: gray from the smallest to the largest value of all. True: blue for negative,
        white for zero, red for positive, the same distance either way.
    columns : int
        Panels in a row.
    limit : float, optional
        With ``signed``, the value of full color; by default the largest magnitude of all.
    colorbar : bool
        Whether to show the scale at the right.
    size : float
        Width and height of a panel, in inches.
    """
    arrays = [np.asarray(array) for array in arrays]
    columns = min(columns, len(arrays))
    rows = -(-len(arrays) // columns)
    height = rows * (size + (0.35 if len(titles) else 0.1))
    figure, axes = new_figure(rows, columns, columns * size + 0.8 * colorbar, height)
    if signed:
        limit = limit or max(np.abs(array).max() for array in arrays) or 1.0
        scale = {"cmap": SIGNED, "vmin": -limit, "vmax": limit}
    else:
        low = min(array.min() for array in arrays)
        scale = {"cmap": IMAGE, "vmin": low, "vmax": max(array.max() for array in arrays)}
    with styled():
        for axis, array in zip(axes, arrays, strict=False):
            picture = axis.imshow(array, **scale)
        for axis, title in zip(axes, titles, strict=False):
            axis.set_title(title, fontsize=10)
        for axis in axes:
            axis.set_axis_off()
        if colorbar:
            figure.colorbar(picture, ax=axes, shrink=0.8)
    return figure


def draw_matrices(
    matrices: Sequence[np.ndarray],
    titles: Sequence[str],
    signed: Sequence[bool] | bool = False,
    boxes: Sequence[Sequence[Box]] = (),
    symbols: Sequence[str] = (),
    digits: Sequence[int] | int = 0,
    cell: float = 0.42,
    shared_scale: bool = False,
) -> Figure:
    """Draw small matrices with the number written in every cell, all cells equally large.

    Parameters
    ----------
    matrices : sequence of ndarray (H, W)
        What to draw, from left to right.
    titles : sequence of str
        One above each.
    signed : bool or sequence of bool
        As in `draw_images`, for each matrix.
    boxes : sequence of sequences of (row, column, height, width)
        For each matrix, the windows to frame.
    symbols : sequence of str
        Written between the matrices, such as ``"*"`` and ``"="``; one fewer than matrices.
    digits : int or sequence of int
        Decimals of the numbers, for each matrix.
    cell : float
        Width and height of a cell, in inches.
    shared_scale : bool
        Whether a number has the same color in every signed matrix, so that they can be
        compared. Otherwise the largest number of each has the strongest color.
    """
    matrices = [np.asarray(matrix) for matrix in matrices]
    signs = [signed] * len(matrices) if isinstance(signed, bool) else signed
    decimals = [digits] * len(matrices) if isinstance(digits, int) else digits
    limit = None
    if shared_scale:
        largest = [np.nanmax(np.abs(m)) for m, sign in zip(matrices, signs, strict=True) if sign]
        limit = max(largest, default=None)
    figure, axes = _matrix_row([matrix.shape for matrix in matrices], titles, symbols, cell)
    with styled():
        for k, (axis, matrix) in enumerate(zip(axes, matrices, strict=True)):
            draw_numbers(axis, matrix, signs[k], decimals[k], boxes[k] if len(boxes) else (), limit)
            axis.set_title(titles[k])
    return figure


def draw_numbers(
    axis: Axes,
    matrix: np.ndarray,
    signed: bool,
    digits: int = 0,
    boxes: Sequence[Box] = (),
    limit: float | None = None,
) -> None:
    """Draw one matrix into ``axis``, a number a cell, and frame the ``boxes``.

    With ``signed``, ``limit`` is the number of the strongest color, by default the largest
    magnitude of the matrix. NaN stays empty.
    """
    if signed:
        limit = limit or np.nanmax(np.abs(matrix)) or 1.0
        scale = {"cmap": SIGNED, "vmin": -2 * limit, "vmax": 2 * limit}  # pale: text stays legible
    else:
        scale = {"cmap": IMAGE, "vmin": np.nanmin(matrix), "vmax": np.nanmax(matrix)}
    picture = axis.imshow(matrix, **scale)
    for row, column in np.ndindex(matrix.shape):
        value = matrix[row, column]
        if np.isnan(value):
            continue
        brightness = np.dot(picture.to_rgba(value)[:3], (0.3, 0.6, 0.1))
        text = f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")
        color = INK if brightness > 0.5 else "white"
        axis.text(column, row, text, ha="center", va="center", color=color, fontsize=10)
    axis.autoscale(False)  # lines on the edge do not widen the picture
    height, width = matrix.shape
    edges = {"color": INK, "alpha": 0.15, "linewidth": 0.6}
    axis.vlines(np.arange(width + 1) - 0.5, -0.5, height - 0.5, **edges)
    axis.hlines(np.arange(height + 1) - 0.5, -0.5, width - 0.5, **edges)
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set_visible(False)
    for box in boxes:
        frame(axis, *box)


def frame(
    axis: Axes,
    row: float,
    column: float,
    height: float,
    width: float,
    color: str = ORANGE,
    inset: float = 0.0,
) -> None:
    """Draw a frame around cells of an image or matrix, ``inset`` cells inside their edge."""
    corner = (column - 0.5 + inset, row - 0.5 + inset)
    extent = (width - 2 * inset, height - 2 * inset)
    # Not clipped, or the frame would lose half its line at the matrix's edge.
    style = {"fill": False, "ec": color, "lw": 2.5, "zorder": 3, "clip_on": False}
    axis.add_patch(Rectangle(corner, *extent, **style))


def _matrix_row(
    shapes: Sequence[tuple[int, int]], titles: Sequence[str], symbols: Sequence[str], cell: float
) -> tuple[Figure, list[Axes]]:
    """Return a figure with room for matrices of these shapes side by side, symbols between.

    Layout engines stretch panels to fill the page. Here every cell is to have the same size,
    so everything is placed by the inch.
    """
    margin, gap, above = 0.08, 0.55 if len(symbols) else 0.35, 0.34
    points = STYLE["axes.titlesize"]
    slots = [
        max(cell * columns, TextPath((0, 0), title, size=points).get_extents().width / 72)
        for (_, columns), title in zip(shapes, titles, strict=True)
    ]
    tallest = cell * max(rows for rows, _ in shapes)
    width = sum(slots) + gap * (len(slots) - 1) + 2 * margin
    height = tallest + above + margin
    middle = margin + tallest / 2
    with styled():
        figure = Figure(figsize=(width, height), layout="none")
    axes, left, edges = [], margin, []
    for (rows, columns), slot in zip(shapes, slots, strict=True):
        x, y = left + (slot - cell * columns) / 2, middle - cell * rows / 2
        place = (x / width, y / height, cell * columns / width, cell * rows / height)
        with styled():
            axes.append(figure.add_axes(place))
        edges.append((x, x + cell * columns))
        left += slot + gap
    for symbol, (_, end), (start, _) in zip(symbols, edges[:-1], edges[1:], strict=False):
        at = ((end + start) / 2 / width, middle / height)
        figure.text(*at, symbol, ha="center", va="center", fontsize=16, color=INK)
    return figure, axes
