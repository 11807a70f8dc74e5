"""DigitPad: draw a digit and watch the network read it."""

import copy
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, BinaryIO, ClassVar

import numpy as np

from scratchcnn.data.images import read_image
from scratchcnn.data.normalization import SIZE
from scratchcnn.data.strokes import draw_paths
from scratchcnn.network import Sequential
from scratchcnn.widgets.base import Event, Explorer
from scratchcnn.widgets.colors import ORANGE, image_colors, number
from scratchcnn.widgets.controls import button
from scratchcnn.widgets.examples import STROKES
from scratchcnn.widgets.frames import Canvas, Frame, Region
from scratchcnn.widgets.pad_state import (
    PICTURE,
    STEP,
    PadState,
    Point,
    as_picture,
    move_pen,
    read_strokes,
    rounded,
    wiped,
    with_file,
    with_ink,
    with_picture,
    without_last,
    write_strokes,
)
from scratchcnn.widgets.recognition import Recognition, draw_recognition, recognize
from scratchcnn.widgets.views import Codec

WIDTH, HEIGHT = 800, 346
PAD, TOP = 308, 26  # size of the pad, and its top edge
INK = 0.055  # width of the pen, as a fraction of the pad

Drawing = int | Sequence[Sequence[Point]] | np.ndarray | None


class DigitPad(Explorer):
    """Draw with mouse, finger or keys; the network reads along.

    Parameters
    ----------
    model : Sequential
        A trained network for images (28, 28, 1). The pad works on a copy.
    low, high : float
        The network's values for black and white: -0.5 and 0.5 in the course.
    drawing : int, strokes, ndarray of uint8 (28, 28), or None
        What the pad opens with; it goes when the reader begins to draw. A number from 0 to 9 is
        a digit from the course's pen; strokes are sequences of (x, y) from 0 to 1, y downward;
        an array is an image in MNIST's form, such as ``x_test[0]``. None leaves the pad empty.
    """

    not_in_views = ("sheet", "message")
    view_codecs: ClassVar[dict[str, Codec]] = {
        "strokes": (write_strokes, read_strokes),
        "picture": PICTURE,
    }

    def __init__(
        self, model: Sequential, low: float = -0.5, high: float = 0.5, drawing: Drawing = 3
    ) -> None:
        if model.input_shape != (SIZE, SIZE, 1):
            raise ValueError(
                f"model expects images {model.input_shape}, a digit pad draws (28, 28, 1)"
            )
        self.model = copy.deepcopy(model)
        self.low, self.high = float(low), float(high)
        self._last: tuple[bytes, Recognition] | None = None
        undo = button("Undo", "Take back the last stroke", lambda: self.change(without_last))
        clear = button("Clear", "Wipe the pad", lambda: self.change(wiped))
        super().__init__(opening(drawing), {}, [[undo, clear]])

    @property
    def image(self) -> np.ndarray:
        """The drawing in MNIST's form: uint8 (28, 28), 0 is paper."""
        return self.state.image

    @property
    def probabilities(self) -> np.ndarray:
        """The network's probability for each class (K,)."""
        return self.recognize(self.image).probabilities

    def load(self, picture: str | os.PathLike[str] | bytes | BinaryIO | np.ndarray) -> None:
        """Put a picture on the pad: ``pad.load("seven.jpg")``.

        Parameters
        ----------
        picture : path, bytes, binary file, or ndarray of uint8 (28, 28)
            A photograph or drawing of a digit, as for `read_image`; or an image in MNIST's form.

        Raises
        ------
        ValueError, TypeError, OSError
            If it cannot be read; the message says what to do.
        """
        image = as_picture(picture) if isinstance(picture, np.ndarray) else read_image(picture)
        self.change(lambda state: with_picture(state, image))

    def restore(self, fields: dict[str, Any]) -> PadState:
        """Return the state of a view, with the ink gone that is on the page."""
        return replace(self.first_state, message="", sheet=self.state.sheet + 1, **fields)

    def on_draw(self, listener: Callable[[np.ndarray], object]) -> Callable[[], None]:
        """Call ``listener(image)`` now and after every change; return a function to stop it."""
        listener(self.image)
        return self.on_change(lambda: listener(self.image))

    def recognize(self, image: np.ndarray) -> Recognition:
        """Let the network read an image in MNIST's form; the last reading is remembered."""
        key = image.tobytes()
        if self._last is None or self._last[0] != key:
            self._last = key, recognize(self.model, image, self.low, self.high)
        return self._last[1]

    def draw(self, state: PadState, scale: int = 1) -> Frame:
        """Draw the pad, the digit in MNIST's form, saliency, feature maps and probabilities."""
        result = self.recognize(state.image)
        canvas = Canvas(WIDTH, HEIGHT, scale)
        draw_pad(canvas, state)
        draw_recognition(canvas, result, not state.is_empty)
        label = (
            "Pad. Draw a digit with the mouse or a finger, or drop a picture file here; or move "
            "the pen with the arrow keys, put it down and lift it with Space, wipe with Delete, "
            "undo with Backspace."
        )
        box = 1, TOP, PAD, PAD
        chooser = "Or read a picture of a digit:"
        cells = SIZE, SIZE
        pad = Region(
            "pad", label, *box, *cells, drag=True, ink=INK, sheet=state.sheet, files=chooser
        )
        return Frame(canvas.picture, pad_alt(state, result), pad_caption(state, result), [pad])

    def handle(self, state: PadState, event: Event) -> PadState:
        """Handle pointer and keys on the pad, and picture files."""
        if event["kind"] in ("press", "drag"):
            points = tuple((float(x), float(y)) for x, y in event["points"])
            state = replace(state, down=False, by_key=False)
            return with_ink(state, points, new=event["kind"] == "press")
        if event["kind"] == "key":
            return replace(move_pen(state, event["key"]), by_key=True)
        if event["kind"] == "file":
            return with_file(state, event["content"], event["name"])
        return state

    def adjust(self, old: PadState, new: PadState) -> PadState:
        """Remove ink from the page if strokes were removed, also by a picture."""
        if len(new.strokes) < len(old.strokes):
            new = replace(new, sheet=old.sheet + 1)
        return new


