"""What the digit pad shows: the drawing, and what the network makes of it."""

from dataclasses import dataclass

import numpy as np

from scratchcnn.data.normalization import SIZE
from scratchcnn.data.strokes import draw_paths
from scratchcnn.widgets.colors import GRAY, LINE, ORANGE, image_colors, number, signed_colors
from scratchcnn.widgets.frames import Canvas
from scratchcnn.widgets.panels import draw_bars, draw_tiles, largest

WIDTH, HEIGHT = 800, 346
PAD, TOP, CELL = 308, 26, 5
INK = 0.055  # width of the pen, as a share of the pad
MIDDLE, MAPS, BARS = 322, 476, 650  # left edges of the columns
TILE, SHOWN = 80, 8
STEP = 1 / 28  # how far an arrow key moves the pen, as a share of the pad

Point = tuple[float, float]


@dataclass(frozen=True)
class PadState:
    """What the digit pad shows.

    Attributes
    ----------
    strokes : tuple of tuples of (x, y)
        Paths of the pen; x and y run from 0 to 1, y downwards.
    pen : (x, y)
        Where the pen is that the arrow keys move.
    down : bool
        Whether that pen draws.
    by_key : bool
        Whether that pen was the last to be used; until then it does not show.
    sheet : int
        How often the pad was wiped.
    """

    strokes: tuple[tuple[Point, ...], ...] = ()
    pen: Point = (0.5, 0.5)
    down: bool = False
    by_key: bool = False
    sheet: int = 0


@dataclass
class Reading:
    """What the network makes of a drawing.

    Attributes
    ----------
    image : ndarray of uint8 (28, 28)
    probabilities : ndarray (K,)
    saliency : ndarray (28, 28)
        The gradient of the likeliest class's score with respect to the pixels.
    maps : ndarray (OH, OW, F)
        The first convolution's feature maps.
    """

    image: np.ndarray
    probabilities: np.ndarray
    saliency: np.ndarray
    maps: np.ndarray


def draw_pad(canvas: Canvas, state: PadState) -> None:
    """Draw the sheet with its strokes, and the pen of the keyboard."""
    size = PAD * canvas.scale
    ink = draw_paths([np.array(path) * size for path in state.strokes], size, INK * size, 2)
    canvas.text(1, 4, "Draw a digit", bold=True)
    # The sheet is drawn at the screen's own resolution already.
    canvas.pixels(np.repeat(ink[:, :, None], 3, axis=2), 1, TOP)
    if state.by_key:
        x, y = 1 + state.pen[0] * PAD, TOP + state.pen[1] * PAD
        half = 5 if state.down else 3
        canvas.box(x - half, y - half, 2 * half, 2 * half, ORANGE, line=2)


def draw_reading(canvas: Canvas, reading: Reading, drawn: bool) -> None:
    """Draw what the network sees, weighs and answers; empty boxes if nothing is drawn yet."""
    side = SIZE * CELL
    canvas.text(MIDDLE, 4, "In MNIST's form", bold=True)
    canvas.colors(image_colors(reading.image, 0, 255), MIDDLE, TOP, CELL)
    y = TOP + PAD - side
    canvas.text(MIDDLE, y - 20, "Saliency", bold=True)
    saliency = reading.saliency * drawn
    canvas.colors(signed_colors(saliency, largest(saliency)), MIDDLE, y, CELL)
    canvas.box(MIDDLE, y, side, side, LINE)
    if reading.maps.size:
        total = reading.maps.shape[2]
        count = f", {SHOWN} of {total}" if total > SHOWN else ""
        canvas.text(MAPS, 4, f"Feature maps{count}", bold=True)
        draw_tiles(canvas, MAPS, TOP, reading.maps * drawn, largest(reading.maps), 2, TILE, SHOWN)
    canvas.text(BARS, 4, "Probability", bold=True)
    if drawn:
        best, row = int(reading.probabilities.argmax()), PAD / len(reading.probabilities)
        draw_bars(canvas, BARS, TOP, reading.probabilities, 88, row, best)
    else:
        canvas.text(BARS, TOP, "nothing drawn yet", 12, GRAY)


def pad_caption(state: PadState, reading: Reading) -> str:
    """Say what the network reads, and where the pen of the keyboard is."""
    words = "Draw a digit: with the mouse, a finger, or the arrow keys and Space."
    if state.strokes:
        best = int(reading.probabilities.argmax())
        words = f"The network reads {best}, probability {number(reading.probabilities[best], 3)}."
    if state.by_key:
        column, row = (round(place / STEP) for place in state.pen)
        words += f" Pen {'down' if state.down else 'up'}, row {row}, column {column}."
    return words


def pad_alt(state: PadState, reading: Reading) -> str:
    """Say in words what the pad shows."""
    if not state.strokes:
        return "An empty pad, and beside it room for what the network makes of a drawing."
    chances = ", ".join(f"{k} {number(p, 3)}" for k, p in enumerate(reading.probabilities))
    strokes = f"{len(state.strokes)} stroke{'s' if len(state.strokes) > 1 else ''}"
    return (
        f"A drawing of {strokes}; the same in MNIST's form, 28 by 28 pixels; the saliency of "
        f"each pixel, and the first layer's feature maps. Probabilities: {chances}."
    )
