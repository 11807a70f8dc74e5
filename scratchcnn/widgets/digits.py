"""From pen strokes to a digit in the form of MNIST."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

Stroke = Sequence[tuple[float, float]]

SIZE, BOX = 28, 20  # pixels of an MNIST image, and of the box that its digit fills
PEN = 2.4  # width of the line, in pixels of the image
FINE = 8  # the line is drawn so many times finer, and averaged


def as_mnist(strokes: Sequence[Stroke]) -> np.ndarray:
    """Draw strokes as MNIST's makers would have put them into their set.

    The digit is scaled to fill a box of 20 x 20 pixels, its proportions kept, in gray
    levels that come from averaging; then its center of mass is moved to the center of
    28 x 28 pixels. Scanned digits had bitmaps to scale; here the pen's path is scaled and
    drawn with a pen of one width, so that large and small drawings get lines alike.

    Parameters
    ----------
    strokes : sequence of sequences of (x, y)
        Paths of the pen, y downwards, in any unit.

    Returns
    -------
    image : ndarray of uint8 (28, 28)
        0 is paper, 255 ink.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
    recognition", Proceedings of the IEEE 86 (11), 1998, section III A.
    """
    points = [np.asarray(stroke, float).reshape(-1, 2) for stroke in strokes if len(stroke)]
    if not points:
        return np.zeros((SIZE, SIZE), np.uint8)
    low, high = np.concatenate(points).min(axis=0), np.concatenate(points).max(axis=0)
    extent = float((high - low).max())
    # The line is as wide as the pen, so the pen's middle has that much less room.
    scale = (BOX - PEN) / extent if extent else 0.0
    # On a sheet so large that the digit can be moved either way and stays on it.
    sheet = 3 * SIZE
    middle = (low + high) / 2
    paths = [((path - middle) * scale + sheet / 2) * FINE for path in points]
    ink = draw_paths(paths, sheet * FINE, PEN * FINE)
    row, column = (round(place) for place in center_of_mass(ink))
    half = SIZE * FINE // 2
    cut = ink[row - half : row + half, column - half : column + half]
    # (28 * 8, 28 * 8) -> (28, 8, 28, 8) -> (28, 28)
    means = cut.reshape(SIZE, FINE, SIZE, FINE).mean(axis=(1, 3))
    return np.rint(means).astype(np.uint8)


def draw_paths(paths: Sequence[np.ndarray], size: int, pen: float, fineness: int = 1) -> np.ndarray:
    """Draw paths of (x, y) with a round pen: uint8 (size, size), 255 where there is ink.

    With ``fineness`` above 1 the edges are smooth: drawn so many times finer, and averaged.
    """
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


def center_of_mass(image: np.ndarray) -> tuple[float, float]:
    """Return (row, column) of the center of mass of an image (H, W) that is not empty.

    Places are counted from the image's edge: the middle of pixel 0 is at 0.5.
    """
    weights = image.astype(float)
    total = weights.sum()
    rows, columns = (np.arange(size) + 0.5 for size in image.shape)
    return (float(weights.sum(axis=1) @ rows / total), float(weights.sum(axis=0) @ columns / total))
