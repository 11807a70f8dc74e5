"""Cross-entropy: surprise, the loss before training, and the gradient in a triangle."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scratchcnn.losses import softmax
from scratchcnn.plots.display import described
from scratchcnn.plots.style import BLUE, GRAY, ORANGE, new_figure, styled
from scratchcnn.plots.words import counted, extent, listed, number

# The corners for classes 0, 1 and 2 in the triangle of probabilities, with sides of length 1.
CORNERS = np.array([[0.0, 0.0], [0.5, np.sqrt(0.75)], [1.0, 0.0]])


def surprise_curve(marks: Sequence[float]) -> Figure:
    """Draw the surprise ``-log(p)`` against the probability, on a linear and on a log axis.

    Parameters
    ----------
    marks : sequence of float
        Probabilities to mark, with their surprise in nats.
    """
    figure, (linear, log) = new_figure(1, 2, 8, 2.7, width_ratios=[1.2, 1])
    with styled():
        for axis, lowest in [(linear, 0.003), (log, 1e-6)]:
            p = np.geomspace(lowest, 1, 400)
            axis.plot(p, -np.log(p), color=BLUE)
            axis.set(xlabel="Probability of the correct class", ylabel="Surprise (nats)")
            axis.set_ylim(bottom=0)
        for mark in marks:
            linear.plot(mark, -np.log(mark), "o", color=ORANGE, ms=7)
            text = f"p = {mark:g}: {-np.log(mark):.3f}"
            linear.annotate(text, (mark, -np.log(mark)), (8, 6), textcoords="offset points")
        linear.set(title="The less likely, the more surprising", xlim=(0, 1.02))
        log.set(title="Each factor of ten costs 2.303 nats", xscale="log", xlim=(1e-6, 1.3))
        log.set_yticks(np.arange(7) * np.log(10), [f"{k * np.log(10):.1f}" for k in range(7)])
        log.grid(alpha=0.25)
    texts = (f"{number(-np.log(mark), 3)} at {mark:g}" for mark in marks)
    return described(
        figure,
        "Surprise in nats over the probability of the correct class: 0 at probability 1, "
        f"{listed(texts)}, without limit toward probability 0. On a logarithmic axis it is a "
        "straight line, and every factor of ten costs 2.303 nats.",
    )


def clipped_loss(
    difference: np.ndarray, losses: Mapping[str, np.ndarray], slopes: Mapping[str, np.ndarray]
) -> Figure:
    """Draw the loss and gradient for two scores against their difference.

    Parameters
    ----------
    difference : ndarray (T,)
        Score of the correct class minus score of the wrong one.
    losses, slopes : mapping of str to ndarray (T,)
        For two ways to compute them: the loss, and its derivative with respect to the score
        of the correct class.
    """
    figure, axes = new_figure(1, 2, 9.0, 3.1)
    labels = ("Loss (nats)", "dL / d(correct score)")
    texts = []
    with styled():
        for axis, curves, label in zip(axes, (losses, slopes), labels, strict=True):
            styles = ((BLUE, "-", 3.5), (ORANGE, "--", 1.8))
            for (name, values), (color, line, width) in zip(curves.items(), styles, strict=True):
                axis.plot(difference, values, line, color=color, lw=width, label=name)
            axis.set(xlabel="Correct score minus wrong score", ylabel=label)
            ends = (f"{name} {_ends(values)}" for name, values in curves.items())
            texts.append(f"{label}: {'; '.join(ends)}.")
        axes[0].legend()
    first, second = losses.values()
    apart = difference[~np.isclose(first, second, atol=1e-3)]
    where = f" The losses part where the difference is {extent(apart)}." if len(apart) else ""
    return described(
        figure,
        "Loss and gradient over the correct score minus the wrong one, "
        f"{extent(difference)}, by two ways to compute them. {' '.join(texts)}{where}",
    )


def _ends(values: np.ndarray) -> str:
    """Describe the first, middle and last value of a curve."""
    left, middle, right = (number(float(values[k])) for k in (0, len(values) // 2, -1))
    return f"{left} at the left end, {middle} in the middle, {right} at the right"


def initial_losses(losses: np.ndarray, guess: float) -> Figure:
    """Draw a histogram of the losses of untrained networks, with the loss of a ``guess``."""
    figure, (axis,) = new_figure(1, 1, 7, 2.8)
    with styled():
        axis.hist(losses, bins=20, color=BLUE, alpha=0.75)
        axis.axvline(guess, color=ORANGE, label=f"an even guess: log 10 = {guess:.3f}")
        axis.set(xlabel="Loss before training (nats)", ylabel="Seeds")
        axis.legend()
    low, high = np.quantile(losses, (0.1, 0.9))
    return described(
        figure,
        f"Histogram of the loss of {counted(len(losses), 'untrained network')}: "
        f"{extent(losses)}, four in five between {number(low)} and {number(high)}. A line marks "
        f"the loss of an even guess, {number(guess, 3)}.",
    )


def in_triangle(probabilities: np.ndarray) -> np.ndarray:
    """Map probabilities (..., 3) to the triangle whose corners are certain answers.

    Returns
    -------
    points : ndarray (..., 2)
        The average of the corners, weighted by the probabilities; see `CORNERS`.
    """
    points: np.ndarray = np.asarray(probabilities) @ CORNERS
    return points


def descend(scores: np.ndarray, label: int, steps: int, rate: float) -> np.ndarray:
    """Return the probabilities (steps + 1, C) as ``scores`` take steps against p - t."""
    scores = np.array(scores, dtype=float)
    target = np.arange(len(scores)) == label
    path = [softmax(scores)]
    for _ in range(steps):
        scores -= rate * (path[-1] - target)
        path.append(softmax(scores))
    return np.array(path)


def probability_triangle(scores: np.ndarray, label: int, rate: float = 0.5) -> Figure:
    """Draw the triangle of three probabilities: the arrows t - p, and where small steps lead.

    Parameters
    ----------
    scores : ndarray (3,)
        The example, drawn in orange.
    label : int
        The correct class.
    rate : float
        Length of a step of the scores, as a multiple of t - p.
    """
    parts = np.array([(i, j, 10 - i - j) for i in range(1, 9) for j in range(1, 10 - i)])
    starts = np.log(np.array([(1, 1, 18), (7, 1, 12), (13, 1, 6)]) / 20)
    figure, axes = new_figure(1, 2, 7.6, 3.9)
    example = softmax(scores)
    with styled():
        for axis in axes:
            _draw_triangle(axis, label)
        for probabilities in parts / 10:
            if not np.allclose(probabilities, example):
                _draw_arrow(axes[0], probabilities, label, GRAY)
        _draw_arrow(axes[0], example, label, ORANGE)
        for start, color in [*((start, GRAY) for start in starts), (scores, ORANGE)]:
            probabilities = descend(start, label, 400, rate)
            path = in_triangle(probabilities)
            axes[1].plot(*path.T, ".-", color=color, linewidth=1)
            axes[1].plot(*path[0], "o", color=color)
        axes[0].set_title("Downhill for the scores: the arrow t − p")
        axes[1].set_title(f"Where steps of {rate:g} times the arrow lead")
    start, end = ([number(float(p), 2) for p in probabilities[k]] for k in (0, -1))
    return described(
        figure,
        f"Two triangles with a class at each corner; class {label} is correct. Left: arrows "
        f"everywhere point to the corner of class {label} and get shorter near it; the orange "
        f"one starts at probabilities {', '.join(start)}. Right: {len(starts) + 1} paths of "
        f"gradient descent bend toward that corner in ever smaller steps; after 400 steps the "
        f"orange one is at {', '.join(end)}.",
    )


def _draw_triangle(axis: Axes, label: int) -> None:
    """Draw the triangle's sides and the names of the classes at its corners."""
    axis.fill(*CORNERS.T, facecolor="none", edgecolor=GRAY, linewidth=1.2)
    for k, (x, y) in enumerate(CORNERS):
        note = f"class {k}" + ", the correct one" * (k == label)
        axis.text(x, y + (0.05 if y else -0.07), note, ha="center", va="center")
    axis.set(aspect="equal", xlim=(-0.12, 1.12), ylim=(-0.12, 0.98))
    axis.set_axis_off()


def _draw_arrow(axis: Axes, probabilities: np.ndarray, label: int, color: str) -> None:
    """Draw a sixth of t - p, the arrow from ``probabilities`` to the correct class's corner."""
    start = in_triangle(probabilities)
    tip = start + (CORNERS[label] - start) / 6
    head = {"arrowstyle": "-|>", "color": color, "shrinkA": 0, "shrinkB": 0}
    axis.annotate("", (tip[0], tip[1]), (start[0], start[1]), arrowprops=head)
    axis.plot(*start, "o", color=color, ms=3)
