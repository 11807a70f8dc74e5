"""Windows that slide over an image: their positions, how many fit, which pixels they share."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scratchcnn.plots.cells import draw_numbers, frame, rectangle
from scratchcnn.plots.display import described
from scratchcnn.plots.style import (
    BLUE,
    GRAY,
    IMAGE,
    INK,
    ORANGE,
    PALE_GRAY,
    PALE_ORANGE,
    new_figure,
    styled,
)
from scratchcnn.plots.words import counted, extent, in_rows, listed, sized


def image_part(image: np.ndarray, row: int, column: int, height: int, width: int) -> Figure:
    """Draw a whole image (H, W), and beside it a part of it with the value of every pixel."""
    figure, axes = new_figure(1, 2, 9, 4.6, width_ratios=(0.8, 1))
    part = image[row : row + height, column : column + width]
    with styled():
        axes[0].imshow(image, cmap=IMAGE)
        frame(axes[0], row, column, height, width)
        axes[0].set(title=f"{image.shape[0]} rows, {image.shape[1]} columns")
        axes[0].set(xlabel="Column", ylabel="Row")
        draw_numbers(axes[1], part, signed=False)
        axes[1].images[0].set_clim(image.min(), image.max())
        axes[1].set(title="The framed part, as numbers", xlabel="Column", ylabel="Row")
        axes[1].set_xticks(range(width), map(str, range(column, column + width)))
        axes[1].set_yticks(range(height), map(str, range(row, row + height)))
        axes[1].tick_params(length=0)
    return described(
        figure,
        f"Left: an image of {sized(image.shape)} pixels, with a frame around rows {row} to "
        f"{row + height - 1} and columns {column} to {column + width - 1}. Right: the "
        f"{part.size} framed pixels with their numbers, {extent(part)}.",
    )


def sliding_window(
    image: np.ndarray,
    output: np.ndarray,
    window: tuple[int, int],
    places: Sequence[tuple[int, int]],
) -> Figure:
    """Draw the window at some places in the image, and below it the output computed so far.

    The window moves row by row, with stride 1.

    Parameters
    ----------
    image : ndarray (H, W)
        The image.
    output : ndarray (OH, OW)
        The result of the convolution.
    window : (int, int)
        KH, KW.
    places : sequence of (int, int)
        Places (i, j) of the output, one for each column of the figure.
    """
    n = len(places)
    figure, axes = new_figure(2, n, 2.25 * n, 3.9, height_ratios=(image.shape[0], output.shape[0]))
    limit = float(np.abs(output).max())  # for the same colors in all panels
    with styled():
        for k, (i, j) in enumerate(places):
            draw_numbers(axes[k], image, signed=False, boxes=[(i, j, *window)])
            axes[k].set_title(f"Window at ({i}, {j})")
            known = np.full(output.shape, np.nan)
            done = i * output.shape[1] + j + 1
            known.flat[:done] = output.flat[:done]
            draw_numbers(axes[n + k], known, signed=True, boxes=[(i, j, 1, 1)], limit=limit)
    return described(
        figure,
        f"{counted(n, 'step')} of a {sized(window)} window that slides over an image of "
        f"{sized(image.shape)} pixels, at {listed(map(str, places))}, and below each step the "
        f"output so far. At the last step it reads, row by row: {in_rows(known)}.",
    )


def window_counts(cases: Sequence[tuple[int, int, int, int]]) -> Figure:
    """Draw one row of pixels and every window that fits on it, two cases side by side.

    Parameters
    ----------
    cases : sequence of (size, kernel, stride, padding)
        ``padding`` is the number of pixels added on each of the two sides.
    """
    rows = -(-len(cases) // 2)
    counts = [(size + 2 * P - kernel) // stride + 1 for size, kernel, stride, P in cases]
    heights = [1.6 + 0.55 * max(counts[2 * row : 2 * row + 2]) for row in range(rows)]
    widest = max(case[0] for case in cases)
    figure, axes = new_figure(rows, 2, 9, 0.43 * sum(heights), height_ratios=heights)
    titles = []
    with styled():
        for k, (size, kernel, stride, P) in enumerate(cases):
            axis, count = axes[k], counts[k]
            used = (count - 1) * stride + kernel
            for place in range(-P, size + P):
                color = PALE_GRAY if place < used - P else "white"
                _draw_pixel(axis, 0, place, 0 <= place < size, color)
            for step in range(count):
                left = -P + step * stride - 0.42
                rectangle(axis, left, 0.75 + 0.55 * step, kernel - 0.16, 0.38, color=BLUE)
            rest = size + 2 * P - used
            titles.append(
                f"Stride {stride}, padding {P}: {counted(count, 'window')}"
                + (f", {counted(rest, 'pixel')} unused" if rest else "")
            )
            axis.set_title(titles[-1])
            axis.set(xlim=(-1.6, widest + 0.6), ylim=(heights[k // 2] - 0.7, -0.7))
        for axis in axes:
            axis.set_axis_off()
    texts = (
        f"{case[0]} pixels, kernel {case[1]}, {t}" for case, t in zip(cases, titles, strict=True)
    )
    return described(
        figure,
        f"{counted(len(cases), 'row')} of pixels, each with the windows that fit on it drawn as "
        f"bars below. {'; '.join(texts)}.",
    )


def window_centers(size: int, kernel: int, cases: Sequence[tuple[int, str]]) -> Figure:
    """Draw a square image, its padding, the centers of all windows and the first two windows.

    Parameters
    ----------
    size, kernel : int
        Pixels along a side of the image and of the kernel (odd).
    cases : sequence of (stride, padding)
        As for `Conv2D`, with one panel for each.
    """
    figure, axes = new_figure(1, len(cases), 9, 9 / len(cases) + 0.6)
    texts = []
    with styled():
        for axis, (stride, padding) in zip(axes, cases, strict=True):
            before, after, count = _padding_and_count(size, kernel, stride, padding)
            for row, column in np.ndindex(*[before + size + after] * 2):
                inside = before <= row < before + size and before <= column < before + size
                _draw_pixel(axis, row - before, column - before, inside)
            for i, j in np.ndindex(count, count):
                top, left = i * stride - before, j * stride - before
                axis.plot(left + kernel // 2, top + kernel // 2, "o", ms=5, color=INK)
                if i == 0 and j < 2:
                    frame(axis, top, left, kernel, kernel, (ORANGE, BLUE)[j])
            axis.set_title(f'Stride {stride}, "{padding}"\n{count} × {count} windows')
            axis.set(xlim=(-1.7, size + 0.7), ylim=(size + 0.7, -1.7), aspect="equal")
            axis.set_axis_off()
            ring = (
                f", with {counted(before, 'pixel')} added before and {after} after" if after else ""
            )
            texts.append(f"stride {stride}, {padding}: {count} by {count} windows{ring}")
    return described(
        figure,
        f"An image of {size} by {size} pixels under windows of {kernel} by {kernel}, the center of "
        f"each window dotted, the first two windows framed. {'; '.join(texts).capitalize()}.",
    )


def _padding_and_count(size: int, kernel: int, stride: int, padding: str) -> tuple[int, int, int]:
    """Return the pixels added before and after along one axis, and how many windows then fit."""
    if padding == "valid":
        return 0, 0, (size - kernel) // stride + 1
    count = -(-size // stride)
    total = max((count - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2, count


def fed_outputs(
    pixel: tuple[int, int], output_size: tuple[int, int], kernel_size: tuple[int, int]
) -> list[tuple[int, int, int, int]]:
    """Return (i, j, a, b) wherever output (i, j) uses the pixel times kernel[a, b].

    With stride 1 and no padding, that is where the pixel is x[i + a, j + b].
    """
    return [
        (pixel[0] - a, pixel[1] - b, a, b)
        for a, b in np.ndindex(*kernel_size)
        if 0 <= pixel[0] - a < output_size[0] and 0 <= pixel[1] - b < output_size[1]
    ]


def outputs_fed_by_pixels(
    image_size: tuple[int, int], kernel_size: tuple[int, int], pixels: Sequence[tuple[int, int]]
) -> Figure:
    """Draw which outputs some pixels feed, and through which kernel weight, k[a, b]."""
    n = len(pixels)
    OH, OW = image_size[0] - kernel_size[0] + 1, image_size[1] - kernel_size[1] + 1
    figure, axes = new_figure(2, n, 2.25 * n, 4.3)
    texts = []
    with styled():
        for above, below, pixel in zip(axes[:n], axes[n:], pixels, strict=True):
            fed = fed_outputs(pixel, (OH, OW), kernel_size)
            for place in np.ndindex(*image_size):
                _draw_pixel(
                    above, place[0], place[1], color=ORANGE if place == pixel else PALE_GRAY
                )
            for place in np.ndindex(OH, OW):
                reached = place in [(i, j) for i, j, _, _ in fed]
                _draw_pixel(below, place[0], place[1], color=PALE_ORANGE if reached else PALE_GRAY)
            for i, j, a, b in fed:
                below.text(j, i, f"k[{a}, {b}]", ha="center", va="center", fontsize=9.5)
            above.set_title(f"Pixel x[{pixel[0]}, {pixel[1]}]")
            below.set_title(f"feeds {counted(len(fed), 'output')}")
            texts.append(f"x[{pixel[0]}, {pixel[1]}] feeds {counted(len(fed), 'output')}")
            for axis, (height, width) in ((above, image_size), (below, (OH, OW))):
                axis.set(xlim=(-0.6, width - 0.4), ylim=(height - 0.4, -0.6), aspect="equal")
                axis.set_axis_off()
    return described(
        figure,
        f"{counted(n, 'pixel')} of an image of {sized(image_size)} pixels, and the outputs that "
        f"each feeds through a kernel of {sized(kernel_size)}: {listed(texts)}. Each output is "
        "labeled with the kernel's number k[a, b]; along the outputs the indices run backward.",
    )


def _draw_pixel(
    axis: Axes, row: int, column: int, inside: bool = True, color: str = PALE_GRAY
) -> None:
    """Draw one pixel: filled, or, if it is padding, empty with a dashed edge."""
    style: dict[str, Any] = {"fc": color, "ec": "white" if color != "white" else GRAY}
    if not inside:
        style = {"fc": "white", "ec": GRAY, "ls": ":"}
    rectangle(axis, column - 0.46, row - 0.46, 0.92, 0.92, clip_on=True, **style)
