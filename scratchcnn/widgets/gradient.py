"""GradientExplorer: activations forward, gradients backward, one step (notebooks 04 and 07)."""

import copy
from dataclasses import dataclass, replace

import ipywidgets
import numpy as np

from scratchcnn.network import Sequential
from scratchcnn.validation import check_images, check_labels
from scratchcnn.widgets.base import Event, Explorer
from scratchcnn.widgets.colors import GRAY, LINE, ORANGE, image_colors, number, signed_colors
from scratchcnn.widgets.frames import Canvas, Frame, Region
from scratchcnn.widgets.inputs import STYLE, button, choice, slider
from scratchcnn.widgets.panels import draw_bars, draw_tiles, largest
from scratchcnn.widgets.passes import Column, Pass, Weights, run

WIDTH, HEIGHT = 800, 410
INPUT, CLASSES = 112, 126  # widths of the first and of the last column
GAP, TILE = 14, 54
ROWS = 3  # rows of tiles in a column
FORWARD, BACKWARD = 44, 236  # where the pictures of either pass begin


@dataclass(frozen=True, eq=False)
class GradientState:
    """What the gradient explorer shows.

    Attributes
    ----------
    image : int
        Which image.
    label : int
        The class that the loss takes for right.
    learning_rate : float
        Size of a step.
    weights : tuple of ndarray
        As `Sequential.get_weights` returns them.
    steps : int
        Steps made on this image and label.
    loss_before : float
        The loss before the last of them.
    column, tile : int
        The column and tile that are described in words.
    """

    weights: Weights
    image: int = 0
    label: int = 0
    learning_rate: float = 0.01
    steps: int = 0
    loss_before: float = 0.0
    column: int = 0
    tile: int = 0


class GradientExplorer(Explorer):
    """Follow one image forward and its gradient backward; step once and see the loss fall.

    Parameters
    ----------
    model : Sequential
        A trained network. The explorer works on a copy; the network itself never changes.
    images : ndarray (N, H, W, C)
        Images, scaled as the network expects them.
    labels : ndarray of int (N,)
        Their classes.
    """

    def __init__(self, model: Sequential, images: np.ndarray, labels: np.ndarray) -> None:
        self.images = check_images(images, model.input_shape, model.dtype)
        self.labels = check_labels(labels, len(self.images), model.classes)
        self.model = copy.deepcopy(model)
        self.low, self.high = float(self.images.min()), float(self.images.max())
        controls = {
            "image": slider("Image", 0, len(self.images) - 1, "Which image to follow", "240px"),
            "label": choice(
                "Right class", list(range(model.classes)), "What the loss takes for right", "140px"
            ),
            "learning_rate": ipywidgets.FloatLogSlider(
                0.01,
                base=10,
                min=-4,
                max=1,
                step=0.25,
                readout_format=".4g",
                description="Learning rate",
                tooltip="Size of a step against the gradient",
                style=STYLE,
                layout={"width": "270px"},
            ),
        }
        step = button("Step", "Move all weights a step against their gradients", self.step, "62px")
        reset = button(
            "Reset", "Back to the trained weights and the true class", self.reset, "62px"
        )
        state = GradientState(tuple(model.get_weights()), label=int(self.labels[0]))
        columns = run(self.model, state.weights, self.images[0], state.label).columns
        self.channels = [column.values.shape[2] for column in columns]
        super().__init__(state, controls, [[*controls.values(), step, reset]])

    def draw(self, state: GradientState, scale: int = 1) -> Frame:
        """Draw the forward pass above, the backward pass below, a column for each array."""
        image = self.images[state.image]
        result = run(self.model, state.weights, image, state.label)
        canvas = Canvas(WIDTH, HEIGHT, scale)
        draw_input(canvas, image.mean(axis=2), self.low, self.high, result.saliency)
        draw_loss(canvas, result, state)
        regions = draw_columns(canvas, result.columns, state)
        draw_scores(canvas, result, state.label)
        return Frame(
            canvas.picture,
            alt=self._alt(result, state),
            caption=describe(result.columns[state.column], state.tile) if result.columns else "",
            regions=regions,
        )

    def handle(self, state: GradientState, event: Event) -> GradientState:
        """Choose the tile under the pointer, or its neighbor by arrow keys."""
        column = int(event["region"].removeprefix("column "))
        across = tiles_across(len(self.channels))
        shown = min(ROWS * across, self.channels[column])
        if event["kind"] in ("hover", "press", "drag"):
            tile = event["row"] * across + event["column"]
            return replace(state, column=column, tile=min(tile, shown - 1))
        steps = {"ArrowLeft": -1, "ArrowRight": 1, "ArrowUp": -across, "ArrowDown": across}
        if event["kind"] == "key" and event["key"] in steps:
            start = state.tile if state.column == column else 0
            tile = start + steps[event["key"]]
            return replace(state, column=column, tile=min(max(tile, 0), shown - 1))
        return state

    def adjust(self, old: GradientState, new: GradientState) -> GradientState:
        """Take the true class of a newly chosen image; count the steps of this one."""
        if new.image != old.image and new.label == old.label:
            new = replace(new, label=int(self.labels[new.image]))
        if (new.image, new.label) != (old.image, old.label):
            new = replace(new, steps=0)
        return new

    def step(self) -> None:
        """Make one step of gradient descent on the chosen image and class."""
        self.change(self.descend)

    def descend(self, state: GradientState) -> GradientState:
        """Return the state after ``w -= learning_rate * dL/dw`` for every parameter."""
        result = run(self.model, state.weights, self.images[state.image], state.label)
        rate = float(state.learning_rate)
        weights = tuple(
            weight - rate * gradient
            for weight, gradient in zip(state.weights, result.gradients, strict=True)
        )
        return replace(state, weights=weights, steps=state.steps + 1, loss_before=result.loss)

    def _alt(self, result: Pass, state: GradientState) -> str:
        norms = [
            f"{key} {number(np.linalg.norm(gradient), 4)}"
            for key, gradient in zip(self.model.params, result.gradients, strict=True)
        ]
        chances = ", ".join(f"{k} {number(p, 3)}" for k, p in enumerate(result.probabilities))
        return (
            f"Image {state.image} on its way through the network, right class {state.label}, loss "
            f"{number(result.loss, 4)}. Probabilities: {chances}. Above: kernels and activations "
            f"of each layer; below: their gradients, and the saliency of the input. Lengths of "
            f"the parameters' gradients: {', '.join(norms)}. {step_text(result.loss, state)}"
        )


