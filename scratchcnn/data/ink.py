"""find_ink: the ink of one digit in a gray picture, whatever the light and the paper.

The background is estimated and divided out twice. First, a smooth surface, fitted so that ink
hardly affects it, removes slow changes such as light from one side or a vignette. It also tells
ink from paper, because the surface follows the paper. Then each pixel is compared with the
lightest paper nearby (a "closing", from mathematical morphology), which also handles the
edge of a shadow. What remains is ink, noise and specks; ink is much darker than the noise,
and much larger than the specks.
"""

from dataclasses import dataclass

import numpy as np

NEARBY = 0.35  # of the shorter side: wider than any stroke, narrower than most shadows
FAINTEST = 0.06  # contrast, as a fraction of the paper's brightness, below which nothing is ink
NOISE_LEVELS = 6.0  # ink is at least this many standard deviations of the noise above paper
INK_LEVEL = 0.4  # as a fraction of the darkest ink; lighter pixels are the edge of a stroke
DARKEST_PART = 0.0002  # of all pixels; the lightest of these defines the darkest ink
SMALLEST_PART = 0.03  # pieces with a smaller share of the digit's area are specks
MOST_PARTS = 12  # a digit may break into a few pieces, noise into hundreds
SMALLEST_EXTENT = 5  # pixels; a digit cannot be smaller


@dataclass(frozen=True)
class Ink:
    """What `find_ink` found.

    Attributes
    ----------
    density : ndarray of float32 (H, W)
        0 is paper and 1 full ink; cropped to the smallest box around the whole digit.
    clarity : float
        How far the ink stands above the noise, in standard deviations.
    """

    density: np.ndarray
    clarity: float


