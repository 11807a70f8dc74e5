"""Exercises: the gradients of a convolution, and its windows as a matrix (lesson 02)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals, integers
from scratchcnn.exercises.topics.convolution import KERNEL, SEVEN

DY = np.array([[0, 0, 0], [0, 1, 0], [0, -2, 0]])  # as in the lesson


def correlate_backward(dy, x, k):
    """Return both gradients of y = correlate(x, k).

    Parameters
    ----------
    dy : array (H - KH + 1, W - KW + 1)
        dL/dy, the gradient of the loss with respect to each output.
    x : array (H, W)
        The image.
    k : array (KH, KW)
        The kernel.

    Returns
    -------
    dx : array (H, W)
        dL/dx.
    dk : array (KH, KW)
        dL/dk.
    """
    dx, dk = np.zeros(x.shape), np.zeros(k.shape)
    for i, j in np.ndindex(dy.shape):
        for a, b in np.ndindex(k.shape):
            # forward: y[i, j] += x[i + a, j + b] * k[a, b]
            dx[i + a, j + b] += k[a, b] * dy[i, j]
            dk[a, b] += x[i + a, j + b] * dy[i, j]
    return dx, dk


def overwritten(dy, x, k):
    """Let each window overwrite what its neighbors have written into dx."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dy.shape):
        for a, b in np.ndindex(k.shape):
            dx[i + a, j + b] = k[a, b] * dy[i, j]
    return dx, correlate_backward(dy, x, k)[1]


def last_window(dy, x, k):
    """Let each window overwrite dk."""
    dk = np.zeros(k.shape)
    for i, j in np.ndindex(dy.shape):
        for a, b in np.ndindex(k.shape):
            dk[a, b] = x[i + a, j + b] * dy[i, j]
    return correlate_backward(dy, x, k)[0], dk


def own_factors(dy, x, k):
    """Give each factor itself times dy, instead of the other one."""
    dx, dk = np.zeros(x.shape), k * dy.sum()
    for i, j in np.ndindex(dy.shape):
        window = slice(i, i + k.shape[0]), slice(j, j + k.shape[1])
        dx[window] += x[window] * dy[i, j]
    return dx, dk


Exercise(
    correlate_backward,
    lesson=2,
    returns=("dx", "dk"),
    cases=[
        Case(np.array([[1, 10]]), np.array([[2, 3, 5]]), np.array([[7, 11]])),
        Case(DY, SEVEN, KERNEL),
        Case(integers(20, 2, 1), integers(21, 3, 3), integers(22, 2, 3)),
        Case(integers(23, 4, 4), integers(24, 6, 5), integers(25, 3, 2)),
        Case(decimals(26, 1, 1), decimals(27, 3, 4), decimals(28, 3, 4)),
        Case(decimals(29, 3, 5), decimals(30, 4, 5), decimals(31, 2, 1)),
    ],
    mistakes=[
        Mistake(
            "only dk",
            "dk is right. dx is still zero everywhere: that is the next step.",
            lambda dy, x, k: (np.zeros(x.shape), correlate_backward(dy, x, k)[1]),
        ),
        Mistake(
            "only dx",
            "dx is right. dk is still zero everywhere: that is the next step.",
            lambda dy, x, k: (correlate_backward(dy, x, k)[0], np.zeros(k.shape)),
        ),
        Mistake(
            "gradients in the wrong order",
            "Both gradients are right, but they come in the wrong order: return dx, dk.",
            lambda dy, x, k: correlate_backward(dy, x, k)[::-1],
        ),
        Mistake(
            "windows overwrite dx",
            "In dx, each window overwrites its neighbors. A pixel belongs to several windows, so "
            "add up with +=.",
            overwritten,
        ),
        Mistake(
            "windows overwrite dk",
            "In dk, only the last window is left. The kernel is used at every place, so add up "
            "over all of them with +=.",
            last_window,
        ),
        Mistake(
            "both overwritten",
            "In both gradients, each product overwrites the one before. Add them up with +=.",
            lambda dy, x, k: (overwritten(dy, x, k)[0], last_window(dy, x, k)[1]),
        ),
        Mistake(
            "its own factor",
            "In both gradients, you multiply dy by the number itself. The forward pass multiplied "
            "x[i + a, j + b] by k[a, b], so each gets the other one times dy[i, j].",
            own_factors,
        ),
        Mistake(
            "flipped kernel in dx",
            "In dx, the kernel is flipped. The pixel x[i + a, j + b] was multiplied by k[a, b], so "
            "that is the number it gets back.",
            lambda dy, x, k: (
                correlate_backward(dy, x, k[::-1, ::-1])[0],
                correlate_backward(dy, x, k)[1],
            ),
        ),
        Mistake(
            "dy forgotten",
            "dy is missing: multiply each contribution by dy[i, j] (chain rule).",
            lambda dy, x, k: correlate_backward(np.ones(dy.shape), x, k),
        ),
        Mistake(
            "flipped dk",
            "dk is rotated by 180 degrees: write to dk[a, b] what belongs to the kernel's row a, "
            "column b.",
            lambda dy, x, k: (
                correlate_backward(dy, x, k)[0],
                correlate_backward(dy, x, k)[1][::-1, ::-1],
            ),
        ),
    ],
    hints=(
        "Write down the line of the forward pass, y[i, j] += x[i + a, j + b] * k[a, b]. A product "
        "has two factors. What is the gradient with respect to each of them?",
        "The gradient of each factor is the other factor, times dy[i, j]. Visit the same places "
        "with the same four loops, and add up in dx and dk, which begin as zeros.",
        "In the loops: dx[i + a, j + b] += k[a, b] * dy[i, j], and "
        "dk[a, b] += x[i + a, j + b] * dy[i, j].",
    ),
)


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
    H, W = x.shape
    rows = []
    for i in range(H - size + 1):
        for j in range(W - size + 1):
            rows.append(x[i : i + size, j : j + size].ravel())  # (size, size) -> (size * size,)
    return np.array(rows)


def column_by_column(x, size):
    """Visit the windows column by column."""
    places = [(i, j) for j in range(x.shape[1] - size + 1) for i in range(x.shape[0] - size + 1)]
    return np.array([x[i : i + size, j : j + size].ravel() for i, j in places])


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
