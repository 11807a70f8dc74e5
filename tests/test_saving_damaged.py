"""A model file that is damaged or forged is refused with a ValueError, and runs nothing.

Every run damages a file in 400 ways; 100,000 are tried by

    pytest -n0 tests/test_saving_damaged.py --hypothesis-profile=thorough
"""

import json
import pickle
import tracemalloc
import zipfile

import numpy as np
import pytest
from drawn import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


def layer(cls, **arguments):
    """Describe a layer as a file does, with arguments that it would perhaps not take."""
    return {"type": cls.__name__, "module": cls.__module__, "arguments": arguments}


FLATTEN = layer(Flatten)


class Saved:
    """The bytes of a model's file, and what is in it."""

    def __init__(self, content, architecture, arrays):
        self.content, self.architecture, self.arrays = content, architecture, arrays


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Return a small model's file and what is in it."""
    path = tmp_path_factory.mktemp("saved") / "model.npz"
    model = Sequential([Conv2D(1, 2), MaxPool2D(2), Flatten(), Dense(2)], (4, 4, 1))
    optimizer = Adam()
    x = np.random.default_rng(0).standard_normal((2, 4, 4, 1))
    model.fit(x, [0, 1], optimizer=optimizer, verbose=False)
    model.save(path, optimizer)
    with np.load(path, allow_pickle=False) as archive:
        arrays = dict(archive)
    return Saved(path.read_bytes(), json.loads(str(arrays.pop("architecture"))), arrays)


def write(path, arrays, architecture):
    np.savez(path, architecture=np.array(json.dumps(architecture)), **arrays)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.npz"


def refused(path, optimizer=None, message=""):
    """Expect a ValueError that names the file, and perhaps says more."""
    with pytest.raises(ValueError, match=rf"model\.npz .*{message}"):
        Sequential.load(path, optimizer)


def test_a_file_cut_short_anywhere_is_refused(path, saved):
    for length in range(0, len(saved.content), 11):
        path.write_bytes(saved.content[:length])
        refused(path)


