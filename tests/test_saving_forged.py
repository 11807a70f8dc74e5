"""A model file that somebody has forged is refused for what is wrong with it, in little memory."""

import json
import tracemalloc

import numpy as np
import pytest
from saved_model import refused, save_small_model, write

from scratchcnn import (
    Adam,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Return a small model's file and what is in it."""
    return save_small_model(tmp_path_factory.mktemp("saved") / "model.npz")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.npz"


def layer(cls, **arguments):
    """Describe a layer as a file does, with arguments that it would perhaps not take."""
    return {"type": cls.__name__, "module": cls.__module__, "arguments": arguments}


FLATTEN = layer(Flatten)


FORGED = [
    ({"version": 1}, "its format is not version 2"),
    ({"version": 3}, "its format is not version 2"),
    ({"version": None}, "its format is not version 2"),
    ({"format": "keras"}, "its format is not"),
    ({"dtype": "float16"}, "dtype is 'float16'"),
    ({"dtype": "O"}, "dtype is 'O'"),
    ({"input_shape": [4, 4]}, "images"),
    ({"input_shape": [4, 4, 2]}, "conv2d/kernel' has shape"),
    ({"input_shape": [-4, 4, 1]}, "input_shape is"),
    ({"input_shape": [4.0, 4, 1]}, "input_shape is"),
    ({"input_shape": [float("inf"), 4, 1]}, "input_shape is"),
    ({"input_shape": [10**7, 10**7, 1]}, "it claims"),
    ({"input_shape": "441"}, "input_shape is"),
    ({"input_shape": None}, "input_shape is"),
    ({"seed": -1}, "seed must be"),
    ({"seed": "0"}, "seed must be"),
    ({"trainable": [True, 1, True, True, True]}, "trainable must be True or False, got 1"),
    ({"trainable": [True, True, "no", True, True]}, "trainable must be True or False, got 'no'"),
    ({"trainable": [None] * 5}, "trainable must be True or False, got None"),
    ({"trainable": [True]}, "shorter"),
    ({"trainable": [True] * 6}, "longer"),
    ({"trainable": True}, ""),
    ({"trainable": None}, ""),
    ({"random_state": {"bit_generator": "MT19937"}}, ""),
    ({"random_state": None}, ""),
    ({"history": [1, 2]}, ""),
    ({"history": {"loss": "12"}}, "history must be a number"),
    ({"history": {"loss": [1.0], "accuracy": []}}, "shorter"),
    ({"history": {"loss": [float("nan")]}}, "history must be in"),
    ({"history": {"loss": [True]}}, "history must be a number"),
    ({"history": {"loss": 3}}, ""),
]


FORGED_LAYERS = [
    ([], "layers is empty"),
    ({"type": "Flatten"}, ""),
    ([{"type": "Flatten"}], ""),
    ([FLATTEN | {"type": ["Flatten"]}], ""),
    ([FLATTEN | {"type": 3}], ""),
    ([FLATTEN | {"type": None}], ""),
    ([FLATTEN | {"module": 3}], ""),
    ([FLATTEN | {"module": None}], ""),
    ([FLATTEN | {"module": "scratchcnn.layers.nowhere"}], "nowhere"),
    ([FLATTEN | {"arguments": []}], ""),
    ([FLATTEN | {"arguments": {"units": 3}}], "units"),
    ([FLATTEN | {"arguments": {"self": 3}}], ""),
    ([FLATTEN | {"arguments": {"cls": 3}}, layer(Dense, units=2)], ""),
    ([layer(Layer)], "Layer"),
    ([{"type": "system", "module": "os", "arguments": {"command": "true"}}], "a layer system"),
    ([{"type": "Popen", "module": "subprocess", "arguments": {"args": "true"}}], "a layer Popen"),
    ([FLATTEN, layer(Dense)], "units"),
    ([FLATTEN, layer(Dense, units=-2)], "units must be at least 1"),
    ([FLATTEN, layer(Dense, units=2.0)], "units must be a whole number"),
    ([FLATTEN, layer(Dense, units=True)], "units must be a whole number"),
    ([FLATTEN, layer(Dense, units=10**8)], "it claims 1,700,000,000 parameters"),
    ([FLATTEN, layer(Dense, units=2, kernel_initializer="__class__")], "initializer"),
    ([FLATTEN, layer(Dense, units=2, kernel_initializer=["ones"])], ""),
    ([layer(Conv2D, filters=10**30, kernel_size=2)], "it claims"),
    ([layer(Conv2D, filters=10**8, kernel_size=4)], "it claims"),
    ([layer(Conv2D, filters=-1, kernel_size=2)], "filters must be at least 1"),
    ([layer(Conv2D, filters=1, kernel_size=-2)], "kernel_size must be at least 1"),
    ([layer(Conv2D, filters=1, kernel_size=2, strides=[0, 1])], "strides must be at least 1"),
    ([layer(Conv2D, filters=1, kernel_size=10**9, padding="same")], "it claims"),
    ([layer(Conv2D, filters=1, kernel_size=2, padding=["valid"])], "padding must be"),
    ([layer(MaxPool2D, pool_size=-1)], "pool_size must be at least 1"),
    ([layer(Dropout, rate=1)], r"rate must be in \[0, 1\), got 1"),
    ([layer(Dropout, rate="0.5")], "rate must be a number"),
    ([layer(BatchNorm, momentum=2)], "momentum must be in"),
    ([layer(BatchNorm, epsilon=float("nan"))], "epsilon must be in"),
    ([layer(BatchNorm, center="yes")], "center must be True or False"),
    ([layer(Residual, layers=[])], "layers is empty"),
    ([layer(Residual, layers=3)], "layers is 3"),
    ([layer(Residual, layers=[3])], "not a Layer"),
    ([layer(Residual, layers=[layer(Conv2D, filters=10**9, kernel_size=1)])], "it claims"),
    (
        [layer(Residual, layers=[layer(Residual, layers=[layer(Dense, units=10**9)])])],
        "Dense needs rows",
    ),
    (
        [FLATTEN, layer(Residual, layers=[layer(Dense, units=16), layer(Dense, units=10**9)])],
        "it claims|no shortcut",
    ),
    (
        [
            FLATTEN,
            layer(Residual, layers=[layer(Dense, units=10**9), layer(Dense, units=16)]),
            layer(Dense, units=2),
        ],
        "it claims",
    ),
]


def refused_in_bounded_memory(path, message):
    tracemalloc.start()
    refused(path, message=message)
    assert tracemalloc.get_traced_memory()[1] < 12_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(("change", "message"), FORGED, ids=str)
def test_a_forged_architecture_is_refused_in_bounded_memory(path, saved, change, message):
    write(path, saved.arrays, saved.architecture | change)
    refused_in_bounded_memory(path, message)


@pytest.mark.parametrize(
    ("layers", "message"), FORGED_LAYERS, ids=[str(layers)[:100] for layers, _ in FORGED_LAYERS]
)
def test_forged_layers_are_refused_in_bounded_memory(path, saved, layers, message):
    write(path, saved.arrays, saved.architecture | {"layers": layers})
    refused_in_bounded_memory(path, message)


@pytest.mark.parametrize("depth", [200, 5000])
def test_blocks_in_blocks_in_blocks_are_refused(path, saved, depth):
    inner = json.dumps(layer(ReLU))
    before, after = json.dumps(layer(Residual, layers=["here"])).split('"here"')
    text = json.dumps(saved.architecture | {"layers": ["here"]})
    np.savez(path, architecture=text.replace('"here"', before * depth + inner + after * depth))
    refused(path)


def test_moving_averages_count_among_what_a_file_claims(path, saved):
    architecture = saved.architecture | {
        "layers": [layer(BatchNorm, center=False, scale=False), FLATTEN],
        "input_shape": [1, 1, 10**8],
    }
    write(path, {}, architecture)
    refused_in_bounded_memory(path, "it claims")


def test_the_kernel_of_a_shortcut_counts_among_what_a_file_claims(path, saved):
    # The two inside are small, and the shortcut goes from many channels to many.
    inside = [layer(Conv2D, filters=1, kernel_size=1), layer(Conv2D, filters=10**5, kernel_size=1)]
    architecture = saved.architecture | {
        "layers": [layer(Residual, layers=inside), FLATTEN],
        "input_shape": [1, 1, 10**5 + 1],
    }
    write(path, {"filler": np.zeros(10**6, "float32")}, architecture)
    refused_in_bounded_memory(path, "it claims 10,000")


def test_a_negative_variance_is_refused(path):
    model = Sequential([BatchNorm(), Flatten(), Dense(2)], (2, 2, 3))
    model.save(path)
    with np.load(path) as archive:
        arrays = dict(archive)
    arrays["batch_normalization/moving_variance"][1] = -0.5
    np.savez(path, **arrays)
    refused(path, message="a variance below 0")


def test_what_the_forgeries_are_made_of_is_no_forgery_by_itself(path, saved):
    layers = [layer(Conv2D, filters=1, kernel_size=2), layer(MaxPool2D, pool_size=2)]
    layers += [FLATTEN, layer(Dense, units=2)]
    write(path, saved.arrays, saved.architecture | {"layers": layers})
    assert Sequential.load(path, Adam()).num_classes == 2


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "3", '"scratchcnn"', "{", "[" * 100_000, "{}", '{"format": {}}']
)
def test_an_architecture_that_is_no_architecture_is_refused(path, saved, text):
    np.savez(path, architecture=np.array(text), **saved.arrays)
    refused(path)
