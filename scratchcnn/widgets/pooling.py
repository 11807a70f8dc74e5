"""PoolingExplorer: what pooling keeps, and how a nudge changes it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from scratchcnn.widgets.base import ARROWS, Event, Explorer
from scratchcnn.widgets.colors import (
    GRAY,
    LINE,
    ORANGE,
    cell_size,
    image_colors,
    number,
    signed_colors,
)
from scratchcnn.widgets.controls import button, choice, slider
from scratchcnn.widgets.frames import Canvas, Frame, Region
from scratchcnn.widgets.images import as_images
from scratchcnn.widgets.nudge import Change, compare, moved, nudge_text
from scratchcnn.widgets.pooling_state import PoolingState, opening, pool, winners

WIDTH, HEIGHT = 800, 318
PANEL, TOP = 252, 26
MIDDLE, RIGHT = 274, 546  # left edges of the pooled image and of the changes
CHANGE = 112  # size of a picture of changes
FARTHEST = 6  # largest nudge of a digit, in pixels
WINDOW_EDGE = (88, 99, 115)
# If a pixel or a window is drawn smaller than this, dots and lines would hide the image.
SMALLEST_CELL, SMALLEST_WINDOW = 3, 12


class PoolingExplorer(Explorer):
    """Pool an image, see which pixel won each window, and nudge it to see what changes.

    Parameters
    ----------
    images : ndarray (N, H, W) or (N, H, W, 1)
        Images to choose from, from 2 x 2 to 512 x 512 pixels; otherwise as for
        `FilterExplorer`.
    """

    not_in_views = ("grip",)

    def __init__(self, images: np.ndarray) -> None:
        self.images = as_images(images, smallest=2)
        self.low, self.high = float(self.images.min()), float(self.images.max())
        controls = {
            "image": slider("Image", 0, len(self.images) - 1, "Which image to pool", "270px"),
            "kind": choice("Pooling", ["max", "average"], "What a window keeps", "180px"),
            "window": slider("Window", 1, 4, "Height and width of a window, in pixels", "270px"),
            "stride": slider("Stride", 1, 4, "How far the window moves, in pixels", "270px"),
        }
        nudges = [
            button(text, f"Nudge the image one pixel {way}", self._nudger(key), "56px")
            for text, way, key in (
                ("←", "to the left", "ArrowLeft"),
                ("↑", "up", "ArrowUp"),
                ("↓", "down", "ArrowDown"),
                ("→", "to the right", "ArrowRight"),
            )
        ]
        reset = button("Reset", "Back to the start", self.reset)
        image, kind, window, stride = controls.values()
        rows = [[image, kind, *nudges], [window, stride, reset]]
        super().__init__(opening(self.images[0], self.low), controls, rows)

    @property
    def image(self) -> np.ndarray:
        """The image (H, W) as it has been nudged."""
        return moved(self.images[self.state.image], self.state.nudge, self.low)

    @property
    def changes(self) -> tuple[Change, Change]:
        """What the nudge has changed: in the image, and in the pooled image."""
        return self._changes(self.state, self.image, pool(self.image, self.state))

    def _changes(
        self, state: PoolingState, image: np.ndarray, pooled: np.ndarray
    ) -> tuple[Change, Change]:
        before = self.images[state.image]
        return (compare(before, image, self.low), compare(pool(before, state), pooled, self.low))

    def draw(self, state: PoolingState, scale: int = 1) -> Frame:
        """Draw the nudged image, the pooled image, and what the nudge changed in each."""
        image = moved(self.images[state.image], state.nudge, self.low)
        pooled = pool(image, state)
        changes = self._changes(state, image, pooled)
        canvas = Canvas(WIDTH, HEIGHT, scale)
        regions = [self._draw_image(canvas, image, state), self._draw_pooled(canvas, pooled, state)]
        for top, title, change in zip(
            (4, 162), ("Change before pooling", "Change after pooling"), changes, strict=True
        ):
            draw_change(canvas, top, title, change, self.high - self.low, state.nudge)
        return Frame(
            canvas.picture,
            alt=self._alt(state, pooled, changes),
            caption=window_text(image, pooled, state),
            regions=regions,
        )

    def handle(self, state: PoolingState, event: Event) -> PoolingState:
        """Nudge the image by dragging or with arrow keys; choose a pooled pixel by pointing."""
        kind, key = event["kind"], event.get("key")
        on_image = event["region"] == "image"
        if kind == "key" and key in ARROWS:
            down, right = ARROWS[key]
            start = state.nudge if on_image else state.pixel
            place = start[0] + down, start[1] + right
            return replace(state, nudge=place) if on_image else replace(state, pixel=place)
        if kind in ("hover", "press", "drag") and not on_image:
            return replace(state, pixel=(event["row"], event["column"]))
        if kind == "press":
            return replace(state, grip=(*state.nudge, event["row"], event["column"]))
        if kind == "drag":
            down, right, row, column = state.grip
            return replace(
                state, nudge=(down + event["row"] - row, right + event["column"] - column)
            )
        return state

    def adjust(self, old: PoolingState, new: PoolingState) -> PoolingState:
        """Keep the nudge small, and the chosen pixel inside the pooled image."""
        rows, columns = pool(self.images[new.image], new).shape
        pixel = np.clip(new.pixel, 0, (rows - 1, columns - 1))
        nudge = np.clip(new.nudge, -FARTHEST, FARTHEST)
        return replace(new, pixel=tuple(pixel.tolist()), nudge=tuple(nudge.tolist()))

    def _nudger(self, key: str) -> Callable[[], None]:
        event = {"kind": "key", "region": "image", "key": key}
        return lambda: self.change(lambda state: self.handle(state, event))

    def _draw_image(self, canvas: Canvas, image: np.ndarray, state: PoolingState) -> Region:
        rows, columns = image.shape
        cell = cell_size(image.shape, PANEL)
        canvas.text(2, 4, f"Image {state.image}, {rows} × {columns}", bold=True)
        canvas.colors(image_colors(image, self.low, self.high), 2, TOP, cell)
        width, height = columns * cell, rows * cell
        if state.window == state.stride and state.window * cell >= SMALLEST_WINDOW:
            for k in range(state.window, rows, state.window):
                canvas.line((2, TOP + k * cell), (2 + width, TOP + k * cell), color=WINDOW_EDGE)
            for k in range(state.window, columns, state.window):
                canvas.line((2 + k * cell, TOP), (2 + k * cell, TOP + height), color=WINDOW_EDGE)
        note = "a window's mean counts every pixel alike"
        if state.kind == "max":
            note = draw_winners(canvas, image, state, cell)
        row, column = (state.stride * place for place in state.pixel)
        size = state.window * cell
        canvas.box(2 + column * cell, TOP + row * cell, size, size, ORANGE, line=2)
        canvas.text(2, TOP + PANEL + 8, note, 12, GRAY)
        label = "Image. Drag it, or press the arrow keys, to nudge it by a pixel."
        box = 2, TOP, width, height
        return Region("image", label, *box, rows, columns, cursor="move", drag=True)

    def _draw_pooled(self, canvas: Canvas, pooled: np.ndarray, state: PoolingState) -> Region:
        rows, columns = pooled.shape
        cell = cell_size(pooled.shape, PANEL)
        name = "Maxima" if state.kind == "max" else "Means"
        canvas.text(MIDDLE, 4, f"{name} of the windows, {rows} × {columns}", bold=True)
        canvas.colors(image_colors(pooled, self.low, self.high), MIDDLE, TOP, cell)
        row, column = state.pixel
        canvas.box(MIDDLE + column * cell, TOP + row * cell, cell, cell, ORANGE, line=2)
        note = f"window {state.window} × {state.window}, stride {state.stride}"
        canvas.text(MIDDLE, TOP + PANEL + 8, note, 12, GRAY)
        label = "Pooled image. Point at a pixel, or move with the arrow keys, to see its window."
        box = MIDDLE, TOP, columns * cell, rows * cell
        return Region("pooled", label, *box, rows, columns, hover=True)

    def _alt(self, state: PoolingState, pooled: np.ndarray, changes: tuple[Change, Change]) -> str:
        before, after = changes
        return (
            f"Image {state.image}, nudged {nudge_text(state.nudge)}, and its {state.kind} pooling "
            f"with windows of {state.window} by {state.window} pixels and stride {state.stride}: "
            f"{pooled.shape[0]} by {pooled.shape[1]} pixels. The nudge changed {before.changed} of "
            f"{before.difference.size} pixels before pooling, relative change "
            f"{number(before.relative, 3)}, and {after.changed} of {after.difference.size} after, "
            f"relative change {number(after.relative, 3)}. Chosen window: row {state.pixel[0]}, "
            f"column {state.pixel[1]}."
        )


def draw_winners(canvas: Canvas, image: np.ndarray, state: PoolingState, cell: float) -> str:
    """Draw a dot on each window's maximum, if there is room; return what the dots mean."""
    if cell < SMALLEST_CELL:
        side = PANEL // SMALLEST_CELL
        return f"maxima get dots up to {side} × {side} pixels"
    dot = cell // 3
    inset = (cell - dot) // 2
    for row, column, alone in zip(*(a.ravel() for a in winners(image, state)), strict=True):
        x, y = 2 + column * cell + inset, TOP + row * cell + inset
        canvas.box(x, y, dot, dot, fill=ORANGE if alone else GRAY)
    return "dot: won its window; gray: tied, first"


