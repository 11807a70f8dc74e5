"""load_fashion_mnist: its sample, and both held to the official files."""

import os
from pathlib import Path

import numpy as np
import pytest

from scratchcnn import FASHION_CLASSES, load_fashion_mnist
from scratchcnn.data import fashion
from scratchcnn.data.idx import DataError

FOLDER = Path(os.environ.get("SCRATCHCNN_DATA") or "nowhere") / "fashion"
with_official_files = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="SCRATCHCNN_DATA names no folder with fashion/ in it"
)


def test_the_sample_has_3000_training_and_1000_test_images():
    (x_train, y_train), (x_test, y_test) = load_fashion_mnist()
    assert (x_train.shape, x_test.shape) == ((3000, 28, 28), (1000, 28, 28))
    assert (y_train.shape, y_test.shape) == ((3000,), (1000,))
    assert x_train.dtype == x_test.dtype == np.uint8
    assert y_train.dtype == y_test.dtype == np.intp


def test_the_ten_classes_have_names_and_all_occur():
    assert len(set(FASHION_CLASSES)) == 10
    for _, labels in load_fashion_mnist():
        assert set(labels.tolist()) == set(range(10))
    (_, y_train), _ = load_fashion_mnist()
    assert [FASHION_CLASSES[label] for label in y_train[:2]] == ["Ankle boot", "T-shirt/top"]


def test_the_arrays_are_new_at_each_call_and_may_be_written_to():
    for images, labels in load_fashion_mnist():
        images[...] = labels[...] = 7
    assert all((images != 7).any() for images, _ in load_fashion_mnist())


def test_a_missing_sample_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(fashion, "SAMPLE", tmp_path / "fashion_sample.npz")
    with pytest.raises(DataError, match=r"fashion_sample.npz, a sample .* missing or damaged"):
        load_fashion_mnist()


def test_full_is_a_bool():
    with pytest.raises(TypeError, match="full must be True or False, got 'all'"):
        load_fashion_mnist("all")


@with_official_files
def test_the_sample_begins_as_the_official_files_do():
    sample, official = load_fashion_mnist(), load_fashion_mnist(full=True)
    assert [len(images) for images, _ in official] == [60_000, 10_000]
    for (x, y), (x_all, y_all) in zip(sample, official, strict=True):
        assert np.array_equal(x, x_all[: len(x)])
        assert np.array_equal(y, y_all[: len(y)])
