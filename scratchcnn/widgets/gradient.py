"""GradientExplorer: activations forward, gradients backward, one step (notebooks 04 and 07)."""

import copy
from dataclasses import replace

import numpy as np

from scratchcnn._utils.validation import check_images, check_labels
from scratchcnn.network import Sequential
from scratchcnn.widgets.base import Event, Explorer
from scratchcnn.widgets.frames import Canvas, Frame
from scratchcnn.widgets.gradient_panels import (
    HEIGHT,
    ROWS,
    WIDTH,
    GradientState,
    describe,
    draw_columns,
    draw_input,
    draw_loss,
    draw_scores,
    gradient_alt,
    tiles_across,
)
from scratchcnn.widgets.inputs import button, choice, log_slider, slider
from scratchcnn.widgets.passes import run


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
        self.labels = check_labels(labels, len(self.images), model.num_classes)
        self.model = copy.deepcopy(model)
        self.low, self.high = float(self.images.min()), float(self.images.max())
        controls = {
            "image": slider("Image", 0, len(self.images) - 1, "Which image to follow", "240px"),
            "label": choice(
                "Right class",
                list(range(model.num_classes)),
                "What the loss takes for right",
                "140px",
            ),
            "learning_rate": log_slider(
                "Learning rate", -4, 1, 0.25, 0.01, "Size of a step against the gradient", "270px"
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
            alt=gradient_alt(result, self.model.params, state),
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
