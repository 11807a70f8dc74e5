"""Memory as a row of numbered cells, and arrays that are views of it."""

import math
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from scratchcnn.plots.cells import rectangle
from scratchcnn.plots.display import described
from scratchcnn.plots.pooling import PLACE_COLORS, PLACES, windows_of
from scratchcnn.plots.style import GRAY, INK, bare_figure, styled
from scratchcnn.plots.words import in_rows, listed, values

CELL = 0.41  # inches; all positions below are in cells


def cells_of(view: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Return the cell of ``base``'s memory that holds each number of ``view``.

    Computed from each array's start address and strides, as NumPy does.
    """
    if not np.shares_memory(view, base):
        raise ValueError("view does not share memory with base, expected a view of it")
    start = view.__array_interface__["data"][0] - base.__array_interface__["data"][0]
    steps = np.array(view.strides) // base.itemsize
    # (axes,) times (axes, *shape), summed over the axes -> (*shape,)
    cells: np.ndarray = start // base.itemsize + np.tensordot(steps, np.indices(view.shape), 1)
    return cells


def memory_views(base: np.ndarray, views: Mapping[str, np.ndarray]) -> Figure:
    """Draw the memory of ``base`` as a row of cells, and below it views of that memory.

    Every number has the small number of its cell beside it; each row of ``base`` has a color.
    The titles give shape and strides, in cells.

    Parameters
    ----------
    base : ndarray (H, W)
        Contiguous, up to 5 rows.
    views : mapping of str to ndarray
        Views of it, by name. Two axes make a matrix, three axes matrices side by side, four
        axes a grid of matrices.
    """
    colors = [_pale(PLACE_COLORS[row % len(PLACE_COLORS)]) for row in range(len(base))]
    lefts, tops, texts, left = [], [], [], 0.0
    for name, view in views.items():
        grids = (1, 1, *view.shape[:-2])[-2:]
        H, W = view.shape[-2:]
        # Titles are wider than small arrays.
        width = max(grids[1] * (W + 0.5), 0.26 * max(len(name), 22))
        lefts.append(left)
        tops.append(grids[0] * (H + 0.5))
        left += width + 0.8
    width, height = max(base.size + 0.2, left - 0.8), 4.6 + max(tops)
    figure, axis = _canvas(width, height)
    with styled():
        axis.text(0, 0.3, "Memory, cell by cell", va="bottom", fontweight="bold")
        for k, value in enumerate(base.ravel()):
            _draw_cell(axis, k, 0.6, value, colors[k // base.shape[1]])
            axis.text(k + 0.5, 1.85, str(k), ha="center", va="center", fontsize=8, color=GRAY)
        for (name, view), x in zip(views.items(), lefts, strict=True):
            steps = tuple(step // base.itemsize for step in view.strides)
            axis.text(x, 3.05, name, va="bottom", fontweight="bold")
            axis.text(x, 3.85, f"shape {view.shape}", va="bottom", fontsize=9)
            axis.text(x, 4.5, f"strides {steps}", va="bottom", fontsize=9)
            cells = cells_of(view, base)
            for place in np.ndindex(view.shape):
                down, right, row, column = (0, 0, *place)[-4:]
                left = x + column + right * (view.shape[-1] + 0.5)
                top = 4.7 + row + down * (view.shape[-2] + 0.5)
                color = colors[cells[place] // base.shape[1]]
                _draw_cell(axis, left, top, float(view[place]), color, int(cells[place]))
            together = view.shape[2:] if view.ndim == 4 else view.shape[-1:]  # a window, or a row
            texts.append(
                f"{name} has shape {view.shape} and strides {steps}; it looks at cells "
                f"{in_rows(cells.reshape(-1, math.prod(together)))}"
            )
    return described(
        figure,
        f"A row of {base.size} memory cells, {values(base)}, and {len(views)} arrays that look at "
        f"it: {'; '.join(texts)}.",
    )


def memory_phases(feature_map: np.ndarray) -> Figure:
    """Draw a small map with 2x2 windows, its memory by rows and by phases, and the pooling.

    Parameters
    ----------
    feature_map : ndarray (4, 4)
        Colors show the place in the window.
    """
    windows = windows_of(feature_map, 2, 2)  # (2, 2, 2, 2): window's row, column, place in it
    phases = windows.reshape(4, 4).T  # (windows, places) -> (places, windows)
    colors = [_pale(color) for color in PLACE_COLORS]
    figure, axis = _canvas(22.0, 12.6)
    with styled():
        _draw_layouts(axis, feature_map, phases, colors)
        _draw_maximum(axis, phases, colors)
    names = (f"{name} {values(phase)}" for name, phase in zip(PLACES, phases, strict=True))
    return described(
        figure,
        f"A map of 4 by 4 numbers, rows {in_rows(feature_map)}, colored by place in its 2 by 2 "
        "windows. In memory row by row the first window's pixels are in cells 0, 1, 4 and 5, phase "
        f"by phase in cells 0, 4, 8 and 12. The four phases are {listed(names)}; their maximum, "
        f"column by column, is the pooled map: {values(phases.max(axis=0))}.",
    )


def _draw_layouts(
    axis: Axes, feature_map: np.ndarray, phases: np.ndarray, colors: list[tuple[float, ...]]
) -> None:
    """Draw the map, its memory by rows and by phases, and where the first window is stored."""
    axis.text(0, 0.3, "Map", va="bottom", fontweight="bold")
    axis.text(6, 0.3, "Memory, row by row", va="bottom", fontweight="bold")
    axis.text(6, 3.0, "Memory, phase by phase", va="bottom", fontweight="bold")
    for k, (row, column) in enumerate(np.ndindex(4, 4)):
        color, value = colors[2 * (row % 2) + column % 2], float(feature_map[row, column])
        _draw_cell(axis, column, 0.6 + row, value, color)
        _draw_cell(axis, 6 + k, 0.6, value, color)
        _draw_cell(axis, 6 + k, 3.3, phases.flat[k], colors[k // 4])
    for row, column in np.ndindex(2, 2):
        corner = (2 * column, 0.6 + 2 * row)
        rectangle(axis, *corner, 2, 2, fill=False, ec=INK, lw=2)
    # The first window's four pixels, and where they are stored.
    for k in (0, 1, 4, 5):
        axis.text(6.5 + k, 2.0, "▲", ha="center", va="center", fontsize=8)
    for k in (0, 4, 8, 12):
        axis.text(6.5 + k, 4.7, "▲", ha="center", va="center", fontsize=8)
    axis.text(6, 5.5, "▲ the first window's pixels", va="center", fontsize=9, color=GRAY)


def _draw_maximum(axis: Axes, phases: np.ndarray, colors: list[tuple[float, ...]]) -> None:
    """Draw the phases one below the other, their maximum, and the pooled map."""
    axis.text(6, 6.9, "Pooling: the maximum of four rows", va="bottom", fontweight="bold")
    for k, name in enumerate(PLACES):
        axis.text(10.2, 7.7 + k, name, va="center", fontsize=9)
        for window in range(4):
            _draw_cell(axis, 6 + window, 7.2 + k, phases[k, window], colors[k])
    axis.text(5.8, 11.9, "max", ha="right", va="center")
    axis.text(14.5, 9.3, "=", ha="center", va="center", fontsize=16)
    axis.text(16, 8.0, "Pooled", va="bottom", fontweight="bold")
    for window, largest in enumerate(phases.max(axis=0)):
        _draw_cell(axis, 6 + window, 11.4, largest, "white")
        _draw_cell(axis, 16 + window % 2, 8.3 + window // 2, largest, "white")


def _canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure of this size in cells, x to the right, y down, without axes."""
    figure = bare_figure(CELL * width + 0.1, CELL * height + 0.1)
    with styled():
        axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(-0.1, width + 0.15), ylim=(height + 0.1, -0.6), aspect="equal")
    axis.set_axis_off()
    return figure, axis


def _draw_cell(
    axis: Axes,
    x: float,
    y: float,
    value: float,
    color: str | tuple[float, ...],
    number: int | None = None,
) -> None:
    """Draw a cell with its value, and its number in memory in the corner."""
    rectangle(axis, x, y, 1, 1, fc=color, ec=GRAY, lw=0.8)
    axis.text(x + 0.5, y + 0.53, f"{value:g}", ha="center", va="center", fontsize=10)
    if number is not None:
        axis.text(x + 0.94, y + 0.19, str(number), ha="right", va="center", fontsize=6, color=INK)


def _pale(color: str) -> tuple[float, ...]:
    """Return a color light enough for a number on it to be legible."""
    return tuple(0.3 * np.array(to_rgb(color)) + 0.7)
