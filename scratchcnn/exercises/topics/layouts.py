"""Exercises: bring weights into another library's layout (lesson 08)."""

from typing import Any

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, integers


def kernel_to_keras(kernel):
    """Bring the kernels of a channels-first library into Keras's layout.

    Parameters
    ----------
    kernel : array (F, C, KH, KW)
        Kernels, channels, rows and columns, as PyTorch keeps them.

    Returns
    -------
    moved : array (KH, KW, C, F)
        The same numbers: moved[a, b, c, f] is kernel[f, c, a, b].
    """
    return kernel.transpose(2, 3, 1, 0)


def kernel_place(arguments: dict[str, Any], which: int, index: tuple[int, ...]) -> str:
    """Say where one number comes from."""
    a, b, c, f = index
    value = arguments["kernel"][f, c, a, b]
    return f"moved[{a}, {b}, {c}, {f}] is kernel[{f}, {c}, {a}, {b}] = {value:g}"


Exercise(
    kernel_to_keras,
    lesson=8,
    returns=("moved",),
    cases=[
        Case(np.array([[[[1.0, 2.0], [3.0, 4.0]]]])),
        Case(np.array([[[[1.0, 2.0]]], [[[3.0, 4.0]]]])),
        Case(integers(200, 2, 3, 2, 2)),
        Case(integers(201, 4, 1, 3, 3)),
        Case(integers(202, 2, 3, 4, 5)),
    ],
    mistakes=[
        Mistake(
            "all axes reversed",
            "You reverse all four axes. That also swaps the rows and columns of each kernel: the "
            "first two axes of the result are KH and KW, in this order.",
            lambda kernel: kernel.T,
        ),
        Mistake(
            "reshaped",
            "reshape does not move numbers: it keeps their order, and only groups them in another "
            "way. To move axes, use transpose.",
            lambda kernel: kernel.reshape(*kernel.shape[2:], kernel.shape[1], kernel.shape[0]),
        ),
        Mistake(
            "channels and kernels swapped",
            "The last two axes are in the wrong order. C comes before F.",
            lambda kernel: kernel.transpose(2, 3, 0, 1),
        ),
        Mistake(
            "where each axis goes",
            "You list where each old axis goes. transpose wants to know where each new axis comes "
            "from: the first new axis is KH, and in kernel that is axis 2.",
            lambda kernel: kernel.transpose(3, 2, 0, 1),
        ),
        Mistake(
            "rotated as well",
            "You also turn the kernels by 180 degrees. Both libraries compute cross-correlation, "
            "so the window stays as it is.",
            lambda kernel: kernel.transpose(2, 3, 1, 0)[::-1, ::-1],
        ),
        Mistake(
            "only the kernels' axis moved",
            "You move only the first axis to the end, which leaves (C, KH, KW, F). C has to move, "
            "too.",
            lambda kernel: kernel.transpose(1, 2, 3, 0),
        ),
        Mistake(
            "only the channels' axis moved",
            "You move only C to the end, which leaves (F, KH, KW, C). In Keras F comes last.",
            lambda kernel: kernel.transpose(0, 2, 3, 1),
        ),
        Mistake(
            "unchanged",
            "You return the kernel as it is, (F, C, KH, KW). Move its axes to (KH, KW, C, F).",
            lambda kernel: kernel,
        ),
    ],
    hints=(
        "No number changes, they only move. Write down which axis of the result is which axis of "
        "kernel: KH is the first of the result. Which one is it in kernel?",
        "x.transpose(...) takes the old axes in their new order. The axes of kernel are F = 0, "
        "C = 1, KH = 2, KW = 3.",
        "The new order is KH, KW, C, F. So the first number for transpose is 2. What are the "
        "other three?",
    ),
    explain=kernel_place,
)


def dense_to_keras(w, shape):
    """Bring the weights of a dense layer after a flattened image into Keras's layout.

    Parameters
    ----------
    w : array (out, C * H * W)
        A row for each output, as PyTorch keeps them. The inputs are the flattened image,
        channel after channel.
    shape : tuple of int
        (C, H, W) of the image.

    Returns
    -------
    moved : array (H * W * C, out)
        A column for each output. The inputs are the image flattened pixel after pixel, each
        with all its channels.
    """
    rows = w.T.reshape(*shape, -1)
    return rows.transpose(1, 2, 0, 3).reshape(w.shape[::-1])


