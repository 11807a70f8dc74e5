"""DigitPad: draw a digit and watch the network read it (notebook 06)."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from scratchcnn.convolution import Conv2D
from scratchcnn.network import Sequential
from scratchcnn.softmax import softmax
from scratchcnn.widgets.base import Event, Explorer
from scratchcnn.widgets.colors import GRAY, LINE, ORANGE, image_colors, number, signed_colors
from scratchcnn.widgets.digits import SIZE, as_mnist, draw_paths
from scratchcnn.widgets.frames import Canvas, Frame, Region
from scratchcnn.widgets.inputs import button
from scratchcnn.widgets.panels import draw_bars, draw_tiles, largest

WIDTH, HEIGHT = 800, 342
PAD, TOP, CELL = 308, 26, 5
INK = 0.055  # width of the pen, as a share of the pad
MIDDLE, MAPS, BARS = 326, 486, 642  # left edges of the columns
TILE, SHOWN = 72, 8
STEP = 1 / 28  # how far an arrow key moves the pen, as a share of the pad

MOVES = {"ArrowUp": (0, -1), "ArrowDown": (0, 1), "ArrowLeft": (-1, 0), "ArrowRight": (1, 0)}

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
    sheet : int
        How often the pad was wiped.
    """

    strokes: tuple[tuple[Point, ...], ...] = ()
    pen: Point = (0.5, 0.5)
    down: bool = False
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


class DigitPad(Explorer):
    """Draw with mouse, finger or keys; the network reads along.

    Parameters
    ----------
    model : Sequential
        A trained network for images (28, 28, 1). The pad works on a copy.
    low, high : float
        What black and white are for the network: -0.5 and 0.5 in the course.
    """

    def __init__(self, model: Sequential, low: float = -0.5, high: float = 0.5) -> None:
        if model.input_shape != (SIZE, SIZE, 1):
            raise ValueError(
                f"model expects images {model.input_shape}, a digit pad draws (28, 28, 1)"
            )
        self.model = copy.deepcopy(model)
        self.low, self.high = float(low), float(high)
        self._listeners: list[Callable[[np.ndarray], object]] = []
        undo = button("Undo", "Take back the last stroke", lambda: self.change(without_last))
        clear = button("Clear", "Wipe the pad", lambda: self.change(wiped))
        super().__init__(PadState(), {}, [[undo, clear]])

    @property
    def image(self) -> np.ndarray:
        """The drawing in MNIST's form: uint8 (28, 28), 0 is paper."""
        return as_mnist(self.state.strokes)

    def on_draw(self, listener: Callable[[np.ndarray], object]) -> Callable[[], None]:
        """Call ``listener(image)`` now and whenever the pad has changed; return how to stop."""
        self._listeners.append(listener)
        listener(self.image)
        return lambda: self._listeners.remove(listener)

    def read(self, strokes: tuple[tuple[Point, ...], ...]) -> Reading:
        """Put a drawing into MNIST's form and send it through the network, forth and back."""
        image = as_mnist(strokes)
        pixels = self.low + (self.high - self.low) * (image / 255)
        # (28, 28) -> (1, 28, 28, 1)
        x = pixels[None, :, :, None].astype(self.model.dtype)
        maps = np.zeros((SIZE, SIZE, 0))
        for layer in self.model.layers:
            x = layer.forward(x)
            if isinstance(layer, Conv2D) and not maps.size:
                maps = x[0]
        gradient = np.zeros_like(x)
        gradient[0, x[0].argmax()] = 1
        for layer in reversed(self.model.layers):
            gradient = layer.backward(gradient)
        return Reading(image, softmax(x)[0], gradient[0, :, :, 0], maps)

    def draw(self, state: PadState, scale: int = 1) -> Frame:
        """Draw the pad, the digit in MNIST's form, saliency, feature maps and probabilities."""
        reading = self.read(state.strokes)
        canvas = Canvas(WIDTH, HEIGHT, scale)
        draw_pad(canvas, state)
        draw_reading(canvas, reading, bool(state.strokes))
        label = (
            "Pad. Draw a digit with the mouse or a finger; or move the pen with the arrow keys, "
            "put it down and lift it with Space, wipe with Delete, undo with Backspace."
        )
        box = 1, TOP, PAD, PAD
        pad = Region("pad", label, *box, SIZE, SIZE, ink=INK, sheet=state.sheet)
        return Frame(canvas.picture, pad_alt(state, reading), self._caption(state, reading), [pad])

    def handle(self, state: PadState, event: Event) -> PadState:
        """Follow pointer and keys on the pad."""
        if event["kind"] in ("press", "drag"):
            points = tuple((float(x), float(y)) for x, y in event["points"])
            return with_ink(replace(state, down=False), points, new=event["kind"] == "press")
        if event["kind"] == "key":
            return move_pen(state, event["key"])
        return state

    def adjust(self, old: PadState, new: PadState) -> PadState:
        """Take ink off the page when a stroke is gone, and tell those who listen."""
        if len(new.strokes) < len(old.strokes):
            new = replace(new, sheet=old.sheet + 1)
        return new

    def show(self) -> None:
        """Show the drawing here, and to all who listen."""
        super().show()
        for listener in self._listeners:
            listener(self.image)

    def _caption(self, state: PadState, reading: Reading) -> str:
        if not state.strokes:
            pen = "down" if state.down else "up"
            return f"Draw a digit here: mouse, finger, or arrow keys and Space. The pen is {pen}."
        best = int(reading.probabilities.argmax())
        return f"The network reads {best}, probability {number(reading.probabilities[best], 3)}"


