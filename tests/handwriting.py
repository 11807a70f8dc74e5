"""Ten digits as a pen would write them, two hands each, and pictures of them.

Paths are in a unit square, x to the right and y down.
"""

import io

import numpy as np
from PIL import Image, ImageFilter

from scratchcnn.data.strokes import draw_paths


def arc(x, y, width, height, start, end, points=24):
    """Return a path along an ellipse, angles in degrees, clockwise from the top."""
    angles = np.radians(np.linspace(start, end, points))
    return [(x + width / 2 * np.sin(a), y - height / 2 * np.cos(a)) for a in angles]


def curve(*points, steps=12):
    """Return a smooth path through ``points`` (a Catmull-Rom spline)."""
    p = np.array([points[0], *points, points[-1]], float)
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
        parts.append(
            b + (c - a) * t / 2 + (a - 2.5 * b + 2 * c - d / 2) * t**2
            + (1.5 * b - a / 2 - 1.5 * c + d / 2) * t**3
        )  # fmt: skip
    return [tuple(point) for point in np.concatenate([*parts, p[-1:]])]


HANDS = {
    0: (
        [arc(0.5, 0.5, 0.62, 0.96, 10, 372, 40)],
        [curve((0.62, 0.06), (0.35, 0.08), (0.16, 0.42), (0.2, 0.8), (0.45, 0.97), (0.74, 0.78),
               (0.82, 0.4), (0.66, 0.1), (0.5, 0.05))],
    ),
    1: (
        [curve((0.53, 0.02), (0.5, 0.5), (0.48, 0.98))],
        [curve((0.62, 0.03), (0.5, 0.5), (0.36, 0.97))],
    ),
    2: (
        [curve((0.2, 0.25), (0.32, 0.08), (0.52, 0.02), (0.72, 0.12), (0.74, 0.32), (0.55, 0.6),
               (0.2, 0.94)), [(0.2, 0.94), (0.5, 0.94), (0.85, 0.92)]],
        [curve((0.24, 0.18), (0.45, 0.03), (0.7, 0.1), (0.7, 0.35), (0.48, 0.68), (0.26, 0.9),
               (0.2, 0.82), (0.32, 0.76), (0.55, 0.9), (0.9, 0.9))],
    ),
    3: (
        [curve((0.22, 0.12), (0.45, 0.02), (0.7, 0.1), (0.7, 0.32), (0.42, 0.46)),
         curve((0.42, 0.46), (0.7, 0.54), (0.78, 0.76), (0.55, 0.96), (0.2, 0.88))],
        [curve((0.25, 0.08), (0.55, 0.03), (0.74, 0.2), (0.6, 0.4), (0.4, 0.47)),
         curve((0.4, 0.47), (0.66, 0.52), (0.74, 0.74), (0.55, 0.94), (0.3, 0.96), (0.16, 0.84))],
    ),
    4: (
        [curve((0.25, 0.05), (0.2, 0.3), (0.22, 0.52), (0.5, 0.54), (0.78, 0.48)),
         curve((0.74, 0.05), (0.71, 0.5), (0.66, 0.98))],
        [[(0.3, 0.08), (0.16, 0.55), (0.82, 0.55)], [(0.7, 0.12), (0.62, 0.97)]],
    ),
    5: (
        [[(0.78, 0.05), (0.34, 0.06), (0.27, 0.44)],
         curve((0.27, 0.44), (0.5, 0.36), (0.74, 0.5), (0.76, 0.75), (0.52, 0.95), (0.2, 0.9))],
        [curve((0.3, 0.08), (0.28, 0.25), (0.26, 0.42), (0.52, 0.4), (0.72, 0.56), (0.7, 0.82),
               (0.45, 0.97), (0.18, 0.88)), [(0.3, 0.08), (0.82, 0.04)]],
    ),
    6: (
        [curve((0.62, 0.03), (0.38, 0.22), (0.24, 0.52), (0.26, 0.82), (0.48, 0.96), (0.7, 0.84),
               (0.7, 0.62), (0.5, 0.52), (0.27, 0.66))],
        [curve((0.68, 0.04), (0.42, 0.2), (0.24, 0.55), (0.3, 0.86), (0.55, 0.95), (0.76, 0.78),
               (0.68, 0.58), (0.45, 0.58), (0.28, 0.76))],
    ),
    7: (
        [[(0.15, 0.06), (0.8, 0.05)], curve((0.8, 0.05), (0.6, 0.5), (0.42, 0.98))],
        [curve((0.18, 0.16), (0.2, 0.08), (0.5, 0.07), (0.78, 0.08)),
         curve((0.78, 0.08), (0.66, 0.38), (0.54, 0.68), (0.5, 0.97))],
    ),
    8: (
        [curve((0.7, 0.15), (0.5, 0.03), (0.3, 0.16), (0.36, 0.36), (0.6, 0.52), (0.74, 0.75),
               (0.52, 0.96), (0.28, 0.8), (0.36, 0.58), (0.62, 0.38), (0.72, 0.18))],
        [arc(0.52, 0.26, 0.42, 0.46, 0, 360, 30), arc(0.5, 0.73, 0.52, 0.48, 0, 360, 30)],
    ),
    9: (
        [curve((0.72, 0.2), (0.52, 0.05), (0.3, 0.2), (0.32, 0.42), (0.54, 0.48), (0.72, 0.26)),
         curve((0.72, 0.2), (0.7, 0.55), (0.62, 0.97))],
        [arc(0.48, 0.28, 0.46, 0.48, 60, 425, 30), curve((0.7, 0.2), (0.66, 0.55), (0.5, 0.98))],
    ),
}  # fmt: skip


