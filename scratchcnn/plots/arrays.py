"""Arrays as pictures: images, kernels, feature maps, and small matrices with their numbers."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from scratchcnn.plots.style import IMAGE, INK, ORANGE, SIGNED, new_figure, styled

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
    digits: int = 0,
    cell: float = 0.42,
) -> Figure:
    """Draw small matrices with the number written in every cell.

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
    digits : int
        Decimals of the numbers.
    cell : float
        Width and height of a cell, in inches.
    """
    matrices = [np.asarray(matrix) for matrix in matrices]
    widths = [matrix.shape[1] for matrix in matrices]
    tallest = max(matrix.shape[0] for matrix in matrices)
    figure, axes = new_figure(
        1,
        len(matrices),
        cell * (sum(widths) + 1.5 * len(matrices)),
        cell * tallest + 0.6,
        width_ratios=widths,
    )
    signs = [signed] * len(matrices) if isinstance(signed, bool) else signed
    with styled():
        for k, (axis, matrix) in enumerate(zip(axes, matrices, strict=True)):
            draw_numbers(axis, matrix, signs[k], digits, boxes[k] if len(boxes) else ())
            axis.set_title(titles[k])
        for axis, symbol in zip(axes[1:], symbols, strict=False):
            axis.annotate(
                symbol,
                (0, 0.5),
                (-0.75 * cell * 72, 0),
                xycoords="axes fraction",
                textcoords="offset points",
                ha="center",
                va="center",
                fontsize=16,
                annotation_clip=False,
            )
    return figure


def draw_numbers(
    axis: Axes, matrix: np.ndarray, signed: bool, digits: int = 0, boxes: Sequence[Box] = ()
) -> None:
    """Draw one matrix into ``axis``, a number a cell, and frame the ``boxes``."""
    if signed:
        limit = np.nanmax(np.abs(matrix)) or 1.0
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
    for row, column, height, width in boxes:
        axis.add_patch(
            Rectangle((column - 0.5, row - 0.5), width, height, fill=False, ec=ORANGE, lw=2.5)
        )
    axis.set_xticks(np.arange(matrix.shape[1] + 1) - 0.5, minor=True)
    axis.set_yticks(np.arange(matrix.shape[0] + 1) - 0.5, minor=True)
    axis.grid(which="minor", color=mpl.colors.to_rgba(INK, 0.15), linewidth=0.6)
    axis.tick_params(which="both", length=0, labelbottom=False, labelleft=False)
    axis.spines[:].set_visible(False)
