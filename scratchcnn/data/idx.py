"""read_idx: MNIST's own file format, read without trusting the file.

An IDX file is just a header followed by the values, row by row. The header is two
zero bytes, the type of the values (8: unsigned bytes), the number of axes, and the length
of each axis as four bytes, most significant first. MNIST's 60,000 training images begin

    00 00 08 03   00 00 EA 60   00 00 00 1C   00 00 00 1C     3 axes: 60,000 x 28 x 28

What a file should hold is known before it is opened, so its header is only compared, never
trusted: a damaged or malicious file is rejected before it can claim memory.
"""

import gzip
import math
import zlib
from typing import BinaryIO

import numpy as np

GZIP_MAGIC = b"\x1f\x8b"
UNSIGNED_BYTES = 8


class DataError(ValueError):
    """A data set is damaged, is not what it should be, or cannot be obtained.

    Raised by all code that reads, downloads or caches data; its message says which file is
    wrong and what to do.
    """


def read_idx(file: BinaryIO, shape: tuple[int, ...]) -> np.ndarray:
    """Read an IDX file of unsigned bytes, gzipped or not.

    Parameters
    ----------
    file : binary file, seekable
        Read from its start. Gzip is recognized by the content, not by the file's name.
    shape : tuple of int
        The shape that the file must have, such as (60000, 28, 28).

    Returns
    -------
    values : ndarray of uint8 (*shape)
        A new, writable array.

    Raises
    ------
    DataError
        If the file holds anything else. The message is meant to follow the file's name
        (``"ends after 12 of 16 bytes"``). Memory use stays below three times the size of the
        values, whatever the header claims and however large the gzip stream would become.

    References
    ----------
    Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", section
    "File formats for the MNIST database".
    """
    file.seek(0)
    zipped = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    file.seek(0)
    if not zipped:
        return _read_plain(file, shape)
    try:
        with gzip.GzipFile(fileobj=file) as unzipped:
            return _read_plain(unzipped, shape)  # type: ignore[arg-type]
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"is a truncated or damaged gzip file: {error}") from None


def idx_header(shape: tuple[int, ...]) -> bytes:
    """Return the header of an IDX file that holds unsigned bytes of this shape."""
    axes = b"".join(size.to_bytes(4, "big") for size in shape)
    return bytes([0, 0, UNSIGNED_BYTES, len(shape)]) + axes


def _read_plain(file: BinaryIO, shape: tuple[int, ...]) -> np.ndarray:
    expected, count = idx_header(shape), math.prod(shape)
    header = file.read(len(expected))
    if header != expected:
        raise DataError(_what_is_wrong(header, shape))
    # One byte more than there should be: enough to notice a file that is too long, and to
    # make gzip read up to its checksum.
    values = file.read(count + 1)
    if len(values) < count:
        raise DataError(f"ends after {len(header) + len(values)} of {len(header) + count} bytes")
    if len(values) > count:
        raise DataError(f"continues after the {len(header) + count} bytes that it should have")
    return np.frombuffer(values, np.uint8).reshape(shape).copy()  # (count,) -> shape


def _what_is_wrong(header: bytes, shape: tuple[int, ...]) -> str:
    """Say why ``header`` is not the header of an IDX file of unsigned bytes of ``shape``."""
    expected = idx_header(shape)
    if header == expected[: len(header)]:
        return f"ends after {len(header)} of {len(expected) + math.prod(shape)} bytes"
    if header[:2] != b"\0\0":
        return f"is not an IDX file: it begins with {header[:8]!r}, expected {expected[:4]!r}"
    if header[2:3] != expected[2:3]:
        return f"holds values of type {header[2]}, expected {UNSIGNED_BYTES} (unsigned bytes)"
    if header[3:4] != expected[3:4]:
        return f"has {header[3]} axes, expected {len(shape)}: are images and labels swapped?"
    claimed = [int.from_bytes(header[at : at + 4], "big") for at in range(4, len(header), 4)]
    return f"claims to hold {_times(claimed)} values, expected {_times(shape)}"


def _times(sizes: tuple[int, ...] | list[int]) -> str:
    """Write sizes as a product: ``60,000 x 28 x 28``."""
    return " x ".join(f"{size:,}" for size in sizes)
