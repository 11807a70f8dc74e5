"""What read_image takes for a picture of a digit, and what it refuses, with the cure."""

import io
import struct
import sys
import zlib

import numpy as np
import pytest
from handwriting import STROKES, encoded, page, photo, photograph

from scratchcnn import read_image

pytestmark = pytest.mark.slow


def test_a_path_a_file_and_bytes_give_the_same(tmp_path):
    content = encoded(photo(6))
    path = tmp_path / "a drawing ü.png"
    path.write_bytes(content)
    with open(path, "rb") as file:
        images = [read_image(source) for source in (path, str(path), content, file)]
    images.append(read_image(io.BytesIO(content)))
    assert all(np.array_equal(image, images[0]) for image in images)


def gradient():
    return np.tile(np.arange(256, dtype=np.uint8), (100, 1))


EMPTY = {
    "a gray card": np.full((350, 280), 128, np.uint8),
    "a white page": np.full((28, 28), 255, np.uint8),
    "a black page": np.zeros((100, 100), np.uint8),
    "a photographed page": photograph(np.zeros((350, 280))),
    "a page with much grain": photograph(np.zeros((350, 280)), grain=0.1, blur=2),
    "a page in the dark": photograph(np.zeros((350, 280)), shadow=0.9, grain=0.05),
    "a page half in the shade": (
        photograph(np.zeros((350, 280))) * np.where(np.arange(280) < 120, 0.6, 1)
    ).astype(np.uint8),
    "a gradient": gradient(),
    "noise": np.random.default_rng(0).integers(0, 256, (300, 300), dtype=np.uint8),
    "a pixel": np.zeros((1, 1), np.uint8),
    "a line of pixels": gradient()[:1],
    "full transparency": np.zeros((50, 50, 4), np.uint8),
}


@pytest.mark.parametrize("pixels", EMPTY.values(), ids=EMPTY)
def test_a_picture_without_a_digit_is_refused_with_the_cure(pixels):
    with pytest.raises(ValueError, match=r"^the picture shows no digit: .*Draw one large digit"):
        read_image(encoded(pixels))


def a_bomb(width, height):
    """Return a small PNG that claims to be huge."""

    def chunk(kind, data):
        named = kind + data
        return struct.pack(">I", len(data)) + named + struct.pack(">I", zlib.crc32(named))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99))


NOT_A_PICTURE = {
    "nothing": (b"", "is empty. Save it as PNG or JPEG"),
    "text": (b"a 7, I think", "is not a picture in a known format.*Save it as PNG or JPEG"),
    "HEIC": (b"\0\0\0\x18ftypheic" + bytes(99), "is a HEIC.*Save it as PNG or JPEG"),
    "EPS": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not a picture in a known"),
    "half a file": (encoded(photo(0))[:3000], "is a damaged picture: .*Save it as PNG or JPEG"),
    "a bomb": (a_bomb(12_000, 12_000), "has 12,000 x 12,000 pixels, expected at most 100,000,000"),
    "a larger bomb": (a_bomb(60_000, 60_000), "has .* pixels.* make the picture smaller"),
}


@pytest.mark.parametrize(("content", "message"), NOT_A_PICTURE.values(), ids=NOT_A_PICTURE)
def test_what_is_no_picture_is_named_with_the_cure(content, message, tmp_path):
    path = tmp_path / "seven.png"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        read_image(path)
    assert str(caught.value).startswith(str(path))


def test_damaged_pictures_are_read_or_refused_and_nothing_else():
    rng = np.random.default_rng(0)
    small = photograph(page(STROKES[8], size=(60, 60), height=0.7, pen=0.12))
    for form in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"):
        good = encoded(small, form)
        for _ in range(40):
            content = bytearray(good)
            for at in rng.integers(0, len(content), 3):
                content[at] = rng.integers(256)
            try:
                assert read_image(bytes(content)).shape == (28, 28)
            except ValueError as error:
                assert str(error).startswith("the picture ")  # noqa: PT017


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_image(tmp_path / "nowhere.png")


@pytest.mark.parametrize("source", [None, 7, np.zeros((28, 28)), io.StringIO("text")])
def test_another_kind_of_source_is_refused(source):
    with pytest.raises(TypeError, match=r"expected (a path, the )?bytes"):
        read_image(source)


def test_without_pillow_the_error_names_the_extra(monkeypatch):
    content = encoded(photo(0))
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match=r'pip install "scratchcnn\[course\]"'):
        read_image(content)
