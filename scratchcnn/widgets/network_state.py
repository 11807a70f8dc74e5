"""What the network explorer shows: units, what adds to each, and what happens without some."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchcnn.layers.activations import Dropout
from scratchcnn.layers.base import Layer
from scratchcnn.layers.dense import Flatten
from scratchcnn.network import Sequential
from scratchcnn.trace import short_labels

Pixel = tuple[int, int]
Off = frozenset[tuple[int, int]]


@dataclass(frozen=True)
class NetworkState:
    """What the network explorer shows.

    Attributes
    ----------
    image : int
        Which image.
    layer : int
        The chosen layer: 0 is the image itself, then the steps of `steps_of`.
    channel : int
        The chosen map of that layer, or the unit, if the layer gives a row of numbers.
    pixel : (row, column)
        The chosen pixel of the map.
    placed : int
        The layer that ``channel`` and ``pixel`` were chosen for, to notice when it changes.
    rank : int
        Which of its connections is written out: 0 is the strongest.
    off : frozenset of (layer, channel)
        The maps and units that are switched off.
    """

    image: int = 0
    layer: int = 1
    channel: int = 0
    pixel: Pixel = (0, 0)
    placed: int = 1
    rank: int = 0
    off: Off = frozenset()


@dataclass
class Step:
    """A layer to show, together with layers before it that change no number.

    Attributes
    ----------
    label : str
        Its short name: "conv 1".
    layers : list of Layer
        To run one after the other.
    shape : (H, W, C)
        Of its output; a row of D numbers is (1, 1, D).
    """

    label: str
    layers: list[Layer]
    shape: tuple[int, int, int]

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the output (N, ...) of the last layer."""
        for layer in self.layers:
            x = layer.forward(x)
        return x


def as_maps(shape: Sequence[int]) -> tuple[int, int, int]:
    """Return a shape (H, W, C) or (D,) as (H, W, C)."""
    return (1, 1, shape[0]) if len(shape) == 1 else (shape[0], shape[1], shape[2])


def steps_of(model: Sequential) -> list[Step]:
    """Return the layers to show. Flatten and Dropout only pass numbers on to the next one."""
    steps: list[Step] = []
    waiting: list[Layer] = []
    for label, layer in zip(short_labels(model.layers), model.layers, strict=True):
        waiting.append(layer)
        if not isinstance(layer, Flatten | Dropout) or layer is model.layers[-1]:
            steps.append(Step(label, waiting, as_maps(layer.output_shape)))
            waiting = []
    return steps


def activations(steps: Sequence[Step], images: np.ndarray, off: Off) -> list[np.ndarray]:
    """Return images (N, ...) and the output of each step, with zeros for what is switched off."""
    found = [images]
    for k, step in enumerate(steps, 1):
        output = step.forward(found[-1])
        channels = [channel for layer, channel in off if layer == k]
        if channels:
            output = output.copy()
            output[..., channels] = 0
        found.append(output)
    return found


@dataclass
class Sum:
    """A unit's output as a sum of products, and of a rest that does not depend on the input.

    Attributes
    ----------
    inputs, weights : ndarray (h, w, C)
        What the unit sees, with zeros for padding, and how much each number of it counts.
    corner : (row, column)
        Where its window begins in the input; negative in the padding.
    rest, total : float
        The bias, and the output.
    channels : list of int
        The input's channels that are connected to it; those that matter most come first.
    """

    inputs: np.ndarray
    weights: np.ndarray
    corner: Pixel
    rest: float
    total: float
    channels: list[int]

    @property
    def products(self) -> np.ndarray:
        """Inputs times weights (h, w, C)."""
        return self.inputs * self.weights

    @property
    def by_channel(self) -> np.ndarray:
        """What each channel of the input adds to the output (C,); negative if it subtracts."""
        return self.products.sum(axis=(0, 1))

    def strongest(self, channel: int) -> Pixel:
        """Return the pixel of the input with the largest product in a channel."""
        products = np.abs(self.products[:, :, channel])
        place = np.unravel_index(products.argmax(), products.shape)
        return int(place[0]) + self.corner[0], int(place[1]) + self.corner[1]


def sum_of(step: Step, x: np.ndarray, channel: int, pixel: Pixel) -> Sum:
    """Take a unit's output apart.

    The gradient of the unit with respect to the input says how much each input counts. For a
    convolution and a dense layer these are their weights; for max pooling it is 1 for the
    largest pixel of the window, and for ReLU it is 1 or 0.

    Parameters
    ----------
    x : ndarray (1, ...)
        The input of the step.
    """
    output = step.forward(x)
    chosen = np.zeros_like(output)
    chosen.reshape(1, *step.shape)[0, pixel[0], pixel[1], channel] = 1
    gradient = chosen
    for layer in reversed(step.layers):
        gradient = layer.backward(gradient)
    shape = as_maps(x.shape[1:])
    inputs, weights = x[0].reshape(shape), gradient[0].reshape(shape)
    total = float(output.reshape(step.shape)[(*pixel, channel)])
    rest = total - float((inputs.astype(np.float64) * weights).sum())
    (top, bottom), (left, right) = window_of(step, weights, pixel)
    pad = max(0, -top, -left, bottom - shape[0], right - shape[1])
    padded = [np.pad(a, ((pad, pad), (pad, pad), (0, 0))) for a in (inputs, weights)]
    inputs, weights = (a[top + pad : bottom + pad, left + pad : right + pad] for a in padded)
    connected = np.flatnonzero(weights.any(axis=(0, 1)))
    if not len(connected):
        connected = np.array([min(channel, shape[2] - 1)])
    size = np.abs((inputs * weights).sum(axis=(0, 1)))[connected]
    channels = connected[np.argsort(-size, kind="stable")].tolist()
    return Sum(inputs, weights, (top, left), rest, total, channels)


def window_of(step: Step, weights: np.ndarray, pixel: Pixel) -> tuple[Pixel, Pixel]:
    """Return the (first, end) row and the (first, end) column that a unit sees of its input."""
    layer: Any = step.layers[-1]
    if hasattr(layer, "pads") and hasattr(layer, "strides") and len(step.layers) == 1:
        starts = [pixel[k] * layer.strides[k] - layer.pads[k][0] for k in (0, 1)]
        rows, columns = ((start, start + layer.window[k]) for k, start in enumerate(starts))
        return rows, columns
    counts: np.ndarray = (weights != 0).any(axis=2)
    if not counts.any():  # such as ReLU of a negative number
        row, column = min(pixel[0], len(counts) - 1), min(pixel[1], counts.shape[1] - 1)
        return (row, row + 1), (column, column + 1)
    lines = np.flatnonzero(counts.any(axis=1)), np.flatnonzero(counts.any(axis=0))
    rows, columns = ((int(line[0]), int(line[-1]) + 1) for line in lines)
    return rows, columns
