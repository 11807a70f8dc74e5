"""FilterExplorer: move a 3x3 kernel over an image by hand (notebook 01)."""

from dataclasses import dataclass, field, replace

import numpy as np

from scratchcnn.convolution import Conv2D
from scratchcnn.widgets.base import Event, Explorer
from scratchcnn.widgets.colors import GRAY, LINE, ORANGE, image_colors, number, signed_colors
from scratchcnn.widgets.frames import Canvas, Frame, Region
from scratchcnn.widgets.inputs import as_images, button, choice, slider, switch
from scratchcnn.widgets.kernel_editor import (
    CELL,
    KernelState,
    draw_kernel,
    edit_kernel,
    rows_text,
    short,
)
from scratchcnn.widgets.kernels import CUSTOM, PRESETS, Kernel, as_kernel, learned_kernels
from scratchcnn.widgets.pad import DigitPad

WIDTH, HEIGHT = 800, 330
PANEL, TOP = 252, 26  # size of image and feature map, and where they begin
MIDDLE, RIGHT = 265, 547  # left edges of the middle column and of the feature map
PRODUCT = (90, 34)  # width and height of a cell
ADDED = (206, 219, 232)  # the color of padding

TIMES = "\N{THIN SPACE}×\N{THIN SPACE}"


@dataclass(frozen=True)
class FilterState(KernelState):
    """What the filter explorer shows, beside the kernel.

    Attributes
    ----------
    image : int
        Which image.
    stride, padding, relu
        As in `Conv2D` and `ReLU`.
    pixel : (row, column)
        The pixel of the feature map whose window is shown.
    drawn : bool
        Whether the reader's own drawing takes the image's place.
    drawing : ndarray of uint8 (28, 28) or None
        That drawing, 0 is paper.
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
    """An image, the convolution's output, and how they belong together.

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


