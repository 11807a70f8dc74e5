"""read_idx on files drawn at random: the right values or a DataError, and nothing else.

Every run draws 3,000 files; 100,000 of each kind are drawn by

    pytest -n0 tests/data/test_idx_fuzz.py --hypothesis-profile=thorough
"""

import gzip
import io
import math
import zlib

import pytest
from drawn import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scratchcnn.data.idx import DataError, idx_header, read_idx

pytestmark = pytest.mark.slow

shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)
sizes = st.sampled_from([0, 1, 2, 3, 255, 256, 2**31 - 1, 2**31, 2**32 - 1])
claims = st.lists(sizes, max_size=4).map(tuple)
edits = st.lists(
    st.tuples(st.integers(0, 99), st.integers(0, 4), st.binary(max_size=4)), max_size=3
)
lengths = st.none() | st.integers(0, 99)
fuzzed = settings(
    max_examples=examples(750, 100_000),
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def expected_values(content, shape):
    """Return what the file holds if it is right, by the standard library's own gzip, or None."""
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            return None
    header = bytes([0, 0, 8, len(shape)]) + b"".join(size.to_bytes(4, "big") for size in shape)
    values = content.removeprefix(header)
    right = content.startswith(header) and len(values) == math.prod(shape)
    return values if right else None


def check(content, shape):
    expected = expected_values(content, shape)
    try:
        values = read_idx(io.BytesIO(content), shape)
    except DataError as error:
        message = str(error)
        values = None
    if expected is None:
        assert values is None, f"a wrong file was read as {values!r}"
        assert message
    else:
        assert values is not None, f"a right file was refused: {message}"
        assert values.shape == shape
        assert values.tobytes() == expected


@st.composite
def right_files(draw):
    """A shape, and a file that is right for it but perhaps for what its header claims."""
    shape, claimed = draw(shapes), draw(st.none() | claims)
    count = math.prod(shape)
    values = draw(st.binary(min_size=count, max_size=count))
    return idx_header(shape if claimed is None else claimed) + values, shape


def damage(content, edits, length):
    """Return the content with bytes replaced at some places, and cut off at ``length``."""
    content = bytearray(content)
    for at, removed, inserted in edits:
        at %= len(content) + 1
        content[at : at + removed] = inserted
    return bytes(content[:length])


@fuzzed
@given(shape=shapes, content=st.binary(max_size=200))
def test_any_bytes(shape, content):
    check(content, shape)


@fuzzed
@given(right_files(), edits, lengths)
def test_damaged_files(file, edits, length):
    content, shape = file
    check(damage(content, edits, length), shape)


@fuzzed
@given(right_files(), edits, lengths, st.integers(0, 40))
def test_damaged_files_in_gzip(file, edits, length, cut):
    content, shape = file
    content = damage(content, edits, length)
    check(gzip.compress(content[:cut]) + gzip.compress(content[cut:], cut % 10), shape)


@fuzzed
@given(right_files(), edits, lengths)
def test_damaged_gzip(file, edits, length):
    content, shape = file
    check(damage(gzip.compress(content, mtime=0), edits, length), shape)
