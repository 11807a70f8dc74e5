"""Arrays as pictures: images, feature maps, templates, and small matrices with their numbers."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from scratchcnn.plots.cells import (
    Box,
    draw_colorbar,
    draw_numbers,
    draw_picture,
    matrix_row,
    signed_scale,
)
from scratchcnn.plots.display import described
from scratchcnn.plots.style import IMAGE, new_figure, styled
from scratchcnn.plots.words import counted, extent, in_rows, listed, panel, scale, sized

# Larger arrays would make the alternative text too long to listen to: give their range instead.
MOST_PANELS, MOST_NUMBERS = 10, 60

# How the symbols between matrices are read aloud.
SPOKEN = {
    "→": "leads to ",
    "×": "times ",
    "@": "matrix product with ",
    "=": "equals ",
    "+": "plus ",
}


def images(
    arrays: Sequence[ArrayLike],
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
        One above each panel, if given.
    signed : bool
        False: gray from the smallest to the largest value in all arrays. True: blue for negative,
        white for zero and red for positive values, on a symmetric scale.
    columns : int
        Panels per row.
    limit : float, optional
        With ``signed``, the value of full color; by default the largest magnitude in all arrays.
    colorbar : bool
        Whether to show the scale on the right.
    size : float
        Width and height of a panel, in inches.
    """
    panels = [np.asarray(array) for array in arrays]
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    lines = 1 + max((title.count("\n") for title in titles), default=-1)
    height = rows * (size + (0.15 + 0.2 * lines if lines else 0.1))
    figure, axes = new_figure(rows, columns, columns * size + 0.8 * colorbar, height)
    if signed:
        colors = signed_scale(panels, limit or None)
    else:
        low, high = min(array.min() for array in panels), max(array.max() for array in panels)
        colors = {"cmap": IMAGE, "vmin": low, "vmax": high}
    with styled():
        for axis, array in zip(axes, panels, strict=False):
            picture = draw_picture(axis, array, **colors)
        for axis, title in zip(axes, titles, strict=False):
            axis.set_title(title, fontsize=10)
        for axis in axes[len(panels) :]:
            axis.set_axis_off()
        if colorbar:
            draw_colorbar(picture, axes)
    return described(figure, _images_in_words(panels, titles, signed, colors["vmax"]))


def _images_in_words(
    panels: Sequence[np.ndarray], titles: Sequence[str], signed: bool, limit: float
) -> str:
    """Describe what `images` shows: how many panels of what size, and the range of each."""
    sizes = listed(dict.fromkeys(sized(array.shape) for array in panels))
    kind = "signed map" if signed else "gray image"
    start = f"{counted(len(panels), kind)} of {sizes} pixels on one scale"
    if len(titles) and len(panels) <= MOST_PANELS:
        names = (title.replace("\n", ", ") for title in titles)
        texts = (panel(*named, signed) for named in zip(names, panels, strict=False))
        body = f"{start}: {'; '.join(texts)}."
    else:
        body = f"{start}, {extent(np.concatenate([array.ravel() for array in panels]))}."
        if len(titles):
            body += f" Titles: {titles[0]} to {titles[-1]}."
    return f"{body} {scale(limit)}" if signed else body


def image_and_maps(
    image: ArrayLike, maps: Sequence[ArrayLike], titles: Sequence[str], size: float = 2.1
) -> Figure:
    """Draw an image in gray and maps made from it in color, all maps on one signed scale.

    Parameters
    ----------
    image : ndarray (H, W)
        The image.
    maps : sequence of ndarray (H, W)
        Maps of any size; each is drawn as large as the image.
    titles : sequence of str
        One for the image and one for each map.
    size : float
        Width and height of a panel, in inches.
    """
    figure, axes = new_figure(1, len(maps) + 1, size * (len(maps) + 1) + 0.6, size + 0.35)
    colors = signed_scale(maps)
    with styled():
        draw_picture(axes[0], image, titles[0])
        for axis, array, title in zip(axes[1:], maps, titles[1:], strict=True):
            picture = draw_picture(axis, array, title, **colors)
        draw_colorbar(picture, axes)
    texts = (panel(title, array, True) for title, array in zip(titles[1:], maps, strict=True))
    return described(
        figure,
        f"An image ({titles[0]}) and {counted(len(maps), 'map')} made from it, on one signed "
        f"scale: {'; '.join(texts)}. {scale(colors['vmax'])}",
    )


def matrices(
    arrays: Sequence[ArrayLike],
    titles: Sequence[str],
    signed: Sequence[bool] | bool = False,
    boxes: Sequence[Sequence[Box]] = (),
    symbols: Sequence[str] = (),
    digits: Sequence[int] | int = 0,
    cell: float = 0.42,
    shared_scale: bool = False,
) -> Figure:
    """Draw small matrices with a number in every cell, all cells the same size.

    Parameters
    ----------
    arrays : sequence of ndarray (H, W)
        What to draw, from left to right.
    titles : sequence of str
        One above each.
    signed : bool or sequence of bool
        As in `images`, for each matrix.
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
        compared. Otherwise the largest number in each matrix gets the strongest color.
    """
    panels = [np.asarray(array, dtype=float) for array in arrays]
    signs = [signed] * len(panels) if isinstance(signed, bool) else signed
    decimals = [digits] * len(panels) if isinstance(digits, int) else digits
    limit = None
    if shared_scale:
        largest = [
            float(np.nanmax(np.abs(m))) for m, sign in zip(panels, signs, strict=True) if sign
        ]
        limit = max(largest, default=None)
    figure, axes = matrix_row([matrix.shape for matrix in panels], titles, symbols, cell)
    framed = boxes if len(boxes) else [()] * len(panels)
    with styled():
        for k, (axis, matrix) in enumerate(zip(axes, panels, strict=True)):
            draw_numbers(axis, matrix, signs[k], decimals[k], framed[k], limit)
            axis.set_title(titles[k])
    described_panels = zip(titles, panels, decimals, framed, strict=True)
    first, *others = (_matrix_in_words(*each) for each in described_panels)
    joints = [SPOKEN.get(symbol, symbol) for symbol in symbols] or [""] * len(others)
    texts = [first, *(joint + text for joint, text in zip(joints, others, strict=True))]
    heading = "Matrices, from left to right: " if len(panels) > 1 else "A matrix: "
    return described(figure, heading + "; ".join(texts) + ".")


def _matrix_in_words(title: str, matrix: np.ndarray, digits: int, boxes: Sequence[Box]) -> str:
    """Describe one of the `matrices`: all numbers if it is small, and what is framed."""
    if matrix.size == 1:
        text = f"{title} {in_rows(matrix, digits)}"
    elif matrix.size <= MOST_NUMBERS:
        text = f"{title}, {sized(matrix.shape)}, rows {in_rows(matrix, digits)}"
    else:
        text = f"{title}, {sized(matrix.shape)}, {extent(matrix)}"
    if boxes:
        places = (f"({row}, {column})" for row, column, _, _ in boxes)
        height, width = boxes[0][2:]
        text += f", framed at {listed(places)} ({height} by {width})"
    return text
