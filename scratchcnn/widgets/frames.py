"""Frames: pictures of arrays, drawn fast enough to follow a hand.

A matplotlib figure takes about a tenth of a second to draw. A frame takes a hundredth:
numbers are converted to colors with a lookup table, pixels are enlarged by repetition, and
Pillow draws the text.
"""

import math
import struct
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from scratchcnn.widgets.colors import GRAY, INK, LINE, PAPER, Color, number, resize, signed_colors

TEXT = 13

FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"  # bundled with matplotlib


@dataclass(frozen=True)
class Region:
    """A grid of cells in a frame that the reader can point at, drag or reach by keyboard.

    Attributes
    ----------
    name : str
        How events refer to it.
    label : str
        What it is and how to use it, for tooltips and screen readers.
    x, y, width, height : float
        Its box, in pixels of the frame.
    rows, columns : int
        Its cells.
    hover : bool
        Whether pointing without pressing sends events.
    cursor : str
        Shape of the mouse pointer, a CSS name.
    drag : bool
        Whether the reader draws here, or drags up and down; then a finger that begins here does
        not scroll the page.
    ink : float
        If above zero, the reader can draw here and immediately sees a line of this width, as
        a fraction of the region's; none of its points is skipped.
    sheet : int
        Changing this number removes the ink.
    files : str
        If not empty, the reader can choose a picture file, or drop one here; this is the label
        of the file chooser.
    """

    name: str
    label: str
    x: float
    y: float
    width: float
    height: float
    rows: int
    columns: int
    hover: bool = False
    cursor: str = "crosshair"
    drag: bool = False
    ink: float = 0.0
    sheet: int = 0
    files: str = ""


@dataclass
class Frame:
    """A finished picture with its description in words.

    Attributes
    ----------
    picture : PIL.Image.Image
        ``width * scale`` by ``height * scale`` pixels.
    alt : str
        The picture in words.
    caption : str
        The line below the picture, with the important numbers.
    regions : list of Region
        Where the reader can interact.
    """

    picture: Image.Image
    alt: str
    caption: str = ""
    regions: list[Region] = field(default_factory=list)

    def png(self, smallest: bool = False) -> bytes:
        """Return the picture as the bytes of a PNG file: soon, or as few of them as possible."""
        return encode_png(np.asarray(self.picture), 9 if smallest else 1)


def encode_png(colors: np.ndarray, effort: int = 1) -> bytes:
    """Return RGB bytes (H, W, 3) as a PNG file, in half the time that Pillow takes.

    Encoders usually try five filters on every row and keep the best. Frames consist of flat
    areas, for which no filter at all works just as well.

    References
    ----------
    W3C, "Portable Network Graphics (PNG) Specification", third edition, 2025.
    """
    height, width, _ = colors.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # a row starts with its filter: 0, none
    rows[:, 1:] = colors.reshape(height, -1)  # (H, W, 3) -> (H, W * 3)
    # 8 bits per channel, color type 2 (RGB), then the only methods in the standard.
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows.data, effort)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