def find_ink(gray: np.ndarray) -> Ink | None:
    """Return the ink of the digit in a picture, or None if there is none.

    Parameters
    ----------
    gray : ndarray of float32 (H, W)
        Brightness from 0 to 1; dark ink on light paper or the other way round.
    """
    if max(gray.shape) < SMALLEST_EXTENT:
        return None
    gray = np.clip(gray, 0, 1)
    paper = _smooth_background(gray)
    if _ink_is_light(gray - paper):
        gray, paper = 1 - gray, 1 - paper
    flat = np.minimum(gray / np.maximum(paper, 0.05), 2.0)
    nearby = _closing(flat, max(3, round(NEARBY * min(gray.shape))))
    contrast = 1 - flat / np.maximum(nearby, 0.05)  # 0 is paper
    # The lightest paper nearby is lighter than most paper, so subtract the paper's own level,
    # and do it again once it is known what is certainly not ink.
    contrast -= np.median(contrast)
    darkest = float(np.quantile(contrast, 1 - max(DARKEST_PART, 4 / gray.size)))
    on_paper = contrast[contrast <= INK_LEVEL * darkest]
    level = float(np.median(on_paper))
    contrast, darkest = contrast - level, darkest - level
    # The median deviation, converted to a standard deviation for normally distributed noise.
    noise = 1.4826 * float(np.median(np.abs(on_paper - level)))
    if darkest < max(FAINTEST, NOISE_LEVELS * noise):
        return None
    mask = _keep_digit(contrast > max(INK_LEVEL * darkest, 3 * noise))
    if not mask.any():
        return None
    # The middle of the strokes defines full ink, not their darkest pixel.
    full = float(np.quantile(contrast[mask], 0.6))
    around = _grown(mask, 1)  # the soft edge of the strokes belongs to them
    density = np.where(around, np.clip(contrast / full, 0, 1), 0).astype(np.float32)
    rows, columns = (np.flatnonzero((density > 0.25).any(axis=axis)) for axis in (1, 0))
    if max(np.ptp(rows), np.ptp(columns)) + 1 < SMALLEST_EXTENT:
        return None
    box = density[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Ink(box, full / max(noise, 1e-3))


def _smooth_background(gray: np.ndarray) -> np.ndarray:
    """Fit a quadratic surface to the picture (H, W), ignoring a minority of outlying pixels."""
    height, width = gray.shape
    y, x = np.linspace(-1, 1, height, dtype="f4"), np.linspace(-1, 1, width, dtype="f4")
    every = max(1, round(min(height, width) / 60))  # a few thousand pixels are enough
    rows, columns = np.meshgrid(y[::every], x[::every], indexing="ij")
    values = gray[::every, ::every].ravel().astype(float)

    def terms(y: np.ndarray, x: np.ndarray) -> list[np.ndarray]:
        return [np.ones_like(x * y), y + 0 * x, x + 0 * y, y * y + 0 * x, x * y, x * x + 0 * y]

    table = np.stack([term.ravel() for term in terms(rows, columns)], axis=1)
    surface = np.zeros(table.shape[1])
    surface[0] = np.median(values)
    for _ in range(20):
        error = values - table @ surface
        spread = max(1.4826 * float(np.median(np.abs(error))), 0.02)
        weights = np.clip(1 - (error / (4 * spread)) ** 2, 0, None)  # Tukey's, not squared
        weighted = table * weights[:, None]
        ridge = 1e-3 * len(values) * np.diag([0, *[1] * (table.shape[1] - 1)])
        surface = np.linalg.solve(weighted.T @ table + ridge, weighted.T @ values)
    total = sum(c * term for c, term in zip(surface, terms(y[:, None], x[None, :]), strict=True))
    return np.clip(total, 0, 1).astype(np.float32)


def _ink_is_light(residual: np.ndarray) -> bool:
    """Return whether the ink is lighter than the background."""
    threshold = 0.5 * float(np.quantile(np.abs(residual), 0.999))
    return bool((residual > threshold).sum() > (residual < -threshold).sum())


def _closing(values: np.ndarray, size: int) -> np.ndarray:
    """Return values (H, W) without dark parts too narrow for a square of ``size`` pixels."""
    largest = _windowed(values, size, np.maximum)
    return _windowed(largest, size, np.minimum)


def _windowed(values: np.ndarray, size: int, pick: np.ufunc) -> np.ndarray:
    """Return the largest or smallest value in a square window around each pixel (H, W).

    Windows are combined from two halves, and those from halves again, so a window of any size
    takes only a few steps.
    """
    size += 1 - size % 2  # odd, so that the pixel is in the middle
    for axis in (0, 1):
        edges = [(0, 0), (0, 0)]
        edges[axis] = (size // 2, size // 2)
        line = np.moveaxis(np.pad(values, edges, mode="edge"), axis, 0)
        reach = 1
        while reach < size:
            step = min(reach, size - reach)
            line = pick(line[:-step], line[step:])
            reach += step
        values = np.moveaxis(line, 0, axis)
    return values


def _grown(mask: np.ndarray, pixels: int) -> np.ndarray:
    """Return the mask grown by ``pixels`` in each direction."""
    return _windowed(mask, 2 * pixels + 1, np.logical_or)


def _keep_digit(mask: np.ndarray) -> np.ndarray:
    """Return the mask (H, W) without specks and without parts along the picture's edge.

    If the mask has so many pieces that it can only be noise, nothing is left.
    """
    labels = _connected(mask)
    areas = np.bincount(labels.ravel())
    areas[0] = 0  # paper
    frame = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    along_frame = np.bincount(frame, minlength=len(areas)) > 0.2 * min(mask.shape)
    along_frame[labels[[0, 0, -1, -1], [0, -1, 0, -1]]] = True
    areas[along_frame] = 0  # the desk around the paper, or the shaded half of a page
    kept = areas >= max(1, SMALLEST_PART * areas.max())
    if kept.sum() > MOST_PARTS:
        return np.zeros_like(mask)
    return np.asarray(kept[labels])


def _connected(mask: np.ndarray) -> np.ndarray:
    """Number the connected parts of a mask (H, W), diagonals included; 0 is outside the mask."""
    height, width = mask.shape
    padded = np.pad(mask, ((0, 0), (1, 1))).astype(np.int8)
    change = np.diff(padded, axis=1)  # (H, W + 1): 1 where a run begins, -1 after its end
    rows, starts = np.nonzero(change == 1)
    ends = np.nonzero(change == -1)[1]
    parent = list(range(len(rows)))

    def root(run: int) -> int:
        while parent[run] != run:
            parent[run] = parent[parent[run]]
            run = parent[run]
        return run

    first = np.searchsorted(rows, np.arange(height + 1)).tolist()  # the first run of each row
    start_list, end_list = starts.tolist(), ends.tolist()
    for row in range(1, height):
        above, run = first[row - 1], first[row]
        while above < first[row] and run < first[row + 1]:
            if start_list[above] <= end_list[run] and start_list[run] <= end_list[above]:
                parent[root(above)] = root(run)
            if end_list[above] < end_list[run]:
                above += 1
            else:
                run += 1
    roots = np.array([root(run) for run in range(len(rows))], dtype=np.intp)
    numbers = np.unique(roots, return_inverse=True)[1] + 1
    # Each run adds its number where it begins and subtracts it after its end.
    steps = np.zeros((height, width + 1), np.intp)
    np.add.at(steps, (rows, starts), numbers)
    np.add.at(steps, (rows, ends), -numbers)
    parts: np.ndarray = steps.cumsum(axis=1)
    return parts[:, :width]
