"""DigitPad: draw a digit and watch the network read it (notebook 06)."""

import copy
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from scratchcnn.data.normalization import SIZE
from scratchcnn.data.strokes import as_mnist
from scratchcnn.layers.convolution import Conv2D
from scratchcnn.losses import softmax
from scratchcnn.network import Sequential
from scratchcnn.widgets.base import ARROWS, Event, Explorer
from scratchcnn.widgets.frames import Canvas, Frame, Region
from scratchcnn.widgets.inputs import button
from scratchcnn.widgets.pad_panels import (
    HEIGHT,
    INK,
    PAD,
    STEP,
    TOP,
    WIDTH,
    PadState,
    Point,
    Reading,
    draw_pad,
    draw_reading,
    pad_alt,
    pad_caption,
)


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
        return Frame(canvas.picture, pad_alt(state, reading), pad_caption(state, reading), [pad])

    def handle(self, state: PadState, event: Event) -> PadState:
        """Follow pointer and keys on the pad."""
        if event["kind"] in ("press", "drag"):
            points = tuple((float(x), float(y)) for x, y in event["points"])
            state = replace(state, down=False, by_key=False)
            return with_ink(state, points, new=event["kind"] == "press")
        if event["kind"] == "key":
            return replace(move_pen(state, event["key"]), by_key=True)
        return state

    def adjust(self, old: PadState, new: PadState) -> PadState:
        """Take ink off the page when a stroke is gone, and tell those who listen."""
        if len(new.strokes) < len(old.strokes):
            new = replace(new, sheet=old.sheet + 1)
        return new

    def show(self) -> None:
        """Show the drawing here, and to all who listen."""
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
    """Move, lower or lift the pen of the keyboard, wipe, or undo."""
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
