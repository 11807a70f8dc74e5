"""Figures of notebook 03 in the triangle of three probabilities: arrows y - p, and descents."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scratchcnn.losses import SoftmaxCrossEntropy, softmax
from scratchcnn.plots.style import GRAY, ORANGE, new_figure, styled

# Where classes 0, 1 and 2 stand in the triangle of probabilities, its sides of length 1.
CORNERS = np.array([[0.0, 0.0], [0.5, np.sqrt(0.75)], [1.0, 0.0]])


def in_triangle(probabilities: np.ndarray) -> np.ndarray:
    """Place probabilities (..., 3) in the triangle whose corners are the certain answers.

    Returns
    -------
    points : ndarray (..., 2)
        The corners' average, weighted with the probabilities; see `CORNERS`.
    """
    return np.asarray(probabilities) @ CORNERS


def descend(scores: np.ndarray, label: int, steps: int, rate: float) -> np.ndarray:
    """Return the probabilities (steps + 1, K) while ``scores`` take steps against p - y."""
    scores, loss = np.array(scores, dtype=float)[None], SoftmaxCrossEntropy()
    path = [softmax(scores[0])]
    for _ in range(steps):
        loss.forward(scores, np.array([label]))
        scores -= rate * loss.backward()
        path.append(softmax(scores[0]))
    return np.array(path)


def triangle_panels(scores: np.ndarray, label: int, rate: float = 0.5) -> Figure:
    """Draw the triangle of three probabilities: the arrows y - p, and where small steps lead.

    Parameters
    ----------
    scores : ndarray (3,)
        The example, drawn in orange.
    label : int
        The right class.
    rate : float
        Length of a step of the scores, as a multiple of y - p.
    """
    parts = np.array([(i, j, 10 - i - j) for i in range(1, 9) for j in range(1, 10 - i)])
    starts = np.log(np.array([(1, 1, 18), (7, 1, 12), (13, 1, 6)]) / 20)
    figure, axes = new_figure(1, 2, 7.6, 3.9)
    with styled():
        for axis in axes:
            axis.fill(*CORNERS.T, facecolor="none", edgecolor=GRAY, linewidth=1.2)
            for k, (x, y) in enumerate(CORNERS):
                note = f"class {k}" + ", the right one" * (k == label)
                axis.text(x, y + (0.05 if y else -0.07), note, ha="center", va="center")
            axis.set(aspect="equal", xlim=(-0.12, 1.12), ylim=(-0.12, 0.98))
            axis.set_axis_off()
        example = softmax(scores)
        for probabilities in parts / 10:
            if not np.allclose(probabilities, example):
                _arrow(axes[0], probabilities, label, GRAY)
        _arrow(axes[0], example, label, ORANGE)
        for start, color in [*((start, GRAY) for start in starts), (scores, ORANGE)]:
            path = in_triangle(descend(start, label, 400, rate))
            axes[1].plot(*path.T, ".-", color=color, linewidth=1)
            axes[1].plot(*path[0], "o", color=color)
        axes[0].set_title("Downhill for the scores: the arrow y − p")
        axes[1].set_title(f"Where steps of {rate:g} times the arrow lead")
    return figure


def _arrow(axis: Axes, probabilities: np.ndarray, label: int, color: str) -> None:
    """Draw a sixth of y - p, the arrow from ``probabilities`` to the right class's corner."""
    start = in_triangle(probabilities)
    tip = start + (CORNERS[label] - start) / 6
    head = {"arrowstyle": "-|>", "color": color, "shrinkA": 0, "shrinkB": 0}
    axis.annotate("", tip, start, arrowprops=head)
    axis.plot(*start, "o", color=color, ms=3)