def dense_place(arguments: dict[str, Any], which: int, index: tuple[int, ...]) -> str:
    """Say where one number comes from."""
    (row, out), w, (C, H, W) = index, arguments["w"], arguments["shape"]
    i, j, c = (int(n) for n in np.unravel_index(row, (H, W, C)))
    before = (c * H + i) * W + j
    return (
        f"Row {row} of moved belongs to pixel ({i}, {j}), channel {c}. Channel after channel, that "
        f"is number {before}, so moved[{row}, {out}] is w[{out}, {before}] = {w[out, before]:g}"
    )


Exercise(
    dense_to_keras,
    lesson=8,
    returns=("moved",),
    cases=[
        Case(np.array([[1.0, 2.0, 3.0, 4.0]]), (2, 1, 2)),
        Case(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), (2, 1, 1)),
        Case(integers(203, 2, 12), (3, 2, 2)),
        Case(integers(204, 3, 24), (2, 3, 4)),
        Case(integers(205, 4, 18), (3, 3, 2)),
    ],
    mistakes=[
        Mistake(
            "rows not reordered",
            "You transpose w, and its shape is right. But its rows are still in the order of an "
            "image that was flattened channel after channel. No error will ever tell you: the "
            "network just gets the weights of other pixels.",
            lambda w, shape: w.T,
        ),
        Mistake(
            "not transposed",
            "The inputs are in the right order. But each output still has a row; in Keras it has a "
            "column.",
            lambda w, shape: dense_to_keras(w, shape).T,
        ),
        Mistake(
            "cut as (H, W, C)",
            "You cut the inputs as (H, W, C). They come channel after channel, so cut them as "
            "(C, H, W), and then move C to the end.",
            lambda w, shape: (
                w.T.reshape(*shape[1:], shape[0], -1).transpose(2, 0, 1, 3).reshape(w.shape[::-1])
            ),
        ),
        Mistake(
            "rows and columns of the image swapped",
            "C is in its place, but the pixels are sorted column by column. The order is "
            "(H, W, C).",
            lambda w, shape: w.T.reshape(*shape, -1).transpose(2, 1, 0, 3).reshape(w.shape[::-1]),
        ),
        Mistake(
            "reshaped instead of transposed",
            "You reshape w to its new shape. reshape does not move numbers; an output's weights "
            "are a row of w, so transpose first.",
            lambda w, shape: w.reshape(*shape, -1).transpose(1, 2, 0, 3).reshape(-1, len(w)),
        ),
        Mistake(
            "not flattened again",
            "The weights are in the right order, but their inputs still have three axes. Flatten "
            "them: reshape to (H * W * C, out).",
            lambda w, shape: w.T.reshape(*shape, -1).transpose(1, 2, 0, 3),
        ),
        Mistake(
            "transposed after flattening",
            "Before you flatten, the outputs are already the last axis. So reshape to "
            "(H * W * C, out) at once. A reshape to (out, H * W * C) mixes inputs and outputs, and "
            "transposing does not undo that.",
            lambda w, shape: w.reshape(-1, *shape).transpose(2, 3, 1, 0).reshape(w.shape).T,
        ),
        Mistake(
            "only reshaped",
            "You only reshape w, so no number has moved. Put the inputs into the new order, and "
            "transpose.",
            lambda w, shape: w.reshape(w.shape[::-1]),
        ),
    ],
    hints=(
        "Take one output and an image with 2 channels and 2 pixels. Channel after channel, its "
        "weights are those of (channel 0, pixel 0), (0, 1), (1, 0), (1, 1). In which order does "
        "Keras want them?",
        "Transpose w, so that each row is an input. Then cut this axis into three: "
        "w.T.reshape(C, H, W, -1).",
        "Now the axes are C, H, W, out. Bring them into the order H, W, C, out with transpose, and "
        "reshape to (H * W * C, out).",
    ),
    explain=dense_place,
)
