"""Exercise: max pooling (lesson 03)."""

from typing import Any

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals, integers

X = np.array([[1, 5, 3, 0], [2, 0, 1, 4], [0, 2, 7, 0], [6, 4, 2, 3]])  # as in the lesson


def max_pool(x, size=2):
    """Keep the largest number of each window; the windows lie side by side.

    Parameters
    ----------
    x : array (H, W)
        A feature map.
    size : int
        The windows have size rows and size columns.

    Returns
    -------
    y : array (H // size, W // size)
        Rows and columns that do not fill a window are left out.
    """
    H, W = x.shape
    y = np.zeros((H // size, W // size))
    for i, j in np.ndindex(y.shape):
        y[i, j] = x[i * size : (i + 1) * size, j * size : (j + 1) * size].max()
    return y


def largest(arguments: dict[str, Any], which: int, index: tuple[int, ...]) -> str:
    """Write out one window and its largest number."""
    x, size, (i, j) = arguments["x"], arguments.get("size", 2), index
    rows, columns = slice(i * size, (i + 1) * size), slice(j * size, (j + 1) * size)
    numbers = ", ".join(f"{value:g}" for value in x[rows, columns].ravel())
    place = f"x[{rows.start}:{rows.stop}, {columns.start}:{columns.stop}]"
    return f"{place} holds {numbers}; the largest is {x[rows, columns].max():g}"


def pooled_with_rest(x, size=2):
    """Pool what is left at the border as well."""
    rows, columns = range(0, x.shape[0], size), range(0, x.shape[1], size)
    return np.array([[x[i : i + size, j : j + size].max() for j in columns] for i in rows])


def pooled_with_overlap(x, size=2):
    """Move the window by one pixel."""
    rows, columns = range(x.shape[0] - size + 1), range(x.shape[1] - size + 1)
    return np.array([[x[i : i + size, j : j + size].max() for j in columns] for i in rows])


def pooled_neighbors(x, size=2):
    """Have the right size of output, but windows that overlap."""
    return pooled_with_overlap(x, size)[: x.shape[0] // size, : x.shape[1] // size]


def averaged(x, size=2):
    """Take the mean of each window."""
    H, W = x.shape[0] // size, x.shape[1] // size
    return x[: H * size, : W * size].reshape(H, size, W, size).mean(axis=(1, 3))


def short_slices(x, size=2):
    """End the window of row i at row i + size, although it begins at i * size."""
    y = np.zeros((x.shape[0] // size, x.shape[1] // size))
    for i, j in np.ndindex(y.shape):
        y[i, j] = x[i * size : i + size, j * size : j + size].max()
    return y


def loops_in_pixels(x, size=2):
    """Count the pixels in the loops, and write to y as if they were windows."""
    y = np.zeros((x.shape[0] // size, x.shape[1] // size))
    for i in range(0, x.shape[0] - size + 1, size):
        for j in range(0, x.shape[1] - size + 1, size):
            y[i, j] = x[i : i + size, j : j + size].max()
    return y


def other_axes(x, size=2):
    """Take the maximum over the last two axes of the folded windows."""
    H, W = x.shape[0] // size, x.shape[1] // size
    return x[: H * size, : W * size].reshape(H, size, W, size).max(axis=(2, 3))


def order_of_axes(x, size=2):
    """Fold rows and columns of a window into the last axes by reshape alone."""
    H, W = x.shape[0] // size, x.shape[1] // size
    return x[: H * size, : W * size].reshape(H, W, size, size).max(axis=(2, 3))


Exercise(
    max_pool,
    lesson=3,
    returns=("y",),
    cases=[
        Case(np.array([[1, 5], [2, 0]])),
        Case(X),
        Case(np.array([[-3, -1], [-2, -4]])),
        Case(integers(40, 5, 7)),
        Case(integers(41, 7, 6), 3),
        Case(integers(42, 6, 4), size=2),
        Case(decimals(43, 3, 4), 1),
    ],
    mistakes=[
        Mistake(
            "negative numbers lost",
            "Windows with only negative numbers give 0: the search for the maximum must not begin "
            "at 0. Begin at -np.inf, or use .max().",
            lambda x, size=2: np.maximum(max_pool(x, size), 0),
        ),
        Mistake(
            "mean",
            "That is average pooling: it takes the mean of each window. Take the largest number.",
            averaged,
        ),
        Mistake(
            "minimum",
            "You keep the smallest number of each window. Keep the largest.",
            lambda x, size=2: -max_pool(-x, size),
        ),
        Mistake(
            "windows overlap",
            "Your windows overlap: the window moves by one pixel. It should move by size pixels.",
            pooled_with_overlap,
        ),
        Mistake(
            "windows overlap, right size",
            "The output has the right size, but its windows overlap: the window for y[i, j] begins "
            "at row i * size, column j * size.",
            pooled_neighbors,
        ),
        Mistake(
            "rest pooled as well",
            "You also pool the rows and columns that do not fill a window. Leave them out: "
            "there are H // size windows from top to bottom.",
            pooled_with_rest,
        ),
        Mistake(
            "size always 2",
            "Your windows are always 2 by 2. Use size wherever you wrote 2.",
            lambda x, size=2: max_pool(x),
        ),
        Mistake(
            "slices too short",
            "Your windows get smaller and smaller. The window begins at row i * size, so it ends "
            "at row i * size + size.",
            short_slices,
        ),
        Mistake(
            "loops count pixels",
            "Your loops count pixels, in steps of size, but y has a place for each window: write "
            "to y[i // size, j // size].",
            loops_in_pixels,
        ),
        Mistake(
            "axes 2 and 3",
            "After the reshape, the axes are: window from top to bottom, row within it, window "
            "from left to right, column within it. Rows and columns within a window are axes 1 "
            "and 3.",
            other_axes,
        ),
        Mistake(
            "axes in the wrong order",
            "reshape fills the new axes in the order in which x is read: row by row. So the rows "
            "of a window come before W // size: (H // size, size, W // size, size).",
            order_of_axes,
        ),
    ],
    hints=(
        "The windows lie side by side, like tiles. With size 2, where does the window for y[1, 0] "
        "begin?",
        "It begins at row i * size, column j * size. Visit all places of "
        "y = np.zeros((H // size, W // size)).",
        "In the loops: y[i, j] = x[i * size : (i + 1) * size, j * size : (j + 1) * size].max().",
    ),
    explain=largest,
)
