"""Exercises: max pooling, forward and back (lesson 03)."""

from typing import Any

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals, integers

X = np.array([[1, 5, 3, 0], [2, 0, 1, 4], [0, 2, 7, 0], [6, 4, 2, 3]])  # as in the lesson
TIES = np.array([[5, 5, 0, 0], [5, 5, 0, 0], [1, 3, -2, -2], [3, 1, -4, -2]])


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


def max_pool_backward(dy, x, size=2):
    """Return the gradient of y = max_pool(x, size).

    Parameters
    ----------
    dy : array (H // size, W // size)
        dL/dy.
    x : array (H, W)
        What was pooled.
    size : int
        The windows have size rows and size columns.

    Returns
    -------
    dx : array (H, W)
        The first maximum of each window, row by row, gets the window's whole gradient. All other
        pixels get 0.
    """
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dy.shape):
        window = x[i * size : (i + 1) * size, j * size : (j + 1) * size]
        a, b = np.unravel_index(window.argmax(), window.shape)
        dx[i * size + a, j * size + b] = dy[i, j]
    return dx


def spread(dy, x, size, choose):
    """Give each window's gradient to the pixels that ``choose`` weighs."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dy.shape):
        place = slice(i * size, (i + 1) * size), slice(j * size, (j + 1) * size)
        dx[place] = choose(x[place]) * dy[i, j]
    return dx


def last_maximum(window):
    """Mark the last maximum of a window."""
    mark = np.zeros(window.size)
    mark[window.size - 1 - window.ravel()[::-1].argmax()] = 1
    return mark.reshape(window.shape)


def first_by_columns(window):
    """Mark the first maximum, column by column."""
    mark = np.zeros(window.size)
    mark[window.T.argmax()] = 1
    return mark.reshape(window.shape[::-1]).T


def only_first_window(dy, x, size=2):
    """Return inside the loop."""
    first = np.zeros(dy.shape)
    first[0, 0] = dy[0, 0]
    return max_pool_backward(first, x, size)


def counted_from_the_window(dy, x, size=2):
    """Take the place within the window for the place in the image."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dy.shape):
        window = x[i * size : (i + 1) * size, j * size : (j + 1) * size]
        dx[np.unravel_index(window.argmax(), window.shape)] = dy[i, j]
    return dx


Exercise(
    max_pool_backward,
    lesson=3,
    returns=("dx",),
    cases=[
        Case(np.array([[7]]), np.array([[1, 5], [2, 0]])),
        Case(np.array([[1, -2], [3, 4]]), X),
        Case(np.array([[1, 2], [3, 4]]), TIES),
        Case(integers(44, 2, 3), integers(45, 5, 7)),
        Case(integers(46, 2, 2), integers(47, 7, 6, low=0, high=3), 3),
        Case(decimals(48, 3, 2), decimals(49, 6, 5), size=2),
    ],
    mistakes=[
        Mistake(
            "every tie gets the gradient",
            "Where several pixels share the maximum, each of them gets the whole gradient. Only "
            "the first may have it; argmax finds the first.",
            lambda dy, x, size=2: spread(dy, x, size, lambda w: w == w.max()),
        ),
        Mistake(
            "ties share the gradient",
            "Where several pixels share the maximum, they share the gradient. By our rule, the "
            "first gets all of it; argmax finds the first.",
            lambda dy, x, size=2: spread(
                dy, x, size, lambda w: (w == w.max()) / (w == w.max()).sum()
            ),
        ),
        Mistake(
            "last maximum",
            "Where several pixels share the maximum, the last gets the gradient. By our rule, it "
            "is the first, row by row. Compare with > instead of >=.",
            lambda dy, x, size=2: spread(dy, x, size, last_maximum),
        ),
        Mistake(
            "first by columns",
            "Where several pixels share the maximum, you take the first column by column. Search "
            "row by row.",
            lambda dy, x, size=2: spread(dy, x, size, first_by_columns),
        ),
        Mistake(
            "shared by the whole window",
            "The whole window shares the gradient: that belongs to average pooling. A pixel that "
            "was not the maximum had no effect on y, so its gradient is 0.",
            lambda dy, x, size=2: spread(dy, x, size, lambda w: np.full(w.shape, 1 / w.size)),
        ),
        Mistake(
            "only the first window",
            "Only the first window gets a gradient. Is your return inside the loop?",
            only_first_window,
        ),
        Mistake(
            "dy forgotten",
            "The maxima get 1 instead of their gradient: multiply by dy[i, j].",
            lambda dy, x, size=2: max_pool_backward(np.ones(dy.shape), x, size),
        ),
        Mistake(
            "place within the window",
            "All gradients land in the upper left corner of dx. argmax counts within the window, "
            "and the window itself begins at row i * size, column j * size.",
            counted_from_the_window,
        ),
        Mistake(
            "times the maximum",
            "The right pixels get a gradient, but multiplied by the maximum. If the maximum grows "
            "by a little, y grows by the same amount, so the gradient is dy[i, j] alone.",
            lambda dy, x, size=2: max_pool_backward(dy, x, size) * x,
        ),
        Mistake(
            "too small",
            "Your dx has only the pixels that lie in a window. It should be as large as x, with 0 "
            "in the rows and columns that fill no window.",
            lambda dy, x, size=2: max_pool_backward(
                dy, x[: dy.shape[0] * size, : dy.shape[1] * size], size
            ),
        ),
    ],
    hints=(
        "Change a pixel that is not the largest of its window a little. Does y change? So what is "
        "its gradient? And the gradient of the largest?",
        "window.argmax() is the place of the first maximum, counted row by row. "
        "np.unravel_index(window.argmax(), window.shape) turns it into a row and a column.",
        "Begin with dx = np.zeros(x.shape). For each window with its maximum at (a, b): "
        "dx[i * size + a, j * size + b] = dy[i, j].",
    ),
)
