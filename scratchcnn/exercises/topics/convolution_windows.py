"""Exercise: the windows of an image as the rows of a matrix (lesson 02)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals, integers
from scratchcnn.exercises.topics.convolution import SEVEN


def im2col(x, size):
    """Write each window of an image as a row of a matrix.

    Parameters
    ----------
    x : array (H, W)
        The image.
    size : int
        The windows have size rows and size columns.

    Returns
    -------
    rows : array ((H - size + 1) * (W - size + 1), size * size)
        The windows in the order of their upper left corners, row by row; the pixels of each
        window row by row, too.
    """
    H, W = x.shape[:2]
    rows = []
    for i in range(H - size + 1):
        for j in range(W - size + 1):
            rows.append(x[i : i + size, j : j + size].ravel())  # (size, size) -> (size * size,)
    return np.array(rows)


def column_by_column(x, size):
    """Visit the windows column by column."""
    places = [(i, j) for j in range(x.shape[1] - size + 1) for i in range(x.shape[0] - size + 1)]
    return np.array([x[i : i + size, j : j + size].ravel() for i, j in places])


def square(x, size):
    """Visit as many columns as rows."""
    places = np.ndindex(x.shape[0] - size + 1, x.shape[0] - size + 1)
    return np.array([x[i : i + size, j : j + size].ravel() for i, j in places])


def ends_at_size(x, size):
    """End each slice at size, wherever it begins."""
    places = np.ndindex(x.shape[0] - size + 1, x.shape[1] - size + 1)
    return np.array([x[i:size, j:size].ravel() for i, j in places])


def beyond_the_border(x, size):
    """Let a window begin at every pixel; those at the border are smaller, and cannot be stacked."""
    return np.array([x[i : i + size, j : j + size].ravel() for i, j in np.ndindex(x.shape)])


Exercise(
    im2col,
    lesson=2,
    returns=("rows",),
    cases=[
        Case(np.array([[1, 2, 3], [4, 5, 6]]), 2),
        Case(SEVEN, 3),
        Case(integers(32, 4, 3), 2),
        Case(integers(33, 2, 4), 1),
        Case(decimals(34, 5, 4), 3),
        Case(decimals(35, 3, 3), 3),
    ],
    mistakes=[
        Mistake(
            "windows column by column",
            "The windows come column by column. Let i, the row, be the outer loop and j the inner.",
            column_by_column,
        ),
        Mistake(
            "pixels column by column",
            "Within each window, the pixels come column by column. ravel() goes row by row.",
            lambda x, size: np.array(
                [row.reshape(size, size).T.ravel() for row in im2col(x, size)]
            ),
        ),
        Mistake(
            "transposed",
            "Each window is a column. It should be a row.",
            lambda x, size: im2col(x, size).T,
        ),
        Mistake(
            "not flattened",
            "Each window is still a little image: turn it into a row of numbers with ravel().",
            lambda x, size: im2col(x, size).reshape(-1, size, size),
        ),
        Mistake(
            "windows side by side",
            "Your windows do not overlap. The next one begins one pixel further, not size pixels.",
            lambda x, size: np.array(
                [
                    x[i : i + size, j : j + size].ravel()
                    for i in range(0, x.shape[0] - size + 1, size)
                    for j in range(0, x.shape[1] - size + 1, size)
                ]
            ),
        ),
        Mistake(
            "off by one",
            "The last windows are missing: there are H - size + 1 places from top to bottom.",
            lambda x, size: np.array(
                [
                    x[i : i + size, j : j + size].ravel()
                    for i in range(x.shape[0] - size)
                    for j in range(x.shape[1] - size)
                ]
            ),
        ),
        Mistake(
            "beyond the border",
            "Some of your windows stick out of the image, so they hold fewer pixels, and NumPy "
            "cannot stack them. Only H - size + 1 windows fit from top to bottom, and "
            "W - size + 1 from left to right.",
            beyond_the_border,
        ),
        Mistake(
            "as many columns as rows",
            "You visit as many columns as rows, but not every image is square. There are "
            "H - size + 1 places from top to bottom, and W - size + 1 from left to right.",
            square,
        ),
        Mistake(
            "slices end at size",
            "Your windows have different sizes. The window at row i, column j ends size pixels "
            "further: x[i : i + size, j : j + size].",
            ends_at_size,
        ),
        Mistake(
            "only the first row of windows",
            "Only the windows of the first row are there. Is your return inside the outer loop?",
            lambda x, size: im2col(x[:size], size),
        ),
        Mistake(
            "one long row",
            "All pixels are in one long row. Each window should have a row of its own: "
            "append keeps them apart, extend does not.",
            lambda x, size: im2col(x, size).ravel(),
        ),
    ],
    hints=(
        "These are the windows of correlate. There you multiplied each by the kernel; here you "
        "only keep it.",
        "Visit the places with two loops, rows outside, columns inside. Cut out the window "
        "x[i : i + size, j : j + size], and append it to a list.",
        "Append x[i : i + size, j : j + size].ravel(), and after the loops return np.array(rows).",
    ),
)
