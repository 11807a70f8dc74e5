"""Ten digits as a pen writes them, for a pad that should not open empty."""

import numpy as np

Strokes = tuple[tuple[tuple[float, float], ...], ...]


def _arc(
    x: float, y: float, width: float, height: float, start: float, end: float
) -> tuple[tuple[float, float], ...]:
    """Return points on an ellipse around (x, y), clockwise from ``start`` to ``end``.

    Angles are in turns, from the top. ``width`` and ``height`` are half of the ellipse's.
    """
    angles = 2 * np.pi * np.linspace(start, end, 64)
    points = zip(x + width * np.sin(angles), y - height * np.cos(angles), strict=True)
    return tuple((float(a), float(b)) for a, b in points)


# x to the right and y down, from 0 to 1.
STROKES: tuple[Strokes, ...] = (
    (_arc(0.5, 0.5, 0.2, 0.3, 0, 1),),
    (((0.42, 0.3), (0.52, 0.2), (0.5, 0.8)),),
    ((*_arc(0.49, 0.36, 0.17, 0.16, -0.25, 0.3), (0.31, 0.78), (0.7, 0.78)),),
    ((*_arc(0.47, 0.35, 0.17, 0.15, -0.2, 0.48), *_arc(0.47, 0.65, 0.2, 0.16, 0.02, 0.7)),),
    (((0.38, 0.2), (0.3, 0.53), (0.7, 0.53)), ((0.62, 0.22), (0.58, 0.8))),
    (((0.68, 0.2), (0.38, 0.2), (0.36, 0.46), *_arc(0.47, 0.61, 0.19, 0.18, -0.1, 0.68)),),
    (((0.6, 0.18), (0.42, 0.38), *_arc(0.5, 0.63, 0.17, 0.17, 0.75, 1.75)),),
    (((0.3, 0.24), (0.7, 0.22), (0.55, 0.5), (0.45, 0.8)),),
    (_arc(0.5, 0.36, 0.14, 0.15, 0.5, 1.5), _arc(0.5, 0.66, 0.17, 0.15, 0, 1)),
    ((*_arc(0.5, 0.38, 0.16, 0.17, 0.2, 1.2), (0.64, 0.45), (0.56, 0.82)),),
)
