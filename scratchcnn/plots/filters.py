"""Convolution: kernels and their feature maps, sums over channels, im2col, and learning."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from scratchcnn.plots.arrays import matrices
from scratchcnn.plots.cells import (
    draw_colorbar,
    draw_numbers,
    draw_picture,
    frame,
    rectangle,
    signed_scale,
)
from scratchcnn.plots.display import described
from scratchcnn.plots.style import BLUE, GRAY, IMAGE, ORANGE, PURPLE, new_figure, styled
from scratchcnn.plots.words import (
    counted,
    course,
    in_rows,
    listed,
    number,
    panel,
    scale,
    sides,
    sized,
    values,
)


def kernels_and_maps(
    image: np.ndarray,
    kernels: Mapping[str, np.ndarray],
    maps: Mapping[str, np.ndarray],
    signed: bool = True,
) -> Figure:
    """Draw an image and kernels with their numbers, each above its feature map.

    Parameters
    ----------
    image : ndarray (H, W)
        The image.
    kernels, maps : mapping of str to ndarray
        For each name, a kernel (KH, KW) and what it makes of the image (OH, OW). All kernels
        share one color scale.
    signed : bool
        True: all maps on one scale from blue (negative) to red (positive). False: the image and
        all maps on one gray scale, from the smallest number to the largest.
    """
    n, arrays = len(kernels), list(maps.values())
    figure, axes = new_figure(2, n + 1, 2.15 * (n + 1) + 0.4, 4.1, height_ratios=(0.85, 1))
    strongest = max(float(np.abs(kernel).max()) for kernel in kernels.values())
    colors, gray = signed_scale(arrays), {}
    if not signed:
        low, high = min(m.min() for m in [image, *arrays]), max(m.max() for m in [image, *arrays])
        colors = gray = {"cmap": IMAGE, "vmin": float(low), "vmax": float(high)}
    with styled():
        axes[0].set_axis_off()
        draw_picture(axes[n + 1], image, "Image", **gray)
        for k, (name, kernel) in enumerate(kernels.items()):
            draw_numbers(axes[1 + k], kernel, signed=True, digits=2, limit=strongest)
            axes[1 + k].set_title(name)
            picture = draw_picture(axes[n + 2 + k], maps[name], **colors)
        draw_colorbar(picture, axes[n + 2 :])
    described_kernels = (f"{name}, rows {in_rows(kernel, 2)}" for name, kernel in kernels.items())
    described_maps = (panel(name, array, signed) for name, array in maps.items())
    reading = scale(colors["vmax"]) if signed else "The image and the maps share one gray scale."
    return described(
        figure,
        f"An image, {counted(n, 'kernel')} and the feature map that each makes of it. Kernels: "
        f"{'; '.join(described_kernels)}. Maps: {'; '.join(described_maps)}. {reading}",
    )


def layer_maps(
    images: Mapping[str, np.ndarray], maps: Mapping[str, Sequence[np.ndarray]]
) -> Figure:
    """Draw images below each other, and beside each of them what some layers make of it.

    Parameters
    ----------
    images : mapping of str to ndarray (H, W)
        The images, by the labels of the rows.
    maps : mapping of str to sequence of ndarray (OH, OW)
        By the titles of the columns: a map for each image. All maps share one signed scale.
    """
    rows, columns = len(images), 1 + len(maps)
    figure, axes = new_figure(rows, columns, 1.95 * columns + 0.9, 1.8 * rows + 0.35)
    colors = signed_scale([array for column in maps.values() for array in column])
    with styled():
        for row, (label, image) in enumerate(images.items()):
            first, *others = axes[row * columns : (row + 1) * columns]
            first.imshow(image, cmap=IMAGE)
            first.set(xticks=[], yticks=[], ylabel=label)
            for axis, column in zip(others, maps.values(), strict=True):
                picture = draw_picture(axis, column[row], **colors)
        for axis, title in zip(axes, ("Image", *maps), strict=False):
            axis.set_title(title)
        draw_colorbar(picture, axes)
        figure.set_layout_engine("compressed")  # else the labels are cut off at the left
    texts = (
        panel(f"{title}, {label},", array, True)
        for title, column in maps.items()
        for label, array in zip(images, column, strict=True)
    )
    return described(
        figure,
        f"{counted(rows, 'image')} ({listed(images)}), and beside each the maps of "
        f"{listed(maps)}, on one signed scale: {'; '.join(texts)}. {scale(colors['vmax'])}",
    )


def channel_sums(windows: np.ndarray, kernel: np.ndarray, bias: float) -> Figure:
    """Draw how one output pixel sums over the channels of its window.

    Parameters
    ----------
    windows, kernel : ndarray (KH, KW, C)
        The window and the kernel.
    bias : float
        Added at the end.
    """
    channels = kernel.shape[2]
    products = windows * kernel
    sums = products.sum(axis=(0, 1))
    figure, axes = new_figure(channels, 4, 7.4, 1.75 * channels + 0.6, width_ratios=(1, 1, 1, 0.8))
    limit = float(np.abs(products).max())
    with styled():
        for c in range(channels):
            window_axis, kernel_axis, product_axis, text_axis = axes[4 * c : 4 * c + 4]
            draw_numbers(window_axis, windows[..., c], signed=False)
            window_axis.set_ylabel(f"Channel {c}")
            draw_numbers(kernel_axis, kernel[..., c], signed=True)
            draw_numbers(product_axis, products[..., c], signed=True, limit=limit)
            text_axis.text(0, 0.5, f"sum {number(sums[c])}", va="center", fontsize=13)
            text_axis.set_axis_off()
        for axis, title in zip(axes, ("Window", "Kernel", "Products"), strict=False):
            axis.set_title(title)
        terms = " + ".join(f"({number(s)})" if s < 0 else number(s) for s in [*sums, bias])
        total = f"{terms} = {number(sums.sum() + bias)}"
        figure.suptitle(f"Channel sums and bias: {total}", fontsize=13)
    texts = (
        f"channel {c}, window rows {in_rows(windows[..., c])}, kernel rows "
        f"{in_rows(kernel[..., c])}, products that sum to {number(sums[c])}"
        for c in range(channels)
    )
    return described(
        figure,
        f"{counted(channels, 'channel')} of one window, each times its own slice of the kernel: "
        f"{'; '.join(texts)}. Channel sums plus bias: {total}.",
    )


def window_matrix(
    image: np.ndarray, kernel: np.ndarray, places: Sequence[tuple[int, int]]
) -> Figure:
    """Draw the windows of an image as rows of a matrix (im2col), times the kernel as a column.

    Parameters
    ----------
    image, kernel : ndarray (H, W), (KH, KW)
        The two arrays to correlate.
    places : sequence of (int, int)
        Up to three outputs (i, j) to mark in all parts, each in its own color.
    """
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    OH, OW = windows.shape[:2]
    rows = windows.reshape(OH * OW, kernel.size)  # (OH, OW, KH, KW) -> (OH * OW, KH * KW)
    column = kernel.reshape(-1, 1)  # (KH, KW) -> (KH * KW, 1)
    output = rows @ column
    figure = matrices(
        [image, rows, column, output],
        ["Image", "A window in each row", "k", "y"],
        signed=[False, False, True, True],
        symbols=["→", "@", "="],
        cell=0.38,
    )
    image_axis, rows_axis, _, output_axis = figure.axes
    names = []
    with styled():
        for (i, j), (color, name) in zip(
            places, ((ORANGE, "orange"), (BLUE, "blue"), (PURPLE, "purple")), strict=False
        ):
            frame(image_axis, i, j, kernel.shape[0], kernel.shape[1], color)
            frame(rows_axis, i * OW + j, 0, 1, kernel.size, color)
            frame(output_axis, i * OW + j, 0, 1, 1, color)
            names.append(f"({i}, {j}) in {name}, output {number(float(output[i * OW + j, 0]))}")
    return described(
        figure,
        f"An image of {sized(image.shape)} pixels becomes a matrix of {len(rows)} rows, with one "
        f"window of {kernel.size} pixels in each. Times the kernel as a column, it gives the "
        f"output as a column: {values(output)}. Framed are the windows at {listed(names)}.",
    )


def learned_kernels(
    kernels: Sequence[np.ndarray], titles: Sequence[str], losses: Sequence[float]
) -> Figure:
    """Draw a kernel at some training steps, on one scale, and the loss at every step."""
    n = len(kernels)
    figure, axes = new_figure(1, n + 1, 9, 2.5, width_ratios=[1] * n + [1.3])
    limit = max(float(np.abs(kernel).max()) for kernel in kernels)
    with styled():
        for axis, kernel, title in zip(axes, kernels, titles, strict=False):
            draw_numbers(axis, kernel, signed=True, digits=2, limit=limit)
            axis.set_title(title)
        axes[n].plot(losses)
        axes[n].set(yscale="log", xlabel="Step", ylabel="Loss")
    texts = (
        f"{title}, rows {in_rows(kernel, 2)}" for title, kernel in zip(titles, kernels, strict=True)
    )
    return described(
        figure,
        f"A kernel as it learns: {'; '.join(texts)}. Beside it the loss on a log axis: it "
        f"{course(losses)} over {counted(len(losses) - 1, 'step')}.",
    )


def kernels(
    arrays: Sequence[np.ndarray], titles: Sequence[str], label: str = "Weight", size: float = 0.82
) -> Figure:
    """Draw sets of single-channel kernels, one set per row, all on one signed scale.

    Parameters
    ----------
    arrays : sequence of ndarray (KH, KW, 1, F)
        Kernels or their gradients, for example at several points during training.
    titles : sequence of str
        The labels at the left of the rows.
    label : str
        The label of the color scale.
    size : float
        Distance from one kernel to the next, in inches.
    """
    rows, filters, gap = len(arrays), arrays[0].shape[-1], 0.12
    figure, (axis,) = new_figure(1, 1, size * filters + 2.2, size * rows + 0.3)
    colors = signed_scale(arrays)
    edge: dict[str, Any] = {"fill": False, "edgecolor": GRAY, "linewidth": 0.5}
    with styled():
        # All pictures share one panel: a panel for each would take four times as long to draw.
        for row, f in np.ndindex(rows, filters):
            place = (f, f + 1 - gap, row + 1 - gap, row)  # left, right, bottom, top
            picture = axis.imshow(arrays[row][:, :, 0, f], extent=place, **colors)
            rectangle(axis, f, row, 1 - gap, 1 - gap, **edge)
        middle = (1 - gap) / 2
        axis.set(xlim=(0, filters - gap), ylim=(rows - gap, 0))
        axis.set_xticks(np.arange(filters) + middle, [f"kernel {f}" for f in range(filters)])
        axis.set_yticks(np.arange(rows) + middle, titles)
        axis.tick_params(length=0)
        axis.tick_params(axis="x", labeltop=True, labelbottom=False, labelsize=10)
        axis.spines[:].set_visible(False)
        draw_colorbar(picture, axis, shrink=0.9, aspect=25).set_label(label)
        # This layout keeps kernels square; without it, long titles would be cut off at the left.
        figure.set_layout_engine("compressed")
    texts = []
    for title, array in zip(titles, arrays, strict=True):
        magnitudes = np.abs(array).max(axis=(0, 1, 2))  # (KH, KW, 1, F) -> (F,)
        text = f"{title}, up to {number(magnitudes.max())}"
        if magnitudes.max() > 0 and filters > 1:
            text += f" (strongest: kernel {magnitudes.argmax()}, weakest: {magnitudes.argmin()})"
        texts.append(text)
    lie = [(f, sides(arrays[-1][:, :, 0, f])) for f in range(filters)]
    ends = "; ".join(f"kernel {f} {where}" for f, where in lie if where)
    visible = np.abs(arrays[-1]).max() > 0.01 * colors["vmax"]
    last = f" Last row: {ends}." if ends and visible else ""
    return described(
        figure,
        f"{label} of {counted(filters, 'kernel')} of {sized(arrays[0].shape[:2])}, in columns. "
        f"Rows, by largest magnitude: {listed(texts)}.{last} {scale(colors['vmax'])}",
    )
