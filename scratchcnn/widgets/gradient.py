"""GradientExplorer: activations forward, gradients backward, one step."""

import copy
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from scratchcnn._utils.validation import check_labels
from scratchcnn.network import Sequential
from scratchcnn.trace import Trace, trace
from scratchcnn.widgets.base import Event, Explorer
from scratchcnn.widgets.colors import (
    GRAY,
    LINE,
    ORANGE,
    cell_size,
    number,
    picture_colors,
    signed_colors,
)
from scratchcnn.widgets.controls import button, choice, log_slider, slider
from scratchcnn.widgets.frames import Canvas, Frame
from scratchcnn.widgets.gradient_path import Steps, read_path, with_step, write_path
from scratchcnn.widgets.images import shown_images
from scratchcnn.widgets.layer_columns import (
    BACKWARD,
    FORWARD,
    ROWS,
    TILE,
    columns_of,
    describe,
    draw_columns,
    tiles_across,
)
from scratchcnn.widgets.panels import classes_that_fit, draw_bars, largest
from scratchcnn.widgets.views import Codec

WIDTH, HEIGHT = 800, 410
INPUT, SCORES = 112, 684  # width of the first column, and left edge of the last


MOST_STEPS = 1_000  # that a view may stand for


@dataclass(frozen=True, eq=False)
class GradientState:
    """What the gradient explorer shows.

    Attributes
    ----------
    image : int
        Which image.
    label : int
        The class that the loss treats as correct.
    learning_rate : float
        Size of a step.
    weights : tuple of ndarray
        As `Sequential.get_weights` returns them.
    steps : int
        Steps taken on this image and label.
    loss_before : float
        The loss before the last step.
    column, tile : int
        The column and tile to describe in words.
    path : tuple of (image, label, learning rate, steps)
        How the weights came about: all steps since the trained weights.
    """

    weights: tuple[np.ndarray, ...]
    image: int = 0
    label: int = 0
    learning_rate: float = 0.01
    steps: int = 0
    loss_before: float = 0.0
    column: int = 0
    tile: int = 0
    path: tuple[Steps, ...] = ()


class GradientExplorer(Explorer):
    """Follow one image forward and its gradient backward; step once and see the loss fall.

    There is room for ten columns: for a deep network, the kernels are left out first, then the
    last layers.

    Parameters
    ----------
    model : Sequential
        A trained network. The explorer works on a copy; the network itself never changes.
    images : ndarray (N, H, W, C)
        Images, scaled as the network expects them.
    labels : ndarray of int (N,)
        Their classes.
    """

    not_in_views = ("weights", "loss_before")
    view_codecs: ClassVar[dict[str, Codec]] = {"path": (write_path, read_path)}

    def __init__(self, model: Sequential, images: np.ndarray, labels: np.ndarray) -> None:
        self.images = shown_images(images, model)
        self.labels = check_labels(labels, len(self.images), model.num_classes)
        self.model = copy.deepcopy(model)
        self.low, self.high = float(self.images.min()), float(self.images.max())
        controls = {
            "image": slider("Image", 0, len(self.images) - 1, "Which image to follow", "240px"),
            "label": choice(
                "Correct class",
                list(range(model.num_classes)),
                "What the loss takes to be correct",
                "155px",
            ),
            "learning_rate": log_slider(
                "Learning rate", -4, 1, 0.25, 0.01, "Size of a step against the gradient", "270px"
            ),
        }
        step = button("Step", "Move all weights a step against their gradients", self.step, "62px")
        reset = button(
            "Reset", "Back to the trained weights and the correct class", self.reset, "62px"
        )
        state = GradientState(tuple(model.get_weights()), label=int(self.labels[0]))
        columns = columns_of(self.trace(state).layers)
        self.channels = [column.values.shape[2] for column in columns]
        super().__init__(state, controls, [[*controls.values(), step, reset]])

    def draw(self, state: GradientState, scale: int = 1) -> Frame:
        """Draw the forward pass above and the backward pass below, one column per array."""
        result = self.trace(state)
        columns = columns_of(result.layers)
        canvas = Canvas(WIDTH, HEIGHT, scale)
        draw_input(canvas, self.images[state.image], self.low, self.high, result.input_gradient)
        draw_loss(canvas, result.loss, state)
        regions = draw_columns(canvas, columns, (state.column, state.tile))
        draw_scores(canvas, result, state.label)
        return Frame(
            canvas.picture,
            alt=gradient_alt(result, state),
            caption=describe(columns[state.column], state.tile) if columns else "",
            regions=regions,
        )

    def handle(self, state: GradientState, event: Event) -> GradientState:
        """Choose the tile under the pointer, or move with the arrow keys."""
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
        """For a newly chosen image, use its correct class and reset the number of steps."""
        if new.image != old.image and new.label == old.label:
            new = replace(new, label=int(self.labels[new.image]))
        if (new.image, new.label) != (old.image, old.label):
            new = replace(new, steps=0)
        return new

    def step(self) -> None:
        """Take one step of gradient descent on the chosen image and class."""
        self.change(self.descend)

    def descend(self, state: GradientState) -> GradientState:
        """Return the state after ``w -= learning_rate * dL/dw`` for every parameter."""
        result = self.trace(state)
        rate = float(state.learning_rate)
        for name, param in self.model.params.items():
            if name in result.grads:
                param -= rate * result.grads[name]
        weights = tuple(self.model.get_weights())
        path = with_step(state.path, (state.image, state.label, rate))
        return replace(
            state, weights=weights, path=path, steps=state.steps + 1, loss_before=result.loss
        )

    def restore(self, fields: dict[str, Any]) -> GradientState:
        """Take the steps of a view once more, and return its state."""
        state = self.first_state
        if sum(steps for *_, steps in fields["path"]) > MOST_STEPS:
            raise ValueError(f"it stands for more than {MOST_STEPS} steps")
        for image, label, rate, steps in fields["path"]:
            state = replace(state, image=image, label=label, learning_rate=rate)
            for _ in range(steps):
                state = self.descend(state)
        return replace(state, **fields)

    def trace(self, state: GradientState) -> Trace:
        """Follow the state's image through the network with the state's weights."""
        self.model.set_weights(list(state.weights))
        return trace(self.model, self.images[state.image], state.label)