def draw_change(
    canvas: Canvas, top: int, title: str, change: Change, limit: float, nudge: tuple[int, int]
) -> None:
    """Draw what a nudge changed: blue is darker, red is brighter; full color at ``limit``."""
    rows, columns = change.difference.shape
    cell = cell_size(change.difference.shape, CHANGE)
    canvas.text(RIGHT, top, title, bold=True)
    y = top + TOP - 4
    canvas.colors(signed_colors(change.difference, limit), RIGHT, y, cell)
    canvas.box(RIGHT, y, columns * cell, rows * cell, outline=LINE)
    x = RIGHT + CHANGE + 14
    canvas.text(x, y + 2, number(change.relative, 3), 22, ORANGE)
    lines = (
        "relative change",
        f"{change.changed} of {change.difference.size}",
        "pixels changed",
        "nudge:",
        nudge_text(nudge),
    )
    for k, line in enumerate(lines):
        canvas.text(x, y + 32 + 17 * k, line, 12, GRAY)


def window_text(image: np.ndarray, pooled: np.ndarray, state: PoolingState) -> str:
    """Write out the chosen window and the value that is kept."""
    row, column = (state.stride * place for place in state.pixel)
    window = image[row : row + state.window, column : column + state.window]
    name = "maximum" if state.kind == "max" else "mean"
    pixels = " | ".join(" ".join(number(value, 3) for value in line) for line in window)
    value = number(pooled[state.pixel], 3)
    return f"Row {state.pixel[0]}, column {state.pixel[1]}: {name} of {pixels} = {value}"
