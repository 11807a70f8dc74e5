"""Exercises: slide a kernel over an image (lesson 01)."""

from typing import Any

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals, integers
from scratchcnn.exercises.windows import window_slip

SEVEN = np.array(
    [[0, 0, 0, 0, 0], [0, 9, 9, 9, 0], [0, 0, 1, 8, 0], [0, 0, 7, 2, 0], [0, 3, 6, 0, 0]]
)
WINDOW = SEVEN[1:4, 1:4]  # with KERNEL it gives 18
KERNEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
BLUR = np.full((2, 2), 0.25)


def one_output(x, k, i, j):
    """Compute one number of the output: the window of x at row i, column j, times the kernel.

    Parameters
    ----------
    x : array (H, W)
        The image.
    k : array (KH, KW)
        The kernel.
    i, j : int
        Row and column of the upper left corner of the window.

    Returns
    -------
    y : float
        The window times k, number by number, added up.
    """
    KH, KW = k.shape
    return (x[i : i + KH, j : j + KW] * k).sum()


Exercise(
    one_output,
    lesson=1,
    returns=("y",),
    cases=[
        Case(WINDOW, KERNEL, 0, 0),
        Case(SEVEN, KERNEL, 1, 1),
        Case(SEVEN, KERNEL, 0, 2),
        Case(np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), np.array([[1, 10], [100, 0]]), 0, 0),
        Case(integers(12, 4, 5), integers(13, 2, 3), 2, 1),
        Case(decimals(14, 5, 3), decimals(15, 3, 1), 1, 2),
    ],
    mistakes=[
        Mistake(
            "flipped kernel",
            "The kernel is flipped. Multiply it as it stands.",
            lambda x, k, i, j: one_output(x, k[::-1, ::-1], i, j),
        ),
        Mistake(
            "not added up",
            "These are the products. Add them up to one number.",
            lambda x, k, i, j: x[i : i + k.shape[0], j : j + k.shape[1]] * k,
        ),
        Mistake(
            "kernel forgotten",
            "You add up the pixels of the window. Multiply them by the kernel first.",
            lambda x, k, i, j: x[i : i + k.shape[0], j : j + k.shape[1]].sum(),
        ),
        Mistake(
            "always the first window",
            "You always take the window in the upper left corner. It begins at row i, column j.",
            lambda x, k, i, j: one_output(x, k, 0, 0),
        ),
        Mistake(
            "row and column swapped",
            "Row and column are swapped. The row comes first: x[i, j].",
            lambda x, k, i, j: one_output(x, k, j, i),
        ),
        Mistake(
            "matrix product",
            "The window and the kernel are multiplied as matrices. Multiply number by number, "
            "with *, and not with @ or np.dot.",
            lambda x, k, i, j: (x[i : i + k.shape[0], j : j + k.shape[1]] @ k).sum(),
        ),
    ],
    hints=(
        "Write down the nine products for the first window, as in the text above. Which two arrays "
        "do you multiply?",
        "Cut the window out of the image. It has as many rows and columns as the kernel: "
        "x[i : i + KH, j : j + KW], where KH, KW = k.shape.",
        "window * k gives all products at once, and .sum() adds them up.",
    ),
    explain_error=window_slip,
)


def correlate(x, k):
    """Slide the kernel k over the image x, without padding, one pixel at a time.

    Parameters
    ----------
    x : array (H, W)
        The image.
    k : array (KH, KW)
        The kernel; it is not flipped.

    Returns
    -------
    y : array (H - KH + 1, W - KW + 1)
        y[i, j] is the sum of k times the window of x whose upper left corner is x[i, j].
    """
    (H, W), (KH, KW) = x.shape, k.shape
    y = np.zeros((H - KH + 1, W - KW + 1))
    for i, j in np.ndindex(y.shape):
        for a, b in np.ndindex(k.shape):
            y[i, j] += x[i + a, j + b] * k[a, b]
    return y


def products(arguments: dict[str, Any], which: int, index: tuple[int, ...]) -> str:
    """Write out the sum behind one output pixel."""
    x, k, (i, j) = arguments["x"], arguments["k"], index
    window = x[i : i + k.shape[0], j : j + k.shape[1]]
    pairs = zip(window.ravel(), k.ravel(), strict=True)
    terms = " + ".join(f"{a:g}*{b:g}" if b >= 0 else f"{a:g}*({b:g})" for a, b in pairs)
    rows, columns = f"{i}:{i + k.shape[0]}", f"{j}:{j + k.shape[1]}"
    return f"x[{rows}, {columns}] times k, added up:\n{terms} = {(window * k).sum():g}"


