"""read_idx: right files are read, wrong ones are refused in words and in little memory."""

import gzip
import io
import tracemalloc

import numpy as np
import pytest

from scratchcnn.data.idx import DataError, idx_header, read_idx

SHAPE = (2, 3, 3)
VALUES = np.arange(18, dtype=np.uint8).reshape(SHAPE)
# Written out by hand: type 8, 3 axes, 2 x 3 x 3, then the values 0 to 17.
CONTENT = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 3, *range(18)])


def read(content, shape=SHAPE):
    return read_idx(io.BytesIO(content), shape)


def test_the_header_of_mnists_training_images():
    assert idx_header((60_000, 28, 28)).hex(" ", 4) == "00000803 0000ea60 0000001c 0000001c"


@pytest.mark.parametrize(
    "content",
    [
        CONTENT,
        gzip.compress(CONTENT),
        gzip.compress(CONTENT, compresslevel=0),
        gzip.compress(CONTENT[:9]) + gzip.compress(CONTENT[9:]),
        gzip.compress(CONTENT) + bytes(100),
    ],
    ids=["plain", "gzip", "gzip, not compressed", "gzip in two parts", "gzip, filled up"],
)
def test_a_right_file_is_read(content):
    values = read(content)
    assert values.dtype == np.uint8
    assert np.array_equal(values, VALUES)
    assert values.flags.c_contiguous
    values += 1  # it may be written to, and nobody else sees it
    assert np.array_equal(read(content), VALUES)


@pytest.mark.parametrize("content", [CONTENT, gzip.compress(CONTENT)], ids=["plain", "gzip"])
def test_a_file_is_read_from_its_start_wherever_it_stands(content):
    file = io.BytesIO(content)
    file.read(5)
    assert np.array_equal(read_idx(file, SHAPE), VALUES)


def test_labels_have_one_axis():
    assert read(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]), (3,)).tolist() == [7, 2, 1]


def changed(at, value):
    return CONTENT[:at] + bytes([value]) + CONTENT[at + 1 :]


WRONG = {
    "empty": (b"", "ends after 0 of 34 bytes"),
    "header cut short": (CONTENT[:7], "ends after 7 of 34 bytes"),
    "one byte short": (CONTENT[:-1], "ends after 33 of 34 bytes"),
    "one byte long": (CONTENT + b"\0", "continues after the 34 bytes that it should have"),
    "web page": (b"<!DOCTYPE html>", r"is not an IDX file: it begins with b'<!DOCTYP'"),
    "wrong magic": (changed(0, 1), r"is not an IDX file: it begins with b'\\x01\\x00\\x08\\x03"),
    "floats": (changed(2, 0x0D), r"holds values of type 13, expected 8 \(unsigned bytes\)"),
    "one axis": (changed(3, 1), "has 1 axes, expected 3: are images and labels swapped"),
    "one image too few": (changed(7, 1), "claims to hold 1 x 3 x 3 values, expected 2 x 3 x 3"),
    "one row too many": (changed(11, 4), "claims to hold 2 x 4 x 3 values, expected 2 x 3 x 3"),
    "2^31 images": (changed(4, 0x80), "claims to hold 2,147,483,650 x 3 x 3 values"),
    "most images": (
        CONTENT[:4] + b"\xff" * 12 + CONTENT[16:],
        "claims to hold 4,294,967,295 x 4,294,967,295 x 4,294,967,295 values, expected 2 x 3 x 3",
    ),
}
ZIPPED = gzip.compress(CONTENT, mtime=0)
BROKEN = {
    "gzip's mark alone": ZIPPED[:2],
    "gzip without its checksum": ZIPPED[:-8],
    "gzip half": ZIPPED[: len(ZIPPED) // 2],
    "gzip with a wrong checksum": ZIPPED[:-8] + b"\0\0\0\0" + ZIPPED[-4:],
    "gzip with a wrong length": ZIPPED[:-4] + b"\0\0\0\0",
    "gzip of an unknown method": ZIPPED[:2] + b"\7" + ZIPPED[3:],
    "gzip that is none": ZIPPED[:10] + b"\xff" * 20,
    "gzip with rubbish behind": ZIPPED + b"rubbish",
}


@pytest.mark.parametrize(("content", "message"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "zipped"])
def test_a_wrong_file_is_refused_in_words(content, message, pack):
    with pytest.raises(DataError, match=f"^{message}"):
        read(pack(content))


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_broken_gzip_is_refused_in_words(content):
    with pytest.raises(DataError, match=r"^is a truncated or damaged gzip file: \w+"):
        read(content)


def test_the_error_is_a_value_error():
    assert issubclass(DataError, ValueError)


MEGABYTE = gzip.compress(bytes(2**20))
HOSTILE = {
    "claims 2^31 images": idx_header((2**31, 28, 28)) + bytes(1000),
    "claims 2^96 values": idx_header((2**32 - 1,) * 3) + bytes(1000),
    "claims 255 axes": bytes([0, 0, 8, 255]) + b"\xff" * 1020,
    "a plain file of 64 MB": idx_header((100, 28, 28)) + bytes(2**26),
    "64 MB of zeros in gzip": 64 * MEGABYTE,
    "64 MB of zeros in gzip after a right header": (
        gzip.compress(idx_header((100, 28, 28))) + 64 * MEGABYTE
    ),
    "64 MB in one piece of gzip": gzip.compress(idx_header((100, 28, 28)) + bytes(2**26)),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "zipped"])
def test_a_hostile_file_is_refused_in_little_memory(content, pack, tmp_path):
    (tmp_path / "file").write_bytes(pack(content))
    tracemalloc.start()
    try:
        with open(tmp_path / "file", "rb") as file, pytest.raises(DataError):
            read_idx(file, (100, 28, 28))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # 78 kB of values. With them gzip's buffers, and the machinery that tests for the error.
    assert peak < 600_000
