"""SoftmaxExplorer: drag scores and watch probabilities, loss and gradient."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scratchcnn._utils.validation import as_numbers
from scratchcnn.losses import SoftmaxCrossEntropy, softmax
from scratchcnn.widgets.base import Event, Explorer
from scratchcnn.widgets.colors import BLUE, GRAY, INK, ORANGE, number
from scratchcnn.widgets.controls import button, choice, log_slider
from scratchcnn.widgets.frames import Canvas, Frame, Region

WIDTH, HEIGHT = 800, 406
LEFT, RIGHT = 190, 800  # the columns of the classes are in between
SCORES, PROBABILITIES, GRADIENTS = (22, 160), (198, 86), (300, 106)  # top and height of each panel
LARGEST = 6.0  # scores range from -6 to 6


@dataclass(frozen=True)
class SoftmaxState:
    """What the softmax explorer shows.

    Attributes
    ----------
    scores : tuple of float
        One for each class.
    label : int
        The correct class.
    temperature : float
        Scores are divided by it before the softmax.
    chosen : int
        The class whose score the keys change.
    """

    scores: tuple[float, ...] = (2.0, 1.0, 0.0, -1.0, 0.5)
    label: int = 0
    temperature: float = 1.0
    chosen: int = 0


@dataclass
class SoftmaxNumbers:
    """The results computed from the scores.

    Attributes
    ----------
    probabilities : ndarray (K,)
    loss : float
        Cross-entropy, in nats.
    gradient : ndarray (K,)
        ``p - t``, the gradient of the loss with respect to ``scores / temperature``.
    """

    probabilities: np.ndarray
    loss: float
    gradient: np.ndarray


def compute(state: SoftmaxState) -> SoftmaxNumbers:
    """Run the library's softmax and loss on the state's scores."""
    logits = np.array([state.scores]) / state.temperature
    loss_function = SoftmaxCrossEntropy()
    loss = loss_function.forward(logits, np.array([state.label]))
    return SoftmaxNumbers(softmax(logits)[0], loss, loss_function.backward()[0])


class SoftmaxExplorer(Explorer):
    """Drag scores up and down; see the probabilities, the loss, and the gradient p - t.

    Parameters
    ----------
    scores : sequence of float
        The initial scores, one for each of 2 to 12 classes, between -6 and 6.
    classes : sequence of str, optional
        Names of the classes; by default 0, 1, 2 ...
    label : int
        The correct class.
    """

    def __init__(
        self,
        scores: Sequence[float] = SoftmaxState.scores,
        classes: Sequence[str] | None = None,
        label: int = 0,
    ) -> None:
        values = as_numbers(scores, "float64", "scores")
        if values.ndim != 1 or not 2 <= len(values) <= 12:
            raise ValueError(
                f"scores has shape {values.shape}, expected 2 to 12 numbers, one for each class"
            )
        if not (np.abs(values) <= LARGEST).all():
            raise ValueError(f"scores is {scores!r}, expected numbers between -6 and 6")
        count = len(values)
        self.classes = [str(name) for name in (range(count) if classes is None else classes)]
        if len(self.classes) != count:
            raise ValueError(f"classes has {len(self.classes)} names, expected {count}")
        if label not in range(count):
            raise ValueError(f"label is {label!r}, expected a class in 0 .. {count - 1}")
        controls = {
            "label": choice(
                "Correct class",
                [(name, k) for k, name in enumerate(self.classes)],
                "The class that the image really shows",
            ),
            "temperature": log_slider(
                "Temperature",
                -1,
                1,
                0.05,
                1.0,
                "Scores are divided by it: the larger, the more alike the probabilities",
                "320px",
            ),
        }
        step = button("Step", "Move every score against its gradient", self.step)
        reset = button("Reset", "Back to the start", self.reset)
        state = SoftmaxState(tuple(values.tolist()), label)
        super().__init__(state, controls, [[*controls.values(), step, reset]])

    @property
    def numbers(self) -> SoftmaxNumbers:
        """The probabilities, the loss and the gradient."""
        return compute(self.state)

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
            "change it with up and down; Enter makes it the correct class."
        )
        columns = len(state.scores)
        box = LEFT, top, RIGHT - LEFT, height
        region = Region("scores", label, *box, 1, columns, cursor="ns-resize", drag=True)
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

    def adjust(self, old: SoftmaxState, new: SoftmaxState) -> SoftmaxState:
        """Refuse scores that do not fit in the picture."""
        if not (np.abs(new.scores) <= LARGEST).all():
            raise ValueError(f"scores={new.scores}, expected numbers between -6 and 6")
        if new.chosen not in range(len(self.classes)):
            raise ValueError(f"chosen={new.chosen}, expected 0 to {len(self.classes) - 1}")
        return new

    def step(self) -> None:
        """Take one step of gradient descent on the scores, with learning rate 1."""
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
    """Return the state after ``scores -= dL/dscores``, which is ``(p - t) / temperature``."""
    gradient = compute(state).gradient / state.temperature
    scores = np.clip(np.array(state.scores) - gradient, -LARGEST, LARGEST)
    return replace(state, scores=tuple(scores.tolist()))


def score_at(share: float) -> float:
    """Return the score at a height in its panel, 0 at the top and 1 at the bottom."""
    return LARGEST * (1 - 2 * share)


def with_score(state: SoftmaxState, value: float) -> SoftmaxState:
    """Return the state with the chosen class's score set to ``value``, to one decimal."""
    scores = list(state.scores)
    scores[state.chosen] = min(max(round(value, 1), -LARGEST), LARGEST)
    return replace(state, scores=tuple(scores))


