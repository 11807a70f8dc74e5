"""Model files: everything that was saved comes back."""

import os
from pathlib import Path

import numpy as np
import pytest
from small_networks import same, same_weights

from scratchcnn import (
    SGD,
    Adam,
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
    ShiftedBatches,
    load_model,
)
from scratchcnn.schedules import cosine_decay

IMAGE = (9, 8, 2)


def every_layer(dtype="float32", seed=0):
    layers = [
        Conv2D(3, (3, 2), (1, 2), "same", False, "he_normal"),
        ReLU(),
        MaxPool2D(2, 1, "same"),
    ]
    inside = [BatchNorm(momentum=0.9), Conv2D(4, 3, 2, "same"), BatchNorm(scale=False)]
    layers += [AvgPool2D((2, 1)), Residual(inside), Residual([ReLU()]), Dropout(0.25)]
    layers += [GlobalAvgPool2D(), Flatten(), Dense(4, kernel_initializer="he_uniform")]
    return Sequential(layers, IMAGE, seed=seed, dtype=dtype)


def data(count=20):
    rng = np.random.default_rng(0)
    return rng.standard_normal((count, *IMAGE)), rng.integers(0, 4, count)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.npz"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_loaded_model_is_the_saved_one(path, dtype):
    model = every_layer(dtype)
    model.fit(*data(), verbose=False)
    model.save(path)
    loaded = Sequential.load(path)
    assert same(loaded.get_weights(), model.get_weights())
    assert np.array_equal(loaded.predict(data()[0]), model.predict(data()[0]))
    assert str(loaded.summary()) == str(model.summary())
    assert repr(loaded) == repr(model)
    assert list(loaded.weights) == list(model.weights)


def test_a_loaded_model_trains_on_as_the_saved_one_would_have(path):
    model = every_layer()
    model.fit(*data(), verbose=False)
    model.save(path)
    loaded = Sequential.load(path)
    for one in (model, loaded):
        one.fit(*data(), epochs=2, batch_size=6, verbose=False)
    assert same(loaded.get_weights(), model.get_weights())
    assert loaded.history.history == model.history.history


def test_the_history_comes_back(path):
    model = every_layer()
    model.save(path)
    assert Sequential.load(path).history is None
    model.fit(*data(), epochs=3, validation_data=data(), verbose=False)
    model.save(path)
    assert Sequential.load(path).history.history == model.history.history


