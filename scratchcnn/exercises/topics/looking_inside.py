"""Exercise: the saliency of an image (lesson 07)."""

from typing import Any

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals, integers


def saliency(x, k, w, c):
    """Return the gradient of a class's score with respect to the pixels.

    The network has three layers: a convolution with one kernel, max pooling with windows of 2 by
    2, and a dense layer. Its scores are max_pool(correlate(x, k)).ravel() @ w.

    Parameters
    ----------
    x : array (H, W)
        An image.
    k : array (KH, KW)
        The kernel.
    w : array (pooled pixels, C)
        The weights of the dense layer: a column for each class.
    c : int
        The class.

    Returns
    -------
    dx : array (H, W)
        dz/dx for the score z of class c, with its sign. In each pooling window, the first maximum
        gets the whole gradient.
    """
    KH, KW = k.shape
    height, width = (x.shape[0] - KH + 1) // 2, (x.shape[1] - KW + 1) // 2
    slopes = w[:, c].reshape(height, width)
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(height, width):
        places = [(2 * i + a, 2 * j + b) for a in (0, 1) for b in (0, 1)]
        y = [(x[r : r + KH, s : s + KW] * k).sum() for r, s in places]
        r, s = places[np.argmax(y)]
        dx[r : r + KH, s : s + KW] += slopes[i, j] * k
    return dx


def pooled_shape(x, k):
    """Return the shape of the pooled map."""
    return (x.shape[0] - k.shape[0] + 1) // 2, (x.shape[1] - k.shape[1] + 1) // 2


def winners(x, k, last=False):
    """Return the upper left corner of the image window that wins in each pooling window."""
    KH, KW = k.shape
    found = []
    for i, j in np.ndindex(pooled_shape(x, k)):
        places = [(2 * i + a, 2 * j + b) for a in (0, 1) for b in (0, 1)]
        if last:
            places.reverse()
        y = [(x[r : r + KH, s : s + KW] * k).sum() for r, s in places]
        found.append(places[np.argmax(y)])
    return found


def stamped(x, k, slopes, last=False, add=True):
    """Write the kernel to the winning windows, times a slope for each of them."""
    dx = np.zeros(x.shape)
    for (r, s), slope in zip(winners(x, k, last), slopes, strict=True):
        place = slice(r, r + k.shape[0]), slice(s, s + k.shape[1])
        dx[place] = slope * k + (dx[place] if add else 0)
    return dx


