"""Drawing in a panel: pictures on a shared scale, cells with numbers, and frames around them."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colorbar import Colorbar
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath
from numpy.typing import ArrayLike

from scratchcnn.plots.style import IMAGE, INK, ORANGE, SIGNED, STYLE, bare_figure, styled
from scratchcnn.plots.words import number

Box = tuple[int, int, int, int]  # row, column, height, width


def signed_scale(arrays: Iterable[ArrayLike], limit: float | None = None) -> dict[str, Any]:
    """Return options for `imshow`: one scale for all arrays, with white at zero.

    ``limit`` is the value of full color, by default the largest magnitude in all arrays.
    """
    if limit is None:
        limit = max(float(np.nanmax(np.abs(array))) for array in arrays) or 1.0
    return {"cmap": SIGNED, "vmin": -limit, "vmax": limit}


def draw_picture(axis: Axes, array: ArrayLike, title: str = "", **options: Any) -> AxesImage:
    """Draw an array without ticks under its title, in gray unless ``options`` say otherwise."""
    picture = axis.imshow(np.asarray(array), **({"cmap": IMAGE} | options))
    axis.set_title(title)
    axis.set_axis_off()
    return picture


def draw_colorbar(picture: AxesImage, axes: Axes | Sequence[Axes], **options: Any) -> Colorbar:
    """Draw the scale of a picture to the right of ``axes``, without an outline."""
    figure = axes.figure if isinstance(axes, Axes) else axes[0].figure
    bar = figure.colorbar(picture, ax=axes, **({"shrink": 0.8} | options))
    bar.outline.set_visible(False)
    return bar


def write_cells(axis: Axes, picture: AxesImage, texts: np.ndarray) -> None:
    """Write a text in every cell of a picture, in a color that is legible on it.

    ``texts`` has the picture's shape (H, W).
    """
    colors = picture.to_rgba(np.asarray(picture.get_array()))
    for row, column in np.ndindex(*texts.shape):
        if text := str(texts[row, column]):
            *rgb, alpha = colors[row, column]  # NaN is transparent, so the page shows through
            brightness = alpha * np.dot(rgb, (0.3, 0.6, 0.1)) + 1 - alpha
            color = INK if brightness > 0.5 else "white"
            axis.text(column, row, text, ha="center", va="center", color=color, fontsize=10)


def draw_numbers(
    axis: Axes,
    matrix: ArrayLike,
    signed: bool,
    digits: int = 0,
    boxes: Sequence[Box] = (),
    limit: float | None = None,
) -> None:
    """Draw one matrix in ``axis``, with a number in each cell, and frame the ``boxes``.

    With ``signed``, ``limit`` is the number with the strongest color, by default the largest
    magnitude in the matrix. NaN cells stay empty.
    """
    matrix = np.asarray(matrix, dtype=float)
    if signed:
        limit = limit or float(np.nanmax(np.abs(matrix))) or 1.0
        scale = signed_scale([], 2 * limit)  # half the color, so that numbers stay legible
    else:
        scale = {"cmap": IMAGE, "vmin": np.nanmin(matrix), "vmax": np.nanmax(matrix)}
    picture = axis.imshow(matrix, **scale)
    texts = [["" if np.isnan(v) else number(v, digits) for v in row] for row in matrix]
    write_cells(axis, picture, np.array(texts))
    axis.autoscale(False)  # so that lines on the edge do not enlarge the panel
    height, width = matrix.shape
    edges: dict[str, Any] = {"color": INK, "alpha": 0.15, "linewidth": 0.6}
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
    """Draw a frame around cells of an image or matrix, ``inset`` cells inside the edge."""
    left, top = column - 0.5 + inset, row - 0.5 + inset
    style: dict[str, Any] = {"fill": False, "ec": color, "lw": 2.5, "zorder": 3}
    rectangle(axis, left, top, width - 2 * inset, height - 2 * inset, **style)


def rectangle(
    axis: Axes, left: float, top: float, width: float, height: float, **style: Any
) -> None:
    """Draw a rectangle whose line is not clipped at the edge of the panel."""
    axis.add_patch(Rectangle((left, top), width, height, **({"clip_on": False} | style)))


def matrix_row(
    shapes: Sequence[tuple[int, ...]], titles: Sequence[str], symbols: Sequence[str], cell: float
) -> tuple[Figure, list[Axes]]:
    """Return a figure with space for matrices of these shapes, with symbols in between.

    Layout engines stretch panels to fill the page. Here all cells have the same size, so
    everything is positioned in inches.
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
    figure = bare_figure(width, height)
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