def draw_input(
    canvas: Canvas, image: np.ndarray, low: float, high: float, gradient: np.ndarray
) -> None:
    """Draw the image (H, W, C), and below it dL/dx, the gradient for its pixels."""
    rows, columns, channels = image.shape
    slope = gradient.sum(axis=2)
    cell = cell_size(image.shape, INPUT)
    height, width = rows * cell, columns * cell
    words = f"input, {rows} × {columns}"
    if channels not in (1, 3):
        words = f"mean of {channels} channels"
    canvas.text(0, 2, "Forward", 14, bold=True)
    canvas.text(0, 24, words, 12, GRAY, room=INPUT + 8)
    canvas.colors(picture_colors(image, low, high), 1, FORWARD, cell)
    canvas.text(0, BACKWARD - 42, "Backward", 14, bold=True)
    canvas.text(0, BACKWARD - 20, f"dL/dx, ±{largest(slope):.2g}", 12, GRAY, room=INPUT + 8)
    canvas.colors(signed_colors(slope, largest(slope)), 1, BACKWARD, cell)
    for top in (FORWARD, BACKWARD):
        canvas.box(1, top, width, height, LINE)


def draw_loss(canvas: Canvas, loss: float, state: GradientState) -> None:
    """Write the loss, and how the last step changed it."""
    y = BACKWARD + INPUT + 8
    canvas.text(0, y, f"Loss {number(loss, 3)}", 18, ORANGE)
    if state.steps:
        before = number(state.loss_before, 3)
        canvas.text(0, y + 25, f"step {state.steps}: was {before}", 12, GRAY)


def step_text(loss: float, state: GradientState) -> str:
    """Say whether the last step made the loss fall."""
    if not state.steps:
        return "No step made yet."
    before = state.loss_before
    verb = "fell" if loss < before else "rose" if loss > before else "stayed"
    return f"Step {state.steps}: the loss {verb} from {number(before, 4)} to {number(loss, 4)}."


def draw_scores(canvas: Canvas, result: Trace, label: int) -> None:
    """Draw the probabilities above and p - t below; with many classes, only the most likely."""
    room, total = ROWS * TILE, len(result.probabilities)
    classes = classes_that_fit(result.probabilities, room, label)
    title = "probability p" if len(classes) == total else f"p, {len(classes)} of {total}"
    x = SCORES
    canvas.text(x, 4, title, 12, bold=True)
    draw_bars(canvas, x, FORWARD, result.probabilities, 46, room, classes, label)
    canvas.text(x, BACKWARD - 20, "p − t", 12, bold=True)
    draw_bars(canvas, x, BACKWARD, result.score_gradient, 46, room, classes, label, signed=True)


def gradient_alt(result: Trace, state: GradientState) -> str:
    """Describe in words what the gradient explorer shows."""
    norms = [
        f"{key} {number(float(np.linalg.norm(gradient)), 4)}"
        for key, gradient in result.grads.items()
    ]
    chances = ", ".join(f"{k} {number(p, 3)}" for k, p in enumerate(result.probabilities))
    return (
        f"Image {state.image} on its way through the network, correct class {state.label}, loss "
        f"{number(result.loss, 4)}. Probabilities: {chances}. Above: kernels and activations "
        f"of each layer; below: their gradients, and dL/dx of the input. Lengths of "
        f"the parameters' gradients: {', '.join(norms)}. {step_text(result.loss, state)}"
    )
