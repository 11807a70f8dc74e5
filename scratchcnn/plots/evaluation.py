"""How well a network does: confusion matrix, mistakes, and comparisons of accuracy."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import ArrayLike

from scratchcnn.plots.cells import draw_colorbar, draw_picture, write_cells
from scratchcnn.plots.display import described
from scratchcnn.plots.style import BLUE, COLORS, DASHES, ORANGE, new_figure, styled
from scratchcnn.plots.words import counted, listed

MOST_NAMED = 5  # most confusions to name in the alternative text


def confusion_matrix(confusion: ArrayLike, names: Sequence[str] = ()) -> Figure:
    """Draw counts (C, C), correct class by predicted class, as numbers; zeros are left empty.

    Color shows the share of the row, so that rare and frequent classes can be compared. Classes
    are called by their ``names``, or by number if there are none.
    """
    confusion = np.asarray(confusion)
    names = list(names) or [str(label) for label in range(len(confusion))]
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    figure, (axis,) = new_figure(1, 1, 6.0, 5.2)
    texts = np.array([[str(count) if count else "" for count in row] for row in confusion])
    with styled():
        # The square root makes the few mistakes stand out from the background.
        picture = axis.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
        write_cells(axis, picture, texts)
        classes = np.arange(len(confusion))
        axis.set(xlabel="Predicted class", ylabel="Correct class", xticks=classes, yticks=classes)
        if names != [str(label) for label in classes]:
            axis.set_xticks(classes, names, rotation=40, ha="right", rotation_mode="anchor")
            axis.set_yticks(classes, names)
        axis.tick_params(length=0)
        axis.spines[:].set_visible(False)
        bar = draw_colorbar(picture, axis)
        levels = (0, 0.05, 0.25, 0.5, 1)
        bar.set_ticks(np.sqrt(levels).tolist(), labels=[f"{level:.0%}" for level in levels])
        bar.set_label("Share of the row")
    mixed_up = confusion * (1 - np.eye(len(confusion), dtype=int))
    order = np.argsort(-mixed_up, axis=None, kind="stable")[:MOST_NAMED]
    pairs = [divmod(int(place), len(confusion)) for place in order if mixed_up.flat[place]]
    texts_of_pairs = [f"{confusion[t, p]} times {names[t]} called {names[p]}" for t, p in pairs]
    return described(
        figure,
        f"Confusion matrix of {counted(int(confusion.sum()), 'example')} in {len(confusion)} "
        f"classes, {np.trace(confusion):,} on the diagonal. "
        + (
            f"The most frequent mistakes: {listed(texts_of_pairs)}."
            if pairs
            else "There are no mistakes."
        ),
    )


def mistakes(
    images: ArrayLike, labels: ArrayLike, probabilities: ArrayLike, columns: int = 6
) -> Figure:
    """Draw images with the correct class, the predicted class and its probability above each.

    Parameters
    ----------
    images : ndarray (N, H, W)
        Grayscale images.
    labels : ndarray of int (N,)
        Correct classes.
    probabilities : ndarray (N, C)
        The network's output.
    columns : int
        Images per row.
    """
    pictures, labels = np.asarray(images), np.asarray(labels)
    probabilities = np.asarray(probabilities)
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    rows = -(-len(pictures) // columns)
    figure, axes = new_figure(rows, columns, 1.4 * columns, 1.85 * rows)
    with styled():
        for axis in axes:
            axis.set_axis_off()
        for n, (axis, image) in enumerate(zip(axes, pictures, strict=False)):
            draw_picture(axis, image)
            digit = f"{'an' if labels[n] == 8 else 'a'} {labels[n]}"
            title = f"{digit}, called {predicted[n]}\n{confidence[n]:.1%} sure"
            axis.set_title(title, fontsize=10)
    texts = (
        f"{t} called {p} ({c:.1%})" for t, p, c in zip(labels, predicted, confidence, strict=True)
    )
    return described(
        figure,
        f"{counted(len(pictures), 'image')} with the correct class, the network's answer and the "
        f"probability of that answer: {listed(texts)}.",
    )


def accuracy_by_shift(accuracies: Mapping[str, Sequence[float]], shifts: Sequence[int]) -> Figure:
    """Draw how accuracy falls as the images are shifted, one line per network."""
    figure, (axis,) = new_figure(1, 1, 7.0, 2.9)
    with styled():
        for (name, given), color, dashes in zip(accuracies.items(), COLORS, DASHES, strict=False):
            axis.plot(shifts, given, "o", ls=dashes, color=color, label=name)
        axis.set(xlabel="Shift to the right (pixels)", ylabel="Accuracy", ylim=(0, 1.02))
        axis.set_xticks(shifts)
        axis.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axis.legend(loc="lower left")
    texts = (
        f"{name}: {', '.join(f'{accuracy:.0%}' for accuracy in given)}"
        for name, given in accuracies.items()
    )
    return described(
        figure,
        f"Accuracy on images moved to the right by {listed(map(str, shifts))} pixels: "
        f"{'; '.join(texts)}.",
    )


def accuracies(measured: Mapping[str, Sequence[float]], images: str = "test images") -> Figure:
    """Draw the accuracies of many runs, a row of dots per network, with a bar at the mean.

    Parameters
    ----------
    measured : mapping of str to sequence of float
        For each network, the accuracy of each run. The first one is blue.
    images : str
        What the accuracies are measured on.
    """
    figure, (axis,) = new_figure(1, 1, 9.0, 0.7 * len(measured) + 0.8)
    texts = []
    with styled():
        colors = [BLUE, *[ORANGE] * (len(measured) - 1)]
        for row, (name, color) in enumerate(zip(measured, colors, strict=True)):
            dots, mean = measured[name], float(np.mean(measured[name]))
            axis.plot(dots, np.full(len(dots), row), "o", color=color, ms=8, alpha=0.55)
            axis.plot([mean, mean], [row - 0.28, row + 0.28], color=color, lw=3)
            axis.text(mean, row - 0.34, f"mean {100 * mean:.1f}%", ha="center", va="bottom")
            texts.append(f"{name} from {min(dots):.1%} to {max(dots):.1%}, mean {mean:.1%}")
        axis.set(
            yticks=range(len(measured)),
            yticklabels=list(measured),
            ylim=(len(measured) - 0.5, -0.75),
            xlabel=f"Accuracy on the {images}",
        )
        axis.xaxis.set_major_formatter(PercentFormatter(1, decimals=1))
        axis.tick_params(axis="y", length=0)
        axis.spines["left"].set_visible(False)
    runs = listed(f"{len(v)} runs of {k}" for k, v in measured.items())
    return described(
        figure, f"Accuracies on the {images} of {runs}, a dot for each run: {'; '.join(texts)}."
    )
