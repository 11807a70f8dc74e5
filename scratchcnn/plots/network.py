"""Figures of notebook 04: what a network does with an image, and where it goes wrong."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from scratchcnn.plots.style import BLUE, GRAY, IMAGE, INK, SIGNED, new_figure, styled


def network_panels(
    image: np.ndarray,
    feature_maps: np.ndarray,
    pooled: np.ndarray,
    probabilities: np.ndarray,
    notes: Sequence[str] = (),
) -> Figure:
    """Draw one image on its way through convolution, pooling and dense layer, left to right.

    Parameters
    ----------
    image : ndarray (H, W)
        What goes in.
    feature_maps, pooled : ndarray (OH, OW, F)
        What the first two layers make of it; all on one signed scale.
    probabilities : ndarray (K,)
        What comes out.
    notes : sequence of str
        One below each of the four panels, if given.
    """
    panels = [image, mosaic(feature_maps), mosaic(pooled)]
    ratios = [panel.shape[1] for panel in panels]  # one scale: a pixel is a pixel everywhere
    figure, axes = new_figure(1, 4, 9.0, 3.0, width_ratios=[*ratios, 60])
    limit = np.abs(feature_maps).max()
    signed = {"cmap": SIGNED, "vmin": -limit, "vmax": limit}
    with styled():
        for axis, panel, scale in zip(
            axes, panels, ({"cmap": IMAGE}, signed, signed), strict=False
        ):
            axis.imshow(panel, **scale)
            axis.set_axis_off()
        axes[0].set_title("Image\n" + _shape((*image.shape, 1)))
        axes[1].set_title("Feature maps\n" + _shape(feature_maps.shape))
        axes[2].set_title("Pooled\n" + _shape(pooled.shape))
        classes = np.arange(len(probabilities))
        axes[3].barh(classes, probabilities, color=BLUE)
        axes[3].set(title=f"Probabilities\n{len(classes)}", xlim=(0, 1), yticks=classes)
        axes[3].invert_yaxis()
        axes[3].tick_params(axis="y", length=0, labelsize=9)
        axes[3].set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        for axis, note in zip(axes, notes, strict=False):
            at = (0.5, -0.06 if axis is not axes[3] else -0.2)
            axis.text(*at, note, transform=axis.transAxes, ha="center", va="top", fontsize=10)
    return figure


def mosaic(maps: np.ndarray, columns: int = 4, gap: int = 2) -> np.ndarray:
    """Lay maps (H, W, F) out in rows of ``columns``, NaN between them: one array to draw."""
    H, W, F = maps.shape
    rows = -(-F // columns)
    board = np.full((rows * (H + gap) - gap, columns * (W + gap) - gap), np.nan)
    for f in range(F):
        top, left = f // columns * (H + gap), f % columns * (W + gap)
        board[top : top + H, left : left + W] = maps[..., f]
    return board


def kernel_rows(
    kernels: Sequence[np.ndarray], titles: Sequence[str], label: str, size: float = 0.82
) -> Figure:
    """Draw the kernels of one channel at several moments, a row each, all on one signed scale.

    Parameters
    ----------
    kernels : sequence of ndarray (KH, KW, 1, F)
        Kernels, or their gradients.
    titles : sequence of str
        What stands at the left of each row.
    label : str
        What the numbers are, for the color scale.
    size : float
        From one kernel to the next, in inches.
    """
    moments, filters, gap = len(kernels), kernels[0].shape[-1], 0.12
    figure, (axis,) = new_figure(1, 1, size * filters + 2.2, size * moments + 0.3)
    limit = max(np.abs(kernel).max() for kernel in kernels)
    with styled():
        # Pictures at places of one panel: a panel for each would take four times as long to draw.
        for row, f in np.ndindex(moments, filters):
            place = (f, f + 1 - gap, row + 1 - gap, row)  # left, right, bottom, top
            picture = axis.imshow(
                kernels[row][:, :, 0, f], cmap=SIGNED, vmin=-limit, vmax=limit, extent=place
            )
            # Not clipped, or an edge on the rim would lose half its line.
            edge = {"fill": False, "edgecolor": GRAY, "linewidth": 0.5, "clip_on": False}
            axis.add_patch(Rectangle((f, row), 1 - gap, 1 - gap, **edge))
        middle = (1 - gap) / 2
        axis.set(xlim=(0, filters - gap), ylim=(moments - gap, 0))
        axis.set_xticks(np.arange(filters) + middle, [f"kernel {f}" for f in range(filters)])
        axis.set_yticks(np.arange(moments) + middle, titles)
        axis.tick_params(length=0)
        axis.tick_params(axis="x", labeltop=True, labelbottom=False, labelsize=10)
        axis.spines[:].set_visible(False)
        bar = figure.colorbar(picture, ax=axis, shrink=0.9, aspect=25)
        bar.set_label(label)
        bar.outline.set_visible(False)
        # Knows that kernels stay square; without it long titles would be cut off at the left.
        figure.set_layout_engine("compressed")
    return figure


def saliency_panels(
    images: Sequence[np.ndarray],
    gradients: Sequence[np.ndarray],
    titles: Sequence[str],
    changed: np.ndarray,
    changed_title: str,
) -> Figure:
    """Draw dL/dx of a right and of a wrong prediction, and what a step against it makes.

    The first two columns hold the images and, on one scale, the gradients. At the right
    stand the first gradient once more on its own scale, and the changed second image.

    Parameters
    ----------
    images, gradients : sequence of 2 ndarrays (H, W)
        Images, scaled alike and like ``changed``, and the loss's gradient with respect to
        their pixels.
    titles : sequence of 2 str
        One above each image.
    changed, changed_title : ndarray (H, W), str
        The second image after a step, and what stands above it.
    """
    figure, axes = new_figure(2, 3, 8.6, 5.4)
    limits = [np.abs(gradient).max() for gradient in gradients]
    with styled():
        for axis in axes:
            axis.set_axis_off()
        for row, (image, gradient, title) in enumerate(zip(images, gradients, titles, strict=True)):
            axes[3 * row].imshow(image, cmap=IMAGE)
            axes[3 * row].set_title(title)
            _draw_gradient(axes[3 * row + 1], gradient, image, max(limits), "dL/dx")
        enlarged = f"the same, colors {max(limits) / limits[0]:.0f} times stronger"
        _draw_gradient(axes[2], gradients[0], images[0], limits[0], enlarged)
        axes[5].imshow(changed, cmap=IMAGE, vmin=images[1].min(), vmax=images[1].max())
        axes[5].set_title(changed_title)
    return figure


def _draw_gradient(
    axis: Axes, gradient: np.ndarray, image: np.ndarray, limit: float, title: str
) -> None:
    """Draw dL/dx with the outline of the digit and a color scale."""
    picture = axis.imshow(gradient, cmap=SIGNED, vmin=-limit, vmax=limit)
    middle = (image.min() + image.max()) / 2
    axis.contour(image, levels=[middle], colors=[INK], linewidths=0.7, linestyles="solid")
    axis.set_title(title)
    bar = axis.figure.colorbar(picture, ax=axis, shrink=0.85)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=9)


def confusion_matrix(confusion: np.ndarray) -> Figure:
    """Draw counts (K, K), right class by predicted class, a number a cell; zeros stay empty.

    Color shows the share of the row, so that rare and frequent classes can be compared.
    """
    confusion = np.asarray(confusion)
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    figure, (axis,) = new_figure(1, 1, 6.0, 5.2)
    with styled():
        # The square root lifts the few mistakes out of the background.
        picture = axis.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
        for true, predicted in np.argwhere(confusion):
            color = "white" if shares[true, predicted] > 0.3 else INK
            text = str(confusion[true, predicted])
            axis.text(predicted, true, text, ha="center", va="center", color=color)
        classes = np.arange(len(confusion))
        axis.set(xlabel="Predicted class", ylabel="Right class", xticks=classes, yticks=classes)
        axis.tick_params(length=0)
        axis.spines[:].set_visible(False)
        bar = figure.colorbar(picture, ax=axis, shrink=0.8)
        levels = (0, 0.05, 0.25, 0.5, 1)
        bar.set_ticks(np.sqrt(levels), labels=[f"{level:.0%}" for level in levels])
        bar.set_label("Share of the row")
        bar.outline.set_visible(False)
    return figure


def mistake_panels(
    images: np.ndarray, labels: np.ndarray, probabilities: np.ndarray, columns: int = 6
) -> Figure:
    """Draw images with the right class, the predicted class and its probability above each.

    Parameters
    ----------
    images : ndarray (N, H, W)
        Grayscale images.
    labels : ndarray of int (N,)
        Right classes.
    probabilities : ndarray (N, K)
        What the network says.
    """
    rows = -(-len(images) // columns)
    figure, axes = new_figure(rows, columns, 1.4 * columns, 1.85 * rows)
    with styled():
        for axis in axes:
            axis.set_axis_off()
        for axis, image, label, p in zip(axes, images, labels, probabilities, strict=False):
            axis.imshow(image, cmap=IMAGE)
            axis.set_title(f"a {label}, called {p.argmax()}\n{p.max():.1%} sure", fontsize=10)
    return figure


def _shape(shape: tuple[int, ...]) -> str:
    """Write a shape for a title: ``26 × 26 × 8``."""
    return " × ".join(map(str, shape))
