"""load_mnist: the sample, what is loaded with it, and both held to MNIST's own files."""

import hashlib
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from scratchcnn import load_mnist, load_mnist_test
from scratchcnn.data import mnist
from scratchcnn.data.idx import DataError, idx_header

OFFICIAL = os.environ.get("SCRATCHCNN_DATA")
with_official_files = pytest.mark.skipif(
    not OFFICIAL, reason="SCRATCHCNN_DATA names no folder with MNIST's four files"
)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def test_the_sample_has_4000_images_to_train_on_and_1000_to_test_on():
    (x_train, y_train), (x_test, y_test) = load_mnist()
    assert x_train.shape == (4000, 28, 28)
    assert x_test.shape == (1000, 28, 28)
    assert y_train.shape == (4000,)
    assert y_test.shape == (1000,)
    assert x_train.dtype == x_test.dtype == np.uint8
    assert y_train.dtype == y_test.dtype == np.intp
    assert x_train.min() == 0
    assert x_train.max() == 255


def test_the_sample_begins_as_mnist_does_and_has_500_of_each_digit():
    (_, y_train), (_, y_test) = load_mnist()
    assert y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert np.bincount(np.concatenate([y_train, y_test])).tolist() == [500] * 10


def test_the_sample_is_given_in_its_own_order():
    (x_train, y_train), (x_test, y_test) = load_mnist()
    with np.load(mnist.SAMPLE) as sample:
        assert np.array_equal(np.concatenate([x_train, x_test]), sample["images"])
        assert np.array_equal(np.concatenate([y_train, y_test]), sample["labels"])


def test_the_arrays_are_new_at_each_call_and_may_be_written_to():
    first = [array for pair in load_mnist() for array in pair]
    assert all(array.flags.writeable for array in first)
    assert all(array.flags.c_contiguous for array in first)
    for array in first:
        array[...] = 7
    second = [array for pair in load_mnist() for array in pair]
    assert all((array != 7).any() for array in second)
    assert not any(np.shares_memory(a, b) for a, b in zip(first, second, strict=True))


def test_labels_are_whole_numbers_that_do_not_wrap_around():
    (_, y_train), _ = load_mnist()
    assert (y_train - 5)[:3].tolist() == [0, -5, -1]


def test_labels_can_be_counted_and_used_as_indices_on_every_computer():
    labels = [load_mnist()[0][1], load_mnist()[1][1], load_mnist_test()[1]]
    assert [each.dtype for each in labels] == [np.intp] * 3


def damaged_samples():
    good = mnist.SAMPLE.read_bytes()
    middle = len(good) // 2
    return {
        "missing": None,
        "empty": b"",
        "half": good[:middle],
        "flipped": good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :],
        "a pointer to the file": b"version https://git-lfs.github.com/spec/v1\n",
        "no archive": b"\x93NUMPY" + bytes(100),
    }


@pytest.mark.parametrize("content", damaged_samples().values(), ids=damaged_samples())
def test_a_damaged_sample_is_named(content, tmp_path, monkeypatch):
    path = tmp_path / "mnist_sample.npz"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(mnist, "SAMPLE", path)
    with pytest.raises(DataError, match=r"missing or damaged: .+\. Install the package") as caught:
        load_mnist()
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("arrays", [{"other": np.arange(3)}, {"images": np.array([{}])}])
def test_an_archive_without_the_sample_is_named(arrays, tmp_path, monkeypatch):
    monkeypatch.setattr(mnist, "SAMPLE", tmp_path / "sample.npz")
    np.savez(tmp_path / "sample.npz", **arrays)
    with pytest.raises(DataError, match=re.escape(f"{tmp_path / 'sample.npz'}, a sample")):
        load_mnist()


def test_wherever_a_sample_is_damaged_it_is_right_or_named(tmp_path, monkeypatch):
    rng = np.random.default_rng(1998)
    right = rng.integers(0, 256, (5, 28, 28), dtype=np.uint8), np.arange(5, dtype=np.uint8)
    path = tmp_path / "sample.npz"
    np.savez_compressed(path, images=right[0], labels=right[1])
    monkeypatch.setattr(mnist, "SAMPLE", path)
    good, refused = path.read_bytes(), 0
    for _ in range(300):
        content = bytearray(good)
        # The names, sizes and methods stand at both ends of the archive.
        for at in (rng.integers(len(good)), rng.integers(100), -rng.integers(1, 200)):
            content[at] = rng.choice([content[at], rng.integers(256)])
        path.write_bytes(content)
        try:
            (x, y), _ = load_mnist()
        except DataError:
            refused += 1
        else:
            assert np.array_equal(x, right[0])
            assert np.array_equal(y, right[1])
    assert 30 < refused < 300


