"""Feed damaged and forged files to the readers: the right result or the documented error.

    python tools/fuzz.py [--cases 100000] [--seed 0]

Tries ``--cases`` IDX files and the same number of model files. Model files are damaged from the
outside (bytes of the archive) and from the inside (bytes of its arrays and of its JSON text,
repacked with matching checksums). Faults found here are added to the tests, where Hypothesis also
generates files.
"""

import argparse
import gzip
import io
import json
import math
import sys
import tempfile
import time
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from scratchcnn import Adam, BatchNorm, Conv2D, Dense, Flatten, MaxPool2D, Residual, Sequential
from scratchcnn.data.idx import DataError, idx_header, read_idx

SHAPE = (5, 4, 3)
MAX_SECONDS = 5.0  # per file; the machine may be busy
MAX_MEMORY = 500e6  # bytes above the start
NPY_HEADER = 128  # bytes, in an array's file

# Values a forger might substitute for a number, a name or a list.
VALUES = [0, 1, 2, 3, -1, 0.5, 10**9, 2**63, 10**40, float("nan"), float("inf"), True, None]
VALUES += ["", "same", "valid", "float64", "he_normal", "Dense", [], [2, 2], [1, 10**7], {}]


def main() -> None:
    """Run both, and fail on the first file that is handled wrongly."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # zipfile warns about duplicate names
    rng = np.random.default_rng(arguments.seed)
    before = most_memory()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.npz"
        run("IDX files", idx_case, rng, arguments.cases)
        saved = model_files(path)
        run("model files", lambda rng: model_case(rng, saved, path), rng, arguments.cases)
    grown = most_memory() - before
    print(f"memory grew by {grown / 1e6:.0f} MB at most")
    if grown > MAX_MEMORY:
        sys.exit("that is too much")


def run(what: str, case: Callable[[np.random.Generator], bool], rng, cases: int) -> None:
    """Try ``cases`` files; `case` returns whether the file was read."""
    read, slowest, start = 0, 0.0, time.perf_counter()
    for _ in range(cases):
        begin = time.perf_counter()
        read += case(rng)
        slowest = max(slowest, time.perf_counter() - begin)
    seconds = time.perf_counter() - start
    print(
        f"{cases:,} {what} in {seconds:.0f} s: {read:,} read, {cases - read:,} refused", flush=True
    )
    if slowest > MAX_SECONDS:
        sys.exit(f"one of them took {slowest:.1f} s")


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """Replace, insert, remove and cut bytes at a few random places."""
    content = bytearray(content)
    for _ in range(rng.integers(1, 4)):
        at = int(rng.integers(len(content) + 1))
        kind, size = rng.integers(5), int(rng.integers(1, 9))
        if kind < 2:  # usually a single byte: such files get deepest into the reader
            content[at : at + 1] = rng.bytes(1)
        elif kind == 2:
            content[at:at] = rng.bytes(size)
        elif kind == 3:
            del content[at : at + size]
        elif rng.random() < 0.2:
            del content[at:]
        else:  # a number as files write them: very large, negative, zero
            content[at : at + 4] = rng.choice([0, 1, 2**31 - 1, 2**32 - 1]).astype("<u4").tobytes()
    return bytes(content)


def idx_case(rng: np.random.Generator) -> bool:
    """Read one damaged IDX file, and compare the result with the standard library's."""
    count = math.prod(SHAPE)
    header, values = idx_header(SHAPE), rng.bytes(count)
    content = header + values
    for _ in range(rng.integers(0, 3)):
        content = gzip.compress(content, 1) if rng.random() < 0.4 else damaged(content, rng)
    plain = content
    if content[:2] == b"\x1f\x8b":
        try:
            plain = gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            plain = b""
    right = plain[: len(header)] == header and len(plain) == len(header) + count
    try:
        array = read_idx(io.BytesIO(content), SHAPE)
    except DataError:
        assert not right, f"a right file was refused: {content!r}"
        return False
    assert right, f"a wrong file was read: {content!r}"
    assert array.shape == SHAPE
    assert array.tobytes() == plain[len(header) :]
    return True


def model_files(path: Path) -> tuple[bytes, dict[str, bytes]]:
    """Return a saved model as the bytes of its file and of each member of the archive."""
    block = Residual([Conv2D(2, 1), BatchNorm()])
    model = Sequential([Conv2D(1, 2), MaxPool2D(2), block, Flatten(), Dense(2)], (4, 4, 1))
    optimizer = Adam()
    x = np.random.default_rng(0).standard_normal((2, 4, 4, 1))
    model.fit(x, [0, 1], optimizer=optimizer, verbose=False)
    model.save(path, optimizer)
    with zipfile.ZipFile(path) as archive:
        return path.read_bytes(), {name: archive.read(name) for name in archive.namelist()}


def model_case(rng: np.random.Generator, saved: tuple[bytes, dict[str, bytes]], path: Path) -> bool:
    """Load one damaged model file; what loads must be able to predict."""
    whole, members = saved
    path.write_bytes(damaged(whole, rng) if rng.random() < 0.3 else forged(members, rng))
    try:
        model = Sequential.load(path, Adam())
    except ValueError:
        return False
    probabilities = model.predict(np.ones((1, *model.input_shape)))
    # Random bytes can form weights such as 1e38, whose products overflow float32.
    if max(np.abs(weight).max(initial=0) for weight in model.get_weights()) < 1e6:
        assert np.isfinite(probabilities).all()
    return True


def forged(members: dict[str, bytes], rng: np.random.Generator) -> bytes:
    """Return an archive with one damaged member and matching checksums."""
    target = str(rng.choice(list(members)))
    header, values = members[target][:NPY_HEADER], members[target][NPY_HEADER:]
    kind = rng.integers(3)
    if rng.random() < 0.4:
        target = "architecture.npy"
        text = io.BytesIO()
        np.save(text, np.array(forged_json(str(np.load(io.BytesIO(members[target]))), rng)))
        member = text.getvalue()
    elif kind == 0:
        member = damaged(header, rng) + values
    else:
        member = header + damaged(values, rng)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in (members | {target: member}).items():
            archive.writestr(name, content)
    return packed.getvalue()


def forged_json(text: str, rng: np.random.Generator) -> str:
    """Replace a value somewhere in the JSON text, or occasionally a character."""
    if rng.random() < 0.2:
        at = int(rng.integers(len(text)))
        return text[:at] + str(rng.choice(list('0-.e{}[]":,nul'))) + text[at + 1 :]
    place = root = json.loads(text)
    while True:
        key = list(place)[rng.integers(len(place))] if isinstance(place, dict) else None
        key = int(rng.integers(len(place))) if key is None else key
        if isinstance(place[key], dict | list) and place[key] and rng.random() < 0.9:
            place = place[key]
            continue
        place[key] = VALUES[rng.integers(len(VALUES))]
        return json.dumps(root)


def most_memory() -> float:
    """Return the peak memory of this process in bytes, or 0 if it is unknown."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    unit = 1 if sys.platform == "darwin" else 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


if __name__ == "__main__":
    main()
