"""DigitPad: draw a digit and watch the network read it (notebook 06)."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from scratchcnn.data.normalization import SIZE
from scratchcnn.data.strokes import as_mnist, draw_paths
from scratchcnn.network import Sequential
from scratchcnn.widgets.base import ARROWS, Event, Explorer
from scratchcnn.widgets.colors import ORANGE, number
from scratchcnn.widgets.controls import button
from scratchcnn.widgets.frames import Canvas, Frame, Region
from scratchcnn.widgets.recognition import Recognition, draw_recognition, recognize

WIDTH, HEIGHT = 800, 346
PAD, TOP = 308, 26  # size of the pad, and its top edge
INK = 0.055  # width of the pen, as a fraction of the pad
STEP = 1 / 28  # how far an arrow key moves the pen, as a fraction of the pad

Point = tuple[float, float]


@dataclass(frozen=True)
class PadState:
    """What the digit pad shows.

    Attributes
    ----------
    strokes : tuple of tuples of (x, y)
        Paths of the pen; x and y run from 0 to 1, y downwards.
    pen : (x, y)
        Position of the keyboard pen, which the arrow keys move.
    down : bool
        Whether the keyboard pen is down and draws.
    by_key : bool
        Whether the keyboard pen was used last; only then is it visible.
    sheet : int
        How many times the pad has been cleared.
    """

    strokes: tuple[tuple[Point, ...], ...] = ()
    pen: Point = (0.5, 0.5)
    down: bool = False
    by_key: bool = False
    sheet: int = 0


class DigitPad(Explorer):
    """Draw with mouse, finger or keys; the network reads along.

    Parameters
    ----------
    model : Sequential
        A trained network for images (28, 28, 1). The pad works on a copy.
    low, high : float
        The network's values for black and white: -0.5 and 0.5 in the course.
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
        """Call ``listener(image)`` now and after every change; return a function to stop it."""
        self._listeners.append(listener)
        listener(self.image)
        return lambda: self._listeners.remove(listener)

    def recognize(self, strokes: tuple[tuple[Point, ...], ...]) -> Recognition:
        """Put a drawing into MNIST's form and let the network recognize it."""
        return recognize(self.model, as_mnist(strokes), self.low, self.high)

    def draw(self, state: PadState, scale: int = 1) -> Frame:
        """Draw the pad, the digit in MNIST's form, saliency, feature maps and probabilities."""
        result = self.recognize(state.strokes)
        canvas = Canvas(WIDTH, HEIGHT, scale)
        draw_pad(canvas, state)
        draw_recognition(canvas, result, bool(state.strokes))
        label = (
            "Pad. Draw a digit with the mouse or a finger; or move the pen with the arrow keys, "
            "put it down and lift it with Space, wipe with Delete, undo with Backspace."
        )
        box = 1, TOP, PAD, PAD
        pad = Region("pad", label, *box, SIZE, SIZE, ink=INK, sheet=state.sheet)
        return Frame(canvas.picture, pad_alt(state, result), pad_caption(state, result), [pad])

    def handle(self, state: PadState, event: Event) -> PadState:
        """Handle pointer and keys on the pad."""
        if event["kind"] in ("press", "drag"):
            points = tuple((float(x), float(y)) for x, y in event["points"])
            state = replace(state, down=False, by_key=False)
            return with_ink(state, points, new=event["kind"] == "press")
        if event["kind"] == "key":
            return replace(move_pen(state, event["key"]), by_key=True)
        return state

    def adjust(self, old: PadState, new: PadState) -> PadState:
        """Remove ink from the page if a stroke was removed, and notify listeners."""
        if len(new.strokes) < len(old.strokes):
            new = replace(new, sheet=old.sheet + 1)
        return new

    def show(self) -> None:
        """Show the drawing here, and pass it to all listeners."""
        super().show()
        try:
            for listener in self._listeners:
                listener(self.image)
        except Exception as error:
            self._show_error(error)


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
    """Move, lower or lift the keyboard pen, clear the pad, or undo."""
    if key in ARROWS:
        down, across = ARROWS[key]
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
    """Draw the sheet with its strokes, and the keyboard pen."""
    size = PAD * canvas.scale
    ink = draw_paths([np.array(path) * size for path in state.strokes], size, INK * size, 2)
    canvas.text(1, 4, "Draw a digit", bold=True)
    # The sheet is already drawn at the resolution of the screen.
    canvas.pixels(np.repeat(ink[:, :, None], 3, axis=2), 1, TOP)
    if state.by_key:
        x, y = 1 + state.pen[0] * PAD, TOP + state.pen[1] * PAD
        half = 5 if state.down else 3
        canvas.box(x - half, y - half, 2 * half, 2 * half, ORANGE, line=2)


def pad_caption(state: PadState, result: Recognition) -> str:
    """Say what the network reads, and where the keyboard pen is."""
    words = "Draw a digit: with the mouse, a finger, or the arrow keys and Space."
    if state.strokes:
        best = int(result.probabilities.argmax())
        words = f"The network reads {best}, probability {number(result.probabilities[best], 3)}."
    if state.by_key:
        column, row = (round(place / STEP) for place in state.pen)
        words += f" Pen {'down' if state.down else 'up'}, row {row}, column {column}."
    return words


def pad_alt(state: PadState, result: Recognition) -> str:
    """Describe in words what the pad shows."""
    if not state.strokes:
        return "An empty pad, and beside it room for what the network makes of a drawing."
    chances = ", ".join(f"{k} {number(p, 3)}" for k, p in enumerate(result.probabilities))
    strokes = f"{len(state.strokes)} stroke{'s' if len(state.strokes) > 1 else ''}"
    return (
        f"A drawing of {strokes}; the same in MNIST's form, 28 by 28 pixels; the saliency of "
        f"each pixel, and the first layer's feature maps. Probabilities: {chances}."
    )