def draw_words(canvas: Canvas, numbers: SoftmaxNumbers, label: str) -> None:
    """Write what each panel shows, to its left."""
    panels = (
        (SCORES, "Score z", ["drag the bars"]),
        (PROBABILITIES, "Probability p", ["p = softmax(z / T)"]),
        (
            GRADIENTS,
            "Gradient p − t",
            ["of the loss L, for z / T", "arrows: where a step", "moves the score"],
        ),
    )
    for (top, height), title, notes in panels:
        canvas.text(0, top, title, 14, bold=True)
        for k, note in enumerate(notes):
            canvas.text(0, top + 20 + 15 * k, note, 12, GRAY)
        canvas.line((LEFT, top + height), (RIGHT, top + height))
    canvas.text(0, SCORES[0] + 60, f"Loss {number(numbers.loss, 3)}", 22, ORANGE)
    canvas.text(0, SCORES[0] + 90, f"if the correct class is {label}", 12, GRAY, room=LEFT - 6)


def draw_column(
    canvas: Canvas,
    x: float,
    width: float,
    state: SoftmaxState,
    numbers: SoftmaxNumbers,
    k: int,
    name: str,
) -> None:
    """Draw one class: its score, its probability, its gradient."""
    middle, bar = x + width / 2, min(0.5 * width, 48)
    correct = k == state.label
    color = ORANGE if correct else BLUE
    title = name + (" (correct)" if correct else "")
    canvas.text(middle, 2, title, 13, color, "ma", bold=True, room=width - 4)

    top, height = SCORES
    zero = top + height / 2
    length = state.scores[k] / LARGEST * height / 2
    canvas.line((x, zero), (x + width, zero))
    canvas.box(middle - bar / 2, min(zero, zero - length), bar, abs(length), fill=color)
    canvas.box(middle - bar / 2 - 4, zero - length - 2, bar + 8, 4, fill=INK)
    if k == state.chosen:
        canvas.box(x + 3, top, width - 6, height, outline=ORANGE, line=1.5)
    # Numbers are on the other side of the zero line, where no bar can cover them.
    below = 10 if length >= 0 else -10
    canvas.text(middle, zero + below, number(state.scores[k], 1), 13, anchor="mm")

    top, height = PROBABILITIES
    p = numbers.probabilities[k]
    length = p * (height - 18)
    canvas.box(middle - bar / 2, top + height - length, bar, length, fill=color)
    canvas.text(middle, top + height - length - 9, number(p, 3), 13, anchor="mm")

    top, height = GRADIENTS
    zero, g = top + height / 2, numbers.gradient[k]
    canvas.line((x, zero), (x + width, zero))
    canvas.arrow(middle, zero, -g * (height / 2 - 6), color)
    canvas.text(middle, zero + (-11 if g >= 0 else 11), number(g, 3), 13, anchor="mm")


def softmax_alt(state: SoftmaxState, numbers: SoftmaxNumbers, classes: Sequence[str]) -> str:
    """Describe in words what the softmax explorer shows."""
    columns = [
        f"{name}: score {number(score)}, probability {number(p, 3)}, gradient {number(g, 3)}"
        for name, score, p, g in zip(
            classes, state.scores, numbers.probabilities, numbers.gradient, strict=True
        )
    ]
    return (
        f"Scores, probabilities and gradients at temperature {number(state.temperature)}, "
        f"correct class {classes[state.label]}, loss {number(numbers.loss, 3)}. "
        f"{'; '.join(columns)}. Chosen: {classes[state.chosen]}."
    )
