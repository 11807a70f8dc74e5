"""What the architecture bench finds out about a network without building it."""

import math
from dataclasses import dataclass
from functools import lru_cache

from scratchcnn.architecture import ReceptiveField, multiply_adds, receptive_fields
from scratchcnn.layers.base import Layer, Shape
from scratchcnn.layers.normalization import BatchNorm
from scratchcnn.widgets.bench_layers import SETTINGS, LayerChoice, library_layer

# The largest network that is trained here: then an update is soon over, and Stop answers at once.
MOST_PARAMETERS = 4_000_000
MOST_PRODUCTS = 128_000_000  # multiply-adds of an update's forward pass, and what takes as long
MOST_NUMBERS = 5_000_000  # in all outputs of an update's forward pass
NORMALIZING = 3  # normalizing a number takes as long as this many others
POOLING = 3  # looking at a pixel of a pooling window takes as long as this many multiply-adds

Network = tuple[LayerChoice, ...]


@dataclass(frozen=True)
class Problem:
    """Why a network is impossible, or cannot be trained here.

    Attributes
    ----------
    layer : int
        The layer that fails, from 0; -1 if there are none.
    words : str
        What is wrong, in one short sentence.
    cure : str
        What would help.
    """

    layer: int
    words: str
    cure: str


@dataclass(frozen=True, eq=False)
class LayerReport:
    """What is known about a layer: for one image, without the batch axis."""

    output: Shape
    parameters: int
    multiply_adds: int
    field: ReceptiveField


@dataclass(frozen=True, eq=False)
class Report:
    """What is known about a network.

    Attributes
    ----------
    input_shape : tuple of int
    layers : tuple of LayerReport
        Up to the one that fails.
    problem : Problem or None
    """

    input_shape: Shape
    layers: tuple[LayerReport, ...]
    problem: Problem | None

    @property
    def parameters(self) -> int:
        """The number of parameters, as in ``model.summary()``."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """The number of products that are added up for one image."""
        return sum(layer.multiply_adds for layer in self.layers)


@lru_cache(maxsize=64)
def report(network: Network, input_shape: Shape, classes: int, batch_size: int) -> Report:
    """Return shapes, parameters, receptive fields, and the first problem."""
    layers = [library_layer(choice) for choice in network]
    shape, shapes, problem = input_shape, [input_shape], None
    for k, layer in enumerate(layers):
        try:
            shape = layer.compute_output_shape(shape)
        except ValueError:
            problem = why_impossible(k, network[k], shape)
            break
        shapes.append(shape)
    possible = layers[: len(shapes) - 1]
    found = zip(
        shapes[1:],
        map(count_parameters, possible, shapes),
        multiply_adds(possible, input_shape),
        receptive_fields(possible, input_shape),
        strict=True,
    )
    reports = tuple(LayerReport(*parts) for parts in found)
    if problem is None:
        problem = wrong_end(shapes, classes) or too_large(network, reports, batch_size)
    return Report(input_shape, reports, problem)


def count_parameters(layer: Layer, input_shape: Shape) -> int:
    """Return how many numbers a layer will keep, as `Layer.count_params` does once it is built."""
    count = sum(math.prod(shape) for shape in layer.param_shapes(input_shape).values())
    moving_averages = 2 * input_shape[-1] if isinstance(layer, BatchNorm) else 0
    return count + moving_averages


def why_impossible(k: int, layer: LayerChoice, shape: Shape) -> Problem:
    """Say why a layer cannot take an input of this shape."""
    got = shape_words(shape)
    if layer.kind == "Dense":
        return Problem(k, f"Dense needs a row of numbers, not {got}.", "Put Flatten before it.")
    if len(shape) != 3:
        words = f"{layer.kind} needs feature maps, not a row of {got}."
        return Problem(k, words, "Move it before Flatten, Dense and GlobalAvgPool2D.")
    size = layer.kernel if layer.kind == "Conv2D" else layer.window
    words = f"A window of {size} × {size} does not fit in {shape[0]} × {shape[1]} pixels."
    return Problem(
        k, words, "Make the window smaller or the maps before it larger, or set padding to same."
    )


def wrong_end(shapes: list[Shape], classes: int) -> Problem | None:
    """Say why these outputs are not scores, if so."""
    if len(shapes) == 1:
        return Problem(
            -1, "There are no layers yet.", "Click one above, or press a key from 1 to 9."
        )
    if shapes[-1] == (classes,):
        return None
    words = f"The last output must be {classes} scores, not {shape_words(shapes[-1])}."
    flat = len(shapes[-1]) == 1
    cure = f"End with Dense {classes}." if flat else f"End with Flatten and Dense {classes}."
    return Problem(len(shapes) - 2, words, cure)


def too_large(network: Network, layers: tuple[LayerReport, ...], batch_size: int) -> Problem | None:
    """Say what makes a possible network too large to be trained here, if anything."""
    outputs = [math.prod(layer.output) for layer in layers]
    numbers = [
        count * (NORMALIZING if choice.kind == "BatchNorm" else 1)
        for count, choice in zip(outputs, network, strict=True)
    ]
    windows = [
        POOLING * choice.window**2 if "window" in SETTINGS[choice.kind] else 0 for choice in network
    ]
    products = [
        layer.multiply_adds + count * window
        for layer, count, window in zip(layers, outputs, windows, strict=True)
    ]
    for counts, most, what in (
        ([layer.parameters for layer in layers], MOST_PARAMETERS, "parameters"),
        (products, MOST_PRODUCTS // batch_size, "multiply-adds"),
        (numbers, MOST_NUMBERS // batch_size, "activations to store"),
    ):
        if sum(counts) > most:
            place = counts.index(max(counts))
            what = "pooling operations" if counts is products and windows[place] else what
            words = f"Too large to train here: over {most:,} {what}."
            return Problem(place, words, "This layer has the most.")
    return None


def shape_words(shape: Shape) -> str:
    """Write a shape: "26 × 26 × 8", or "1,352"."""
    return " × ".join(f"{size:,}" for size in shape)


def field_words(field: ReceptiveField) -> str:
    """Write the size of a receptive field: "3 × 3"."""
    return f"{field.size[0]} × {field.size[1]}"