def every_window(x, k, w, c):
    """Let all four outputs of a pooling window have the gradient."""
    dx = np.zeros(x.shape)
    slopes = w[:, c].reshape(pooled_shape(x, k))
    for i, j in np.ndindex(2 * slopes.shape[0], 2 * slopes.shape[1]):
        dx[i : i + k.shape[0], j : j + k.shape[1]] += slopes[i // 2, j // 2] * k
    return dx


def upper_left(x, k, w, c):
    """Take the upper left output of each pooling window, whichever is the largest."""
    return saliency(np.zeros(x.shape), k, w, c)


def flipped(x, k, w, c):
    """Write the flipped kernel to the windows that have won with the kernel itself."""
    dx = np.zeros(x.shape)
    for (r, s), slope in zip(winners(x, k), w[:, c], strict=True):
        dx[r : r + k.shape[0], s : s + k.shape[1]] += slope * k[::-1, ::-1]
    return dx


def counted_from_the_window(x, k, w, c):
    """Take the place within the pooling window for the place in the feature map."""
    dx = np.zeros(x.shape)
    for (r, s), slope in zip(winners(x, k), w[:, c], strict=True):
        dx[r % 2 : r % 2 + k.shape[0], s % 2 : s % 2 + k.shape[1]] += slope * k
    return dx


def overlapping(x, k, w, c):
    """Let each pooling window begin one pixel after the one before."""
    dx = np.zeros(x.shape)
    y = np.zeros((x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = (x[i : i + k.shape[0], j : j + k.shape[1]] * k).sum()
    slopes = w[:, c].reshape(pooled_shape(x, k))
    for (i, j), slope in np.ndenumerate(slopes):
        a, b = divmod(int(y[i : i + 2, j : j + 2].argmax()), 2)
        dx[i + a : i + a + k.shape[0], j + b : j + b + k.shape[1]] += slope * k
    return dx


def feature_map_only(x, k, w, c):
    """Stop at the feature map."""
    dy = np.zeros((x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1))
    for place, slope in zip(winners(x, k), w[:, c], strict=True):
        dy[place] = slope
    return dy


def of_the_probability(x, k, w, c):
    """Take the gradient of the class's probability."""
    y = [(x[r : r + k.shape[0], s : s + k.shape[1]] * k).sum() for r, s in winners(x, k)]
    z = np.array(y) @ w
    p = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    return stamped(x, k, w @ (p[c] * (np.eye(len(p))[c] - p)))


def explained(arguments: dict[str, Any], which: int, index: tuple[int, ...]) -> str:
    """Write out which winning windows a pixel lies in, and what it gets from each."""
    x, k, w, c = (arguments[name] for name in ("x", "k", "w", "c"))
    (row, column), parts = index, []
    for (r, s), slope in zip(winners(x, k), w[:, c], strict=True):
        a, b = row - r, column - s
        if 0 <= a < k.shape[0] and 0 <= b < k.shape[1]:
            parts.append(f"({slope:g}) * k[{a}, {b}] from the window at row {r}, column {s}")
    if not parts:
        return f"No winning window holds the pixel in row {row}, column {column}: it gets 0."
    lines = "\n".join(f"  {part}" for part in parts)
    return f"The pixel in row {row}, column {column} gets\n{lines}"


X = np.array([[1, 2, 0], [0, 3, 1], [1, 0, 3]])
K = np.array([[1, 0], [0, 2]])

Exercise(
    saliency,
    lesson=7,
    returns=("dx",),
    cases=[
        Case(X, K, np.array([[5, -1]]), 0),
        Case(X, K, np.array([[5, -1]]), 1),
        Case(np.ones((3, 5)), np.array([[1, 0], [-3, 2]]), np.array([[1, 2], [4, 5]]), 1),
        Case(integers(180, 4, 6), integers(181, 2, 3), integers(182, 2, 3), 2),
        Case(integers(183, 6, 5), integers(184, 3, 1), integers(185, 4, 2), 0),
        Case(decimals(186, 8, 7), decimals(187, 3, 2), decimals(188, 9, 10), 7),
    ],
    mistakes=[
        Mistake(
            "absolute value",
            "You return absolute values. Keep the sign: it says whether the score grows if the "
            "pixel gets lighter or darker.",
            lambda x, k, w, c: np.abs(saliency(x, k, w, c)),
        ),
        Mistake(
            "all four outputs",
            "All four outputs of a pooling window pass a gradient on. Only the largest of them "
            "has an effect on the score.",
            every_window,
        ),
        Mistake(
            "always the upper left output",
            "You always take the upper left output of a pooling window. Take the largest of the "
            "four.",
            upper_left,
        ),
        Mistake(
            "last maximum",
            "Where outputs of a pooling window are equal, the last gets the gradient. By our rule, "
            "it is the first, row by row.",
            lambda x, k, w, c: stamped(x, k, w[:, c], last=True),
        ),
        Mistake(
            "kernel flipped",
            "The kernel is flipped on its way back to the pixels. The pixel [a, b] of a window was "
            "multiplied by k[a, b], so that is its slope.",
            flipped,
        ),
        Mistake(
            "overwritten",
            "Where two winning windows overlap, the second overwrites the first. The pixel has an "
            "effect through both, so add them up: +=.",
            lambda x, k, w, c: stamped(x, k, w[:, c], add=False),
        ),
        Mistake(
            "weights forgotten",
            "The weights of the dense layer are missing: multiply what each pooled pixel passes on "
            "by its weight for class c.",
            lambda x, k, w, c: stamped(x, k, np.ones(len(w))),
        ),
        Mistake(
            "all classes added up",
            "You add up the saliencies of all classes. Take the weights of class c alone: its "
            "column of w.",
            lambda x, k, w, c: stamped(x, k, w.sum(axis=1)),
        ),
        Mistake(
            "times the pixels",
            "The gradient is multiplied by the pixels. That says how much each pixel contributes "
            "to the score. The saliency is the slope alone.",
            lambda x, k, w, c: x * saliency(x, k, w, c),
        ),
        Mistake(
            "of the probability",
            "That is the gradient of the probability. Take the gradient of the score, before "
            "softmax.",
            of_the_probability,
        ),
        Mistake(
            "row instead of column",
            "You take row c of w. Each class has a column: w[:, c].",
            lambda x, k, w, c: stamped(x, k, w[c].reshape(pooled_shape(x, k)).ravel()),
        ),
        Mistake(
            "place within the window",
            "All gradients land in the upper left corner of the image. argmax counts within the "
            "pooling window, and that begins at row 2 * i, column 2 * j of the feature map.",
            counted_from_the_window,
        ),
        Mistake(
            "pooling windows overlap",
            "Your pooling windows overlap: they begin at row i, column j. Each is 2 by 2, so the "
            "next one begins two pixels on: at row 2 * i, column 2 * j.",
            overlapping,
        ),
        Mistake(
            "stopped at the feature map",
            "You stop at the feature map. Go on to the pixels: each winning output has a window of "
            "the image.",
            feature_map_only,
        ),
    ],
    hints=(
        "Go backward, one layer after the other. The score is a weighted sum of the pooled pixels. "
        "So what is the slope of each? Look at column c of w.",
        "Each pooled pixel is one output of the convolution: the largest of four. Find its place "
        "in the feature map. The image window with that place as its upper left corner is all that "
        "this pooled pixel depends on.",
        "For each pooled pixel (i, j) with weight slope, and its winner in row r, column s of the "
        "feature map: dx[r : r + KH, s : s + KW] += slope * k.",
    ),
    explain=explained,
)
