"""How a network reads a drawn digit: its answer, saliency and feature maps.

The saliency of an image x for a class is the gradient of the class's score z (its logit) with
respect to the pixels, dz/dx, with its sign: where it is positive (red), making a pixel lighter
raises the score; where it is negative (blue), making it darker does.

References
----------
K. Simonyan, A. Vedaldi, A. Zisserman, "Deep inside convolutional networks: visualising image
classification models and saliency maps", ICLR workshop, 2014.
"""

from dataclasses import dataclass

import numpy as np

from scratchcnn.layers.convolution import Conv2D
from scratchcnn.losses import softmax
from scratchcnn.network import Sequential
from scratchcnn.widgets.colors import GRAY, LINE, image_colors, signed_colors
from scratchcnn.widgets.frames import Canvas
from scratchcnn.widgets.panels import classes_that_fit, draw_bars, draw_tiles, largest

TOP, ROOM, CELL = 26, 308, 5  # top edge and height of the columns, and size of an image's pixel
MIDDLE, MAPS, BARS = 322, 476, 650  # left edges of the columns
TILE, SHOWN = 80, 8


@dataclass
class Recognition:
    """A network's reading of one digit.

    Attributes
    ----------
    image : ndarray of uint8 (H, W)
        The network's input, in MNIST's format.
    probabilities : ndarray (K,)
    saliency : ndarray (H, W)
        The gradient of the answer's score with respect to the pixels.
    maps : ndarray (OH, OW, F)
        The first convolution's feature maps; none if there is no convolution.
    """

    image: np.ndarray
    probabilities: np.ndarray
    saliency: np.ndarray
    maps: np.ndarray


def recognize(model: Sequential, image: np.ndarray, low: float, high: float) -> Recognition:
    """Send a digit forward through the network, and the gradient of the answer's score back.

    Parameters
    ----------
    image : ndarray of uint8 (H, W)
        0 is paper, 255 ink.
    low, high : float
        The network's values for paper and ink.
    """
    pixels = low + (high - low) * (image / 255)
    x = pixels[None, :, :, None].astype(model.dtype)  # (H, W) -> (1, H, W, 1)
    maps = np.zeros((*image.shape, 0))
    for layer in model.layers:
        x = layer.forward(x)
        if isinstance(layer, Conv2D) and not maps.size:
            maps = x[0]
    gradient = np.zeros_like(x)
    gradient[0, x[0].argmax()] = 1
    for layer in reversed(model.layers):
        gradient = layer.backward(gradient)
    return Recognition(image, softmax(x)[0], gradient[0, :, :, 0], maps)


def draw_recognition(canvas: Canvas, result: Recognition, is_drawn: bool) -> None:
    """Draw the input, saliency, maps and answer; empty boxes if nothing is drawn yet."""
    side = len(result.image) * CELL
    canvas.text(MIDDLE, 4, "In MNIST's form", bold=True)
    canvas.colors(image_colors(result.image, 0, 255), MIDDLE, TOP, CELL)
    y = TOP + ROOM - side
    canvas.text(MIDDLE, y - 20, "Saliency dz/dx", bold=True)
    saliency = result.saliency * is_drawn
    canvas.colors(signed_colors(saliency, largest(saliency)), MIDDLE, y, CELL)
    canvas.box(MIDDLE, y, side, side, LINE)
    if result.maps.size:
        total = result.maps.shape[2]
        count = f", {SHOWN} of {total}" if total > SHOWN else ""
        canvas.text(MAPS, 4, f"Feature maps{count}", bold=True)
        maps = result.maps * is_drawn
        draw_tiles(canvas, MAPS, TOP, maps, largest(result.maps), 2, TILE, SHOWN)
    if is_drawn:
        draw_probabilities(canvas, result.probabilities)
    else:
        canvas.text(BARS, 4, "Probability", bold=True)
        canvas.text(BARS, TOP, "nothing drawn yet", 12, GRAY)


def draw_probabilities(canvas: Canvas, probabilities: np.ndarray) -> None:
    """Draw a bar for each class, or for the most likely ones if there are too many."""
    classes, total = classes_that_fit(probabilities, ROOM), len(probabilities)
    title = "Probability" if len(classes) == total else f"p, {len(classes)} of {total}"
    canvas.text(BARS, 4, title, bold=True)
    best = int(probabilities.argmax())
    draw_bars(canvas, BARS, TOP, probabilities, 88, ROOM, classes, best)
