"""A damaged model file is refused with a ValueError, and runs nothing.

Every run damages a file in 400 ways; 100,000 are tried by

    pytest -n0 tests/test_saving_damaged.py --hypothesis-profile=thorough
"""

import json
import pickle
import zipfile

import numpy as np
import pytest
from drawn import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from saved_model import refused, save_small_model, write

from scratchcnn import Adam, Sequential


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Return a small model's file and what is in it."""
    return save_small_model(tmp_path_factory.mktemp("saved") / "model.npz")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.npz"


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
