"""Exercise: how large the first weights are (lesson 08)."""

from typing import Any

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake


def glorot_limit(shape):
    """Return the largest weight that a layer may begin with, by Glorot's rule.

    Parameters
    ----------
    shape : tuple of int
        (in, out) of a dense layer, or (KH, KW, C, F) of a convolution: the window, the channels
        that go in, and the kernels.

    Returns
    -------
    limit : float
        sqrt(6 / (fan_in + fan_out)). fan_in is the number of inputs that each output sums,
        fan_out the number of outputs that each input feeds.
    """
    *window, inputs, outputs = shape
    size = np.prod(window)
    return np.sqrt(6 / (size * inputs + size * outputs))


def both_fans(arguments: dict[str, Any], which: int, index: tuple[int, ...]) -> str:
    """Write out both fans."""
    *window, inputs, outputs = arguments["shape"]
    fan_in, fan_out = (" * ".join(map(str, (*window, n))) for n in (inputs, outputs))
    size = int(np.prod(window))
    if window:
        fan_in, fan_out = f"{fan_in} = {size * inputs}", f"{fan_out} = {size * outputs}"
    return f"fan_in is {fan_in}, fan_out is {fan_out}"


def dense_only(shape):
    """Take any shape for that of a dense layer."""
    fan_in, fan_out = shape
    return np.sqrt(6 / (fan_in + fan_out))


def convolution_only(shape):
    """Take any shape for that of a convolution."""
    KH, KW, C, F = shape
    return np.sqrt(6 / (KH * KW * (C + F)))


def fans(shape):
    """Return fan_in and fan_out, for the wrong answers below."""
    size = np.prod(shape[:-2])
    return size * shape[-2], size * shape[-1]


Exercise(
    glorot_limit,
    lesson=8,
    returns=("limit",),
    cases=[
        Case((2, 4)),
        Case((2, 2, 2, 4)),
        Case((3, 3, 1, 8)),
        Case((5, 3, 6, 4)),
        Case((1352, 10)),
        Case((1, 7, 2, 2)),
    ],
    mistakes=[
        Mistake(
            "window forgotten",
            "For a convolution you count only the channels. Each output sums KH * KW numbers of "
            "every channel, so both fans are multiplied by the size of the window.",
            lambda shape: np.sqrt(6 / (shape[-2] + shape[-1])),
        ),
        Mistake(
            "window in fan_in only",
            "Your fan_out leaves out the window. An input lies under KH * KW places of each "
            "kernel, so it feeds KH * KW * F outputs.",
            lambda shape: np.sqrt(6 / (fans(shape)[0] + shape[-1])),
        ),
        Mistake(
            "window in fan_out only",
            "Your fan_in leaves out the window. Each output sums KH * KW numbers of every channel.",
            lambda shape: np.sqrt(6 / (shape[-2] + fans(shape)[1])),
        ),
        Mistake(
            "first two numbers",
            "You add the first two numbers of the shape. For a convolution these are the window; "
            "the channels come last.",
            lambda shape: np.sqrt(6 / (shape[0] + shape[1])),
        ),
        Mistake(
            "sum of the shape",
            "You add all numbers of the shape. A window of 3 by 3 has 9 numbers, not 6: multiply.",
            lambda shape: np.sqrt(6 / sum(shape)),
        ),
        Mistake(
            "number of weights",
            "You divide by the number of all weights. Divide by the sum of fan_in and fan_out.",
            lambda shape: np.sqrt(6 / np.prod(shape)),
        ),
        Mistake(
            "fan_in alone",
            "You divide by fan_in alone: that is He's rule, for layers before a ReLU. Glorot's has "
            "fan_in + fan_out.",
            lambda shape: np.sqrt(6 / fans(shape)[0]),
        ),
        Mistake(
            "mean of the fans",
            "You divide by the mean of the two fans. Divide by their sum.",
            lambda shape: np.sqrt(6 / np.mean(fans(shape))),
        ),
        Mistake(
            "root forgotten", "The square root is missing.", lambda shape: 6 / sum(fans(shape))
        ),
        Mistake(
            "standard deviation",
            "That is the standard deviation of the weights, with 2 under the root. The limit has "
            "6: it is sqrt(3) times as large as the standard deviation.",
            lambda shape: np.sqrt(2 / sum(fans(shape))),
        ),
        Mistake(
            "dense layers only",
            "For a dense layer it is right. The shape of a convolution has four numbers: the last "
            "two are what goes in and what comes out, and the window comes before them.",
            dense_only,
        ),
        Mistake(
            "convolutions only",
            "For a convolution it is right. The shape of a dense layer has only two numbers, and "
            "there is no window: len(shape) tells which one it is.",
            convolution_only,
        ),
        Mistake(
            "window in a dense layer",
            "For a dense layer, the first two numbers are not a window: they are what goes in and "
            "what comes out. Take shape[:-2], all but the last two numbers.",
            lambda shape: np.sqrt(6 / (np.prod(shape[:2]) * (shape[-2] + shape[-1]))),
        ),
        Mistake(
            "square windows only",
            "You take the square of one side of the window. A window need not be square: KH * KW.",
            lambda shape: (
                np.sqrt(6 / (shape[0] ** 2 * (shape[-2] + shape[-1])))
                if len(shape) == 4
                else glorot_limit(shape)
            ),
        ),
    ],
    hints=(
        "Draw a dense layer with 2 inputs and 4 outputs. How many lines arrive at an output? How "
        "many leave an input?",
        "In a convolution, each output sums KH * KW * C numbers. And each input lies once under "
        "each of the KH * KW places of each of the F kernels.",
        "The last two numbers of the shape are shape[-2] and shape[-1]. Multiply both by "
        "np.prod(shape[:-2]), which is 1 for a dense layer.",
    ),
    explain=both_fans,
)
