"""Convert numbers to colors, to enlarged pixels, and to text."""

from functools import lru_cache

import matplotlib as mpl
import numpy as np
from PIL import Image

from scratchcnn.plots.style import BLUE, GRAY, IMAGE, INK, ORANGE, SIGNED

__all__ = ["BLUE", "GRAY", "INK", "LINE", "ORANGE", "PAPER"]

PAPER = "#ffffff"
LINE = "#d5d9de"
WELL_FILLED = 0.8  # fraction of a panel's side that a picture has to fill

Color = str | tuple[int, int, int]


@lru_cache
def lookup_table(name: str, entries: int = 256) -> np.ndarray:
    """Return the palette ``name`` of matplotlib as RGB bytes (entries, 3)."""
    table = mpl.colormaps[name].resampled(entries)(np.arange(entries), bytes=True)[:, :3]
    return np.ascontiguousarray(table)


def signed_colors(array: np.ndarray, limit: float) -> np.ndarray:
    """Color signed numbers: (H, W) -> (H, W, 3); blue below zero, white at zero, red above.

    ``limit`` is the magnitude of full color. The table has 255 entries rather than 256, so
    that zero falls exactly on the middle one.
    """
    place = np.clip(np.asarray(array) / (limit or 1.0), -1, 1) * 127
    return lookup_table(SIGNED, 255)[np.rint(place).astype(np.intp) + 127]


def image_colors(array: np.ndarray, low: float, high: float, palette: str = IMAGE) -> np.ndarray:
    """Color numbers from ``low`` to ``high``: (H, W) -> (H, W, 3); gray by default."""
    place = np.clip((np.asarray(array) - low) / ((high - low) or 1.0), 0, 1) * 255
    return lookup_table(palette)[np.rint(place).astype(np.intp)]


def picture_colors(image: np.ndarray, low: float, high: float) -> np.ndarray:
    """Color an image (H, W, C) as it is: gray for one channel, red, green, blue for three."""
    if image.shape[2] != 3:
        return image_colors(image.mean(axis=2), low, high)
    place = np.clip((image - low) / ((high - low) or 1.0), 0, 1) * 255
    return np.rint(place).astype(np.uint8)


def enlarge(colors: np.ndarray, cell: int) -> np.ndarray:
    """Make every pixel a square: (H, W, 3) -> (H * cell, W * cell, 3)."""
    # Repeat across first: then whole rows can be copied, which is fast.
    return colors.repeat(cell, axis=1).repeat(cell, axis=0)


def cell_size(shape: tuple[int, ...], room: float) -> float:
    """Return the size at which to draw pixels so that an array (H, W) fills a square ``room``.

    It is a whole number if that fills the room well, so that all pixels look the same. Below 1,
    the picture has to be reduced.
    """
    size = room / max(shape[:2])
    return float(int(size)) if int(size) >= WELL_FILLED * size else size


def resize(colors: np.ndarray, cell: float) -> np.ndarray:
    """Make every pixel of (H, W, 3) ``cell`` pixels wide and high.

    Whole numbers enlarge by repetition; anything else averages the pixels that overlap.
    """
    if cell == int(cell):
        return enlarge(colors, int(cell))
    height, width = (max(1, round(side * cell)) for side in colors.shape[:2])
    picture = Image.fromarray(np.ascontiguousarray(colors))
    return np.asarray(picture.resize((width, height), Image.Resampling.BOX))


def number(value: float, digits: int = 2) -> str:
    """Format a number for readers: with a real minus sign, and never "-0.00"."""
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "\N{MINUS SIGN}")


def text_on(colors: np.ndarray) -> str:
    """Return the color in which text is legible on a background of ``colors`` (3,)."""
    red, green, blue = colors.tolist()
    return INK if 0.3 * red + 0.6 * green + 0.1 * blue > 127 else PAPER
