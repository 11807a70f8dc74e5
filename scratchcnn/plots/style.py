"""One style for all figures, and the one way to display them."""

import io
from contextlib import contextmanager

import matplotlib as mpl
import PIL.Image
from IPython.display import Image
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# Signed quantities (kernels, gradients): blue is negative, white zero, red positive.
SIGNED = "RdBu_r"
IMAGE = "gray"
SEQUENTIAL = "cividis"

# Three colors that stay apart for color-blind readers and on a pale projector.
BLUE, ORANGE, GRAY = "#20639b", "#d1701b", "#6b7280"
INK = "#1f2933"

# Figures are drawn with this many pixels an inch and shown at 100, sharp on any screen.
PIXELS_PER_INCH = 160

STYLE = {
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.titlelocation": "center",
    "axes.titley": 1.0,  # fixed: to look for ticks to avoid takes a fifth of the drawing
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
    "axes.prop_cycle": mpl.cycler(color=[BLUE, ORANGE, GRAY, "#7a3e9d", "#0f766e"]),
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "image.interpolation": "nearest",
    "figure.constrained_layout.use": True,
}


@contextmanager
def styled():
    """Draw in the course's style inside this block, and leave the reader's settings alone."""
    with mpl.rc_context(STYLE):
        yield


def new_figure(
    rows: int = 1, columns: int = 1, width: float = 9.0, height: float = 3.2, **options
) -> tuple[Figure, list[Axes]]:
    """Return a figure in the course's style, and its axes as a flat list, row by row.

    Parameters
    ----------
    rows, columns : int
        Panels.
    width, height : float
        Size of the whole figure in inches; 9 inches fill a notebook's page.
    **options
        As for `matplotlib.figure.Figure.subplots`.
    """
    with styled():
        figure = Figure(figsize=(width, height))
        axes = figure.subplots(rows, columns, squeeze=False, **options)
    return figure, list(axes.ravel())


def to_png(figure: Figure, pixels_per_inch: int = PIXELS_PER_INCH) -> bytes:
    """Return the figure as the bytes of a PNG file of at most 256 colors.

    The palette makes files three times smaller, and notebooks with many figures light.
    """
    file, usual = io.BytesIO(), figure.dpi
    with styled():
        figure.set_dpi(pixels_per_inch)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()  # once; `savefig` draws twice, first for the layout alone
    size = canvas.get_width_height()
    figure.set_dpi(usual)
    picture = PIL.Image.frombuffer("RGBA", size, canvas.buffer_rgba()).convert("RGB")
    picture = picture.quantize(256, dither=PIL.Image.Dither.NONE)
    picture.save(file, format="png", optimize=True)
    return file.getvalue()


def show(figure: Figure, alt: str) -> Image:
    """Return the figure as a picture with alternative text, for the last line of a cell.

    Parameters
    ----------
    figure : Figure
        What to show.
    alt : str
        What the picture shows, in words, for readers who cannot see it.
    """
    if not alt.strip():
        raise ValueError("alt is empty, expected a sentence that says what the figure shows")
    return Image(to_png(figure), width=round(figure.get_figwidth() * 100), alt=alt)
