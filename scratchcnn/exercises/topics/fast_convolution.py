"""Exercise: a convolution with channels and many kernels, as one matrix product (lesson 02)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Crash, Exercise, Mistake, decimals, integers


def conv2d(x, kernel, bias):
    """Slide several kernels over an image with channels, all at once.

    Parameters
    ----------
    x : array (H, W, C)
        An image with C channels.
    kernel : array (K, K, C, F)
        F kernels, each with C channels; kernel[..., f] is the one with number f.
    bias : array (F,)
        Added to the output of each kernel.

    Returns
    -------
    y : array (H - K + 1, W - K + 1, F)
        y[i, j, f] is the window of x at (i, j), all channels, times kernel[..., f], added up,
        plus bias[f].
    """
    K, F = kernel.shape[0], kernel.shape[3]
    OH, OW = x.shape[0] - K + 1, x.shape[1] - K + 1
    rows = np.array([x[i : i + K, j : j + K].ravel() for i, j in np.ndindex(OH, OW)])
    y = rows @ kernel.reshape(-1, F) + bias  # (OH * OW, K * K * C) @ (K * K * C, F)
    return y.reshape(OH, OW, F)


def places_swapped(x, kernel, bias):
    """Fold the rows into an output with rows and columns exchanged."""
    y = conv2d(x, kernel, bias)
    return y.reshape(y.shape[1], y.shape[0], -1)


def kernel_reordered(x, kernel, bias):
    """Flatten the kernels as if F came first."""
    F = kernel.shape[3]
    return conv2d(x, kernel.reshape(F, -1).T.reshape(kernel.shape), bias)


def matrices(x, kernel):
    """Return the two matrices of the product."""
    K, F = kernel.shape[0], kernel.shape[3]
    places = np.ndindex(x.shape[0] - K + 1, x.shape[1] - K + 1)
    return np.array([x[i : i + K, j : j + K].ravel() for i, j in places]), kernel.reshape(-1, F)


def folded_differently(x, kernel, bias):
    """Fold as if the kernels came first."""
    y = conv2d(x, kernel, bias)
    return y.reshape(-1, *y.shape[:2])


def other_shapes(crash: Crash) -> str:
    """Explain an im2col that knows no channels, and a fold that does not fit."""
    if "in im2col:" in crash.line:
        return (
            "Your im2col takes an image without channels. Cut out the windows again here, or "
            "change it so that it takes both."
        )
    if "cannot reshape" in str(crash.error):
        K, F = crash.arguments["kernel"].shape[::3]
        OH, OW = (size - K + 1 for size in crash.arguments["x"].shape[:2])
        return (
            f"The output is smaller than the image: OH = H - K + 1 and OW = W - K + 1, here {OH} "
            f"and {OW}. With bias or without, y has {OH} * {OW} * {F} numbers."
        )
    return ""


ROW, CORNERS = np.array([[1, 2, 3], [4, 5, 6]]), np.array([[[1, 0], [0, 1]], [[0, 0], [10, 0]]])
IMAGE = np.array([[[9, 5], [9, 0]], [[0, 3], [1, 9]]])  # (2, 2, 2)
PAIR = np.array([[[[1], [0]], [[0], [10]]], [[[0], [0]], [[2], [0]]]])  # (2, 2, 2, 1)

Exercise(
    conv2d,
    lesson=2,
    returns=("y",),
    cases=[
        Case(ROW[..., None], CORNERS[:, :, None], np.array([100, 200])),
        Case(IMAGE, PAIR, np.array([100])),
        Case(IMAGE, integers(180, 1, 1, 2, 3), np.array([1, 2, 3])),
        Case(integers(181, 3, 4, 1), integers(182, 2, 2, 1, 2), integers(183, 2)),
        Case(integers(184, 5, 4, 3), integers(185, 3, 3, 3, 2), integers(186, 2)),
        Case(decimals(187, 4, 6, 2), decimals(188, 2, 2, 2, 4), decimals(189, 4)),
    ],
    mistakes=[
        Mistake(
            "bias forgotten",
            "The bias is missing: add bias[f] to each number of output channel f.",
            lambda x, kernel, bias: conv2d(x, kernel, 0 * bias),
        ),
        Mistake(
            "flipped kernel",
            "The kernels are flipped. Multiply them as they stand.",
            lambda x, kernel, bias: conv2d(x, kernel[::-1, ::-1], bias),
        ),
        Mistake(
            "only the first channel",
            "Only the first channel of the image counts. Add up over all channels.",
            lambda x, kernel, bias: conv2d(x[..., :1], kernel[:, :, :1], bias),
        ),
        Mistake(
            "rows and columns of the output swapped",
            "The numbers are right, but they are folded into the wrong shape: the output has "
            "H - K + 1 rows and W - K + 1 columns.",
            places_swapped,
        ),
        Mistake(
            "kernels flattened in the wrong order",
            "The kernels are flattened in another order than the windows. F is the last axis: "
            "kernel.reshape(-1, F) has a column for each kernel.",
            kernel_reordered,
        ),
        Mistake(
            "output channels first",
            "The output channels come first. Put them last: (rows, columns, F).",
            lambda x, kernel, bias: conv2d(x, kernel, bias).transpose(2, 0, 1),
        ),
        Mistake(
            "folded as if the kernels came first",
            "The product has a row for each place and a column for each kernel, so the kernels "
            "come last: reshape(OH, OW, F).",
            folded_differently,
        ),
        Mistake(
            "only the rows",
            "Step 1 is right: a row for each window. Next, multiply them by a matrix with a column "
            "for each kernel.",
            lambda x, kernel, bias: matrices(x, kernel)[0],
        ),
        Mistake(
            "neither bias nor fold",
            "The product is right: a row for each window, a column for each kernel. Next, add the "
            "bias.",
            lambda x, kernel, bias: np.matmul(*matrices(x, kernel)),
        ),
        Mistake(
            "not folded",
            "The product is right, and so is the bias. Only the fold is missing: your output has "
            "a row for each window. Fold it into (H - K + 1, W - K + 1, F) with reshape.",
            lambda x, kernel, bias: conv2d(x, kernel, bias).reshape(-1, kernel.shape[3]),
        ),
    ],
    hints=(
        "Write each window, with all its channels, as a row of K * K * C numbers. "
        "What do you multiply the matrix of all windows by?",
        "kernel.reshape(-1, F) has a column for each kernel, with its numbers in the same order "
        "as in a row of windows. The product has a row for each window, a column for each kernel.",
        "y = rows @ kernel.reshape(-1, F) + bias, and then y.reshape(OH, OW, F) with "
        "OH = H - K + 1 and OW = W - K + 1.",
    ),
    explain_error=other_shapes,
)