RULES = {
    "sgd": lambda: SGD(0.01),
    "momentum": lambda: SGD(cosine_decay(0.01, 30), momentum=0.9),
    "adam": lambda: Adam(cosine_decay(0.01, 30), weight_decay=0.01),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("stops", [[1], [3], [1, 2, 3, 4]])
def test_training_resumed_from_a_file_equals_training_that_never_stopped(path, rule, stops):
    def epochs(model, optimizer, count):
        batches = ShiftedBatches(*data(), 6, pixels=1, seed=model.rng)
        return model.fit(batches, epochs=count, optimizer=optimizer, verbose=False).history

    whole, optimizer = every_layer(), RULES[rule]()
    expected = epochs(whole, optimizer, 5)
    resumed, losses = every_layer(), []
    resumed.save(path, RULES[rule]())  # before the first epoch
    for first, last in zip([0, *stops], [*stops, 5], strict=True):
        # As after a restart: nothing is left but the file and the code.
        fresh = RULES[rule]()
        resumed = Sequential.load(path, fresh)
        losses += epochs(resumed, fresh, last - first)["loss"]
        resumed.save(path, fresh)
    assert same(resumed.get_weights(), whole.get_weights())
    assert losses == expected["loss"]
    remembered, known = fresh.get_state(resumed.params), optimizer.get_state(whole.params)
    assert remembered.keys() == known.keys()
    assert all(np.array_equal(remembered[key], known[key]) for key in known)


def test_a_file_without_an_optimizer_cannot_give_one_and_says_so(path):
    every_layer().save(path)
    with pytest.raises(ValueError, match="saved without its optimizer"):
        Sequential.load(path, Adam())


def test_another_kind_of_optimizer_is_refused(path):
    every_layer().save(path, Adam())
    with pytest.raises(ValueError, match="another kind of optimizer"):
        Sequential.load(path, SGD(0.01, momentum=0.9))


def test_a_file_with_an_optimizer_loads_without_one(path):
    model = every_layer()
    model.save(path, Adam())
    assert same(Sequential.load(path).get_weights(), model.get_weights())


def test_the_name_of_the_file_is_the_name_given(tmp_path):
    for name in (tmp_path / "net", str(tmp_path / "net.model")):
        every_layer().save(name)
        Sequential.load(name)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["net", "net.model"]


def test_a_file_in_its_place_is_replaced(path):
    for seed in (1, 2):
        every_layer(seed=seed).save(path)
    assert same(Sequential.load(path).get_weights(), every_layer(seed=2).get_weights())


def test_a_save_that_fails_half_way_leaves_the_old_file(path, monkeypatch):
    def full_disk(descriptor):
        os.ftruncate(descriptor, 100)
        raise OSError("No space left on device")

    every_layer(seed=1).save(path)
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        every_layer(seed=2).save(path)
    monkeypatch.undo()
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert same(Sequential.load(path).get_weights(), every_layer(seed=1).get_weights())


def test_a_missing_file_is_said_to_be_missing(path):
    with pytest.raises(FileNotFoundError):
        Sequential.load(path)


def test_what_could_not_be_loaded_again_is_not_saved_in_the_place_of_what_could(tmp_path):
    path = tmp_path / "model.npz"
    model = Sequential([Flatten(), Dense(2)], (2, 2, 1))
    model.save(path)
    before = path.read_bytes()
    model.params["dense/kernel"][0, 0] = np.nan
    with pytest.raises(ValueError, match=r"cannot be saved: .*dense/kernel holds NaN"):
        model.save(path)
    assert path.read_bytes() == before


def test_a_path_may_begin_with_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))  # Windows
    monkeypatch.chdir(tmp_path)
    model, folder = every_layer(), tmp_path / "models"
    model.save("~/models/net.npz")
    assert [file.name for file in folder.iterdir()] == ["net.npz"]
    assert [file.name for file in tmp_path.iterdir()] == ["models"]
    for path in ("~/models/net.npz", Path("~/models/net.npz"), folder / "net.npz"):
        assert same_weights(Sequential.load(path), model)
    assert same_weights(load_model("~/models/net.npz"), model)


def test_a_trained_network_for_large_images_can_be_saved_and_loaded(path):
    layers = [Conv2D(2, 5, 4), ReLU(), MaxPool2D(4), Flatten(), Dense(3)]
    model = Sequential(layers, (1024, 1024, 1))
    x = np.random.default_rng(0).standard_normal((2, 1024, 1024, 1), dtype="float32")
    model.fit(x, [0, 2], verbose=False)
    model.save(path)
    loaded = Sequential.load(path)
    assert same_weights(loaded, model)
    assert np.array_equal(loaded.predict(x), model.predict(x))


def test_a_dense_network_for_large_images_can_be_saved_with_its_optimizer(path):
    model, optimizer = Sequential([Flatten(), Dense(2)], (1024, 1024, 1)), SGD(momentum=0.9)
    model.save(path, optimizer)
    assert same_weights(Sequential.load(path, SGD(momentum=0.9)), model)


def test_numpys_numbers_will_do_as_arguments_of_a_layer_that_is_saved(path):
    size = np.int64(3)
    layers = [Conv2D(np.int32(2), (size, size)), Dropout(np.float32(0.5)), Flatten(), Dense(size)]
    model = Sequential(layers, IMAGE)
    model.save(path)
    assert repr(Sequential.load(path)) == repr(model)


def test_a_model_that_cannot_be_written_says_so_as_the_system_does(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OSError):  # noqa: PT011
        every_layer().save(tmp_path / "file" / "model.npz")
    with pytest.raises(OSError):  # noqa: PT011
        every_layer().save(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
