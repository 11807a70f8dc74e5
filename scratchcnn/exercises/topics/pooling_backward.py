"""Exercise: the gradient of max pooling (lesson 03)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Crash, Exercise, Mistake, decimals, integers
from scratchcnn.exercises.topics.pooling import X

TIES = np.array([[5, 5, 0, 0], [5, 5, 0, 0], [1, 3, -2, -2], [3, 1, -4, -2]])


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


def window_at_i(dy, x, size=2, add=False):
    """Let the window for y[i, j] begin at row i, column j."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dy.shape):
        window = x[i * size : (i + 1) * size, j * size : (j + 1) * size]
        a, b = np.unravel_index(window.argmax(), window.shape)
        dx[i + a, j + b] = dy[i, j] + add * dx[i + a, j + b]
    return dx


def same_for_both(dy, x, size=2):
    """Use the number from argmax as row and as column."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dy.shape):
        a = x[i * size : (i + 1) * size, j * size : (j + 1) * size].argmax()
        dx[i * size + a, j * size + a] = dy[i, j]
    return dx


def rows_of_two(dy, x, size=2):
    """Divide the number from argmax by 2, whatever the size."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dy.shape):
        window = x[i * size : (i + 1) * size, j * size : (j + 1) * size]
        a, b = divmod(window.argmax(), 2)
        dx[i * size + a, j * size + b] = dy[i, j]
    return dx


def of_the_image(dy, x, size=2):
    """Search the whole image, for every window."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dy.shape):
        dx[np.unravel_index(x.argmax(), x.shape)] = dy[i, j]
    return dx


def of_the_image_from_the_window(dy, x, size=2):
    """Search the whole image, and count from the window."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dy.shape):
        a, b = np.unravel_index(x.argmax(), x.shape)
        dx[i * size + a, j * size + b] = dy[i, j]
    return dx


def wrong_place(crash: Crash) -> str:
    """Explain a place that counts through the whole image."""
    beyond = isinstance(crash.error, ValueError | IndexError)
    return SEARCH if beyond and "x.argmax()" in crash.line else ""


SEARCH = "x.argmax() counts through the whole image. Search each window: window.argmax()."


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
            "is the first, row by row. argmax finds the first; if you compare in a loop, use > "
            "instead of >=.",
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
            "window begins at i",
            "The window begins at row i * size, not at row i: write to "
            "dx[i * size + a, j * size + b].",
            window_at_i,
        ),
        Mistake(
            "window begins at i, added up",
            "Your windows overlap in dx, because each begins at row i. It begins at row i * size: "
            "write to dx[i * size + a, j * size + b].",
            lambda dy, x, size=2: window_at_i(dy, x, size, add=True),
        ),
        Mistake(
            "row and column the same",
            "argmax gives a single number, which counts through the window row by row. It is not "
            "the row and the column: np.unravel_index(place, window.shape) turns it into both.",
            same_for_both,
        ),
        Mistake(
            "rows of two",
            "You divide the place by 2, which is right only for windows of two columns. Divide by "
            "size, or use np.unravel_index(place, window.shape).",
            rows_of_two,
        ),
        Mistake("maximum of the image", f"All gradients go to one pixel. {SEARCH}", of_the_image),
        Mistake("maximum of the image, from the window", SEARCH, of_the_image_from_the_window),
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
    explain_error=wrong_place,
)
