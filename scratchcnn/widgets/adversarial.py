"""AdversarialExplorer: one step along the sign of dL/dx, and what a human sees of it."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scratchcnn._utils.validation import check_labels
from scratchcnn.losses import softmax
from scratchcnn.network import Sequential
from scratchcnn.pixel_ascent import loss_gradient
from scratchcnn.widgets.base import Event, Explorer
from scratchcnn.widgets.colors import GRAY, LINE, cell_size, number, picture_colors, signed_colors
from scratchcnn.widgets.controls import button, choice, slider
from scratchcnn.widgets.frames import Canvas, Frame, Region
from scratchcnn.widgets.gradcam_state import class_names
from scratchcnn.widgets.images import shown_images
from scratchcnn.widgets.panels import draw_named_bars

WIDTH, HEIGHT = 800, 258
PANEL, TOP = 190, 26
LEFTS = 2, 202, 402  # left edges of the image, the step and the changed image
BARS_LEFT = 606
BARS = WIDTH - BARS_LEFT - 56
KINDS = ("sign of dL/dx", "random signs")
MOST_LEVELS = 64  # the strongest step, in gray levels of 255


@dataclass(frozen=True)
class AdversarialState:
    """What the adversarial explorer shows.

    Attributes
    ----------
    image : int
        Which image.
    levels : int
        How far each pixel moves, in gray levels of 255.
    kind : one of `KINDS`
    """

    image: int = 0
    levels: int = 0
    kind: str = KINDS[0]


class AdversarialExplorer(Explorer):
    """Move every pixel of an image by the same small amount, and watch the network's answer.

    Parameters
    ----------
    model : Sequential
        A trained network that sees gray images (one channel) or color images (three).
    images : ndarray (N, H, W, C)
        Images, scaled as the network expects them; their darkest and lightest pixel are the limits.
    labels : ndarray of int (N,)
        Their classes.
    names : sequence of str, optional
        A name for each class; by default its number.
    """

    def __init__(
        self,
        model: Sequential,
        images: np.ndarray,
        labels: np.ndarray,
        names: Sequence[str] | None = None,
    ) -> None:
        self.images = shown_images(images, model)
        self.labels = check_labels(labels, len(self.images), model.num_classes)
        self.names = class_names(names, model.num_classes)
        self.model = copy.deepcopy(model)
        self.low, self.high = float(self.images.min()), float(self.images.max())
        last = len(self.images) - 1
        controls = {
            "image": slider("Image", 0, last, "Which image to change", "240px"),
            "levels": slider(
                "Strength", 0, MOST_LEVELS, "Gray levels that each pixel moves", "270px"
            ),
            "kind": choice("Step", KINDS, "Which way each pixel moves", "190px"),
        }
        reset = button("Reset", "Back to the first image, unchanged", self.reset, "62px")
        super().__init__(AdversarialState(), controls, [[*controls.values(), reset]])

    def step(self, state: AdversarialState) -> np.ndarray:
        """Return which way each pixel (H, W, C) moves: -1, 0 or 1."""
        n = state.image
        slopes = loss_gradient(self.model, self.images[n : n + 1], self.labels[n : n + 1])[0]
        if state.kind == KINDS[1]:  # as many pixels move, each by the toss of a coin
            coins = np.random.default_rng(n).choice([-1, 1], slopes.shape)
            return np.where(slopes == 0, 0, coins)
        return np.sign(slopes)

    def changed(self, state: AdversarialState) -> np.ndarray:
        """Return the image (H, W, C) after the step."""
        move = state.levels / 255 * (self.high - self.low) * self.step(state)
        image = self.images[state.image]
        return np.clip(image + move.astype(image.dtype), self.low, self.high)

    @property
    def probabilities(self) -> tuple[np.ndarray, np.ndarray]:
        """The probabilities (K,) for the changed image and for the image itself."""
        return self._probabilities(self.state)

    def draw(self, state: AdversarialState, scale: int = 1) -> Frame:
        """Draw the image, the step, the changed image and the probabilities."""
        canvas = Canvas(WIDTH, HEIGHT, scale)
        image, step, changed = self.images[state.image], self.step(state), self.changed(state)
        now, before = self._probabilities(state)
        label, answer = int(self.labels[state.image]), int(now.argmax())
        cell = cell_size(image.shape, PANEL)
        pictures = (
            (f"Image {state.image}: {self.names[label]}", self._colors(image)),
            (f"Step, {state.levels} of 255", signed_colors(step.mean(axis=2), 1.0)),
            ("Together", self._colors(changed)),
        )
        for left, (title, colors) in zip(LEFTS, pictures, strict=True):
            canvas.text(left, 4, title, bold=True, room=PANEL)
            canvas.colors(colors, left, TOP, cell)
            box = image.shape[1] * cell, image.shape[0] * cell
            canvas.box(left, TOP, *box, LINE)
        notes = f"answer: {self.names[int(before.argmax())]}", "red lighter, blue darker"
        for left, note in zip(LEFTS, (*notes, f"answer: {self.names[answer]}"), strict=True):
            canvas.text(left, TOP + PANEL + 8, note, 12, GRAY)
        draw_named_bars(canvas, BARS_LEFT, TOP, self.names, now, before, BARS, label, PANEL)
        canvas.text(BARS_LEFT, TOP + PANEL + 8, "gray line: unchanged image", 12, GRAY)
        words = (
            f"Strength {state.levels} of 255 gray levels along {state.kind}: the network says "
            f"{self.names[answer]}, probability {number(now[answer], 3)}. Loss "
            f"{number(-np.log(max(float(now[label]), 1e-12)), 3)}, was "
            f"{number(-np.log(max(float(before[label]), 1e-12)), 3)}."
        )
        listed = ", ".join(f"{n} {number(p, 3)}" for n, p in zip(self.names, now, strict=True))
        alt = (
            f"Image {state.image}, a picture of class {self.names[label]}; the step that each "
            f"pixel takes; and the changed image. Probabilities: {listed}. {words}"
        )
        name = "Changed image. The left and right arrow keys make the step smaller or larger."
        side = image.shape[1] * cell, image.shape[0] * cell
        region = Region("changed", name, LEFTS[2], TOP, *side, 1, 1)
        return Frame(canvas.picture, alt, words, [region])

    def handle(self, state: AdversarialState, event: Event) -> AdversarialState:
        """Make the step smaller or larger with the arrow keys; to 0 with Home."""
        steps = {"ArrowLeft": -1, "ArrowDown": -1, "ArrowRight": 1, "ArrowUp": 1}
        steps |= {"Home": -MOST_LEVELS, "End": MOST_LEVELS, "PageDown": -8, "PageUp": 8}
        by = steps.get(event.get("key", ""), 0)
        return replace(state, levels=min(max(state.levels + by, 0), MOST_LEVELS))

    def _probabilities(self, state: AdversarialState) -> tuple[np.ndarray, np.ndarray]:
        both = np.stack([self.changed(state), self.images[state.image]])
        now, before = softmax(self.model.forward(both))
        return now, before

    def _colors(self, image: np.ndarray) -> np.ndarray:
        return picture_colors(image, self.low, self.high)
