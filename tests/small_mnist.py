"""Four small files in MNIST's form, and what loads them in place of the real ones."""

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np

from scratchcnn.data import datasets, mnist
from scratchcnn.data.idx import idx_header

TESTS = Path(__file__).parent


def small_file(number):
    """Return one of the four files at a thousandth of its size, and its content."""
    name, shape = mnist.MNIST.files[number].name, mnist.MNIST.files[number].shape
    shape = (shape[0] // 1000, *shape[1:])
    largest = 256 if len(shape) == 3 else 10
    values = np.random.default_rng(number).integers(0, largest, shape, dtype=np.uint8)
    content = idx_header(shape) + values.tobytes()
    return datasets.DataFile(name, shape, hashlib.sha256(content).hexdigest()), content


FILES, CONTENTS = zip(*map(small_file, range(4)), strict=True)
PLAIN = {file.name: content for file, content in zip(FILES, CONTENTS, strict=True)}
ZIPPED = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in PLAIN.items()}
IMAGES, LABELS = FILES[0].name, FILES[1].name


def put(folder, files):
    """Write ``files``, a dict of names and contents, into ``folder``."""
    folder.mkdir(exist_ok=True, parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def is_right(loaded):
    """Return whether ``loaded``, from load_mnist, has exactly what the four files have."""
    arrays = [array for pair in loaded for array in pair]
    return all(
        array.shape == file.shape and content.endswith(array.astype(np.uint8).tobytes())
        for array, file, content in zip(arrays, FILES, CONTENTS, strict=True)
    )


def whole_files(folder):
    """Return the names of the files in ``folder``, which must all be whole and unharmed."""
    found = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
    assert found == {name: ({**PLAIN, **ZIPPED}).get(name) for name in found}
    return sorted(found)


def load(cache, *mirrors):
    """Load the small files in this process, from this cache and these mirrors."""
    cache = Path(cache)
    small = replace(mnist.MNIST, folder=cache.name, files=FILES, mirrors=mirrors)
    with (
        mock.patch.object(mnist, "MNIST", small),
        mock.patch.object(datasets, "cache_folder", return_value=cache.parent),
    ):
        return mnist.load_mnist(full=True)


def load_and_report(cache, *mirrors):
    """Load the small files and print what happened as JSON."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        right = is_right(load(cache, *mirrors))
    messages = [str(warning.message) for warning in caught]
    print(json.dumps({"right": right, "warnings": messages, "kept": whole_files(cache)}))


def load_at_once(barrier, results, cache, mirror):
    """Load when all others load, and put whether it went well into ``results``."""
    import pooch  # noqa: F401  (beforehand, so that the downloads coincide)

    barrier.wait()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results.put(is_right(load(cache, mirror)))


def start(code, *arguments, before=()):
    """Start a process that runs ``code``, after the commands ``before``."""
    return subprocess.Popen(
        [*before, sys.executable, "-c", code, *map(str, arguments)],
        cwd=TESTS,
        env={**os.environ, "SCRATCHCNN_DATA": "", "no_proxy": "*"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=let_interrupts_arrive if os.name == "posix" else None,
    )


def let_interrupts_arrive():
    """Undo what a shell does to processes in the background: they ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(code, *arguments, before=()):
    """Run ``code`` to its end in a process of its own, and return what it printed."""
    process = start(code, *arguments, before=before)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out
