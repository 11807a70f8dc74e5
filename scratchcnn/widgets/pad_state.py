"""What is on the digit pad: strokes of the pen, or a picture; and how both change."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from scratchcnn.data.images import read_image
from scratchcnn.data.normalization import SIZE
from scratchcnn.data.strokes import as_mnist
from scratchcnn.widgets.base import ARROWS
from scratchcnn.widgets.views import Codec, pack, unpack

DIGITS = 4  # decimals of a place on the pad
STEP = 1 / 28  # how far an arrow key moves the pen, as a fraction of the pad

Point = tuple[float, float]
Strokes = tuple[tuple[Point, ...], ...]


@dataclass(frozen=True)
class PadState:
    """What the digit pad shows.

    Attributes
    ----------
    strokes : tuple of tuples of (x, y)
        Paths of the pen; x and y run from 0 to 1, y downward.
    picture : ndarray of uint8 (28, 28) or None
        A picture in MNIST's form, instead of strokes.
    example : bool
        Whether this is the drawing that the pad opened with; the first stroke replaces it.
    message : str
        Why a picture could not be read.
    pen : (x, y)
        Position of the keyboard pen, which the arrow keys move.
    down : bool
        Whether the keyboard pen is down and draws.
    by_key : bool
        Whether the keyboard pen was used last; only then is it visible.
    sheet : int
        How many times the pad has been cleared.
    """

    strokes: Strokes = ()
    picture: np.ndarray | None = field(default=None, compare=False)
    example: bool = False
    message: str = ""
    pen: Point = (0.5, 0.5)
    down: bool = False
    by_key: bool = False
    sheet: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is drawn."""
        return not self.strokes and self.picture is None

    @property
    def image(self) -> np.ndarray:
        """The drawing in MNIST's form: uint8 (28, 28), 0 is paper."""
        return as_mnist(self.strokes) if self.picture is None else self.picture


def with_ink(state: PadState, points: tuple[Point, ...], new: bool) -> PadState:
    """Return the state with a new stroke, or with the last one continued."""
    if state.example or state.picture is not None:
        state = wiped(state, keep_pen=True)
    points = rounded(points)
    if new or not state.strokes:
        strokes = (*state.strokes, points)
    else:
        strokes = (*state.strokes[:-1], (*state.strokes[-1], *points))
    return replace(state, strokes=strokes, message="")


def rounded(points: Iterable[Point]) -> tuple[Point, ...]:
    """Return points to a fiftieth of a pixel or so, which makes a view of them short."""
    return tuple((round(float(x), DIGITS), round(float(y), DIGITS)) for x, y in points)


def write_strokes(strokes: Strokes) -> str:
    """Write strokes as text: how long each is, and how far each point is from the last."""
    points = np.rint(10**DIGITS * np.array([point for path in strokes for point in path]))
    moves = np.diff(points, axis=0, prepend=0).astype("<i2")
    lengths = np.array([len(path) for path in strokes])
    # The high bytes are mostly alike, and packed better if they are apart.
    apart = moves.T.copy().view("u1").reshape(-1, 2).T
    return f"{' '.join(map(str, lengths))}:{pack(apart)}"


def read_strokes(text: str) -> Strokes:
    """Read strokes from text."""
    lengths, _, packed = text.partition(":")
    counts = [int(word) for word in lengths.split()]
    apart = unpack(packed, "u1").reshape(2, -1).T.copy()
    moves = apart.view("<i2").reshape(2, -1).T
    points = np.cumsum(moves, axis=0, dtype=int) / 10**DIGITS
    if min(counts) < 1 or sum(counts) != len(points) or np.abs(points).max() > 2:
        raise ValueError(text)
    paths = np.split(points, np.cumsum(counts)[:-1])
    return tuple(tuple((x, y) for x, y in path.tolist()) for path in paths)


def read_picture(text: str) -> np.ndarray:
    """Read a picture (28, 28) from text."""
    return unpack(text, "u1").reshape(SIZE, SIZE)


def without_last(state: PadState) -> PadState:
    """Return the state without its last stroke, or without its picture."""
    strokes = () if state.picture is not None else state.strokes[:-1]
    return replace(wiped(state), strokes=strokes, example=state.example and bool(strokes))


def wiped(state: PadState, keep_pen: bool = False) -> PadState:
    """Return the state with an empty pad, and the pen lifted unless it is to be kept."""
    down = state.down and keep_pen
    return replace(state, strokes=(), picture=None, example=False, message="", down=down)


def with_picture(state: PadState, picture: np.ndarray) -> PadState:
    """Return the state with a picture (28, 28) in place of what was drawn."""
    return replace(wiped(state), picture=picture, by_key=False)


def with_file(state: PadState, content: bytes, name: str) -> PadState:
    """Return the state with the picture of a file, or with the reason why it cannot be read."""
    try:
        return with_picture(state, read_image(content))
    except ValueError as error:
        return replace(state, message=str(error).replace("the picture", name or "The picture", 1))


def as_picture(image: object) -> np.ndarray:
    """Return an image in MNIST's form as uint8 (28, 28), or raise an error that says what to do."""
    array = np.asarray(image)
    if array.shape in ((SIZE, SIZE, 1), (1, SIZE, SIZE), (1, SIZE, SIZE, 1)):
        array = array.reshape(SIZE, SIZE)
    if array.shape != (SIZE, SIZE):
        raise ValueError(
            f"picture has shape {array.shape}, expected (28, 28); a picture of another size can be "
            "given as a file"
        )
    if array.dtype.kind not in "iu" or array.min() < 0 or array.max() > 255:
        raise ValueError(
            f"picture holds {array.dtype} from {array.min():g} to {array.max():g}, expected whole "
            "gray levels from 0 (paper) to 255 (ink): undo the scaling with "
            "np.rint((x + 0.5) * 255).astype(np.uint8)"
        )
    return array.astype(np.uint8)


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


PICTURE: Codec = (pack, read_picture)
