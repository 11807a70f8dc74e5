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
    saliencies: Sequence[np.ndarray],
    titles: Sequence[str],
    changed: np.ndarray | None = None,
    changed_title: str = "",
) -> Figure:
    """Draw images, and below each its saliency for a class, all on one scale.

    The saliency of an image x for a class is the gradient of the class's score z (its logit)
    with respect to the pixels, dz/dx, with its sign: where it is positive (red), making a pixel
    lighter raises the score; where it is negative (blue), making it darker does.

    Parameters
    ----------
    images, saliencies : sequence of ndarrays (H, W)
        Images, and dz/dx of each.
    titles : sequence of str
        One above each image.
    changed, changed_title : ndarray (H, W), str, optional
        The last image after a step along its saliency or against it, and its title.

    References
    ----------
    K. Simonyan, A. Vedaldi, A. Zisserman, "Deep inside convolutional networks: visualising
    image classification models and saliency maps", ICLR workshop, 2014.
    """
    count = len(images)
    columns = count + (changed is not None)
    figure, axes = new_figure(2, columns, 2.6 * columns + 0.8, 5.2)
    limit = max(float(np.abs(one).max()) for one in saliencies)
    colors = signed_scale([], limit)
    gray = {"vmin": min(map(np.min, images)), "vmax": max(map(np.max, images))}
    with styled():
        for k, (image, one, title) in enumerate(zip(images, saliencies, titles, strict=True)):
            draw_picture(axes[k], image, title, **gray)
            picture = draw_picture(axes[columns + k], one, "saliency dz/dx", **colors)
            _draw_outline(axes[columns + k], image)
        if changed is not None:
            draw_picture(axes[count], changed, changed_title, **gray)
            axes[-1].set_axis_off()
        draw_colorbar(picture, axes, shrink=0.42, anchor=(0, 0.04))  # beside the lower row
    listing = "; ".join(
        f"{title.replace(chr(10), ', ')}, its saliency reaches {number(float(np.abs(one).max()))}, "
        f"strongest at {_strongest(one)}"
        for title, one in zip(titles, saliencies, strict=True)
    )
    after = f" Then {changed_title.replace(chr(10), ', ')}." if changed is not None else ""
    return described(
        figure,
        f"{counted(count, 'image')}, and below each its saliency: {listing}.{after} Red pixels "
        "raise the score of the class if made lighter, blue ones if made darker.",
    )


def _strongest(gradient: np.ndarray) -> str:
    """Say where a gradient (H, W) has its largest magnitude."""
    row, column = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
    return f"row {row}, column {column}"


def _draw_outline(axis: Axes, image: np.ndarray) -> None:
    """Draw the outline of the digit over its saliency."""
    middle = (image.min() + image.max()) / 2
    axis.contour(image, levels=[middle], colors=[INK], linewidths=0.7, linestyles="solid")


def strongest_patches(
    ideals: np.ndarray, patches: np.ndarray, filters: Sequence[int], strengths: np.ndarray
) -> Figure:
    """Draw what excites kernels most: an optimized image, and the best patches of digits.

    Parameters
    ----------
    ideals : ndarray (F, H, W)
        For each kernel, the image found by gradient ascent on its output.
    patches : ndarray (F, K, H, W)
        For each kernel, the patches of real images with the largest outputs, best first.
    filters : sequence of int
        The numbers of the F kernels, from 0.
    strengths : ndarray (F, 1 + K)
        The kernel's output for each of these pictures, the optimized one first.
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
            row[0].set_ylabel(f"kernel {filters[f]}", rotation=0, ha="right", va="center")
        axes[0].set_title("made", fontsize=10)
        axes[2].set_title("best found", fontsize=10)
    texts = (
        f"kernel {number_of} {values(row[:1], 1)} and {values(row[1:2], 1)}"
        for number_of, row in zip(filters, strengths, strict=True)
    )
    return described(
        figure,
        f"For {counted(rows, 'kernel')}, a row each: a framed image of "
        f"{sized(ideals.shape[1:])} pixels made to excite the kernel, and the "
        f"{counted(columns - 1, 'patch', 'patches')} of digits that excite it most. The kernel's "
        f"output for the made image and for the best patch: {listed(texts)}.",
    )