class FilterExplorer(Explorer):
    """Choose a digit, edit the kernel, and point at a pixel to see where it comes from.

    Parameters
    ----------
    images : ndarray (N, H, W) or (N, H, W, 1)
        Images to choose from. Gray levels 0 .. 255 (whole numbers) are scaled to 0 .. 1.
    learned : ndarray (3, 3, 1, F), optional
        Kernels of a trained network to offer as presets. Without them the course's small
        network is trained on the bundled sample when one is first chosen (under a second).
    pad : DigitPad, optional
        A pad whose drawing can take the image's place.
    """

    def __init__(
        self, images: np.ndarray, learned: np.ndarray | None = None, pad: DigitPad | None = None
    ) -> None:
        self.images = as_images(images)
        self.low, self.high = float(self.images.min()), float(self.images.max())
        self._learned = None if learned is None else as_kernel_list(learned)
        filters = 8 if self._learned is None else len(self._learned)
        names = [*PRESETS, *(f"learned {k + 1}" for k in range(filters)), CUSTOM]
        controls = {
            "image": slider("Image", 0, len(self.images) - 1, "Which image to filter"),
            "preset": choice("Kernel", names, "A kernel to start from", "250px"),
            "stride": slider("Stride", 1, 4, "How far the window moves, in pixels", "250px"),
            "padding": choice("Padding", ["valid", "same"], "Whether zeros surround the image"),
            "relu": switch("ReLU", "Set negative sums to zero", "80px"),
        }
        reset = button("Reset", "Back to the start", self.reset)
        image, preset, stride, padding, relu = controls.values()
        rows = [[image, preset], [stride, padding, relu, reset]]
        if pad is not None:
            controls["drawn"] = switch("My drawing", "Take what is drawn on the pad", "110px")
            rows[0].append(controls["drawn"])
        super().__init__(FilterState(), controls, rows)
        self._leave_pad = pad.on_draw(self.take_drawing) if pad is not None else lambda: None

    def draw(self, state: FilterState, scale: int = 1) -> Frame:
        """Draw the image, the kernel, the products and the feature map."""
        convolved = convolve(self.image_of(state), state)
        canvas = Canvas(WIDTH, HEIGHT, scale)
        self._draw_image(canvas, convolved, state)
        middle = MIDDLE + 1.5 * PRODUCT[0]
        canvas.text(middle, 4, "Kernel", bold=True, anchor="ma")
        kernel = draw_kernel(canvas, state, middle - 1.5 * CELL[0], TOP)
        sum_text = draw_products(canvas, convolved, state)
        feature_map = draw_feature_map(canvas, convolved, state)
        return Frame(
            canvas.picture,
            alt=self._alt(convolved, state),
            caption=f"Row {state.pixel[0]}, column {state.pixel[1]}: {sum_text}.",
            regions=[kernel, feature_map],
        )

    def handle(self, state: FilterState, event: Event) -> FilterState:
        """Follow the pointer and the keys on the kernel and on the feature map."""
        if event["region"] == "feature map":
            return move_pixel(state, event)
        return edit_kernel(state, event)

    def adjust(self, old: FilterState, new: FilterState) -> FilterState:
        """Fetch a newly chosen kernel; keep the drawing, and the pixel inside the feature map."""
        if new.preset != old.preset and new.preset != CUSTOM:
            new = replace(new, kernel=self.kernel_named(new.preset), typed="")
        elif new.kernel != old.kernel and new.preset == old.preset:
            new = replace(new, preset=CUSTOM)
        drawing = old.drawing if new.drawing is None else new.drawing  # Reset leaves the pad alone
        new = replace(new, kernel=as_kernel(new.kernel), drawing=drawing)
        rows, columns = convolve(self.image_of(new), new).output.shape
        pixel = (np.clip(new.pixel[0], 0, rows - 1), np.clip(new.pixel[1], 0, columns - 1))
        return replace(new, pixel=(int(pixel[0]), int(pixel[1])))

    def image_of(self, state: FilterState) -> np.ndarray:
        """Return the image (H, W) to filter: a chosen one, or the drawing on the same scale."""
        if state.drawn and state.drawing is not None:
            return self.low + (self.high - self.low) * (state.drawing / 255)
        return self.images[state.image]

    def take_drawing(self, drawing: np.ndarray) -> None:
        """Keep what is on the pad, and show it if it is chosen."""
        if self.state.drawn:
            self.set(drawing=drawing)
        else:
            self.state = replace(self.state, drawing=drawing)

    def close(self) -> None:
        """Take the explorer off the page, and listen to the pad no longer."""
        self._leave_pad()
        super().close()

    def kernel_named(self, preset: str) -> Kernel:
        """Return the weights of a preset."""
        if preset in PRESETS:
            return PRESETS[preset]
        if self._learned is None:
            self._learned = as_kernel_list(learned_kernels())
        return self._learned[int(preset.removeprefix("learned ")) - 1]

    def _draw_image(self, canvas: Canvas, convolved: Convolved, state: FilterState) -> None:
        (top, bottom), (left, right) = convolved.pads
        rows, columns = convolved.padded.shape
        cell = max(1, PANEL // max(rows, columns))
        colors = image_colors(convolved.padded, self.low, self.high)
        inside = np.zeros((rows, columns), bool)
        inside[top : rows - bottom, left : columns - right] = True
        colors[~inside] = ADDED
        size = f"{rows - top - bottom} × {columns - left - right}"
        canvas.text(2, 4, f"{title(state)}, {size}", bold=True)
        canvas.colors(colors, 2, TOP, cell)
        canvas.box(2, TOP, columns * cell, rows * cell, outline=LINE)
        row, column = (state.stride * place for place in state.pixel)
        canvas.box(2 + column * cell, TOP + row * cell, 3 * cell, 3 * cell, ORANGE, line=2)
        scale_text = f"black {number(self.low, 1)}, white {number(self.high, 1)}"
        if (top, bottom, left, right) != (0, 0, 0, 0):
            scale_text += "; blue: zeros added"
        canvas.text(2, TOP + PANEL + 8, scale_text, 12, GRAY)

    def _alt(self, convolved: Convolved, state: FilterState) -> str:
        window = window_of(convolved, state)
        kernel = np.array(state.kernel)
        terms = [
            f"{number(pixel, 3)} × {short(weight)} = {number(pixel * weight, 3)}"
            for pixel, weight in zip(window.ravel(), kernel.ravel(), strict=True)
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


def move_pixel(state: FilterState, event: Event) -> FilterState:
    """Choose another pixel of the feature map, by pointer or arrow keys."""
    row, column = state.pixel
    if event["kind"] in ("hover", "press", "drag"):
        return replace(state, pixel=(event["row"], event["column"]))
    if event["kind"] != "key":
        return state
    steps = {"ArrowUp": (-1, 0), "ArrowDown": (1, 0), "ArrowLeft": (0, -1), "ArrowRight": (0, 1)}
    if event["key"] in steps:
        down, right = steps[event["key"]]
        return replace(state, pixel=(row + down, column + right))
    if event["key"] in ("Home", "End"):
        return replace(state, pixel=(row, 0 if event["key"] == "Home" else 10**6))
    return state


def draw_products(canvas: Canvas, convolved: Convolved, state: FilterState) -> str:
    """Write out the nine products and their sum; return the sum in words."""
    window, kernel = window_of(convolved, state), np.array(state.kernel)
    products = window * kernel
    width, height = PRODUCT
    y = TOP + 3 * CELL[1] + 30
    middle = MIDDLE + 1.5 * width
    canvas.text(middle, y - 20, "Window × kernel", bold=True, anchor="ma")
    colors = signed_colors(products, 2 * np.abs(products).max())
    for row, column in np.ndindex(3, 3):
        x, top = MIDDLE + column * width, y + row * height
        canvas.box(x, top, width, height, LINE, colors[row, column])
        factors = f"{number(window[row, column], 3)}{TIMES}{short(kernel[row, column])}"
        canvas.text(x + width / 2, top + 9, factors, 11, anchor="mm")
        canvas.text(x + width / 2, top + 24, number(products[row, column], 3), 13, anchor="mm")
    lines = [f"sum of the nine products = {number(convolved.before_relu[state.pixel], 3)}"]
    if state.relu:
        lines.append(f"after ReLU = {number(convolved.output[state.pixel], 3)}")
    for k, text in enumerate(lines):
        canvas.text(middle, y + 3 * height + 6 + 18 * k, text, 13, anchor="ma", bold=True)
    return ", ".join(lines)


def draw_feature_map(canvas: Canvas, convolved: Convolved, state: FilterState) -> Region:
    """Draw the feature map with its scale."""
    rows, columns = convolved.output.shape
    cell = max(1, PANEL // max(rows, columns))
    limit = float(np.abs(convolved.before_relu).max()) or 1.0
    title = f"Feature map, {rows} × {columns}"
    canvas.text(RIGHT, 4, title, bold=True)
    canvas.colors(signed_colors(convolved.output, limit), RIGHT, TOP, cell)
    canvas.box(RIGHT, TOP, columns * cell, rows * cell, outline=LINE)
    row, column = state.pixel
    canvas.box(RIGHT + column * cell, TOP + row * cell, cell, cell, ORANGE, line=2)
    canvas.legend(RIGHT, TOP + PANEL + 10, PANEL, limit)
    label = "Feature map. Point at a pixel, or move with the arrow keys, to see its window."
    box = RIGHT, TOP, columns * cell, rows * cell
    return Region("feature map", label, *box, rows, columns, hover=True)


def as_kernel_list(kernels: np.ndarray) -> list[Kernel]:
    """Return learned kernels (3, 3, 1, F) one by one."""
    kernels = np.asarray(kernels)
    if kernels.ndim != 4 or kernels.shape[:3] != (3, 3, 1):
        raise ValueError(f"learned has shape {kernels.shape}, expected (3, 3, 1, F)")
    return [as_kernel(kernels[:, :, 0, k]) for k in range(kernels.shape[3])]
