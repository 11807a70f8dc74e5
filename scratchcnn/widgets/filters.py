"""FilterExplorer: move a 3x3 kernel over an image by hand."""

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from scratchcnn.widgets.base import ARROWS, Event, Explorer
from scratchcnn.widgets.controls import button, choice, slider, switch
from scratchcnn.widgets.convolution import (
    CENTER,
    HEIGHT,
    TOP,
    WIDTH,
    FilterState,
    convolve,
    draw_feature_map,
    draw_image,
    draw_products,
    filter_alt,
    window_of,
)
from scratchcnn.widgets.frames import Canvas, Frame
from scratchcnn.widgets.images import as_images
from scratchcnn.widgets.kernel_editor import CELL, draw_kernel, edit_kernel
from scratchcnn.widgets.kernels import (
    CUSTOM,
    PRESETS,
    Kernel,
    as_kernel,
    as_kernel_list,
    learned_kernels,
)
from scratchcnn.widgets.pad import DigitPad
from scratchcnn.widgets.pad_state import PICTURE
from scratchcnn.widgets.views import Codec, write_view


class FilterExplorer(Explorer):
    """Choose a digit, edit the kernel, and point at a pixel to see where it comes from.

    Parameters
    ----------
    images : ndarray (N, H, W) or (N, H, W, 1)
        Images to choose from, from 3 x 3 to 512 x 512 pixels; large ones are shown reduced.
        Gray levels 0 .. 255 (whole numbers) are scaled to 0 .. 1.
    learned : ndarray (3, 3, 1, F), optional
        Kernels of a trained network to offer as presets, "learned 0" and so on. By default, the
        course's small network is trained on the bundled sample when one is first chosen (under
        a second).
    pad : DigitPad, optional
        A pad whose drawing can replace the image.
    """

    not_in_views = ("typed", "grip")
    view_codecs: ClassVar[dict[str, Codec]] = {"drawing": PICTURE}

    def __init__(
        self, images: np.ndarray, learned: np.ndarray | None = None, pad: DigitPad | None = None
    ) -> None:
        self.images = as_images(images, smallest=3)
        self.low, self.high = float(self.images.min()), float(self.images.max())
        self._learned = None if learned is None else as_kernel_list(learned)
        filters = 8 if self._learned is None else len(self._learned)
        names = [*PRESETS, *(f"learned {k}" for k in range(filters)), CUSTOM]
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
        super().__init__(opening(self.images[0]), controls, rows)
        self._leave_pad = pad.on_draw(self.take_drawing) if pad is not None else lambda: None

    @property
    def image(self) -> np.ndarray:
        """The image (H, W) that is filtered."""
        return self.image_of(self.state)

    @property
    def feature_map(self) -> np.ndarray:
        """The feature map (OH, OW) that the kernel makes of it, after ReLU if that is on."""
        return convolve(self.image, self.state).output

    def draw(self, state: FilterState, scale: int = 1) -> Frame:
        """Draw the image, the kernel, the products and the feature map."""
        convolved = convolve(self.image_of(state), state)
        canvas = Canvas(WIDTH, HEIGHT, scale)
        draw_image(canvas, convolved, state, self.low, self.high)
        canvas.text(CENTER, 4, "Kernel", bold=True, anchor="ma")
        kernel = draw_kernel(canvas, state, CENTER - 1.5 * CELL[0], TOP)
        sum_text = draw_products(canvas, convolved, state)
        feature_map = draw_feature_map(canvas, convolved, state)
        return Frame(
            canvas.picture,
            alt=filter_alt(convolved, state),
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
        pixel = np.clip(new.pixel, 0, (rows - 1, columns - 1))
        return replace(new, pixel=tuple(pixel.tolist()))

    @property
    def view(self) -> str:
        """What the explorer shows, as a line to copy; a named kernel goes without its weights."""
        left_out = [*self.not_in_views, *(() if self.state.drawn else ("drawing",))]
        if self.state.preset != CUSTOM:
            left_out.append("kernel")
        return write_view(type(self).__name__, self.state, left_out, self.view_codecs)

    def restore(self, fields: dict[str, Any]) -> FilterState:
        """Return the state of a view; it brings its drawing along, if it shows one."""
        if fields["preset"] != CUSTOM:
            fields["kernel"] = self.kernel_named(fields["preset"])
        if max(fields["cell"]) > 2:
            raise ValueError(f"cell={fields['cell']}, expected a cell of 3 rows and columns")
        if fields["drawing"] is None:
            fields["drawing"] = self.state.drawing
        return replace(self.first_state, **fields)

    def image_of(self, state: FilterState) -> np.ndarray:
        """Return the image (H, W) to filter: a chosen one, or the drawing on the same scale."""
        if state.drawn and state.drawing is not None:
            return self.low + (self.high - self.low) * (state.drawing / 255)
        return self.images[state.image]

    def take_drawing(self, drawing: np.ndarray) -> None:
        """Store the drawing on the pad, and show it if it is selected."""
        if self.state.drawn:
            self.set(drawing=drawing)
        else:
            self.state = replace(self.state, drawing=drawing)

    def release(self) -> None:
        """Stop listening to the pad."""
        self._leave_pad()

    def kernel_named(self, preset: str) -> Kernel:
        """Return the weights of a preset."""
        if preset in PRESETS:
            return PRESETS[preset]
        if self._learned is None:
            self._learned = as_kernel_list(learned_kernels())
        return self._learned[int(preset.removeprefix("learned "))]


def opening(image: np.ndarray) -> FilterState:
    """Return the first state: at the middle, or at the strongest pixel if the middle is empty."""
    state = FilterState()
    convolved = convolve(image, state)
    if max(state.pixel) >= min(convolved.output.shape) or np.ptp(window_of(convolved, state)):
        return state
    row, column = np.unravel_index(np.abs(convolved.output).argmax(), convolved.output.shape)
    return replace(state, pixel=(int(row), int(column)))


def move_pixel(state: FilterState, event: Event) -> FilterState:
    """Choose another pixel of the feature map, by pointer or arrow keys."""
    row, column = state.pixel
    if event["kind"] in ("hover", "press", "drag"):
        return replace(state, pixel=(event["row"], event["column"]))
    if event["kind"] != "key":
        return state
    if event["key"] in ARROWS:
        down, right = ARROWS[event["key"]]
        return replace(state, pixel=(row + down, column + right))
    if event["key"] in ("Home", "End"):
        return replace(state, pixel=(row, 0 if event["key"] == "Home" else 10**6))
    return state
