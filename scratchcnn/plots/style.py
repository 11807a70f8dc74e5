"""The style of all figures: colors, fonts, line styles, and panels."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

# Signed quantities (kernels, gradients): blue is negative, white zero, red positive.
SIGNED = "RdBu_r"
IMAGE = "gray"
SEQUENTIAL = "cividis"

# Colors that remain distinguishable for color-blind readers and on a pale projector.
BLUE, ORANGE, GRAY = "#20639b", "#d1701b", "#6b7280"
PURPLE, TEAL = "#7a3e9d", "#0f766e"
INK = "#1f2933"
PALE_ORANGE, PALE_GRAY = "#f6dcc4", "#e5e7eb"

# For several lines in one panel: they differ in color and in dash or marker.
COLORS = (BLUE, ORANGE, PURPLE, GRAY)
DASHES = ("-", "--", "-.", ":")
LINES = tuple(zip(COLORS, ("o-", "s-", "d-", "^-"), strict=True))

STYLE: Any = {  # matplotlib checks the names and types of its settings
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.titlelocation": "center",
    # Fixed, because automatic title placement takes a fifth of the drawing time.
    "axes.titley": 1.0,
    "axes.labelsize": 11,
    "axes.edgecolor": GRAY,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GRAY, PURPLE, TEAL]),
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "image.interpolation": "nearest",
    "figure.constrained_layout.use": True,
}


@contextmanager
def styled() -> Iterator[None]:
    """Use the course's style inside this block, without changing the reader's settings."""
    with mpl.rc_context(STYLE):
        yield


def new_figure(
    rows: int = 1, columns: int = 1, width: float = 9.0, height: float = 3.2, **options: Any
) -> tuple[Figure, list[Axes]]:
    """Return a figure in the course's style, and its axes as a flat list, row by row.

    Parameters
    ----------
    rows, columns : int
        Number of rows and columns of panels.
    width, height : float
        Size of the whole figure in inches; 9 inches is the width of a notebook page.
    **options
        As for `matplotlib.figure.Figure.subplots`.
    """
    with styled():
        figure = Figure(figsize=(width, height))
        axes = figure.subplots(rows, columns, squeeze=False, **options)
    return figure, list(axes.ravel())


def bare_figure(width: float, height: float) -> Figure:
    """Return a figure of this size in inches, for placing everything by hand."""
    with styled():
        figure = Figure(figsize=(width, height))
        figure.set_layout_engine("none")
    return figure


@FuncFormatter
def plain_numbers(value: float, _position: int | None) -> str:
    """Write 0.01, 1 and 1,000 on an axis instead of powers of ten."""
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"
