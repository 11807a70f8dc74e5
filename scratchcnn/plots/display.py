"""Describe a figure in words, convert it to PNG, and show it in a notebook."""

import io
from typing import TYPE_CHECKING, Any

import PIL.Image
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from scratchcnn.plots.style import styled

if TYPE_CHECKING:
    from IPython.display import Image

# Figures are drawn at this many pixels per inch and shown at 100: sharp on any screen.
PIXELS_PER_INCH = 160


def described(figure: Figure, alt: str) -> Figure:
    """Attach alternative text to a figure as ``figure.alt``, and return the figure.

    Parameters
    ----------
    figure : Figure
        A finished figure.
    alt : str
        What the picture shows, in a sentence or two with the main numbers, for readers who
        cannot see it.
    """
    figure.alt = alt  # type: ignore[attr-defined]
    return figure


def to_png(figure: Figure, pixels_per_inch: int = PIXELS_PER_INCH) -> bytes:
    """Return the figure as the bytes of a PNG file of at most 256 colors.

    The palette makes files three times smaller, which keeps notebooks with many figures small.
    """
    file, usual = io.BytesIO(), figure.dpi
    with styled():
        figure.set_dpi(pixels_per_inch)
        canvas: Any = FigureCanvasAgg(figure)
        canvas.draw()  # once; `savefig` would draw twice, first just for the layout
    size = canvas.get_width_height()
    figure.set_dpi(usual)
    picture = PIL.Image.frombuffer("RGBA", size, canvas.buffer_rgba()).convert("RGB")
    # Pillow's default method spends the palette on common colors, and color bars show bands.
    method = PIL.Image.Quantize.MAXCOVERAGE
    picture = picture.quantize(256, method=method, dither=PIL.Image.Dither.NONE)
    picture.save(file, format="png", optimize=True)
    return file.getvalue()


def show(figure: Figure, alt: str | None = None) -> "Image":
    """Return the figure as a picture with alternative text, for the last line of a cell.

    Parameters
    ----------
    figure : Figure
        What to show. The figures of `scratchcnn.plots` have their own alternative text.
    alt : str, optional
        Alternative text to use instead of the figure's own.

    Raises
    ------
    ValueError
        If there is no alternative text.
    """
    if alt is None:
        alt = getattr(figure, "alt", "")
    if not alt.strip():
        raise ValueError(
            "the figure has no alternative text: pass alt=, a sentence that says what it shows, "
            "or attach one with plots.described(figure, alt)"
        )
    try:
        from IPython.display import Image  # nothing else in plots needs it
    except ModuleNotFoundError as error:
        raise ImportError(
            "plots.show displays figures in a notebook and needs IPython: "
            'pip install "scratchcnn[course]"'
        ) from error
    width = round(figure.get_figwidth() * 100)
    return Image(to_png(figure), width=width, alt=alt)
