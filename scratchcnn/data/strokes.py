"""as_mnist: turn the strokes of a pen into a digit in MNIST's format."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scratchcnn.data.normalization import BOX, FINE, SIZE, in_mnist_form

Stroke = Sequence[tuple[float, float]]

PEN = 2.4  # width of the line, in pixels of the image


def as_mnist(strokes: Sequence[Stroke]) -> np.ndarray:
    """Draw strokes as an image in MNIST's format.

    The digit is scaled to fit a box of 20 x 20 pixels, keeping its proportions, with gray
    levels from averaging; then its center of mass is moved to the center of 28 x 28 pixels.
    MNIST's authors scaled scanned bitmaps. Here the path of the pen is scaled and then drawn
    with a pen of fixed width, so that large and small drawings have equally thick lines.

    Parameters
    ----------
    strokes : sequence of sequences of (x, y)
        Paths of the pen, y downwards, in any unit.

    Returns
    -------
    image : ndarray of uint8 (28, 28)
        0 is paper, 255 ink.

    Raises
    ------
    ImportError
        If Pillow is not installed.
    """
    points = [np.asarray(stroke, float).reshape(-1, 2) for stroke in strokes if len(stroke)]
    if not points:
        return np.zeros((SIZE, SIZE), np.uint8)
    low, high = np.concatenate(points).min(axis=0), np.concatenate(points).max(axis=0)
    extent = float((high - low).max())
    # The line is as wide as the pen, so the pen's center has that much less room.
    scale = (BOX - PEN) / extent if extent else 0.0
    middle = (low + high) / 2
    paths = [((path - middle) * scale + SIZE / 2) * FINE for path in points]
    return in_mnist_form(draw_paths(paths, SIZE * FINE, PEN * FINE))


def draw_paths(paths: Sequence[np.ndarray], size: int, pen: float, fineness: int = 1) -> np.ndarray:
    """Draw paths of (x, y) with a round pen: uint8 (size, size), 255 where there is ink.

    With ``fineness`` above 1, paths are drawn at that many times the resolution and averaged,
    which smooths the edges. Raises an ImportError if Pillow is not installed.
    """
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        raise ImportError(
            'drawing strokes needs Pillow: pip install "scratchcnn[course]"'
        ) from error
    image = Image.new("L", (size * fineness, size * fineness))
    draw = ImageDraw.Draw(image)
    pen *= fineness
    for path in paths:
        places = [(float(x), float(y)) for x, y in np.asarray(path) * fineness]
        if len(places) > 1:
            draw.line(places, 255, max(1, round(pen)))
        for x, y in places:  # round joints and ends
            draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), 255)
    return np.asarray(image.reduce(fineness) if fineness > 1 else image)
