"""One convolution in detail: image, nine products, feature map; drawn and described."""

from dataclasses import dataclass, field

import numpy as np

from scratchcnn.layers.convolution import Conv2D
from scratchcnn.widgets.colors import (
    GRAY,
    LINE,
    ORANGE,
    cell_size,
    image_colors,
    number,
    signed_colors,
)
from scratchcnn.widgets.frames import Canvas, Region
from scratchcnn.widgets.kernel_editor import CELL, KernelState, rows_text, short

WIDTH, HEIGHT = 800, 330
PANEL, TOP = 252, 26  # size of image and feature map, and their top edge
MIDDLE, RIGHT = 265, 547  # left edges of the products and of the feature map
PRODUCT = (90, 34)  # width and height of a product's cell
CENTER = MIDDLE + 1.5 * PRODUCT[0]  # of kernel and products
LONGEST = 14  # characters of two factors in the cell of their product
ADDED = (206, 219, 232)  # the color of padding

TIMES = "\N{THIN SPACE}×\N{THIN SPACE}"


@dataclass(frozen=True)
class FilterState(KernelState):
    """What the filter explorer shows, in addition to the kernel.

    Attributes
    ----------
    image : int
        Which image.
    stride, padding, relu
        As in `Conv2D` and `ReLU`.
    pixel : (row, column)
        The pixel of the feature map whose window is shown.
    drawn : bool
        Whether the reader's own drawing replaces the image.
    drawing : ndarray of uint8 (28, 28) or None
        That drawing; 0 is paper.
    """

    image: int = 0
    stride: int = 1
    padding: str = "valid"
    relu: bool = False
    pixel: tuple[int, int] = (12, 12)
    drawn: bool = False
    drawing: np.ndarray | None = field(default=None, compare=False)


@dataclass
class Convolved:
    """An image, the convolution's output, and how they are related.

    Attributes
    ----------
    padded : ndarray (H + padding, W + padding)
    pads : ((top, bottom), (left, right))
    before_relu, output : ndarray (OH, OW)
    """

    padded: np.ndarray
    pads: tuple[tuple[int, int], tuple[int, int]]
    before_relu: np.ndarray
    output: np.ndarray


def convolve(image: np.ndarray, state: FilterState) -> Convolved:
    """Convolve one image (H, W) with the library's own Conv2D."""
    layer = Conv2D(1, 3, strides=state.stride, padding=state.padding, use_bias=False)
    layer.build((*image.shape, 1), np.random.default_rng(0), "float64")
    layer.params["kernel"][:, :, 0, 0] = state.kernel
    # (H, W) -> (1, H, W, 1) -> (1, OH, OW, 1) -> (OH, OW)
    before = layer.forward(image[None, :, :, None])[0, :, :, 0]
    output = np.maximum(before, 0) if state.relu else before
    return Convolved(np.pad(image, layer.pads), layer.pads, before, output)


def title(state: FilterState) -> str:
    """Name the image."""
    return "My drawing" if state.drawn and state.drawing is not None else f"Image {state.image}"


def window_of(convolved: Convolved, state: FilterState) -> np.ndarray:
    """Return the (3, 3) window of the padded image that makes the chosen pixel."""
    row, column = (state.stride * place for place in state.pixel)
    return convolved.padded[row : row + 3, column : column + 3]


def draw_image(
    canvas: Canvas, convolved: Convolved, state: FilterState, low: float, high: float
) -> None:
    """Draw the image, black at ``low`` and white at ``high``, with its padding and the window."""
    (top, bottom), (left, right) = convolved.pads
    rows, columns = convolved.padded.shape
    cell = cell_size(convolved.padded.shape, PANEL)
    colors = image_colors(convolved.padded, low, high)
    inside = np.zeros((rows, columns), bool)
    inside[top : rows - bottom, left : columns - right] = True
    colors[~inside] = ADDED
    size = f"{rows - top - bottom} × {columns - left - right}"
    canvas.text(2, 4, f"{title(state)}, {size}", bold=True)
    canvas.colors(colors, 2, TOP, cell)
    canvas.box(2, TOP, columns * cell, rows * cell, outline=LINE)
    row, column = (state.stride * place for place in state.pixel)
    canvas.box(2 + column * cell, TOP + row * cell, 3 * cell, 3 * cell, ORANGE, line=2)
    scale_text = f"black {number(low, 1)}, white {number(high, 1)}"
    if (top, bottom, left, right) != (0, 0, 0, 0):
        scale_text += "; blue: zeros added"
    canvas.text(2, TOP + PANEL + 8, scale_text, 12, GRAY)


