"""load_mnist(full=True) with a folder: right files, wrong files, and what is no file at all."""

import gzip
import hashlib
import os
import re
import sys
from dataclasses import replace

import numpy as np
import pytest
from small_mnist import CONTENTS, FILES, IMAGES, LABELS, PLAIN, ZIPPED, is_right, put, run

from scratchcnn import load_fashion_mnist, load_mnist
from scratchcnn.data import datasets, fashion, mnist
from scratchcnn.data.idx import DataError, idx_header


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Return an empty folder that SCRATCHCNN_DATA names; there is no other place to look in."""
    monkeypatch.setattr(mnist, "MNIST", replace(mnist.MNIST, files=FILES, mirrors=()))
    monkeypatch.setattr(fashion, "FASHION", replace(fashion.FASHION, files=OTHERS, mirrors=()))
    monkeypatch.setattr(datasets, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setenv("SCRATCHCNN_DATA", str(tmp_path / "folder"))
    return put(tmp_path / "folder", {})


# Four other files under the same names, in the place of Fashion-MNIST's.
OTHER_CONTENTS = {
    file.name: content[:-1] + bytes([content[-1] ^ 1])
    for file, content in zip(FILES, CONTENTS, strict=True)
}
OTHERS = tuple(
    replace(file, sha256=hashlib.sha256(OTHER_CONTENTS[file.name]).hexdigest()) for file in FILES
)

MIXED = dict([*list(ZIPPED.items())[:2], *list(PLAIN.items())[2:]])


@pytest.mark.parametrize("files", [PLAIN, ZIPPED, MIXED], ids=["plain", "gzip", "mixed"])
def test_the_folders_files_may_be_gzipped_or_not(files, folder):
    put(folder, files)
    loaded = load_mnist(full=True)
    assert is_right(loaded)
    assert all(array.flags.writeable for pair in loaded for array in pair)
    assert [array.dtype for pair in loaded for array in pair] == [np.uint8, np.intp] * 2
    assert not datasets.cache_folder().exists()


def test_the_folders_name_may_begin_at_home(folder, monkeypatch):
    put(folder, PLAIN)
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv("USERPROFILE", str(folder.parent))
    monkeypatch.setenv("SCRATCHCNN_DATA", "~/folder")
    assert is_right(load_mnist(full=True))


def test_what_the_folder_lacks_is_looked_for_in_the_cache(folder):
    put(folder, {f"{IMAGES}.gz": ZIPPED[f"{IMAGES}.gz"]})
    put(datasets.cache_folder() / "mnist", PLAIN)
    assert is_right(load_mnist(full=True))


def test_the_error_says_where_was_looked(folder):
    cache = datasets.cache_folder() / "mnist"
    put(folder, {f"{IMAGES}.gz": ZIPPED[f"{IMAGES}.gz"]})
    with pytest.raises(DataError, match=f"^MNIST's {LABELS} can neither be found") as caught:
        load_mnist(full=True)
    assert f"{folder} (SCRATCHCNN_DATA) does not have it" in str(caught.value)
    assert f"{cache} cannot be searched: " in str(caught.value)
    put(cache, {})
    with pytest.raises(DataError) as caught:
        load_mnist(full=True)
    assert f"{cache} (the cache) does not have it" in str(caught.value)


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_a_folder_that_is_none_is_named(name, folder, monkeypatch):
    put(folder, {"file": b""})
    put(datasets.cache_folder() / "mnist", PLAIN)
    monkeypatch.setenv("SCRATCHCNN_DATA", str(folder / name))
    with pytest.raises(DataError, match=re.escape(f"{folder / name} cannot be searched: ")):
        load_mnist(full=True)


# Shape right, one pixel not MNIST's: another data set in the same form, or a damaged disk.
ANOTHER = CONTENTS[0][:-1] + bytes([CONTENTS[0][-1] ^ 1])
WRONG = {
    "empty": (b"", "ends after 0 of 47056 bytes"),
    "short": (CONTENTS[0][:-1], "ends after 47055 of 47056 bytes"),
    "long": (CONTENTS[0] + b"\0", "continues after the 47056 bytes"),
    "page": (b"<html>", "is not an IDX file: it begins with b'<html>'"),
    "labels": (CONTENTS[1], "has 1 axes, expected 3"),
    "hostile": (idx_header((2**31, 28, 28)), "claims to hold 2,147,483,648 x 28 x 28 values"),
    "another": (
        ANOTHER,
        f"has the right form but is not the official file: .*{hashlib.sha256(ANOTHER).hexdigest()}",
    ),
}


@pytest.mark.parametrize(("content", "message"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_wrong_file_in_the_folder_is_named_and_not_passed_over(content, message, ending, folder):
    put(datasets.cache_folder() / "mnist", PLAIN)
    put(folder, {f"{IMAGES}{ending}": gzip.compress(content) if ending else content})
    path = re.escape(f"{folder / IMAGES}{ending}")
    with pytest.raises(DataError, match=f"^{path} {message}"):
        load_mnist(full=True)


def test_half_a_gzip_file_in_the_folder_is_named(folder):
    put(folder, {f"{IMAGES}.gz": ZIPPED[f"{IMAGES}.gz"][:20_000]})
    with pytest.raises(DataError, match=f"{IMAGES}.gz is a truncated or damaged gzip file"):
        load_mnist(full=True)


@pytest.mark.parametrize("kind", ["folder", "pipe", "link to nothing"])
def test_what_is_no_file_is_named(kind, folder):
    if kind != "folder" and os.name != "posix":
        pytest.skip("POSIX only")
    make = {"folder": os.mkdir, "pipe": os.mkfifo, "link to nothing": lambda p: p.symlink_to("?")}
    make[kind](folder / IMAGES)
    with pytest.raises(DataError, match=f"{IMAGES} is not a file"):
        load_mnist(full=True)


def with_a_dot(files):
    """Return the files under their other spelling: train-images.idx3-ubyte."""
    return {name.replace("-idx", ".idx"): content for name, content in files.items()}


@pytest.mark.parametrize("files", [PLAIN, ZIPPED], ids=["plain", "gzip"])
def test_names_may_have_a_dot_in_place_of_the_hyphen(files, folder):
    put(folder, with_a_dot(files))
    assert sorted(path.name for path in folder.iterdir())[0].startswith("t10k-images.idx3-ubyte")
    assert is_right(load_mnist(full=True))


def test_a_folder_named_like_a_file_does_not_hide_the_file_beside_it(folder):
    # So unpacks an archive that is widely passed on.
    put(folder, with_a_dot(PLAIN))
    for name in PLAIN:
        put(folder / name, {name: b"not looked at"})
    assert is_right(load_mnist(full=True))


@pytest.mark.parametrize("place", [".", "mnist"])
def test_mnist_lies_in_the_folder_or_in_its_subfolder(place, folder):
    put(folder / place, PLAIN)
    assert is_right(load_mnist(full=True))


def test_what_the_subfolder_lacks_is_taken_from_the_folder(folder):
    put(folder / "mnist", {IMAGES: PLAIN[IMAGES]})
    put(folder, {name: content for name, content in PLAIN.items() if name != IMAGES})
    assert is_right(load_mnist(full=True))


@pytest.mark.parametrize("top", ["folder", "cache"])
def test_both_data_sets_lie_side_by_side_and_are_not_mixed_up(top, folder):
    top = folder.parent / top
    put(top / "mnist", PLAIN)
    put(top / "fashion", OTHER_CONTENTS)
    assert is_right(load_mnist(full=True))
    (images, labels), _ = load_fashion_mnist(full=True)
    assert not is_right(load_fashion_mnist(full=True))
    assert OTHER_CONTENTS[IMAGES].endswith(images.tobytes())
    assert OTHER_CONTENTS[LABELS].endswith(labels.astype(np.uint8).tobytes())


def test_mnists_own_folder_is_not_taken_for_fashion_mnists(folder):
    put(folder, PLAIN)
    with pytest.raises(DataError, match=r"^Fashion-MNIST's .* can neither be found") as caught:
        load_fashion_mnist(full=True)
    assert "into a folder called fashion inside the folder" in str(caught.value)
    put(datasets.cache_folder() / "fashion", OTHER_CONTENTS)
    load_fashion_mnist(full=True)


def test_one_data_set_in_the_place_of_the_other_is_named(folder):
    put(folder / "fashion", PLAIN)
    with pytest.raises(DataError, match=r"fashion.*is not the official file"):
        load_fashion_mnist(full=True)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hold to RLIMIT_AS")
def test_a_gzip_bomb_in_the_folder_fits_into_little_memory(tmp_path):
    # MNIST's own header, then 1 GB of zeros; all of it is packed into 1 MB.
    bomb = gzip.compress(idx_header((60_000, 28, 28))) + 1024 * gzip.compress(bytes(2**20))
    put(tmp_path, {f"{IMAGES}.gz": bomb})
    code = """if True:
        import os, re, resource, sys
        from scratchcnn import load_mnist
        from scratchcnn.data.idx import DataError

        os.environ["SCRATCHCNN_DATA"] = sys.argv[1]
        in_use = int(re.search(r"VmSize:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024
        limit = in_use + 150 * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        try:
            load_mnist(full=True)
        except DataError as error:
            print(error)
    """
    assert "continues after the 47040016 bytes" in run(code, tmp_path)