def indices_swapped(x, k):
    """Read the kernel by columns."""
    y = np.zeros((x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1))
    for i, j in np.ndindex(y.shape):
        for a, b in np.ndindex(k.shape):
            y[i, j] += x[i + a, j + b] * k[b, a]
    return y


def last_product(x, k):
    """Overwrite instead of adding up."""
    y = np.zeros((x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1))
    for i, j in np.ndindex(y.shape):
        for a, b in np.ndindex(k.shape):
            y[i, j] = x[i + a, j + b] * k[a, b]
    return y


def matrix_product(x, k):
    """Multiply each window with the kernel as matrices."""
    (KH, KW), y = k.shape, correlate(x, k)
    for i, j in np.ndindex(y.shape):
        y[i, j] = (x[i : i + KH, j : j + KW] @ k).sum()
    return y


def last_ones_zero(x, k):
    """End both loops too early."""
    y = correlate(x, k)
    y[-1], y[:, -1] = 0, 0
    return y


def three_by_three(x, k):
    """Take a window of 3 by 3, whatever the kernel."""
    y = np.zeros((x.shape[0] - 2, x.shape[1] - 2))
    for i, j in np.ndindex(y.shape):
        y[i, j] = (x[i : i + 3, j : j + 3] * k).sum()
    return y


def as_large_as_the_image(x, k):
    """Return an array as large as the image, with zeros where no window fits."""
    y, small = np.zeros(x.shape), correlate(x, k)
    y[: small.shape[0], : small.shape[1]] = small
    return y


Exercise(
    correlate,
    lesson=1,
    returns=("y",),
    cases=[
        Case(WINDOW, KERNEL),
        Case(np.array([[1, 2, 3], [4, 5, 6]]), np.array([[1, 10]])),
        Case(SEVEN, KERNEL),
        Case(np.array([[1, 2, 3], [4, 5, 7]]), BLUR),
        Case(integers(0, 4, 3), integers(1, 1, 1)),
        Case(integers(2, 6, 5), integers(3, 3, 2)),
        Case(integers(4, 3, 4), integers(5, 3, 4)),
        Case(decimals(6, 5, 7), decimals(7, 2, 4)),
    ],
    mistakes=[
        Mistake(
            "flipped kernel",
            "The kernel is flipped: that is convolution, not cross-correlation. "
            "Multiply x[i + a, j + b] by k[a, b] as it stands.",
            lambda x, k: correlate(x, k[::-1, ::-1]),
        ),
        Mistake(
            "rows and columns of the kernel swapped",
            "Rows and columns of the kernel are swapped: the number beside x[i + a, j + b] is "
            "k[a, b], not k[b, a]. Or the pixel is x[i + b, j + a]: then a and b have changed "
            "places there.",
            indices_swapped,
        ),
        Mistake(
            "off by one",
            "The last row and the last column are missing: the kernel fits at H - KH + 1 places, "
            "one more than the distance H - KH.",
            lambda x, k: correlate(x, k)[:-1, :-1],
        ),
        Mistake(
            "last row and column left zero",
            "The last row and the last column are still zero: your loops end one place too early. "
            "range(n) already stops before n.",
            last_ones_zero,
        ),
        Mistake(
            "only the last product",
            "Only the last product of each window is left: add them up with +=, instead of "
            "overwriting with =.",
            last_product,
        ),
        Mistake(
            "matrix product",
            "The window and the kernel are multiplied as matrices. Multiply number by number, "
            "with *, and not with @ or np.dot.",
            matrix_product,
        ),
        Mistake(
            "as large as the image",
            "Your output is as large as the image, with zeros where the kernel does not fit. "
            "Without padding the output is smaller: H - KH + 1 rows, W - KW + 1 columns.",
            as_large_as_the_image,
        ),
        Mistake(
            "always 3 by 3",
            "Your windows are always 3 by 3, but not every kernel is. Take their size from the "
            "kernel: KH, KW = k.shape.",
            three_by_three,
        ),
        Mistake(
            "whole numbers",
            "Your output can hold whole numbers only, so the decimals are lost. "
            "np.zeros(shape) holds floats; np.zeros_like(x) takes over the type of x.",
            lambda x, k: correlate(x, k).astype(np.result_type(x)),
        ),
    ],
    hints=(
        "Start with one number. For the small 7, the window x[1:4, 1:4] times the kernel, number "
        "by number, adds up to 18. How would you say that in Python for the window at row i, "
        "column j?",
        "Make y = np.zeros((H - KH + 1, W - KW + 1)), and visit each of its places with two loops. "
        "The window at row i, column j is x[i : i + KH, j : j + KW].",
        "In the two loops: y[i, j] = (x[i : i + KH, j : j + KW] * k).sum(). Then return y, after "
        "the loops.",
    ),
    explain=products,
    explain_error=window_slip,
)