def draw_products(canvas: Canvas, convolved: Convolved, state: FilterState) -> str:
    """Write out the nine products and their sum; return the sum in words."""
    window, kernel = window_of(convolved, state), np.array(state.kernel)
    products = window * kernel
    width, height = PRODUCT
    y = TOP + 3 * CELL[1] + 30
    canvas.text(CENTER, y - 20, "Window × kernel", bold=True, anchor="ma")
    colors = signed_colors(products, 2 * np.abs(products).max())
    for row, column in np.ndindex(3, 3):
        x, top = MIDDLE + column * width, y + row * height
        canvas.box(x, top, width, height, LINE, colors[row, column])
        pixel, weight = float(window[row, column]), float(kernel[row, column])
        digits = 3 if abs(pixel) < 10 else 1  # unscaled gray levels need more room
        factors = f"{number(pixel, digits)}{TIMES}{short(weight)}"
        if len(factors) > LONGEST:
            factors = f"{number(pixel, digits - 1)}{TIMES}{number(weight, 2)}"
        canvas.text(x + width / 2, top + 9, factors, 11, anchor="mm", room=width)
        canvas.text(x + width / 2, top + 24, number(products[row, column], 3), 13, anchor="mm")
    lines = [f"sum of the nine products = {number(convolved.before_relu[state.pixel], 3)}"]
    if state.relu:
        lines.append(f"after ReLU = {number(convolved.output[state.pixel], 3)}")
    for k, text in enumerate(lines):
        canvas.text(CENTER, y + 3 * height + 6 + 18 * k, text, 13, anchor="ma", bold=True)
    return ", ".join(lines)


def draw_feature_map(canvas: Canvas, convolved: Convolved, state: FilterState) -> Region:
    """Draw the feature map with its scale."""
    rows, columns = convolved.output.shape
    cell = cell_size(convolved.output.shape, PANEL)
    limit = float(np.abs(convolved.before_relu).max()) or 1.0
    canvas.text(RIGHT, 4, f"Feature map, {rows} × {columns}", bold=True)
    canvas.colors(signed_colors(convolved.output, limit), RIGHT, TOP, cell)
    canvas.box(RIGHT, TOP, columns * cell, rows * cell, outline=LINE)
    row, column = state.pixel
    canvas.box(RIGHT + column * cell, TOP + row * cell, cell, cell, ORANGE, line=2)
    canvas.legend(RIGHT, TOP + PANEL + 10, PANEL, limit)
    label = "Feature map. Point at a pixel, or move with the arrow keys, to see its window."
    box = RIGHT, TOP, columns * cell, rows * cell
    return Region("feature map", label, *box, rows, columns, hover=True)


def filter_alt(convolved: Convolved, state: FilterState) -> str:
    """Describe in words what the filter explorer shows."""
    window = window_of(convolved, state)
    kernel = np.array(state.kernel)
    terms = [
        f"{number(pixel, 3)} × {short(weight)} = {number(pixel * weight, 3)}"
        for pixel, weight in zip(window.ravel().tolist(), kernel.ravel().tolist(), strict=True)
    ]
    rows, columns = convolved.output.shape
    relu = " after ReLU" if state.relu else ""
    return (
        f"{title(state)}, the kernel {rows_text(kernel)} ({state.preset}), and the "
        f"feature map of {rows} by {columns} pixels{relu} (stride {state.stride}, padding "
        f"{state.padding}), from {number(convolved.output.min(), 3)} to "
        f"{number(convolved.output.max(), 3)}. Chosen pixel: row {state.pixel[0]}, column "
        f"{state.pixel[1]}, value {number(convolved.output[state.pixel], 3)}. "
        f"Its nine products: {'; '.join(terms)}."
    )
