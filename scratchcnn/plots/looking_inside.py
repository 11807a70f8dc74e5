"""What a network does with an image: activations, ReLU, saliency, favorite patches."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scratchcnn.plots.cells import draw_colorbar, draw_picture, signed_scale
from scratchcnn.plots.display import described
from scratchcnn.plots.style import BLUE, INK, ORANGE, new_figure, styled
from scratchcnn.plots.words import counted, extent, number, sized


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