# The official test images


def test_without_arguments_all_1000_test_images_are_returned():
    x, y = load_mnist_test()
    assert (x.shape, x.dtype) == ((1000, 28, 28), np.uint8)
    assert (y.shape, y.dtype) == ((1000,), np.intp)
    assert y[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


@pytest.mark.parametrize("n", [1, 100, np.int32(999), 1000])
def test_the_first_n_test_images_are_returned(n):
    (x, y), (x_all, y_all) = load_mnist_test(n), load_mnist_test()
    assert np.array_equal(x, x_all[:n])
    assert np.array_equal(y, y_all[:n])
    assert len(x) == len(y) == n
    x[...] = 7
    assert (load_mnist_test(n)[0] != 7).any()
    assert x.base is None, "a few images must not keep the memory of all"


@pytest.mark.parametrize("n", [0, -1, 1001, 10_000])
def test_a_count_out_of_range_is_refused_with_the_way_to_all_images(n):
    with pytest.raises(ValueError, match=r"n is .*expected 1 to 1,000.*load_mnist\(full=True\)"):
        load_mnist_test(n)


@pytest.mark.parametrize("n", ["10", 10.0, None, True])
def test_a_count_that_is_no_integer_is_refused(n):
    with pytest.raises(TypeError, match="n must be an integer from 1 to 1,000"):
        load_mnist_test(n)


def test_no_test_image_is_in_the_training_sample():
    (x_train, _), (x_held_out, _) = load_mnist()
    known = {image.tobytes() for image in (*x_train, *x_held_out)}
    assert not any(image.tobytes() in known for image in load_mnist_test()[0])


@pytest.mark.parametrize("full", ["mnist.npz", 1, None])
def test_full_is_a_bool(full):
    with pytest.raises(TypeError, match=f"full must be True or False, got {full!r}"):
        load_mnist(full)


# What is loaded with what


def modules_after(code, **environment):
    """Return the names of all modules that a new process has loaded after ``code``."""
    out = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return set(out.split())


HEAVY = {"pooch", "requests", "tqdm", "matplotlib", "ipywidgets", "IPython", "keras", "jax", "PIL"}


def test_importing_scratchcnn_and_loading_the_samples_load_numpy_alone():
    names = ("load_mnist", "load_mnist_test", "load_fashion_mnist")
    calls = "; ".join(f"scratchcnn.{name}()" for name in names)
    loaded = modules_after(f"import scratchcnn; {calls}; scratchcnn.make_shapes(1, 0)")
    assert "numpy" in loaded
    assert loaded & HEAVY == set()


def test_importing_the_data_modules_loads_nothing_heavy():
    names = ("mnist", "fashion", "shapes", "images", "strokes", "datasets", "downloads")
    code = "\n".join(f"import scratchcnn.data.{name}" for name in names)
    assert modules_after(code) & (HEAVY | {"hashlib"}) == set()


@with_official_files
def test_loading_from_a_folder_loads_nothing_for_downloads():
    loaded = modules_after("import scratchcnn; scratchcnn.load_mnist(full=True)")
    assert loaded & HEAVY == set()


# Against the official files


@pytest.fixture(scope="module")
def official():
    (x_train, y_train), (x_test, y_test) = load_mnist(full=True)
    return x_train, y_train, x_test, y_test


@with_official_files
def test_the_full_files_have_the_published_checksums(official):
    checksums = [
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ]
    shapes = [(60_000, 28, 28), (60_000,), (10_000, 28, 28), (10_000,)]
    for values, shape, checksum in zip(official, shapes, checksums, strict=True):
        assert values.shape == shape
        assert sha256(idx_header(shape) + values.astype(np.uint8).tobytes()) == checksum


@with_official_files
def test_the_samples_first_1000_images_are_mnists_first_1000(official):
    (x_train, y_train), _ = load_mnist()
    assert np.array_equal(x_train[:1000], official[0][:1000])
    assert np.array_equal(y_train[:1000], official[1][:1000])


@with_official_files
def test_the_sample_is_the_first_500_of_each_digit_in_mnists_order(official):
    (x_train, y_train), (x_test, y_test) = load_mnist()
    firsts = [np.flatnonzero(official[1] == digit)[:500] for digit in range(10)]
    order = np.sort(np.concatenate(firsts))
    assert np.array_equal(np.concatenate([x_train, x_test]), official[0][order])
    assert np.array_equal(np.concatenate([y_train, y_test]), official[1][order])


@with_official_files
def test_the_bundled_test_images_are_the_first_1000_official_ones(official):
    x, y = load_mnist_test()
    assert np.array_equal(x, official[2][:1000])
    assert np.array_equal(y, official[3][:1000])
