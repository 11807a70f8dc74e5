"""Scores and probabilities: bars, temperatures, and where the exponential overflows."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from scratchcnn.losses import softmax
from scratchcnn.plots.display import described
from scratchcnn.plots.style import BLUE, GRAY, INK, ORANGE, PURPLE, TEAL, new_figure, styled
from scratchcnn.plots.words import counted, number, values

# For classes when none of them is the correct one, which is orange.
CLASS_COLORS = (BLUE, PURPLE, TEAL, GRAY)

MOST_SIDE_BY_SIDE = 5  # classes; the values of more would run into each other


def class_bars(
    vectors: Sequence[ArrayLike],
    titles: Sequence[str],
    label: int | None = None,
    digits: int = 3,
    shared_scale: bool = False,
) -> Figure:
    """Draw vectors over the same classes as panels of bars, with a value at each bar.

    The panels stand side by side, or one below the other if there are more than five classes.

    Parameters
    ----------
    vectors : sequence of ndarray (C,)
        One for each panel.
    titles : sequence of str
        One above each.
    label : int, optional
        The correct class, drawn in orange.
    digits : int
        Decimals of the values.
    shared_scale : bool
        Whether all panels have the same vertical axis, so that their bars can be compared.
    """
    panels = [np.asarray(vector) for vector in vectors]
    count = len(panels)
    if len(panels[0]) > MOST_SIDE_BY_SIDE:
        figure, axes = new_figure(count, 1, 6.5, 1.9 * count, sharey=shared_scale)
    else:
        figure, axes = new_figure(1, count, 2.6 * count, 2.3, sharey=shared_scale)
    with styled():
        for axis, vector, title in zip(axes, panels, titles, strict=True):
            colors = [ORANGE if k == label else BLUE for k in range(len(vector))]
            _draw_bars(axis, vector, colors, digits)
            axis.set_title(title)
            axis.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    texts = (
        f"{title}: {values(vector, digits)}" for title, vector in zip(titles, panels, strict=True)
    )
    correct = "" if label is None else f", the correct class {label} in orange"
    return described(
        figure, f"Bars for the classes 0 to {len(panels[0]) - 1}{correct}. {'; '.join(texts)}."
    )


def softmax_temperatures(scores: np.ndarray, temperatures: Sequence[float]) -> Figure:
    """Draw ``softmax(scores / T)`` as bars at some temperatures, and as curves over T.

    Parameters
    ----------
    scores : ndarray (C,)
        Scores of one image, for at most 4 classes.
    temperatures : sequence of float
        The ones that get a panel of bars and a dotted line among the curves.
    """
    count = len(temperatures)
    figure, (*bars, curves) = new_figure(1, count + 1, 8.6, 2.5, width_ratios=[1] * count + [2.4])
    grid = np.geomspace(0.1, 20, 200)
    everywhere = softmax(scores / grid[:, None])  # (C,) / (200, 1) -> (200, C)
    texts = []
    with styled():
        for axis, temperature in zip(bars, temperatures, strict=True):
            probabilities = softmax(scores / temperature)
            texts.append(f"at T = {temperature:g}, {values(probabilities, 2)}")
            _draw_bars(axis, probabilities, CLASS_COLORS, 2)
            axis.set(title=f"T = {temperature:g}", ylim=(0, 1), yticks=[])
            curves.axvline(temperature, color=GRAY, linewidth=0.9, linestyle=":")
        bars[0].set_ylabel("Probability")
        for k, curve in enumerate(everywhere.T):
            curves.plot(grid, curve, color=CLASS_COLORS[k], label=f"class {k}")
        curves.set(xlabel="Temperature T", ylabel="Probability", xscale="log", ylim=(0, 1.02))
        curves.set_title("Every temperature")
        curves.set_xticks([0.1, 0.5, 1, 2, 10, 20], ["0.1", "0.5", "1", "2", "10", "20"])
        curves.minorticks_off()
        curves.legend(loc="upper right")
    return described(
        figure,
        f"Probabilities of {counted(len(scores), 'class', 'classes')} as bars: "
        f"{'; '.join(texts)}. Beside them curves over all temperatures, from "
        f"{values(everywhere[0], 2)} at T = 0.1 to {values(everywhere[-1], 2)} at T = 20.",
    )


def exp_range(dtype: str = "float64") -> tuple[float, float]:
    """Return the range of exponents in which ``exp`` is neither 0 nor infinite in ``dtype``."""
    limits = np.finfo(dtype)
    # Half the smallest number rounds to 0, so exp reaches 0 at the logarithm of that half.
    lowest = np.log(float(limits.smallest_subnormal)) - np.log(2)
    return float(lowest), float(np.log(float(limits.max)))


def softmax_overflow(batch: np.ndarray) -> Figure:
    """Draw where a batch's exponents lie in the range of exp: unshifted, and shifted two ways.

    Parameters
    ----------
    batch : ndarray (N, C)
        Scores. Each row shows a mark for every score, with its probabilities beside it.
    """
    shifts = {
        "As they come": np.zeros((len(batch), 1)),
        "Minus the largest score of the batch": np.full((len(batch), 1), batch.max()),
        "Minus the largest score of its own row": batch.max(axis=1, keepdims=True),
    }
    exponents = [batch - shift for shift in shifts.values()]
    low, high = exp_range(str(batch.dtype))
    left = min(low, *(array.min() for array in exponents)) - 250
    right = max(high, *(array.max() for array in exponents)) + 250
    figure, axes = new_figure(3, 1, 8, 3.9, sharex=True)
    texts = []
    with styled():
        for axis, title, rows in zip(axes, shifts, exponents, strict=True):
            axis.axvspan(low, high, color=BLUE, alpha=0.13, linewidth=0)
            results = _draw_exponents(axis, rows)
            axis.set(title=title, xlim=(left, right), ylim=(len(batch) - 0.4, -0.6))
            axis.set_yticks(range(len(batch)), [f"row {n}" for n in range(len(batch))])
            texts.append(f"{title}: {'; '.join(f'row {n} {r}' for n, r in enumerate(results))}.")
        axes[0].text(low, -0.2, "exp is 0  ", ha="right", va="center", color=GRAY)
        axes[0].text(high, -0.2, "  infinite", va="center", color=GRAY)
        axes[0].text(1.02, 1.08, "Probabilities", transform=axes[0].transAxes)
        axes[-1].set_xlabel("Exponent")
    return described(
        figure,
        f"Where the exponents of {counted(len(batch), 'row')} of scores fall on the range from "
        f"{number(low, 0)} to {number(high, 0)}, in which exp is neither 0 nor infinite, and the "
        f"probabilities that come out. {' '.join(texts)}",
    )


def _draw_exponents(axis: Axes, rows: np.ndarray) -> list[str]:
    """Mark exponents (N, C), write each row's probabilities beside it, and return those texts."""
    with np.errstate(all="ignore"):  # the figure is about these failures
        exps = np.exp(rows)
        probabilities = exps / exps.sum(axis=1, keepdims=True)
    texts = []
    for n, marks in enumerate(rows):
        fine = np.isfinite(probabilities[n]).all()
        axis.plot(marks, [n] * len(marks), "o", color=BLUE if fine else ORANGE, ms=7)
        texts.append(values(probabilities[n], 1))
        place = axis.get_yaxis_transform()
        color = INK if fine else ORANGE
        axis.text(1.02, n, texts[-1], transform=place, va="center", color=color)
    return texts


def _draw_bars(axis: Axes, vector: np.ndarray, colors: Sequence[str], digits: int) -> None:
    """Draw one bar for each class, with its value at one end and the class at the other."""
    classes = range(len(vector))
    bars = axis.bar(classes, vector, color=colors[: len(vector)], width=0.65)
    axis.bar_label(bars, [number(value, digits) for value in vector], padding=2)
    axis.axhline(0, color=GRAY, linewidth=0.8)
    axis.margins(y=0.18)
    axis.set_xticks([])
    axis.set_xlabel("Class", labelpad=16)  # below the numbers of the classes, which are no ticks
    axis.spines["bottom"].set_visible(False)
    for k, value in zip(classes, vector, strict=True):
        away, align = (4, "bottom") if value < 0 else (-4, "top")
        axis.annotate(str(k), (k, 0), (0, away), textcoords="offset points", ha="center", va=align)
