"""Exercises: output size, stride and padding (lesson 01)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals, integers
from scratchcnn.exercises.topics.convolution import KERNEL, SEVEN, correlate


def output_size(size, kernel, stride=1, padding=0):
    """Count the places at which a kernel fits along one axis.

    Parameters
    ----------
    size : int
        Pixels of the image along this axis.
    kernel : int
        Pixels of the kernel along this axis.
    stride : int
        Pixels from one place to the next.
    padding : int
        Pixels added on each of the two sides.

    Returns
    -------
    count : int
        The size of the output.
    """
    return (size + 2 * padding - kernel) // stride + 1


Exercise(
    output_size,
    lesson=1,
    returns=("count",),
    cases=[
        Case(5, 3),
        Case(5, 3, 2),
        Case(6, 3, 2),
        Case(5, 3, 1, 1),
        Case(28, 5, stride=2),
        Case(28, 3, stride=3, padding=2),
        Case(7, 7),
        Case(9, 2, 4, 3),
    ],
    mistakes=[
        Mistake(
            "forgot the first place",
            "One place is missing: the kernel stands somewhere before it moves at all, so add 1 to "
            "the number of moves.",
            lambda size, kernel, stride=1, padding=0: (size + 2 * padding - kernel) // stride,
        ),
        Mistake(
            "padding on one side",
            "The padding counts once, but there are two sides: it adds 2 * padding pixels.",
            lambda size, kernel, stride=1, padding=0: (size + padding - kernel) // stride + 1,
        ),
        Mistake(
            "rounded up",
            "You round up: a last move that would not fit does not count. // rounds down.",
            lambda size, kernel, stride=1, padding=0: (
                -((kernel - size - 2 * padding) // stride) + 1
            ),
        ),
        Mistake(
            "not rounded",
            "Your answer is not a whole number: / divides exactly. Use //, which rounds down.",
            lambda size, kernel, stride=1, padding=0: (size + 2 * padding - kernel) / stride + 1,
        ),
        Mistake(
            "brackets forgotten",
            "Only the kernel is divided by the stride. Put brackets around the difference.",
            lambda size, kernel, stride=1, padding=0: size + 2 * padding - kernel // stride + 1,
        ),
    ],
    hints=(
        "Draw 5 pixels and a kernel of 3. How far can the kernel move? At how many places does it "
        "stand?",
        "With padding there are size + 2 * padding pixels, so the kernel can move by "
        "size + 2 * padding - kernel pixels. How many strides fit into that?",
        "Divide with // by the stride, and add 1 for the place where the kernel starts.",
    ),
)


def correlate_strided(x, k, stride=1, padding=0):
    """Slide the kernel k over the image x, stride pixels at a time.

    Parameters
    ----------
    x : array (H, W)
        The image.
    k : array (KH, KW)
        The kernel.
    stride : int
        Pixels from one window to the next, down and to the right.
    padding : int
        How many rows and columns of zeros are put around the image, on each side.

    Returns
    -------
    y : array (OH, OW)
        OH is output_size(H, KH, stride, padding), and OW likewise.
    """
    (H, W), (KH, KW) = x.shape, k.shape
    OH = (H + 2 * padding - KH) // stride + 1
    OW = (W + 2 * padding - KW) // stride + 1
    x = np.pad(x, padding)
    y = np.zeros((OH, OW))
    for i, j in np.ndindex(OH, OW):
        for a, b in np.ndindex(KH, KW):
            y[i, j] += x[i * stride + a, j * stride + b] * k[a, b]
    return y


def places_not_multiplied(x, k, stride=1, padding=0):
    """Take fewer windows, but neighboring ones."""
    shape = correlate_strided(x, k, stride, padding).shape
    return correlate(np.pad(x, padding), k)[: shape[0], : shape[1]]


Exercise(
    correlate_strided,
    lesson=1,
    returns=("y",),
    cases=[
        Case(np.array([[1, 2, 3, 4, 5]]), np.array([[1, 10]]), 2),
        Case(np.array([[1, 2, 3]]), np.array([[1, 10, 100]]), 1, 1),
        Case(SEVEN, KERNEL),
        Case(SEVEN, KERNEL, 2),
        Case(SEVEN, KERNEL, padding=1),
        Case(integers(8, 6, 7), integers(9, 3, 2), 3, 2),
        Case(decimals(10, 7, 4), decimals(11, 2, 3), 2, 1),
    ],
    mistakes=[
        Mistake(
            "stride not multiplied",
            "The output has the right size, but its windows are neighbors. The window for y[i, j] "
            "begins at row i * stride, column j * stride.",
            places_not_multiplied,
        ),
        Mistake(
            "stride times the place in the kernel",
            "You multiply the stride by the place in the kernel. The window moves by whole "
            "strides, but its pixels stay neighbors: x[i * stride + a, j * stride + b].",
            lambda x, k, stride=1, padding=0: dilated(x, k, stride, padding),
        ),
        Mistake(
            "padded after, not before",
            "The zeros are put around the output. Put them around the image, before the kernel "
            "slides.",
            lambda x, k, stride=1, padding=0: np.pad(correlate_strided(x, k, stride), padding),
        ),
        Mistake(
            "padding repeats the border",
            "Your padding repeats the pixels at the border. Pad with zeros.",
            lambda x, k, stride=1, padding=0: correlate_strided(
                np.pad(x, padding, mode="edge"), k, stride
            ),
        ),
        Mistake(
            "padding ignored",
            "The padding is ignored. Put rows and columns of zeros around x first.",
            lambda x, k, stride=1, padding=0: correlate_strided(x, k, stride),
        ),
        Mistake(
            "stride ignored",
            "The stride is ignored: the kernel moves one pixel at a time.",
            lambda x, k, stride=1, padding=0: correlate_strided(x, k, 1, padding),
        ),
    ],
    hints=(
        "Do one thing at a time. First put zeros around the image. Then only the padded image "
        "matters.",
        "np.pad(x, padding) puts zeros around x. With stride 2, the window for y[i, j] begins at "
        "row 2 * i, column 2 * j of the padded image.",
        "Take correlate, pad x first, compute both sizes with output_size, and read "
        "x[i * stride + a, j * stride + b] instead of x[i + a, j + b].",
    ),
)


def dilated(x, k, stride, padding):
    """Multiply the place in the kernel by the stride, too."""
    y, x = np.zeros_like(correlate_strided(x, k, stride, padding)), np.pad(x, padding)
    for i, j in np.ndindex(y.shape):
        for a, b in np.ndindex(k.shape):
            y[i, j] += x[i + a * stride, j + b * stride] * k[a, b]
    return y