def with_ink(state: PadState, points: tuple[Point, ...], new: bool) -> PadState:
    """Return the state with a new stroke, or with the last one continued."""
    if new or not state.strokes:
        return replace(state, strokes=(*state.strokes, points))
    return replace(state, strokes=(*state.strokes[:-1], (*state.strokes[-1], *points)))


def without_last(state: PadState) -> PadState:
    """Return the state without its last stroke."""
    return replace(state, strokes=state.strokes[:-1], down=False)


def wiped(state: PadState) -> PadState:
    """Return the state with an empty pad."""
    return replace(state, strokes=(), down=False)


def move_pen(state: PadState, key: str) -> PadState:
    """Move, lower or lift the pen of the keyboard, wipe, or undo."""
    if key in MOVES:
        across, down = MOVES[key]
        x, y = state.pen[0] + across * STEP, state.pen[1] + down * STEP
        pen = min(max(x, STEP), 1 - STEP), min(max(y, STEP), 1 - STEP)
        state = replace(state, pen=pen)
        return with_ink(state, (pen,), new=False) if state.down else state
    if key == " ":
        state = replace(state, down=not state.down)
        return with_ink(state, (state.pen,), new=True) if state.down else state
    if key == "Delete":
        return wiped(state)
    if key == "Backspace":
        return without_last(state)
    return state


def draw_pad(canvas: Canvas, state: PadState) -> None:
    """Draw the sheet with its strokes, and the pen of the keyboard."""
    size = PAD * canvas.scale
    ink = draw_paths([np.array(path) * size for path in state.strokes], size, INK * size, 2)
    canvas.text(1, 4, "Draw a digit", bold=True)
    # The sheet is drawn at the screen's own resolution already.
    canvas.pixels(np.repeat(ink[:, :, None], 3, axis=2), 1, TOP)
    x, y = 1 + state.pen[0] * PAD, TOP + state.pen[1] * PAD
    half = 5 if state.down else 3
    canvas.box(x - half, y - half, 2 * half, 2 * half, ORANGE, line=2)


def draw_reading(canvas: Canvas, reading: Reading, drawn: bool) -> None:
    """Draw what the network sees, weighs and answers."""
    side = SIZE * CELL
    canvas.text(MIDDLE, 4, "In MNIST's form", bold=True)
    canvas.colors(image_colors(reading.image, 0, 255), MIDDLE, TOP, CELL)
    canvas.text(MIDDLE, TOP + side + 8, "Saliency", bold=True)
    y = TOP + side + 28
    saliency = reading.saliency if drawn else np.zeros_like(reading.saliency)
    canvas.colors(signed_colors(saliency, largest(saliency)), MIDDLE, y, CELL)
    canvas.box(MIDDLE, y, side, side, LINE)
    if reading.maps.size:
        total = reading.maps.shape[2]
        count = f", {SHOWN} of {total}" if total > SHOWN else ""
        canvas.text(MAPS, 4, f"Feature maps{count}", bold=True)
        draw_tiles(canvas, MAPS, TOP, reading.maps, largest(reading.maps), 2, TILE, SHOWN)
    canvas.text(BARS, 4, "Probability", bold=True)
    chances = reading.probabilities if drawn else np.zeros_like(reading.probabilities)
    best = int(chances.argmax()) if drawn else None
    draw_bars(canvas, BARS, TOP, chances, 1.0, 96, PAD / len(chances), best)
    if not drawn:
        canvas.text(MIDDLE, y + side + 6, "nothing drawn yet", 11, GRAY)


def pad_alt(state: PadState, reading: Reading) -> str:
    """Say in words what the pad shows."""
    if not state.strokes:
        return "An empty pad, and beside it room for what the network makes of a drawing."
    chances = ", ".join(f"{k} {number(p, 3)}" for k, p in enumerate(reading.probabilities))
    return (
        f"A drawing of {len(state.strokes)} strokes; the same in MNIST's form, 28 by 28 pixels; "
        f"the saliency of each pixel, and the first layer's feature maps. Probabilities: {chances}."
    )
