"""Exercise: stride and padding (lesson 01)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Crash, Exercise, Mistake, decimals, integers
from scratchcnn.exercises.slips import outside
from scratchcnn.exercises.topics.convolution import KERNEL, SEVEN, correlate
from scratchcnn.exercises.topics.output_size import output_size
from scratchcnn.exercises.windows import window_slip


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


def spread_out(x, k, stride=1, padding=0):
    """Multiply the place of each pixel by the stride."""
    y, x = np.zeros_like(correlate_strided(x, k, stride, padding)), np.pad(x, padding)
    for i, j in np.ndindex(y.shape):
        for a, b in np.ndindex(k.shape):
            y[i, j] += x[(i + a) * stride, (j + b) * stride] * k[a, b]
    return y


def some_outputs(x, k, stride=1, padding=0, moves=None):
    """Let the loops over the outputs run in strides, and the window move by ``moves``."""
    y = np.zeros_like(correlate_strided(x, k, stride, padding))
    whole = correlate(np.pad(x, padding), k)
    moves = stride if moves is None else moves
    for i in range(0, y.shape[0], stride):
        for j in range(0, y.shape[1], stride):
            y[i, j] = whole[i * moves, j * moves]
    return y


def too_few_pixels(crash: Crash) -> str:
    """Say why a window reaches beyond the padded image, or an output beyond the last."""
    given, padding = crash.arguments, crash.arguments.get("padding", 0)
    arrays = [value.shape for value in crash.names.values() if isinstance(value, np.ndarray)]

    def count(extra: int) -> tuple[int, ...]:
        sizes = zip(given["x"].shape, given["k"].shape, strict=True)
        return tuple(output_size(*size, given.get("stride", 1), extra) for size in sizes)

    if padding and tuple(size + 2 * padding for size in given["x"].shape) not in arrays:
        return (
            "The image is still without its zeros. np.pad returns a new array: "
            "write x = np.pad(x, padding)."
        )
    if padding and count(2 * padding) in arrays:
        return (
            "The padding counts twice: take H and W before you pad, or call output_size without "
            "padding afterwards."
        )
    name, *_ = outside(crash)
    if name and crash.names[name].shape == count(padding):
        return (
            f"{name} has no such place. i and j count outputs, so they run over range(OH) and "
            "range(OW). Only the window moves by the stride: it begins at row i * stride, column "
            "j * stride."
        )
    return window_slip(crash)


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
        Mistake(
            "stride times every pixel",
            "The stride moves the window, not the pixels inside it: the pixel is "
            "x[i * stride + a, j * stride + b], without brackets around i + a.",
            spread_out,
        ),
        Mistake(
            "loops in strides",
            "Your loops leave out outputs: i and j count outputs, so they run over range(OH) and "
            "range(OW). Only the window moves by the stride.",
            some_outputs,
        ),
        Mistake(
            "loops in strides, window at i",
            "i and j count outputs, so they run over range(OH) and range(OW). Only the window "
            "moves by the stride: it begins at row i * stride, column j * stride.",
            lambda x, k, stride=1, padding=0: some_outputs(x, k, stride, padding, 1),
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
    explain_error=too_few_pixels,
)


def dilated(x, k, stride, padding):
    """Multiply the place in the kernel by the stride, too."""
    y, x = np.zeros_like(correlate_strided(x, k, stride, padding)), np.pad(x, padding)
    for i, j in np.ndindex(y.shape):
        for a, b in np.ndindex(k.shape):
            y[i, j] += x[i + a * stride, j + b * stride] * k[a, b]
    return y
