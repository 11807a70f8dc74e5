"""Check images and networks for the explorers, with errors that help."""

import math

import numpy as np

from scratchcnn._utils.protocols import Network
from scratchcnn._utils.validation import as_numbers, check_images, shape_text
from scratchcnn.layers.convolution import Conv2D

LARGEST_SIDE = 512  # pixels; a frame of a larger image would take too long to draw
# An array (H, W, 3) at least this large is one color picture, not H images with 3 columns.
SMALLEST_COLOR_PICTURE = 8


def as_images(images: object, smallest: int = 1) -> np.ndarray:
    """Return gray images as float64 (N, H, W).

    Parameters
    ----------
    images : array (H, W), (N, H, W) or (N, H, W, 1)
        Whole numbers are treated as gray levels from 0 to 255 and scaled to 0 .. 1; other
        numbers are left unchanged.
    smallest : int
        The smallest allowed height and width, in pixels.

    Raises
    ------
    ValueError
        If the shape is different. The message says how to fix it for flat pixels, for color
        images, and for images that are too large.
    """
    array = as_numbers(images, None, "images")
    is_whole = array.dtype.kind in "iu"
    shape = array.shape
    if array.ndim == 4 and shape[3] == 1:
        array = array[..., 0]  # (N, H, W, 1) -> (N, H, W)
    if array.ndim == 2:
        array = array[None]  # (H, W) -> (1, H, W)
    is_image = array.ndim == 3 and min(array.shape) > 0
    if not is_image or _is_color_picture(shape) or _is_flat(shape):
        raise ValueError(
            f"images has shape {shape}, expected (N, H, W) or (N, H, W, 1), N > 0"
            f"{_cure(shape, is_whole)}"
        )
    _check_sides(array.shape[1:], shape, smallest)
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError("images holds NaN or infinite pixels, expected finite ones")
    return array / 255 if is_whole else array


def _check_sides(sides: tuple[int, ...], shape: tuple[int, ...], smallest: int) -> None:
    """Raise an error if the sides of images, in an array of this shape, are too long or short."""
    if max(sides) > LARGEST_SIDE:
        raise ValueError(
            f"images has shape {shape}, expected images of at most {LARGEST_SIDE} by "
            f"{LARGEST_SIDE} pixels{_thinned(shape)}"
        )
    if min(sides) < smallest:
        raise ValueError(
            f"images has shape {shape}, expected images of at least {smallest} by {smallest} pixels"
        )


def images_for_model(x: object, model: Network) -> np.ndarray:
    """Return images (N, *input_shape) for a network, or raise an error that says what to do."""
    array, sizes = as_numbers(x, None, "x"), model.input_shape
    cure = ""
    if array.ndim == 1 and len(array) == math.prod(sizes):
        cure = f": fold the row into an image with x.reshape(-1, {', '.join(map(str, sizes))})"
    elif len(sizes) == 3 and sizes[2] == 1 and array.ndim in (3, 4) and array.shape[-1] == 3:
        batch = "[None]" if array.ndim == 3 else ""
        cure = f". This looks like color: make it gray with x.mean(axis=-1, keepdims=True){batch}"
    if cure:
        raise ValueError(f"x has shape {array.shape}, expected {shape_text(sizes)}{cure}")
    return check_images(array, model)


def shown_images(x: object, model: Network) -> np.ndarray:
    """Return images (N, H, W, C) to show with a network, or raise an error that says what to do."""
    sizes = model.input_shape
    if len(sizes) != 3:
        side = math.isqrt(sizes[0])
        square = (side, side) if side * side == sizes[0] else ("height", "width")
        image = ", ".join(map(str, (*(sizes if len(sizes) == 2 else square), 1)))
        raise ValueError(
            f"the network takes input {shape_text(sizes)}, but this explorer shows images "
            "(N, H, W, C). Make a network of the same layers with a Flatten before them and "
            f"input_shape=({image}), and copy the weights with set_weights(model.get_weights())"
        )
    return images_for_model(x, model)


def first_convolution(model: Network) -> int:
    """Return the index of a network's first Conv2D, whose kernels are shown."""
    for k, layer in enumerate(model.layers):
        if isinstance(layer, Conv2D):
            return k
    if any(isinstance(part, Conv2D) for _, part in model.walk()):
        raise ValueError(
            "the model's only convolutions are inside other layers, such as Residual. This "
            "explorer shows the kernels of a Conv2D that stands in the model itself"
        )
    raise ValueError("the model has no Conv2D, whose kernels could be shown")


def _is_flat(shape: tuple[int, ...]) -> bool:
    """Return whether these are rows of pixels: too wide for an image, and a square number."""
    width = shape[-1] if len(shape) == 2 else 0
    return width > LARGEST_SIDE and math.isqrt(width) ** 2 == width


def _is_color_picture(shape: tuple[int, ...]) -> bool:
    return len(shape) == 3 and shape[2] in (3, 4) and min(shape[:2]) >= SMALLEST_COLOR_PICTURE


def _cure(shape: tuple[int, ...], is_whole: bool) -> str:
    """Say how to turn an array of this shape into gray images, if that is known."""
    if len(shape) in (1, 2) and shape[-1] > 1:
        side = math.isqrt(shape[-1])
        if side * side == shape[-1]:
            return f": flat pixels become images with images.reshape(-1, {side}, {side})"
    gray = " / 255" if is_whole else ""  # as_images scales only whole numbers, not means
    if _is_color_picture(shape):
        color = "images" if shape[2] == 3 else "images[:, :, :3]"  # without transparency
        return (
            f". This looks like one color picture: make it gray with {color}.mean(axis=2){gray}, "
            "or choose a channel, such as images[:, :, 0]"
        )
    if len(shape) == 4 and shape[3] in (3, 4):
        color = "images" if shape[3] == 3 else "images[..., :3]"
        return (
            f". These look like color pictures: make them gray with {color}.mean(axis=3){gray}, "
            "or choose a channel, such as images[..., 0]"
        )
    if len(shape) == 4 and shape[1] == 1:
        return ": the channel axis comes first here; remove it with images[:, 0]"
    if len(shape) == 4 and shape[1] == 3:
        return f": the channel axis comes first here; take images.mean(axis=1){gray}"
    return ""


def _thinned(shape: tuple[int, ...]) -> str:
    """Say how to make images that are too large smaller."""
    sides = shape if len(shape) == 2 else shape[1:3]
    step = math.ceil(max(sides) / LARGEST_SIDE)
    batch = "" if len(shape) == 2 else ":, "
    return f": keep one pixel in {step} each way with images[{batch}::{step}, ::{step}]"
