"""Layers in a row: what a network and a block of layers have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, Self

import numpy as np

from scratchcnn._utils.parameters import Parameters
from scratchcnn.layers.base import Layer, Shape, snake_case


class Network(Protocol):
    """What a network is to the modules that work with one; `Sequential` is made in network.py."""

    input_shape: Shape
    dtype: np.dtype
    seed: int
    rng: np.random.Generator
    history: Any
    stop_training: bool

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers, first to last."""

    @property
    def params(self) -> Parameters:
        """What is learned, by layer and name."""

    @property
    def grads(self) -> dict[str, np.ndarray]:
        """The gradients of the last `backward`."""

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """All arrays that are kept, learned or not."""

    @property
    def num_classes(self) -> int:
        """Number of classes."""

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the logits (N, classes)."""

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Fill `grads` and return dL/dx."""

    def get_weights(self) -> list[np.ndarray]:
        """Return copies of `weights`."""

    def set_weights(self, weights: Sequence[np.ndarray]) -> None:
        """Copy ``weights`` into the network."""

    def replica(self) -> Self:
        """Return a network with the same parameters and last batches of its own."""


def make_names_unique(layers: Iterable[Layer]) -> None:
    """Name layers as Keras does: ``conv2d``, ``max_pooling2d``, ``conv2d_1`` ..."""
    counts: dict[str, int] = {}
    for layer in layers:
        name = snake_case(type(layer).keras_class or type(layer).__name__)
        seen = counts[name] = counts.get(name, -1) + 1
        layer.name = f"{name}_{seen}" if seen else name


def check_layers(layers: object) -> tuple[Layer, ...]:
    """Return ``layers`` as a tuple; refuse what is no layer, or is in use already."""
    if not isinstance(layers, list | tuple):
        raise TypeError(f"layers is {layers!r}, expected a list of layers")
    if not layers:
        raise ValueError("layers is empty, expected at least one layer")
    for k, layer in enumerate(layers):
        if not isinstance(layer, Layer):
            hint = ": put brackets behind its name" if isinstance(layer, type) else ""
            raise TypeError(f"layers holds {layer!r}, which is no Layer{hint}")
        if layer.input_shape is not None or any(layer is other for other in layers[:k]):
            raise ValueError(
                f"a {type(layer).__name__} of layers is in use already: make a new one for each "
                "place, or two networks would share its parameters"
            )
    return tuple(layers)


def build_in_turn(
    layers: Iterable[Layer], shape: Shape, rng: np.random.Generator, dtype: np.dtype
) -> Shape:
    """Build each layer for the output of the one before; return the last output's shape.

    If one of them cannot be built, all are as new again, for a second try with another shape.
    """
    layers = list(layers)
    make_names_unique(layers)
    try:
        for layer in layers:
            layer.build(shape, rng, dtype)
            if layer.output_shape is None:
                raise TypeError(
                    f"{type(layer).__name__}.build must call super().build(input_shape, rng, dtype)"
                )
            shape = layer.output_shape
    except Exception:
        for layer in layers:
            layer.input_shape = layer.output_shape = None  # type: ignore[assignment]
        raise
    return shape


def output_shape_of(layers: Iterable[Layer], shape: Shape) -> Shape:
    """Return the shape of the last output for an input of ``shape``."""
    for layer in layers:
        shape = layer.compute_output_shape(shape)
    return shape