class Canvas:
    """A sheet to draw on. Lengths are in pixels of the frame.

    Parameters
    ----------
    width, height : int
        Size of the frame.
    scale : int
        Device pixels per pixel of the frame; 2 is sharp on high-resolution screens.
    """

    def __init__(self, width: int, height: int, scale: int = 1) -> None:
        self.width, self.height, self.scale = width, height, scale
        self.picture = Image.new("RGB", (width * scale, height * scale), PAPER)
        self._draw = ImageDraw.Draw(self.picture)

    def colors(self, colors: np.ndarray, x: float, y: float, cell: float) -> None:
        """Draw an array of colors (H, W, 3), each as a square of ``cell`` pixels.

        With a ``cell`` below 1, the picture is reduced.
        """
        self.pixels(resize(colors, cell * self.scale), x, y)

    def pixels(self, colors: np.ndarray, x: float, y: float) -> None:
        """Draw an array of colors (H, W, 3) at the resolution of the screen."""
        picture = Image.fromarray(np.ascontiguousarray(colors))
        self.picture.paste(picture, (round(x * self.scale), round(y * self.scale)))

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = TEXT,
        color: Color = INK,
        anchor: str = "la",
        bold: bool = False,
        room: float | None = None,
    ) -> None:
        """Write ``text``; ``anchor`` as in Pillow: "l", "m", "r" across, "a", "m", "s" down.

        Text that does not fit in a width of ``room`` is cut off with an ellipsis.
        """
        if room is not None:
            text = _shortened(text, round(size * self.scale), bold, room * self.scale)
        mask, left, top = _text_mask(text, round(size * self.scale), bold, anchor)
        place = round(x * self.scale) + left, round(y * self.scale) + top
        self.picture.paste(color, place, mask)

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        outline: Color | None = None,
        fill: Color | np.ndarray | None = None,
        line: float = 1,
    ) -> None:
        """Draw a rectangle; its outline is outside the area, so that nothing is covered."""
        s = self.scale
        grow = line if outline else 0
        corners = [
            round((x - grow) * s),
            round((y - grow) * s),
            round((x + width + grow) * s) - 1,
            round((y + height + grow) * s) - 1,
        ]
        if corners[2] < corners[0] or corners[3] < corners[1]:
            return
        if isinstance(fill, np.ndarray):
            fill = tuple(fill.tolist())
        self._draw.rectangle(corners, fill, outline, max(1, round(line * s)))

    def line(self, *points: tuple[float, float], color: Color = LINE, line: float = 1) -> None:
        """Draw straight lines through the points (x, y)."""
        s = self.scale
        self._draw.line([(x * s, y * s) for x, y in points], color, max(1, round(line * s)))

    def arrow(self, x: float, y: float, length: float, color: Color) -> None:
        """Draw a vertical arrow from (x, y); up if ``length`` is positive, otherwise down."""
        s, sign = self.scale, np.sign(length)
        head = min(10.0, abs(length))
        tip, neck = y - length, y - length + sign * head
        if abs(length) > head:
            self.line((x, y), (x, neck), color=color, line=5)
        if abs(length) >= 0.5:
            half = 0.9 * head
            corners = [(x, tip), (x - half, neck), (x + half, neck)]
            self._draw.polygon([(a * s, b * s) for a, b in corners], fill=color)

    def legend(self, x: float, y: float, width: int, limit: float, digits: int = 2) -> None:
        """Draw the scale of signed colors, from -limit to limit, with its three numbers."""
        ramp = signed_colors(np.linspace(-1, 1, width * self.scale)[None], 1.0)
        self.pixels(np.repeat(ramp, 8 * self.scale, axis=0), x, y)
        self.box(x, y, width, 8, outline=LINE)
        for share, value in ((0, -limit), (0.5, 0.0), (1, limit)):
            anchor = "la" if share == 0 else "ma" if share == 0.5 else "ra"
            text = "0" if value == 0 else number(value, digits)
            self.text(x + share * width, y + 11, text, 12, GRAY, anchor)


@lru_cache(maxsize=512)
def _text_mask(text: str, size: int, bold: bool, anchor: str) -> tuple[Image.Image, int, int]:
    """Return the shape of a text and its offset from the anchor: left, top.

    Rendering text takes longer than anything else in a frame, and most of it stays the same.
    """
    font = _font(size, bold)
    left, top, right, bottom = font.getbbox(text, anchor=anchor)
    left, top = math.floor(left), math.floor(top)
    mask = Image.new("L", (math.ceil(right) - left, math.ceil(bottom) - top))
    ImageDraw.Draw(mask).text((-left, -top), text, 255, font, anchor)
    return mask, left, top


@lru_cache(maxsize=512)
def _shortened(text: str, size: int, bold: bool, room: float) -> str:
    """Return as much of ``text`` as fits in ``room`` pixels, with an ellipsis if it is cut."""
    font = _font(size, bold)
    if font.getlength(text) <= room:
        return text
    for count in range(len(text) - 1, 0, -1):
        shorter = text[:count].rstrip() + "…"
        if font.getlength(shorter) <= room:
            return shorter
    return ""


@lru_cache
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(FONTS / name, size)
