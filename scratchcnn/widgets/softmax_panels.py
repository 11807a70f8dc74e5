"""What the softmax explorer shows: scores, and what follows from them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scratchcnn.losses import SoftmaxCrossEntropy, softmax
from scratchcnn.widgets.colors import BLUE, GRAY, INK, ORANGE, number
from scratchcnn.widgets.frames import Canvas

WIDTH, HEIGHT = 800, 372
LEFT, RIGHT = 190, 800  # the columns of the classes lie between
SCORES, PROBABILITIES, GRADIENTS = (22, 128), (166, 84), (266, 106)  # top and height of each panel
LARGEST = 6.0  # scores reach from -6 to 6


@dataclass(frozen=True)
class SoftmaxState:
    """What the softmax explorer shows.

    Attributes
    ----------
    scores : tuple of float
        One for each class.
    label : int
        The right class.
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
    """What follows from the scores.

    Attributes
    ----------
    probabilities : ndarray (K,)
    loss : float
        Of the right class, in nats.
    gradient : ndarray (K,)
        ``p - y``, the gradient of the loss with respect to ``scores / temperature``.
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


def draw_words(canvas: Canvas, numbers: SoftmaxNumbers, label: str) -> None:
    """Write what each panel shows, at the left of it."""
    panels = (
        (SCORES, "Score z", ["drag the bars"]),
        (PROBABILITIES, "Probability p", ["p = softmax(z / T)"]),
        (GRADIENTS, "Gradient p − y", ["of the loss, for z / T;", "descent goes against it"]),
    )
    for (top, height), title, notes in panels:
        canvas.text(0, top, title, 14, bold=True)
        for k, note in enumerate(notes):
            canvas.text(0, top + 20 + 15 * k, note, 12, GRAY)
        canvas.line((LEFT, top + height), (RIGHT, top + height))
    canvas.text(0, SCORES[0] + 60, f"Loss {number(numbers.loss, 3)}", 22, ORANGE)
    canvas.text(0, SCORES[0] + 90, f"if the right class is {label}", 12, GRAY)


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
    right = k == state.label
    color = ORANGE if right else BLUE
    canvas.text(middle, 2, name + (" (right)" if right else ""), 13, color, "ma", bold=True)

    top, height = SCORES
    zero = top + height / 2
    length = state.scores[k] / LARGEST * height / 2
    canvas.line((x, zero), (x + width, zero))
    canvas.box(middle - bar / 2, min(zero, zero - length), bar, abs(length), fill=color)
    canvas.box(middle - bar / 2 - 4, zero - length - 2, bar + 8, 4, fill=INK)
    if k == state.chosen:
        canvas.box(x + 3, top, width - 6, height, outline=ORANGE, line=1.5)
    # Numbers stand on the other side of the zero line, where no bar can cover them.
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
    canvas.arrow(middle, zero, g * (height / 2 - 6), ORANGE if g < 0 else BLUE)
    canvas.text(middle, zero + (11 if g >= 0 else -11), number(g, 3), 13, anchor="mm")


def softmax_alt(state: SoftmaxState, numbers: SoftmaxNumbers, classes: Sequence[str]) -> str:
    """Say in words what the softmax explorer shows."""
    columns = [
        f"{name}: score {number(score)}, probability {number(p, 3)}, gradient {number(g, 3)}"
        for name, score, p, g in zip(
            classes, state.scores, numbers.probabilities, numbers.gradient, strict=True
        )
    ]
    return (
        f"Scores, probabilities and gradients at temperature {number(state.temperature)}, "
        f"right class {classes[state.label]}, loss {number(numbers.loss, 3)}. "
        f"{'; '.join(columns)}. Chosen: {classes[state.chosen]}."
    )
