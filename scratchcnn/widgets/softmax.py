"""SoftmaxExplorer: drag scores and watch probabilities, loss and gradient (notebook 03)."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from scratchcnn._utils.validation import as_numbers
from scratchcnn.widgets.base import Event, Explorer
from scratchcnn.widgets.colors import number
from scratchcnn.widgets.frames import Canvas, Frame, Region
from scratchcnn.widgets.inputs import button, choice, log_slider
from scratchcnn.widgets.softmax_panels import (
    HEIGHT,
    LARGEST,
    LEFT,
    RIGHT,
    SCORES,
    WIDTH,
    SoftmaxState,
    compute,
    draw_column,
    draw_words,
    softmax_alt,
)


class SoftmaxExplorer(Explorer):
    """Drag scores up and down; see the probabilities, the loss, and the gradient p - y.

    Parameters
    ----------
    scores : sequence of float
        The first scores, one for each class, between -6 and 6.
    classes : sequence of str, optional
        Names of the classes; by default 0, 1, 2 ...
    label : int
        The right class.
    """

    def __init__(
        self,
        scores: Sequence[float] = SoftmaxState.scores,
        classes: Sequence[str] | None = None,
        label: int = 0,
    ) -> None:
        values = as_numbers(scores, "float64", "scores")
        if values.ndim != 1 or not 2 <= len(values) <= 12 or not (np.abs(values) <= LARGEST).all():
            raise ValueError(f"scores is {scores!r}, expected 2 to 12 numbers between -6 and 6")
        count = len(values)
        self.classes = [str(name) for name in (range(count) if classes is None else classes)]
        if len(self.classes) != count:
            raise ValueError(f"classes has {len(self.classes)} names, expected {count}")
        if label not in range(count):
            raise ValueError(f"label is {label!r}, expected a class in 0 .. {count - 1}")
        controls = {
            "label": choice(
                "Right class",
                [(name, k) for k, name in enumerate(self.classes)],
                "The class that the image really shows",
            ),
            "temperature": log_slider(
                "Temperature",
                -1,
                1,
                0.05,
                1.0,
                "Scores are divided by it: small makes sure, large makes undecided",
                "320px",
            ),
        }
        step = button("Step", "Move every score against its gradient", self.step)
        reset = button("Reset", "Back to the start", self.reset)
        state = SoftmaxState(tuple(values.tolist()), label)
        super().__init__(state, controls, [[*controls.values(), step, reset]])

    def draw(self, state: SoftmaxState, scale: int = 1) -> Frame:
        """Draw a column for each class: score, probability, gradient."""
        numbers = compute(state)
        canvas = Canvas(WIDTH, HEIGHT, scale)
        draw_words(canvas, numbers, self.classes[state.label])
        width = (RIGHT - LEFT) / len(state.scores)
        for k, name in enumerate(self.classes):
            draw_column(canvas, LEFT + k * width, width, state, numbers, k, name)
        top, height = SCORES
        label = (
            "Scores. Drag a bar up or down, or choose it with the left and right arrow keys and "
            "change it with up and down; Enter makes it the right class."
        )
        columns = len(state.scores)
        region = Region(
            "scores", label, LEFT, top, RIGHT - LEFT, height, 1, columns, cursor="ns-resize"
        )
        return Frame(
            canvas.picture,
            alt=softmax_alt(state, numbers, self.classes),
            caption=(
                f"Loss = −ln p({self.classes[state.label]}) = "
                f"−ln {number(numbers.probabilities[state.label], 4)} = {number(numbers.loss, 3)}"
            ),
            regions=[region],
        )

    def handle(self, state: SoftmaxState, event: Event) -> SoftmaxState:
        """Follow the pointer and the keys on the scores."""
        if event["kind"] == "press":
            return with_score(replace(state, chosen=event["column"]), score_at(event["fy"]))
        if event["kind"] == "drag":
            return with_score(state, score_at(event["fy"]))
        if event["kind"] == "key":
            return self._handle_key(state, event["key"])
        return state

    def step(self) -> None:
        """Make one step of gradient descent on the scores, with learning rate 1."""
        self.change(descend)

    def _handle_key(self, state: SoftmaxState, key: str) -> SoftmaxState:
        moves = {"ArrowLeft": -1, "ArrowRight": 1}
        changes = {"ArrowUp": 0.1, "ArrowDown": -0.1, "PageUp": 1.0, "PageDown": -1.0}
        if key in moves:
            chosen = min(max(state.chosen + moves[key], 0), len(state.scores) - 1)
            return replace(state, chosen=chosen)
        if key in changes:
            return with_score(state, state.scores[state.chosen] + changes[key])
        if key in ("Enter", " "):
            return replace(state, label=state.chosen)
        return state


def descend(state: SoftmaxState) -> SoftmaxState:
    """Return the state after ``scores -= dL/dscores``, which is ``(p - y) / temperature``."""
    gradient = compute(state).gradient / state.temperature
    scores = np.clip(np.array(state.scores) - gradient, -LARGEST, LARGEST)
    return replace(state, scores=tuple(scores.tolist()))


def score_at(share: float) -> float:
    """Return the score at a height of its panel, 0 at the top and 1 at the bottom."""
    return LARGEST * (1 - 2 * share)


def with_score(state: SoftmaxState, value: float) -> SoftmaxState:
    """Return the state with the chosen class's score set to ``value``, to one decimal."""
    scores = list(state.scores)
    scores[state.chosen] = min(max(round(value, 1), -LARGEST), LARGEST)
    return replace(state, scores=tuple(scores))
