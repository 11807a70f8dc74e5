"""What a network does with an image: activations, ReLU, saliency, favorite patches."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scratchcnn.plots.cells import draw_colorbar, draw_picture, signed_scale
from scratchcnn.plots.display import described
from scratchcnn.plots.style import BLUE, IMAGE, INK, ORANGE, new_figure, styled
from scratchcnn.plots.words import counted, extent, listed, number, sized, values


def forward_pass(
    image: np.ndarray,
    feature_maps: np.ndarray,
    pooled: np.ndarray,
    probabilities: np.ndarray,
    label: int | None = None,
) -> Figure:
    """Draw how one image passes through convolution, pooling and dense layer, left to right.

    Parameters
    ----------
    image : ndarray (H, W)
        The input.
    feature_maps, pooled : ndarray (OH, OW, F)
        The outputs of the first two layers; all on one signed scale.
    probabilities : ndarray (C,)
        The final output.
    label : int, optional
        The correct class, drawn in orange.
    """
    gaps = [max(1, maps.shape[0] // 6) for maps in (feature_maps, pooled)]
    boards = [mosaic(maps, gap=gap) for maps, gap in zip((feature_maps, pooled), gaps, strict=True)]
    panels = [image, *boards]
    figure, axes = new_figure(1, 4, 9.6, 2.5, width_ratios=[0.62, 1.3, 1.3, 0.42])
    engine: Any = figure.get_layout_engine()
    engine.set(wspace=0.15)
    shapes = ((*image.shape, 1), feature_maps.shape, pooled.shape)
    titles = [
        f"{name}\n{' × '.join(map(str, shape))}"
        for name, shape in zip(("Image", "Feature maps", "Pooled"), shapes, strict=True)
    ]
    signed = signed_scale([feature_maps])
    classes = np.arange(len(probabilities))
    with styled():
        for axis, panel, title, colors in zip(
            axes, panels, titles, ({}, signed, signed), strict=False
        ):
            picture = draw_picture(axis, panel, title, **colors)
        draw_colorbar(picture, axes[1:3], shrink=0.62, aspect=14, pad=0.02)
        bar_colors = [ORANGE if k == label else BLUE for k in classes]
        axes[3].barh(classes, probabilities, color=bar_colors)
        axes[3].set(title=f"Probabilities\n{len(classes)}", xlim=(0, 1), yticks=classes)
        axes[3].invert_yaxis()
        axes[3].tick_params(axis="y", length=0, labelsize=9)
        axes[3].set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    best = int(np.argmax(probabilities))
    correct = "" if label is None else f" The correct class, {label}, has "
    if label is not None:
        correct += f"{number(float(probabilities[label]), 2)} and is drawn in orange."
    return described(
        figure,
        f"An image of {sized(image.shape)} pixels goes through the network: "
        f"{_maps_in_words(feature_maps, 'feature map')}, {_maps_in_words(pooled, 'pooled map')}, "
        f"and {counted(len(classes), 'probability', 'probabilities')}, the largest "
        f"{number(float(probabilities[best]), 2)} for class {best}.{correct}",
    )


def _maps_in_words(maps: np.ndarray, noun: str) -> str:
    """Describe maps (H, W, F): how many there are, their size, and their values."""
    return f"{counted(maps.shape[2], noun)} of {sized(maps.shape[:2])} with values {extent(maps)}"


def mosaic(maps: np.ndarray, columns: int = 4, gap: int = 2) -> np.ndarray:
    """Arrange maps (H, W, F) in rows of ``columns``, with NaN in between, as one array."""
    H, W, F = maps.shape
    rows = -(-F // columns)
    board = np.full((rows * (H + gap) - gap, columns * (W + gap) - gap), np.nan)
    for f in range(F):
        top, left = f // columns * (H + gap), f % columns * (W + gap)
        board[top : top + H, left : left + W] = maps[..., f]
    return board


def relu(before: np.ndarray, after: np.ndarray) -> Figure:
    """Draw ReLU as a curve with its slope, and a feature map (H, W) before and after it."""
    figure, (curve, left, right) = new_figure(1, 3, 9.0, 2.7, width_ratios=[1.4, 1, 1])
    x = np.array([-2.0, 0.0, 2.0])
    colors = signed_scale([before])
    with styled():
        curve.plot(x, np.maximum(x, 0), color=BLUE, lw=3, label="max(x, 0)")
        curve.plot([-2, 0], [0, 0], color=ORANGE, ls="--", label="its slope")
        curve.plot([0, 2], [1, 1], color=ORANGE, ls="--")
        curve.set(xlabel="x", xlim=(-2, 2), ylim=(-0.1, 2))
        curve.legend(loc="upper left")
        draw_picture(left, before, "Before", **colors)
        picture = draw_picture(right, after, "After ReLU", **colors)
        draw_colorbar(picture, [left, right], shrink=0.85)
    negative, zero = (before < 0).mean(), (after == 0).mean()
    return described(
        figure,
        "Left: max(x, 0) is zero up to x = 0 and then rises with slope 1; its slope jumps from 0 "
        f"to 1. Right: a feature map of {sized(before.shape)}, {extent(before)}, {negative:.0%} of "
        f"it negative (blue); after ReLU {extent(after)}, {zero:.0%} of it zero, only red is left.",
    )


def saliency(
    images: Sequence[np.ndarray],
    gradients: Sequence[np.ndarray],
    titles: Sequence[str],
    changed: np.ndarray,
    changed_title: str,
) -> Figure:
    """Draw dL/dx for a correct and a wrong prediction, and the result of a step against it.

    The first two columns hold the images and, on one scale, the gradients. The last column
    shows the first gradient again on its own scale, and the changed second image.

    Parameters
    ----------
    images, gradients : sequence of 2 ndarrays (H, W)
        Images, on the same scale as ``changed``, and the gradient of the loss with respect to
        their pixels.
    titles : sequence of 2 str
        One above each image.
    changed, changed_title : ndarray (H, W), str
        The second image after a step, and its title.
    """
    figure, axes = new_figure(2, 3, 8.6, 5.4)
    limits = [float(np.abs(gradient).max()) for gradient in gradients]
    stronger = f"{max(limits) / limits[0]:.0f} times stronger"
    with styled():
        for row, (image, gradient, title) in enumerate(zip(images, gradients, titles, strict=True)):
            draw_picture(axes[3 * row], image, title)
            _draw_gradient(axes[3 * row + 1], gradient, image, max(limits), "dL/dx")
        enlarged = f"the same, colors {stronger}"
        _draw_gradient(axes[2], gradients[0], images[0], limits[0], enlarged)
        low, high = images[1].min(), images[1].max()
        draw_picture(axes[5], changed, changed_title, vmin=low, vmax=high)
    first, second, after = (text.replace("\n", ", ") for text in (*titles, changed_title))
    return described(
        figure,
        f"Above: {first}; its dL/dx reaches {number(limits[0])}, and is drawn once more with "
        f"colors {stronger}. Below: {second}; its dL/dx reaches {number(limits[1])}, strongest at "
        f"{_strongest(gradients[1])}; then {after}. Red pixels raise the loss as they brighten, "
        "blue pixels lower it.",
    )


def _strongest(gradient: np.ndarray) -> str:
    """Say where a gradient (H, W) has its largest magnitude."""
    row, column = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
    return f"row {row}, column {column}"


def _draw_gradient(
    axis: Axes, gradient: np.ndarray, image: np.ndarray, limit: float, title: str
) -> None:
    """Draw dL/dx with the outline of the digit and a color scale."""
    picture = draw_picture(axis, gradient, title, **signed_scale([], limit))
    middle = (image.min() + image.max()) / 2
    axis.contour(image, levels=[middle], colors=[INK], linewidths=0.7, linestyles="solid")
    draw_colorbar(picture, axis, shrink=0.85).ax.tick_params(labelsize=9)


def strongest_patches(
    ideals: np.ndarray, patches: np.ndarray, filters: Sequence[int], strengths: np.ndarray
) -> Figure:
    """Draw what excites filters most: an optimized image, and the best patches of digits.

    Parameters
    ----------
    ideals : ndarray (F, H, W)
        For each filter, the image found by gradient ascent on its output.
    patches : ndarray (F, K, H, W)
        For each filter, the patches of real images with the largest outputs, best first.
    filters : sequence of int
        The numbers of the F filters.
    strengths : ndarray (F, 1 + K)
        The filter's output for each of these pictures, the optimized one first.
    """
    rows, columns = len(patches), 1 + patches.shape[1]
    ratios = [1, 0.25] + [1] * (columns - 1)
    figure, axes = new_figure(rows, columns + 1, 9.0, 0.98 * rows + 0.35, width_ratios=ratios)
    with styled():
        for f in range(rows):
            row = axes[f * (columns + 1) : (f + 1) * (columns + 1)]
            row.pop(1).set_axis_off()  # a gap between the optimized image and the patches
            for axis, picture, strength in zip(
                row, [ideals[f], *patches[f]], strengths[f], strict=True
            ):
                axis.imshow(picture, cmap=IMAGE, vmin=-0.5, vmax=0.5)
                axis.set(xticks=[], yticks=[])
                axis.spines[:].set_visible(False)
                axis.set_xlabel(f"{strength:.1f}", fontsize=9, labelpad=2)
            row[0].spines[:].set(visible=True, color=ORANGE, linewidth=2.5)
            row[0].set_ylabel(f"filter {filters[f]}", rotation=0, ha="right", va="center")
        axes[0].set_title("made", fontsize=10)
        axes[2].set_title("best found", fontsize=10)
    texts = (
        f"filter {number_of} {values(row[:1], 1)} and {values(row[1:2], 1)}"
        for number_of, row in zip(filters, strengths, strict=True)
    )
    return described(
        figure,
        f"For {counted(rows, 'filter')}, a row each: a framed image of "
        f"{sized(ideals.shape[1:])} pixels made to excite the filter, and the "
        f"{counted(columns - 1, 'patch', 'patches')} of digits that excite it most. The filter's "
        f"output for the made image and for the best patch: {listed(texts)}.",
    )
