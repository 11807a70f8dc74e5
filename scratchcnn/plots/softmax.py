"""Figures of notebook 03: probabilities, temperature, overflow, surprise, and the loss."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scratchcnn.losses import softmax
from scratchcnn.plots.style import BLUE, GRAY, IMAGE, INK, ORANGE, SIGNED, new_figure, styled

COLORS = (BLUE, ORANGE, GRAY)


def bar_panels(
    vectors: Sequence[np.ndarray],
    titles: Sequence[str],
    label: int | None = None,
    digits: int = 3,
    shared_scale: bool = False,
) -> Figure:
    """Draw vectors over the same classes as panels of bars, the value written at each bar.

    Parameters
    ----------
    vectors : sequence of ndarray (K,)
        One panel each.
    titles : sequence of str
        One above each.
    label : int, optional
        The right class, drawn in orange.
    digits : int
        Decimals of the written values.
    shared_scale : bool
        Whether all panels have the same vertical axis, so that their bars can be compared.
    """
    figure, axes = new_figure(1, len(vectors), 2.6 * len(vectors), 2.3, sharey=shared_scale)
    with styled():
        for axis, vector, title in zip(axes, vectors, titles, strict=True):
            _bars(axis, np.asarray(vector), label, digits)
            axis.set(title=title, xlabel="Class")
    return figure


def temperature_panels(scores: np.ndarray, temperatures: Sequence[float]) -> Figure:
    """Draw ``softmax(scores / T)`` as bars for some temperatures, and as curves over all.

    Parameters
    ----------
    scores : ndarray (K,)
        Scores of one image, K at most 3.
    temperatures : sequence of float
        Those that get a panel of bars and a dotted mark beside the curves.
    """
    count = len(temperatures)
    figure, (*bars, curves) = new_figure(1, count + 1, 8.6, 2.5, width_ratios=[1] * count + [2.4])
    with styled():
        for axis, temperature in zip(bars, temperatures, strict=True):
            _bars(axis, softmax(scores / temperature), None, 2)
            axis.set(title=f"T = {temperature:g}", xlabel="Class", ylim=(0, 1))
            curves.axvline(temperature, color=GRAY, linewidth=0.9, linestyle=":")
        bars[0].set_ylabel("Probability")
        grid = np.geomspace(0.1, 20, 200)
        # (K,) scores / (200, 1) temperatures -> (200, K)
        for k, probabilities in enumerate(softmax(scores / grid[:, None]).T):
            curves.plot(grid, probabilities, color=COLORS[k], label=f"class {k}")
        curves.set(xlabel="Temperature T", ylabel="Probability", xscale="log", ylim=(0, 1.02))
        curves.set_title("Every temperature")
        curves.set_xticks([0.1, 0.5, 1, 2, 10, 20], ["0.1", "0.5", "1", "2", "10", "20"])
        curves.minorticks_off()
        curves.legend(loc="upper right")
    return figure


def exp_range(dtype: str = "float64") -> tuple[float, float]:
    """Return the exponents between which ``exp`` is neither 0 nor infinite in ``dtype``."""
    limits = np.finfo(dtype)
    # Half the smallest number rounds to 0, so exp reaches 0 at the logarithm of that half.
    lowest = np.log(float(limits.smallest_subnormal)) - np.log(2)
    return float(lowest), float(np.log(float(limits.max)))


def shift_panels(batch: np.ndarray) -> Figure:
    """Draw where a batch's exponents fall on the range of exp: unshifted, and shifted two ways.

    Parameters
    ----------
    batch : ndarray (N, K)
        Scores. A row appears as the marks of its scores, with its probabilities beside it.
    """
    shifts = {
        "As they come": np.zeros((len(batch), 1)),
        "Minus the largest score of the batch": np.full((len(batch), 1), batch.max()),
        "Minus the largest score of its own row": batch.max(axis=1, keepdims=True),
    }
    exponents = [batch - shift for shift in shifts.values()]
    low, high = exp_range(str(batch.dtype))
    left, right = min(map(np.min, [*exponents, low])) - 250, max(*map(np.max, exponents), high)
    figure, axes = new_figure(3, 1, 8, 3.9, sharex=True)
    with styled():
        for axis, title, row in zip(axes, shifts, exponents, strict=True):
            with np.errstate(all="ignore"):  # the failures are what the figure shows
                exps = np.exp(row)
                probabilities = exps / exps.sum(axis=1, keepdims=True)
            axis.axvspan(low, high, color=BLUE, alpha=0.13, linewidth=0)
            for n, marks in enumerate(row):
                fine = np.isfinite(probabilities[n]).all()
                axis.plot(marks, [n] * len(marks), "o", color=BLUE if fine else ORANGE, ms=7)
                text, color = (
                    ", ".join(f"{p:.1f}" for p in probabilities[n]),
                    INK if fine else ORANGE,
                )
                place = axis.get_yaxis_transform()
                axis.text(1.02, n, text, transform=place, va="center", color=color)
            axis.set(title=title, xlim=(left, right + 250), ylim=(len(batch) - 0.4, -0.6))
            axis.set_yticks(range(len(batch)), [f"row {n}" for n in range(len(batch))])
        axes[0].text(low, -0.2, "exp is 0  ", ha="right", va="center", color=GRAY)
        axes[0].text(high, -0.2, "  infinite", va="center", color=GRAY)
        axes[0].text(1.02, 1.08, "Probabilities", transform=axes[0].transAxes)
        axes[-1].set_xlabel("Exponent")
    return figure


def surprise_curve(marks: Sequence[float]) -> Figure:
    """Draw the surprise ``-log(p)`` over the probability, on an even and on a log axis.

    Parameters
    ----------
    marks : sequence of float
        Probabilities to mark, with their surprise in nats.
    """
    figure, (even, log) = new_figure(1, 2, 8, 2.7, width_ratios=[1.2, 1])
    with styled():
        for axis, lowest in [(even, 0.003), (log, 1e-6)]:
            p = np.geomspace(lowest, 1, 400)
            axis.plot(p, -np.log(p), color=BLUE)
            axis.set(xlabel="Probability of the right class", ylabel="Surprise (nats)")
            axis.set_ylim(bottom=0)
        for mark in marks:
            even.plot(mark, -np.log(mark), "o", color=ORANGE, ms=7)
            text = f"p = {mark:g}: {-np.log(mark):.3f}"
            even.annotate(text, (mark, -np.log(mark)), (8, 6), textcoords="offset points")
        even.set(title="The less likely, the more surprising", xlim=(0, 1.02))
        log.set(title="Each factor of ten costs 2.303 nats", xscale="log", xlim=(1e-6, 1.3))
        log.set_yticks(np.arange(7) * np.log(10), [f"{k * np.log(10):.1f}" for k in range(7)])
        log.grid(alpha=0.25)
    return figure


def start_losses(losses: np.ndarray, guess: float) -> Figure:
    """Draw a histogram of the losses of untrained networks, beside the loss of a ``guess``."""
    figure, (axis,) = new_figure(1, 1, 7, 2.8)
    with styled():
        axis.hist(losses, bins=20, color=BLUE, alpha=0.75)
        axis.axvline(guess, color=ORANGE, label=f"an even guess: log 10 = {guess:.3f}")
        axis.set(xlabel="Loss before training (nats)", ylabel="Seeds")
        axis.legend()
    return figure


def loss_curve(losses: Sequence[float], guess: float) -> Figure:
    """Draw the loss before each step, from the loss of a ``guess`` downward."""
    figure, (axis,) = new_figure(1, 1, 7, 2.8)
    with styled():
        axis.plot(losses, color=BLUE)
        axis.axhline(guess, color=ORANGE, linestyle=":")
        axis.text(len(losses), guess - 0.07, "an even guess: log 10", ha="right", va="top")
        axis.set(xlabel="Steps taken", ylabel="Loss (nats)", ylim=(0, 1.1 * guess))
    return figure


def evidence_panels(
    image: np.ndarray, contributions: Sequence[np.ndarray], titles: Sequence[str]
) -> Figure:
    """Draw an image, and what each of its pixels adds to the scores of some classes.

    Parameters
    ----------
    image : ndarray (H, W)
        Drawn in gray.
    contributions : sequence of ndarray (H, W)
        Drawn on one scale: red adds to the score, blue takes away.
    titles : sequence of str
        One above the image and one above each of the contributions.
    """
    count = 1 + len(contributions)
    figure, axes = new_figure(1, count, 2.1 * count + 0.6, 2.4)
    limit = max(np.abs(array).max() for array in contributions) or 1.0
    with styled():
        axes[0].imshow(image, cmap=IMAGE)
        for axis, array in zip(axes[1:], contributions, strict=True):
            picture = axis.imshow(array, cmap=SIGNED, vmin=-limit, vmax=limit)
        figure.colorbar(picture, ax=axes, shrink=0.8)
        for axis, title in zip(axes, titles, strict=True):
            axis.set_title(title)
            axis.set_axis_off()
    return figure


def _bars(axis: Axes, vector: np.ndarray, label: int | None, digits: int) -> None:
    """Draw one bar a class with its value above it, or below it if it is negative."""
    colors = [ORANGE if k == label else BLUE for k in range(len(vector))]
    bars = axis.bar(range(len(vector)), vector, color=colors, width=0.65)
    texts = [f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}") for value in vector]
    axis.bar_label(bars, texts, padding=2)
    axis.axhline(0, color=GRAY, linewidth=0.8)
    axis.margins(y=0.18)
    axis.set_xticks(range(len(vector)))
    # The values stand at the bars, so the vertical axis would only repeat them.
    axis.tick_params(length=0, labelleft=False)
    axis.spines[:].set_visible(False)
