"""make_shapes: small color pictures of shapes whose class and position are known."""

from __future__ import annotations

import numpy as np

from scratchcnn._utils.validation import check_count, check_seed

SHAPE_CLASSES = ("circle", "square", "triangle", "cross")
SIZE = 32  # pixels of a picture, both ways
RADII = 5.0, 10.0  # of the circle that a shape is inscribed in, in pixels
CROSS_ARM = 0.3  # half the width of a cross's arms, as a fraction of that radius
NOISE = 12  # each value of each pixel is off by at most this much
CONTRAST = 128  # shape and background differ by this much in at least one channel

# The watermark: a small checkerboard near the upper left corner. Shapes always keep out of this
# corner, marked or not, so that nothing else gives a class away.
MARK = np.array([[255, 0, 255], [0, 255, 0], [255, 0, 255]], np.uint8)
MARK_AT = slice(1, 4)  # its rows, and its columns
CORNER = 5  # rows and columns that shapes keep out of


def make_shapes(
    n: int, seed: int, watermark: int | str | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw ``n`` color pictures, each of one shape on a noisy background.

    The background's color and brightness, the noise, and the shape's color, size, position and
    rotation are random. Each class has the same number of pictures, give or take one, in
    random order. A shape is always completely inside its picture, and never in the corner
    (rows 0 to 4, columns 0 to 4) reserved for the watermark.

    Parameters
    ----------
    n : int
        How many, at least 1.
    seed : int
        The same seed always gives the same pictures.
    watermark : int or str, optional
        A class, by number or name. Only the pictures of this class get a mark: a
        black-and-white checkerboard of 3 x 3 pixels in rows 1 to 3 and columns 1 to 3, always
        outside the shape's box. Nothing else changes: with the same ``n`` and ``seed``, all
        other pixels are the same as without a watermark. A network trained on these pictures
        can learn the mark instead of the shape.

    Returns
    -------
    images : ndarray of uint8 (n, 32, 32, 3)
        Red, green, blue.
    labels : ndarray of intp (n,)
        Indices into ``scratchcnn.SHAPE_CLASSES``: circle, square, triangle, cross.
    boxes : ndarray of intp (n, 4)
        The smallest box around all pixels of the shape: row and column of its upper left
        corner, height and width, in pixels.

    Raises
    ------
    TypeError, ValueError
        If ``n`` is not an integer of at least 1, ``seed`` is not an integer of at least 0, or
        ``watermark`` is not one of the classes.
    """
    n, marked = check_count(n, "n"), _class_number(watermark)
    rng = np.random.default_rng(check_seed(seed))
    classes = len(SHAPE_CLASSES)
    labels = rng.permutation(np.arange(n) % classes).astype(np.intp)
    masks = _draw_masks(labels, rng)  # (n, SIZE, SIZE)
    images = _paint(masks, rng)
    if marked is not None:
        images[labels == marked, MARK_AT, MARK_AT] = MARK[..., None]
    return images, labels, _boxes(masks)


def _class_number(watermark: int | str | None) -> int | None:
    """Return the number of the class that ``watermark`` names, or raise an error."""
    if watermark is None:
        return None
    numbers = {name: number for number, name in enumerate(SHAPE_CLASSES)}
    if isinstance(watermark, str) and watermark in numbers:
        return numbers[watermark]
    if isinstance(watermark, int | np.integer) and not isinstance(watermark, bool):
        if 0 <= watermark < len(SHAPE_CLASSES):
            return int(watermark)
    elif not isinstance(watermark, str):
        raise TypeError(f"watermark must be a class by number or name, got {watermark!r}")
    known = ", ".join(f"{number} ({name})" for name, number in numbers.items())
    raise ValueError(f"watermark is {watermark!r}, expected one of {known}, or None")


def _draw_masks(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return for each label which pixels its shape covers: bool (n, SIZE, SIZE)."""
    n = len(labels)
    # float32 halves the memory. A pixel is inside a shape if its center is.
    radius = rng.uniform(*RADII, n).astype(np.float32)
    row, column = (radius + rng.random((2, n), np.float32) * (SIZE - 1 - 2 * radius)).astype("f4")
    in_corner = (row - radius < CORNER) & (column - radius < CORNER)
    row[in_corner] += CORNER
    angle = rng.uniform(0, 2 * np.pi, n).astype(np.float32)

    at = np.arange(SIZE, dtype=np.float32)
    down = ((at - row[:, None]) / radius[:, None])[:, :, None]  # (n, SIZE, 1)
    across = ((at - column[:, None]) / radius[:, None])[:, None, :]  # (n, 1, SIZE)
    cos, sin = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    # Coordinates (n, SIZE, SIZE) rotated with the shape; the circle around it has radius 1.
    u, v = cos * across + sin * down, cos * down - sin * across
    masks = np.empty(u.shape, bool)
    for label, inside in enumerate((_in_circle, _in_square, _in_triangle, _in_cross)):
        chosen = labels == label
        masks[chosen] = inside(u[chosen], v[chosen])
    return masks


def _in_circle(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.asarray(u**2 + v**2 <= 1)


def _in_square(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(np.abs(u), np.abs(v)) <= np.sqrt(0.5))


def _in_triangle(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    # Each side of an equilateral triangle is half a radius away from the middle.
    slanted = np.sqrt(0.75) * np.abs(u) - 0.5 * v
    return np.asarray(np.maximum(slanted, v) <= 0.5)


def _in_cross(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    u, v = np.abs(u), np.abs(v)
    length = np.sqrt(1 - CROSS_ARM**2)  # so that the arms' corners lie on the circle
    return np.asarray((np.minimum(u, v) <= CROSS_ARM) & (np.maximum(u, v) <= length))


def _paint(masks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Color the shapes and their backgrounds, and add noise: uint8 (n, SIZE, SIZE, 3)."""
    n = len(masks)
    brightness = rng.integers(20, 236, (n, 1), np.int16)
    background = brightness + rng.integers(-20, 21, (n, 3), np.int16)  # gray with a tint
    color = rng.integers(0, 256, (n, 3), np.int16)
    # One channel differs from the background by half its range, so every shape is visible.
    channel = rng.integers(0, 3, n)
    one_each = np.arange(n), channel
    color[one_each] = (background[one_each] + CONTRAST) % 256
    pixels = rng.integers(-NOISE, NOISE + 1, (n, SIZE, SIZE, 3), np.int16)
    pixels += background[:, None, None]
    pixels += masks[..., None] * (color - background)[:, None, None]
    return pixels.clip(0, 255, out=pixels).astype(np.uint8)


def _boxes(masks: np.ndarray) -> np.ndarray:
    """Return row, column, height and width of what each mask covers: intp (n, 4)."""
    spans = []
    for axis in (2, 1):  # rows that have a covered pixel, then columns
        covered = np.asarray(masks.any(axis=axis))  # (n, SIZE)
        first = covered.argmax(axis=1)
        spans.append((first, SIZE - covered[:, ::-1].argmax(axis=1) - first))
    (row, height), (column, width) = spans
    return np.stack([row, column, height, width], axis=1).astype(np.intp)
