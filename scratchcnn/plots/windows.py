"""Figures of notebook 01 about windows: where they stand, how many fit, which pixels they share."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from scratchcnn.layers.convolution import pad_widths, window_counts
from scratchcnn.plots.arrays import draw_matrices, draw_numbers, frame
from scratchcnn.plots.style import BLUE, GRAY, IMAGE, INK, ORANGE, new_figure, styled

PALE_ORANGE, PALE_GRAY = "#f6dcc4", "#e5e7eb"


def draw_zoom(image: np.ndarray, row: int, column: int, height: int, width: int) -> Figure:
    """Draw a whole image (H, W), and beside it a part of it with the number of every pixel."""
    figure, axes = new_figure(1, 2, 9, 4.6, width_ratios=(0.8, 1))
    with styled():
        axes[0].imshow(image, cmap=IMAGE)
        frame(axes[0], row, column, height, width)
        axes[0].set(title=f"{image.shape[0]} rows, {image.shape[1]} columns")
        axes[0].set(xlabel="Column", ylabel="Row")
        draw_numbers(axes[1], image[row : row + height, column : column + width], signed=False)
        axes[1].images[0].set_clim(image.min(), image.max())
        axes[1].set(title="The framed part, as numbers", xlabel="Column", ylabel="Row")
        axes[1].set_xticks(range(width), range(column, column + width))
        axes[1].set_yticks(range(height), range(row, row + height))
        axes[1].tick_params(length=0)
    return figure


def draw_sliding(
    image: np.ndarray,
    output: np.ndarray,
    window: tuple[int, int],
    places: Sequence[tuple[int, int]],
) -> Figure:
    """Draw the window at some places of the image, and below the output as far as it is known.

    The window visits the output's places row by row, with stride 1.

    Parameters
    ----------
    image : ndarray (H, W)
    output : ndarray (OH, OW)
    window : (int, int)
        KH, KW.
    places : sequence of (int, int)
        Places (oh, ow) of the output, a column of the figure each.
    """
    n = len(places)
    figure, axes = new_figure(2, n, 2.25 * n, 3.9, height_ratios=(image.shape[0], output.shape[0]))
    limit = np.abs(output).max()  # the same colors in all panels
    with styled():
        for k, (oh, ow) in enumerate(places):
            draw_numbers(axes[k], image, signed=False, boxes=[(oh, ow, *window)])
            axes[k].set_title(f"Window at ({oh}, {ow})")
            known = np.full(output.shape, np.nan)
            done = oh * output.shape[1] + ow + 1
            known.flat[:done] = output.flat[:done]
            draw_numbers(axes[n + k], known, signed=True, boxes=[(oh, ow, 1, 1)], limit=limit)
    return figure


def draw_sizes(cases: Sequence[tuple[int, int, int, int]]) -> Figure:
    """Draw one row of pixels and every window that fits on it, two cases side by side.

    Parameters
    ----------
    cases : sequence of (size, kernel, stride, padding)
        ``padding`` counts the added pixels of both sides together.
    """
    rows = -(-len(cases) // 2)
    counts = [(size + padding - kernel) // stride + 1 for size, kernel, stride, padding in cases]
    heights = [1.6 + 0.55 * max(counts[2 * row : 2 * row + 2]) for row in range(rows)]
    widest = max(case[0] for case in cases)
    figure, axes = new_figure(rows, 2, 9, 0.46 * sum(heights), height_ratios=heights)
    with styled():
        for k, (size, kernel, stride, padding) in enumerate(cases):
            axis, count, before = axes[k], counts[k], padding // 2
            used = (count - 1) * stride + kernel
            for place in range(-before, size + padding - before):
                color = PALE_GRAY if place < used - before else "white"
                _cell(axis, 0, place, inside=0 <= place < size, color=color)
            for step in range(count):
                start = -before + step * stride
                color = (BLUE, ORANGE)[step % 2]
                bar = Rectangle(
                    (start - 0.42, 0.75 + 0.55 * step), kernel - 0.16, 0.38, color=color
                )
                axis.add_patch(bar)
            rest = size + padding - used
            axis.set_title(
                f"({size} + {padding} − {kernel}) // {stride} + 1 = {count} windows"
                + (f", {rest} unused" if rest else "")
            )
            axis.set(xlim=(-1.6, widest + 0.6), ylim=(heights[k // 2] - 0.7, -0.7))
        for axis in axes:
            axis.set_axis_off()
    return figure


def draw_strides(size: int, kernel: int, cases: Sequence[tuple[int, str]]) -> Figure:
    """Draw a square image, its padding, the centers of all windows and the first two windows.

    Parameters
    ----------
    size, kernel : int
        Pixels along a side of the image and of the kernel (odd).
    cases : sequence of (stride, padding)
        As for `Conv2D`, a panel each.
    """
    figure, axes = new_figure(1, len(cases), 9, 9 / len(cases) + 0.6)
    with styled():
        for axis, (stride, padding) in zip(axes, cases, strict=True):
            sizes = (size, size), (kernel, kernel), (stride, stride), padding
            pads, (OH, OW) = pad_widths(*sizes), window_counts(*sizes, "draw_strides")
            (top, bottom), (left, right) = pads
            for row in range(-top, size + bottom):
                for column in range(-left, size + right):
                    inside = 0 <= row < size and 0 <= column < size
                    _cell(axis, row, column, inside)
            for oh, ow in np.ndindex(OH, OW):
                row, column = oh * stride - top, ow * stride - left
                middle = kernel // 2
                axis.plot(column + middle, row + middle, "o", ms=5, color=INK)
                if oh == 0 and ow < 2:
                    frame(axis, row, column, kernel, kernel, (ORANGE, BLUE)[ow])
            axis.set_title(f'Stride {stride}, "{padding}"\n{OH} × {OW} windows')
            axis.set(xlim=(-1.7, size + 0.7), ylim=(size + 0.7, -1.7), aspect="equal")
            axis.set_axis_off()
    return figure


def fed_outputs(
    pixel: tuple[int, int], output_size: tuple[int, int], kernel_size: tuple[int, int]
) -> list[tuple[int, int, int, int]]:
    """Return (oh, ow, i, j) wherever output (oh, ow) uses the pixel times kernel[i, j].

    Stride 1, no padding: the pixel is x[oh + i, ow + j].
    """
    return [
        (pixel[0] - i, pixel[1] - j, i, j)
        for i, j in np.ndindex(kernel_size)
        if 0 <= pixel[0] - i < output_size[0] and 0 <= pixel[1] - j < output_size[1]
    ]


def draw_fed_outputs(
    image_size: tuple[int, int], kernel_size: tuple[int, int], pixels: Sequence[tuple[int, int]]
) -> Figure:
    """Draw which outputs some pixels feed, and through which number of the kernel, k[i, j]."""
    n = len(pixels)
    OH, OW = window_counts(image_size, kernel_size, (1, 1), "valid", "draw_fed_outputs")
    figure, axes = new_figure(2, n, 2.25 * n, 4.3)
    with styled():
        for above, below, pixel in zip(axes[:n], axes[n:], pixels, strict=True):
            fed = fed_outputs(pixel, (OH, OW), kernel_size)
            for place in np.ndindex(image_size):
                _cell(above, *place, inside=True, color=ORANGE if place == pixel else PALE_GRAY)
            for place in np.ndindex(OH, OW):
                reached = place in [(oh, ow) for oh, ow, _, _ in fed]
                _cell(below, *place, inside=True, color=PALE_ORANGE if reached else PALE_GRAY)
            for oh, ow, i, j in fed:
                below.text(ow, oh, f"k[{i}, {j}]", ha="center", va="center", fontsize=9.5)
            above.set_title(f"Pixel x[{pixel[0]}, {pixel[1]}]")
            below.set_title(f"feeds {len(fed)} output{'s' * (len(fed) > 1)}")
            for axis, (height, width) in ((above, image_size), (below, (OH, OW))):
                axis.set(xlim=(-0.6, width - 0.4), ylim=(height - 0.4, -0.6), aspect="equal")
                axis.set_axis_off()
    return figure


def draw_windows_as_rows(
    image: np.ndarray, kernel: np.ndarray, places: Sequence[tuple[int, int]]
) -> Figure:
    """Draw the windows of an image as rows of a matrix, times the kernel as a column.

    Parameters
    ----------
    image, kernel : ndarray (H, W), (KH, KW)
    places : sequence of (int, int)
        Up to three outputs (oh, ow) to mark, each in a color of its own, in all parts.
    """
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    OH, OW = windows.shape[:2]
    rows = windows.reshape(OH * OW, kernel.size)  # (OH, OW, KH, KW) -> (OH * OW, KH * KW)
    column = kernel.reshape(-1, 1)  # (KH, KW) -> (KH * KW, 1)
    figure = draw_matrices(
        [image, rows, column, rows @ column],
        ["Image", "A window a row", "k", "y"],
        signed=[False, False, True, True],
        symbols=["→", "@", "="],
        cell=0.38,
    )
    image_axis, rows_axis, _, output_axis = figure.axes
    with styled():
        for (oh, ow), color in zip(places, (ORANGE, BLUE, "#7a3e9d"), strict=False):
            frame(image_axis, oh, ow, *kernel.shape, color)
            frame(rows_axis, oh * OW + ow, 0, 1, kernel.size, color)
            frame(output_axis, oh * OW + ow, 0, 1, 1, color)
    return figure


def _cell(axis: Axes, row: int, column: int, inside: bool, color: str = PALE_GRAY) -> None:
    """Draw one pixel: filled, or, if it is padding, empty with a dashed edge."""
    style = {"fc": color, "ec": "white" if color != "white" else GRAY}
    if not inside:
        style = {"fc": "white", "ec": GRAY, "ls": ":"}
    axis.add_patch(Rectangle((column - 0.46, row - 0.46), 0.92, 0.92, **style))