def draw_input(
    canvas: Canvas, image: np.ndarray, low: float, high: float, saliency: np.ndarray
) -> None:
    """Draw the image above, and what the loss would have it change below."""
    cell = max(1, INPUT // max(image.shape))
    height, width = image.shape[0] * cell, image.shape[1] * cell
    canvas.text(0, 2, "Forward", 14, bold=True)
    canvas.text(0, 24, "input", 12, GRAY)
    canvas.colors(image_colors(image, low, high), 1, FORWARD, cell)
    canvas.text(0, BACKWARD - 42, "Backward", 14, bold=True)
    canvas.text(0, BACKWARD - 20, f"saliency, ±{largest(saliency):.2g}", 12, GRAY)
    canvas.colors(signed_colors(saliency, largest(saliency)), 1, BACKWARD, cell)
    for top in (FORWARD, BACKWARD):
        canvas.box(1, top, width, height, LINE)


def draw_loss(canvas: Canvas, result: Pass, state: GradientState) -> None:
    """Write the loss, and what the last step did to it."""
    y = BACKWARD + INPUT + 8
    canvas.text(0, y, f"Loss {number(result.loss, 3)}", 18, ORANGE)
    if state.steps:
        before = number(state.loss_before, 3)
        canvas.text(0, y + 25, f"step {state.steps}: was {before}", 11, GRAY)


def step_text(loss: float, state: GradientState) -> str:
    """Say whether the last step made the loss fall."""
    if not state.steps:
        return "No step made yet."
    before = state.loss_before
    verb = "fell" if loss < before else "rose" if loss > before else "stayed"
    return f"Step {state.steps}: the loss {verb} from {number(before, 4)} to {number(loss, 4)}."


def column_width(count: int) -> float:
    """Return the room for each of ``count`` columns, gap included."""
    return (WIDTH - INPUT - GAP - CLASSES) / max(count, 1)


def tiles_across(count: int) -> int:
    """Return how many tiles stand side by side when there are ``count`` columns."""
    return max(1, int((column_width(count) - 4) // TILE))


def draw_columns(canvas: Canvas, columns: list[Column], state: GradientState) -> list[Region]:
    """Draw the kernels' and layers' arrays, and their gradients below; return where they are."""
    width, across = column_width(len(columns)), tiles_across(len(columns))
    size = min(TILE, int(width) - 2)
    regions = []
    for k, column in enumerate(columns):
        x = INPUT + GAP + k * width
        chosen = state.tile if k == state.column else None
        total = column.values.shape[2]
        shown = min(ROWS * across, total)
        count = f"{shown} of {total}" if shown < total else f"{total}"
        title = f"{column.title}, {count}" if across > 1 else column.title
        canvas.text(x, 4, title, 12 if across > 1 else 10, bold=True)
        for y, array in ((FORWARD, column.values), (BACKWARD, column.gradients)):
            limit = largest(array)
            canvas.text(x, y - 20, f"±{limit:.2g}", 12, GRAY)
            draw_tiles(canvas, x + 1, y, array, limit, across, size, shown, chosen)
        label = f"{column.title}, {count}. Point at a tile, or move with the arrow keys."
        grid = -(-shown // across), min(across, shown)
        box = x, FORWARD, grid[1] * size, grid[0] * size
        regions.append(Region(f"column {k}", label, *box, *grid, hover=True))
    return regions


def draw_scores(canvas: Canvas, result: Pass, label: int) -> None:
    """Draw the probabilities above, and p - y below."""
    x = WIDTH - CLASSES + 10
    row = 3 * TILE / max(len(result.probabilities), 1)
    canvas.text(x, 4, "probability p", 12, bold=True)
    draw_bars(canvas, x, FORWARD, result.probabilities, 1.0, 54, row, label)
    canvas.text(x, BACKWARD - 20, "p − y", 12, bold=True)
    draw_bars(canvas, x, BACKWARD, result.score_gradient, 1.0, 54, row, label, signed=True)


def describe(column: Column, tile: int) -> str:
    """Write a small tile's numbers out, and a large one's extremes."""
    values, gradients = column.values[:, :, tile], column.gradients[:, :, tile]
    if values.size <= 9:
        return (
            f"{column.title} {tile}: {matrix_text(values, 2)}; gradient {matrix_text(gradients, 3)}"
        )
    return (
        f"{column.title} {tile}: from {number(values.min(), 3)} to {number(values.max(), 3)}; "
        f"gradient from {number(gradients.min(), 4)} to {number(gradients.max(), 4)}"
    )


def matrix_text(matrix: np.ndarray, digits: int) -> str:
    """Write a small matrix row by row: [1 0; 0 1]."""
    rows = (" ".join(number(value, digits) for value in row) for row in matrix)
    return f"[{'; '.join(rows)}]"
