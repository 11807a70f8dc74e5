"""load_mnist: real handwritten digits, offline from the first minute."""

import math
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from scratchcnn._utils.files import write_atomic
from scratchcnn.data.downloads import cache_folder, download
from scratchcnn.data.idx import DataError, idx_header, read_idx

Pair = tuple[np.ndarray, np.ndarray]

SAMPLE = Path(__file__).with_name("mnist_sample.npz")
SAMPLE_TRAIN = 4_000
FOLDER_VARIABLE = "SCRATCHCNN_DATA"


@dataclass(frozen=True)
class MnistFile:
    """One of MNIST's four files, and what makes it the right one.

    Attributes
    ----------
    name : str
        Its name, without ``.gz``.
    shape : tuple of int
        The shape of its values.
    sha256 : str
        Checksum of the file as it is without gzip: gzip writes the same content in many
        ways, and the mirrors differ.
    """

    name: str
    shape: tuple[int, ...]
    sha256: str

    def read(self, file: BinaryIO) -> np.ndarray:
        """Return the values as uint8; raise a `DataError` if it is not exactly this file."""
        values = read_idx(file, self.shape)
        import hashlib  # here, to keep the import of the package short

        checksum = hashlib.sha256(idx_header(self.shape))
        checksum.update(values.reshape(-1))  # hashlib takes one axis only
        if checksum.hexdigest() != self.sha256:
            raise DataError(
                "has the right form but is not MNIST's file: its SHA-256 without gzip is "
                f"{checksum.hexdigest()}, expected {self.sha256}"
            )
        return values


FILES = (
    MnistFile(
        "train-images-idx3-ubyte",
        (60_000, 28, 28),
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    MnistFile(
        "train-labels-idx1-ubyte",
        (60_000,),
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    MnistFile(
        "t10k-images-idx3-ubyte",
        (10_000, 28, 28),
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    MnistFile(
        "t10k-labels-idx1-ubyte",
        (10_000,),
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)


def load_mnist(full: bool = False) -> tuple[Pair, Pair]:
    """Return MNIST's handwritten digits as ``(x_train, y_train), (x_test, y_test)``.

    Without arguments: the sample of 5,000 real training images that comes with the
    package, in MNIST's own order, the first 4,000 to train on and the last 1,000 to test
    on. Nothing is downloaded.

    With ``full=True``: all 60,000 and 10,000. Each of the four files is looked for in the
    folder that the environment variable ``SCRATCHCNN_DATA`` names, if it is set; then in
    the cache (``scratchcnn.data.downloads.cache_folder()``); then it is downloaded, 12 MB in
    all, and kept there. In both folders it may be gzipped (``.gz``) or not. Its SHA-256 is
    checked each time.

    Parameters
    ----------
    full : bool
        Whether to load all of MNIST instead of the sample.

    Returns
    -------
    x_train, x_test : ndarray of uint8 (N, 28, 28)
        Images; 0 is the background and 255 full ink.
    y_train, y_test : ndarray of int64 (N,)
        The digits, 0 to 9. (The files have them in one byte, in which ``y - 5`` would go
        wrong: 3 - 5 is 254 there.)

        All four arrays are new at each call and may be written to.

    Raises
    ------
    TypeError
        If ``full`` is not a bool.
    scratchcnn.data.idx.DataError
        (a ValueError) If a file in the folder is not MNIST's, if a file can neither be found
        nor downloaded, or if the sample is damaged. No other error comes from the data.

    Warns
    -----
    RuntimeWarning
        If the cache cannot be written (full disk, no permission). The images are returned
        all the same, and downloaded again the next time.

    References
    ----------
    Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
    """
    if not isinstance(full, bool | np.bool_):
        raise TypeError(f"full must be True or False, got {full!r}")
    if not full:
        return _load_sample()
    x_train, y_train, x_test, y_test = map(_find, FILES)
    return (x_train, y_train.astype(np.int64)), (x_test, y_test.astype(np.int64))


def _load_sample() -> tuple[Pair, Pair]:
    try:
        with np.load(SAMPLE, allow_pickle=False) as sample:
            x, y = sample["images"], sample["labels"].astype(np.int64)
    except Exception as error:  # a damaged archive can fail in any place
        reason = str(error) or type(error).__name__
        raise DataError(
            f"{SAMPLE}, the sample that comes with scratchcnn, is missing or damaged: {reason}. "
            "Install the package again."
        ) from None
    return (x[:SAMPLE_TRAIN], y[:SAMPLE_TRAIN]), (x[SAMPLE_TRAIN:], y[SAMPLE_TRAIN:])


def _find(file: MnistFile) -> np.ndarray:
    """Return the file's values from the first place that has it."""
    faults = []
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder:
        # A wrong file here is the user's own: to pass it over would hide the mistake.
        values = _look_in(Path(os.path.expanduser(folder)), file)
        if values is not None:
            return values
        faults.append(f"{folder} ({FOLDER_VARIABLE}) does not have it")

    cache = cache_folder()
    try:
        values = _look_in(cache, file)
        if values is not None:
            return values
        faults.append(f"{cache} (the cache) does not have it")
    except DataError as error:
        faults.append(str(error))

    try:
        # Gzip can make a file larger, but only by a few bytes in each 16,000.
        max_bytes = math.prod(file.shape) + 65_536
        content, values = download(f"{file.name}.gz", file.read, max_bytes)
    except DataError as error:
        raise DataError(_advice(file, cache, [*faults, *str(error).splitlines()])) from None
    _keep(content, cache / f"{file.name}.gz", file)
    return values


def _look_in(folder: Path, file: MnistFile) -> np.ndarray | None:
    """Return the file's values if ``folder`` has it, gzipped or not, and None if it has not."""
    try:
        names = os.listdir(folder)
    except OSError as error:
        raise DataError(f"{folder} cannot be looked into: {error.strerror or error}") from None
    for name in (f"{file.name}.gz", file.name):
        if name in names:
            return _read_path(folder / name, file)
    return None


def _read_path(path: Path, file: MnistFile) -> np.ndarray:
    """Return the file's values; every fault becomes a `DataError` that begins with the path."""
    try:
        if not path.is_file():  # opening a pipe, for one, would wait forever
            raise DataError("is no file")
        with open(path, "rb") as opened:
            return file.read(opened)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    except DataError as error:
        raise DataError(f"{path} {error}") from None


def _keep(content: bytes, path: Path, file: MnistFile) -> None:
    """Put what was downloaded into the cache; if that fails, only warn: the data are here."""
    try:
        write_atomic(path, content)
    except OSError as error:
        try:
            _read_path(path, file)  # Windows refuses to replace a file that others read
        except DataError:
            warnings.warn(
                f"MNIST cannot be kept in {path.parent}: {error.strerror or error}. "
                "It will be downloaded again the next time.",
                RuntimeWarning,
                stacklevel=4,  # the line that called load_mnist
            )


def _advice(file: MnistFile, cache: Path, faults: list[str]) -> str:
    """Say what was tried in vain, and where to put the files by hand."""
    tried = "\n  ".join(faults)
    names = "\n  ".join(f"{each.name}.gz" for each in FILES)
    return (
        f"MNIST's {file.name} can neither be found nor downloaded:\n  {tried}\n"
        f"Put these four files, gzipped or not, into {cache}\n"
        f"or into a folder that the environment variable {FOLDER_VARIABLE} names:\n  {names}\n"
        "load_mnist() without full=True needs none of them."
    )
