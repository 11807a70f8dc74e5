"""Layers in sequence: code shared by networks and blocks of layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scratchcnn.layers.base import Layer, Shape, keras_name


def build_in_turn(
    layers: Sequence[Layer], shape: Shape, rng: np.random.Generator, dtype: np.dtype
) -> Shape:
    """Name each layer as Keras does, and build it for the output of the previous one.

    Returns the shape of the last output. If a layer cannot be built, all of them are reset, so
    that you can try again with another shape.
    """
    names: list[str] = []
    try:
        for layer in layers:
            name = keras_name(layer)
            names.append(name)
            count = names.count(name) - 1
            layer.name = f"{name}_{count}" if count else name  # conv2d, conv2d_1 ...
            layer.build(shape, rng, dtype)
            if layer.output_shape is None:
                what = f"{type(layer).__name__}.build must call super().build"
                raise TypeError(f"{what}(input_shape, rng, dtype)")
            shape = layer.output_shape
    except Exception:
        for layer in layers:
            layer.input_shape = layer.output_shape = None  # type: ignore[assignment]
        raise
    return shape