def opening(drawing: Drawing) -> PadState:
    """Return the state in which a pad opens with this drawing."""
    if drawing is None:
        return PadState()
    if isinstance(drawing, np.ndarray):
        return PadState(picture=as_picture(drawing), example=True)
    if not isinstance(drawing, int | np.integer):
        paths = tuple(rounded(stroke) for stroke in drawing)
        return PadState(paths, example=True)
    if drawing not in range(len(STROKES)):
        raise ValueError(f"drawing is {drawing}, expected a digit from 0 to 9")
    return PadState(tuple(rounded(stroke) for stroke in STROKES[drawing]), example=True)


def draw_pad(canvas: Canvas, state: PadState) -> None:
    """Draw the sheet with its strokes, and the keyboard pen."""
    size = PAD * canvas.scale
    canvas.text(1, 4, "Draw a digit", bold=True)
    if state.picture is not None:
        canvas.colors(image_colors(state.picture, 0, 255), 1, TOP, PAD / SIZE)
    else:
        ink = draw_paths([np.array(path) * size for path in state.strokes], size, INK * size, 2)
        # The sheet is already drawn at the resolution of the screen.
        canvas.pixels(np.repeat(ink[:, :, None], 3, axis=2), 1, TOP)
    if state.by_key:
        x, y = 1 + state.pen[0] * PAD, TOP + state.pen[1] * PAD
        half = 5 if state.down else 3
        canvas.box(x - half, y - half, 2 * half, 2 * half, ORANGE, line=2)


def pad_caption(state: PadState, result: Recognition) -> str:
    """Say what the network reads, and where the keyboard pen is."""
    words = "Draw a digit: with the mouse, a finger, or the arrow keys and Space."
    if not state.is_empty:
        best = int(result.probabilities.argmax())
        words = f"The network reads {best}, probability {number(result.probabilities[best], 3)}."
        words += " Saliency: red pixels raise its score if made lighter, blue ones if made darker."
    if state.message:
        words = state.message
    if state.by_key:
        column, row = (round(place / STEP) for place in state.pen)
        words += f" Pen {'down' if state.down else 'up'}, row {row}, column {column}."
    return words


def pad_alt(state: PadState, result: Recognition) -> str:
    """Describe in words what the pad shows."""
    if state.is_empty:
        return "An empty pad, and beside it room for what the network makes of a drawing."
    chances = ", ".join(f"{k} {number(p, 3)}" for k, p in enumerate(result.probabilities))
    drawing = f"A drawing of {len(state.strokes)} stroke{'s' if len(state.strokes) > 1 else ''}"
    if state.picture is not None:
        drawing = "A picture"
    return (
        f"{drawing}; the same in MNIST's form, 28 by 28 pixels; the saliency of "
        f"each pixel for the answer, and the first layer's feature maps. Probabilities: {chances}."
    )
