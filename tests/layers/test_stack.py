"""Layers in sequence: their names, their shapes, and what is left when one cannot be built."""

import numpy as np
import pytest

from scratchcnn import Conv2D, Dense, Flatten, MaxPool2D, ReLU
from scratchcnn.layers.stack import build_in_turn


def build(*layers):
    """Build the layers for an image of 9 x 9 pixels; return the shape of the last output."""
    return build_in_turn(layers, (9, 9, 1), np.random.default_rng(0), np.dtype("float32"))


def test_layers_of_the_same_class_are_numbered_from_the_second_on():
    layers = [Conv2D(1, 1), ReLU(), Conv2D(1, 1), Conv2D(1, 1), ReLU()]
    build(*layers)
    assert [layer.name for layer in layers] == [
        "conv2d",
        "re_lu",
        "conv2d_1",
        "conv2d_2",
        "re_lu_1",
    ]


def test_each_layer_takes_the_shape_that_the_one_before_gives():
    layers = [Conv2D(2, 3), MaxPool2D(2), Flatten(), Dense(4)]
    assert build(*layers) == (4,)
    assert [layer.input_shape for layer in layers] == [(9, 9, 1), (7, 7, 2), (3, 3, 2), (18,)]


def test_when_one_layer_cannot_be_built_none_has_a_shape():
    layers = [Conv2D(2, 3), ReLU(), Dense(4)]
    with pytest.raises(ValueError, match=r"put Flatten\(\) before"):
        build(*layers)
    assert {layer.input_shape for layer in layers} == {None}
    assert {layer.output_shape for layer in layers} == {None}