class Trap:
    """An object whose unpickling would write a file."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return open, (str(self.target), "w")


@pytest.mark.parametrize("where", ["whole file", "architecture", "dense/kernel"])
def test_a_pickled_object_is_refused_and_never_run(tmp_path, path, saved, where):
    trap = np.array([Trap(tmp_path / "sprung")], dtype=object)
    if where == "whole file":
        path.write_bytes(pickle.dumps(trap))
    else:
        text = np.array(json.dumps(saved.architecture))
        np.savez(path, **(saved.arrays | {"architecture": text, where: trap}))
    refused(path)
    assert not (tmp_path / "sprung").exists()
    pickle.loads(pickle.dumps(trap))  # the trap does work
    assert (tmp_path / "sprung").exists()


FORGED = [
    ({"version": 1}, "its format is not version 2"),
    ({"version": 3}, "its format is not version 2"),
    ({"version": None}, "its format is not version 2"),
    ({"format": "keras"}, "its format is not"),
    ({"dtype": "float16"}, "dtype is 'float16'"),
    ({"dtype": "O"}, "dtype is 'O'"),
    ({"input_shape": [4, 4]}, "images"),
    ({"input_shape": [4, 4, 2]}, "conv2d/kernel has shape"),
    ({"input_shape": [-4, 4, 1]}, "input_shape is"),
    ({"input_shape": [4.0, 4, 1]}, "input_shape is"),
    ({"input_shape": [float("inf"), 4, 1]}, "input_shape is"),
    ({"input_shape": [10**7, 10**7, 1]}, "it claims"),
    ({"input_shape": "441"}, "input_shape is"),
    ({"input_shape": None}, "input_shape is"),
    ({"seed": -1}, "seed must be"),
    ({"seed": "0"}, "seed must be"),
    ({"trainable": [1, True, True, True]}, "trainable must be True or False, got 1"),
    ({"trainable": ["no", True, True, True]}, "trainable must be True or False, got 'no'"),
    ({"trainable": [None] * 4}, "trainable must be True or False, got None"),
    ({"trainable": [True]}, "shorter"),
    ({"trainable": [True] * 5}, "longer"),
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
    ([layer(Dropout, rate=1)], "rate is 1"),
    ([layer(Dropout, rate="0.5")], "rate is '0.5'"),
    ([layer(BatchNorm, momentum=2)], "momentum must be in"),
    ([layer(BatchNorm, epsilon=float("nan"))], "epsilon must be in"),
    ([layer(BatchNorm, center="yes")], "center must be True or False"),
    ([layer(Residual, layers=[])], "layers is empty"),
    ([layer(Residual, layers=3)], "layers is 3"),
    ([layer(Residual, layers=[3])], "no Layer"),
    ([layer(Residual, layers=[layer(Conv2D, filters=10**9, kernel_size=1)])], "it claims"),
    (
        [layer(Residual, layers=[layer(Residual, layers=[layer(Dense, units=10**9)])])],
        "Dense needs rows",
    ),
    (
        [FLATTEN, layer(Residual, layers=[layer(Dense, units=16), layer(Dense, units=10**9)])],
        "no shortcut",
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
    refused_in_bounded_memory(path, "it claims 200,000,000 parameters")


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


@pytest.mark.parametrize(
    "forge",
    [
        lambda kernel: kernel[:-1],
        lambda kernel: kernel.ravel(),
        lambda kernel: kernel.astype(str),
        lambda kernel: kernel + 1j,
        lambda kernel: kernel * np.nan,
        lambda kernel: np.array("x"),
        None,
    ],
)
def test_weights_that_do_not_fit_the_architecture_are_refused(path, saved, forge):
    arrays = dict(saved.arrays)
    kernel = arrays.pop("dense/kernel")
    if forge is not None:
        arrays["dense/kernel"] = forge(kernel)
    write(path, arrays, saved.architecture)
    refused(path)


@pytest.mark.parametrize(
    "forge",
    [
        lambda arrays: arrays.pop("optimizer/iterations"),
        lambda arrays: arrays.update({"optimizer/iterations": np.array(-3)}),
        lambda arrays: arrays.update({"optimizer/iterations": np.array(["x"])}),
        lambda arrays: arrays.update({"optimizer/dense/kernel/0": np.zeros((2, 2))}),
        lambda arrays: arrays.update({"optimizer/dense/kernel/1": np.array(np.inf)}),
        lambda arrays: arrays.update({"optimizer/dense/bias/9": np.zeros(2)}),
    ],
)
def test_what_an_optimizer_cannot_have_remembered_is_refused(path, saved, forge):
    arrays = dict(saved.arrays)
    forge(arrays)
    write(path, arrays, saved.architecture)
    refused(path, Adam())


def test_other_files_are_refused(path, saved):
    np.savez(path, x=np.ones(3))
    others = [path.read_bytes(), b"", b"hello", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"\x00" * 5000]
    np.savez_compressed(path, **saved.arrays, architecture=np.array(json.dumps(saved.architecture)))
    others.append(path.read_bytes())  # what is compressed might be a bomb
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("architecture.npy", b"not an array")
    for content in [*others, path.read_bytes()]:
        path.write_bytes(content)
        refused(path)


@settings(
    max_examples=examples(400, 100_000), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_damaged_file_loads_as_a_working_model_or_is_refused(path, saved, data):
    content = bytearray(saved.content)
    place = st.integers(0, len(content) - 1)
    for _ in range(data.draw(st.integers(1, 4))):
        match data.draw(st.sampled_from(["byte", "bytes", "cut", "insert", "end"])):
            case "byte":
                content[data.draw(place) % len(content)] = data.draw(st.integers(0, 255))
            case "bytes":
                start = data.draw(place)
                content[start : start + 8] = data.draw(st.binary(min_size=8, max_size=8))
            case "cut":
                start = data.draw(place)
                del content[start : start + data.draw(st.integers(1, 40))]
            case "insert":
                start = data.draw(place)
                content[start:start] = data.draw(st.binary(max_size=20))
            case "end":  # the archive's directory, where sizes and places are kept
                start = max(0, len(content) - 1 - data.draw(st.integers(0, 400)))
                content[start : start + 1] = data.draw(st.binary(min_size=1, max_size=4))
        if not content:
            content = bytearray(1)
    path.write_bytes(content)
    try:
        model = Sequential.load(path, Adam())
    except ValueError:
        refused(path, Adam())
    else:
        assert np.isfinite(model.predict(np.ones((1, *model.input_shape)))).all()