def page(strokes, size=(350, 280), height=0.5, pen=0.09, at=(0.5, 0.5), seed=0):
    """Return ink on a page, from 0 (paper) to 1: float (H, W).

    ``height`` of the digit is a part of the page's, ``pen`` a part of the digit's, and ``at``
    the place of its middle (row, column) as parts of the page.
    """
    rng = np.random.default_rng(seed)
    rows, columns = size
    scale = height * rows
    corner = np.array([at[1] * columns - scale / 2, at[0] * rows - scale / 2])
    shaken = [np.array(path) + rng.normal(0, 0.004, (len(path), 2)) for path in strokes]
    ink = draw_paths([path * scale + corner for path in shaken], max(size), pen * scale)
    return ink[:rows, :columns] / 255


def photograph(ink, paper=0.85, pen=0.2, shadow=0.4, grain=0.03, blur=1.0, seed=0):
    """Return ink (H, W) under a lamp from one side: uint8 (H, W).

    ``paper`` and ``pen`` are brightnesses, ``shadow`` what the light loses across the page,
    ``grain`` the standard deviation of the paper's brightness, ``blur`` in pixels.
    """
    rng = np.random.default_rng(seed)
    rows, columns = ink.shape
    y, x = np.linspace(-1, 1, rows)[:, None], np.linspace(-1, 1, columns)
    angle = rng.uniform(0, 2 * np.pi)
    light = 1 - shadow * (1 + np.cos(angle) * x * 0.7 + np.sin(angle) * y * 0.7) / 2
    coarse = rng.normal(0, grain, (rows // 4 + 1, columns // 4 + 1)).repeat(4, 0).repeat(4, 1)
    texture = rng.normal(0, grain, ink.shape) + coarse[:rows, :columns] / 2
    brightness = (paper + texture) * (1 - ink) + (pen + texture) * ink
    pixels = np.clip(brightness * light * 255, 0, 255).astype(np.uint8)
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(blur)))


def encoded(pixels, form="PNG", **options):
    """Return pixels, or a picture, as the bytes of a file."""
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


STROKES = [strokes for digit in HANDS for strokes in HANDS[digit]]


def photo(number, **options):
    """Return a photograph of one of the twenty drawings: uint8 (350, 280)."""
    return photograph(page(STROKES[number], seed=number), seed=number, **options)
