"""GradCamExplorer: which part of an image speaks for a class, and what covering it does."""

import copy
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from scratchcnn._utils.validation import check_axes, check_count, check_labels
from scratchcnn.attribution import enlarge, grad_cam, occlusion, saliency
from scratchcnn.layers.activations import ReLU
from scratchcnn.losses import softmax
from scratchcnn.network import Sequential
from scratchcnn.widgets.base import ARROWS, Event, Explorer
from scratchcnn.widgets.colors import (
    GRAY,
    LINE,
    ORANGE,
    PAPER,
    cell_size,
    image_colors,
    number,
    picture_colors,
)
from scratchcnn.widgets.controls import button, choice, slider
from scratchcnn.widgets.frames import Canvas, Frame, Region
from scratchcnn.widgets.gradcam_state import KINDS, GradCamState, class_names, painted
from scratchcnn.widgets.images import shown_images
from scratchcnn.widgets.panels import classes_that_fit, draw_named_bars

WIDTH, HEIGHT = 800, 330
PANEL, TOP = 264, 26
MIDDLE, RIGHT = 284, 572  # left edges of the map and of the probabilities
BARS = WIDTH - RIGHT - 56  # width of a name and a full bar


class GradCamExplorer(Explorer):
    """Choose an image and a class, see where the network looks, and cover parts of the image.

    Covered squares take the median color of the image, which is that of the background if the
    background is larger than what stands before it.

    Parameters
    ----------
    model : Sequential
        A trained network that sees gray images (one channel) or color images (three).
    images : ndarray (N, H, W, C)
        Images, scaled as the network expects them.
    labels : ndarray of int (N,)
        Their classes.
    names : sequence of str, optional
        A name for each class; by default its number.
    boxes : ndarray of int (N, 4), optional
        Row, column, height and width of what is to be found in each image.
    size : int, optional
        Side of a square that can be covered, in pixels; by default an eighth of the image.

    Notes
    -----
    "Grad-CAM" asks the last feature maps; "early Grad-CAM" asks those after the first ReLU, and
    does not average the gradient, so that it shows finer detail.
    """

    not_in_views = ("covering",)

    def __init__(
        self,
        model: Sequential,
        images: np.ndarray,
        labels: np.ndarray,
        names: Sequence[str] | None = None,
        boxes: np.ndarray | None = None,
        size: int | None = None,
    ) -> None:
        self.images = shown_images(images, model)
        self.labels = check_labels(labels, len(self.images), model.num_classes)
        self.names = class_names(names, model.num_classes)
        self.boxes = boxes if boxes is None else check_axes(boxes, (len(images), 4), "boxes")
        size = -(-max(self.images.shape[1:3]) // 8) if size is None else size
        self.model, self.size = copy.deepcopy(model), check_count(size, "size")
        self.low, self.high = float(self.images.min()), float(self.images.max())
        rows, columns = self.images.shape[1:3]
        self.grid = -(-rows // self.size), -(-columns // self.size)
        maps = [k for k, layer in enumerate(model.layers) if len(layer.output_shape) == 3]
        if not maps:
            raise ValueError(
                "the network has no layer that returns feature maps (H, W, C), such as Conv2D, so "
                "there is no map to show"
            )
        self.early = next((k for k in maps if isinstance(model.layers[k], ReLU)), maps[0])
        options = [(name, k) for k, name in enumerate(self.names)]
        last = len(self.images) - 1
        controls = {
            "image": slider("Image", 0, last, "Which image to show", "250px"),
            "label": choice("Class", options, "The class that the map is for", "180px"),
            "kind": choice("Map", KINDS, "How to find out where the network looks", "170px"),
        }
        uncover = button("Uncover", "Show the whole image again", self.uncover, "80px")
        reset = button("Reset", "Back to the first image and its class", self.reset, "62px")
        middle = self.grid[0] // 2, self.grid[1] // 2
        state = GradCamState(label=int(self.labels[0]), cursor=middle)
        super().__init__(state, controls, [[*controls.values(), uncover, reset]])

    def uncover(self) -> None:
        """Show the whole image again."""
        self.set(covered=frozenset())

    @property
    def probabilities(self) -> tuple[np.ndarray, np.ndarray]:
        """The probabilities (K,) for the image as it is covered, and for the whole image."""
        return self._probabilities(self.state)

    def covered_image(self, state: GradCamState) -> np.ndarray:
        """Return the image (H, W, C) with its covered squares in the median color."""
        image, size = self.images[state.image].copy(), self.size
        fill = np.median(image, axis=(0, 1))
        for row, column in state.covered:
            image[row * size : (row + 1) * size, column * size : (column + 1) * size] = fill
        return image

    def map(self, state: GradCamState) -> np.ndarray:
        """Return the chosen map of the covered image, enlarged to its size (H, W); at least 0."""
        x, label = self.covered_image(state)[None], state.label
        if state.kind == "Grad-CAM":
            found = grad_cam(self.model, x, label)
        elif state.kind == "early Grad-CAM":
            found = grad_cam(self.model, x, label, self.early, average=False)
        elif state.kind == "saliency":
            found = np.abs(saliency(self.model, x, label)).sum(axis=3)
        else:
            fill = np.median(x, axis=(1, 2), keepdims=True)
            drops = occlusion(self.model, x, label, self.size, self.size, fill)
            found = np.maximum(drops, 0)
        return enlarge(found, x.shape[1:])[0]

    def draw(self, state: GradCamState, scale: int = 1) -> Frame:
        """Draw the image with its covered squares, the map, and the probabilities."""
        canvas, found = Canvas(WIDTH, HEIGHT, scale), self.map(state)
        now, before = self._probabilities(state)
        regions = [self._draw_image(canvas, state), self._draw_classes(canvas, state, now, before)]
        self._draw_map(canvas, state, found)
        words = self._words(state, now, before, found)
        return Frame(canvas.picture, self._alt(state, now, words), words, regions)

    def handle(self, state: GradCamState, event: Event) -> GradCamState:
        """Cover and uncover squares by dragging or by keys; choose a class by its bar."""
        kind, key = event["kind"], event.get("key")
        if event["region"] == "classes":
            return self._choose(state, event)
        if kind == "press":
            square = event["row"], event["column"]
            state = replace(state, covering=square not in state.covered)
            return painted(replace(state, cursor=square), square)
        if kind == "drag":
            return painted(state, (event["row"], event["column"]))
        if kind == "key" and key in ARROWS:
            down, right = ARROWS[key]
            place = np.add(state.cursor, (down, right))
            return replace(state, cursor=tuple(place.tolist()))
        if kind == "key" and key in (" ", "Enter"):
            return replace(state, covered=state.covered ^ {state.cursor})
        if kind == "key" and key in ("Delete", "Backspace"):
            return replace(state, covered=frozenset())
        return state

    def adjust(self, old: GradCamState, new: GradCamState) -> GradCamState:
        """Uncover a newly chosen image, and ask about its own class."""
        if any(
            r not in range(self.grid[0]) or c not in range(self.grid[1]) for r, c in new.covered
        ):
            raise ValueError(f"a covered square is outside the grid of {self.grid} squares")
        inside = np.clip(new.cursor, 0, np.subtract(self.grid, 1)).tolist()
        new = replace(new, cursor=tuple(inside))
        if new.image != old.image:
            label = int(self.labels[new.image]) if new.label == old.label else new.label
            new = replace(new, covered=frozenset(), label=label)
        return new

    def _choose(self, state: GradCamState, event: Event) -> GradCamState:
        step = {"ArrowUp": -1, "ArrowDown": 1}.get(event.get("key", ""), 0)
        label = state.label + step
        if event["kind"] in ("press", "drag"):
            both = np.maximum(*self._probabilities(state))
            label = classes_that_fit(both, PANEL, state.label)[event["row"]]
        return replace(state, label=min(max(label, 0), len(self.names) - 1))

    def _probabilities(self, state: GradCamState) -> tuple[np.ndarray, np.ndarray]:
        both = np.stack([self.covered_image(state), self.images[state.image]])
        now, before = softmax(self.model.forward(both))
        return now, before

    def _draw_image(self, canvas: Canvas, state: GradCamState) -> Region:
        image = self.covered_image(state)
        (H, W), size = image.shape[:2], self.size
        cell = cell_size(image.shape, PANEL)
        name = self.names[self.labels[state.image]]
        canvas.text(2, 4, f"Image {state.image}: {name}", bold=True, room=PANEL)
        canvas.colors(picture_colors(image, self.low, self.high), 2, TOP, cell)
        side = size * cell
        for row, column in state.covered:
            # The edge of the image may cut off part of a square.
            x, y = 2 + column * side, TOP + row * side
            width, height = min(side, W * cell + 2 - x), min(side, H * cell + TOP - y)
            canvas.line((x + 2, y + 2), (x + width - 2, y + height - 2), color=GRAY)
            canvas.box(x + 1, y + 1, width - 2, height - 2, GRAY)
        if self.boxes is not None:
            top, left, tall, wide = (cell * part for part in self.boxes[state.image].tolist())
            canvas.box(2 + left, TOP + top, wide, tall, PAPER)
        row, column = state.cursor
        canvas.box(2 + column * side, TOP + row * side, side, side, ORANGE, line=2)
        note = f"{len(state.covered)} of {self.grid[0] * self.grid[1]} squares covered"
        canvas.text(2, TOP + PANEL + 8, note, 12, GRAY)
        label = (
            "Image. Drag over it to cover parts of it; begin on a covered part to uncover. Or move "
            "with the arrow keys, cover and uncover with Space, uncover everything with Delete."
        )
        rows, columns = self.grid
        box = 2, TOP, columns * side, rows * side
        return Region("image", label, *box, rows, columns, drag=True)

    def _draw_map(self, canvas: Canvas, state: GradCamState, found: np.ndarray) -> None:
        image = self.covered_image(state)
        cell = cell_size(image.shape, PANEL)
        H, W = image.shape[:2]
        name = self.names[state.label]
        canvas.text(MIDDLE, 4, f"{state.kind} for {name}", bold=True, room=PANEL)
        across, down = round(W * cell * canvas.scale), round(H * cell * canvas.scale)
        rows, columns = np.arange(down) * H // down, np.arange(across) * W // across
        share = (found / (found.max() or 1.0))[rows][:, columns, None]
        behind = image_colors(image.mean(axis=2), self.low, self.high)[rows][:, columns]
        canvas.pixels(tinted(behind, share), MIDDLE, TOP)
        canvas.box(MIDDLE, TOP, W * cell, H * cell, LINE)
        unit = " of probability" if state.kind == "occlusion" else ""
        note = f"full red is {found.max():.2g}{unit}"
        canvas.text(MIDDLE, TOP + PANEL + 8, note, 12, GRAY)

    def _draw_classes(
        self, canvas: Canvas, state: GradCamState, now: np.ndarray, before: np.ndarray
    ) -> Region:
        classes, row = draw_named_bars(
            canvas, RIGHT, TOP, self.names, now, before, BARS, state.label, PANEL
        )
        canvas.text(RIGHT, TOP + PANEL + 8, "gray line: nothing covered", 12, GRAY)
        label = "Classes. Click one, or press the up and down arrow keys, to see its map."
        count, width = len(classes), WIDTH - RIGHT
        return Region("classes", label, RIGHT, TOP, width, row * count, count, 1, cursor="pointer")

    def _words(
        self, state: GradCamState, now: np.ndarray, before: np.ndarray, found: np.ndarray
    ) -> str:
        row, column = np.unravel_index(found.argmax(), found.shape)
        where = f"is largest at row {row}, column {column} of the image"
        if not found.max() > 0:
            where = "is zero everywhere: nothing here speaks for this class"
        label = state.label
        return (
            f"Probability of {self.names[label]}: {number(now[label], 3)}, uncovered "
            f"{number(before[label], 3)}. {state.kind} {where}. Square at row {state.cursor[0]}, "
            f"column {state.cursor[1]}{': covered' if state.cursor in state.covered else ''}."
        )

    def _alt(self, state: GradCamState, now: np.ndarray, words: str) -> str:
        listed = ", ".join(f"{n} {number(p, 3)}" for n, p in zip(self.names, now, strict=True))
        squares = " ".join(f"({r}, {c})" for r, c in sorted(state.covered)) or "none"
        return (
            f"Image {state.image}, a picture of class {self.names[self.labels[state.image]]}, with "
            f"covered squares: {squares}. Beside it {state.kind} for {self.names[state.label]}. "
            f"Probabilities: {listed}. {words}"
        )


def tinted(gray: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Lay red over a faded gray picture (H, W, 3): share (H, W, 1) from 0, none, to 1, full."""
    red = np.array([178, 24, 43])
    pale = 110 + 0.55 * gray
    return np.rint(pale + (red - pale) * 0.85 * share).astype(np.uint8)
