"""DataSet: find, check and cache the files of a data set.

MNIST and Fashion-MNIST are published in the same form: four IDX files with the same four
names. Only the checksums tell them apart, so every file is checked each time it is read.
"""

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

FOLDER_VARIABLE = "SCRATCHCNN_DATA"


@dataclass(frozen=True)
class DataFile:
    """One of a data set's official files, and how to verify it.

    Attributes
    ----------
    name : str
        Its name, without ``.gz``, such as ``train-images-idx3-ubyte``.
    shape : tuple of int
        The shape of its values.
    sha256 : str
        Checksum of the file without gzip. The same content can be gzipped in different ways,
        and mirrors do.
    """

    name: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def names(self) -> list[str]:
        """Every name under which the file is accepted.

        Gzipped or not, and with a dot before ``idx`` (``train-images.idx3-ubyte``), as in some
        archives.
        """
        spellings = (self.name, self.name.replace("-idx", ".idx"))
        return [spelling + ending for spelling in spellings for ending in (".gz", "")]

    def read(self, file: BinaryIO) -> np.ndarray:
        """Return the values as uint8; raise a `DataError` if it is not exactly this file."""
        values = read_idx(file, self.shape)
        import hashlib  # here, to keep `import scratchcnn` fast

        checksum = hashlib.sha256(idx_header(self.shape))
        checksum.update(values.tobytes())
        if checksum.hexdigest() != self.sha256:
            raise DataError(
                "has the right form but is not the official file: its SHA-256 without gzip is "
                f"{checksum.hexdigest()}, expected {self.sha256}"
            )
        return values


@dataclass(frozen=True)
class DataSet:
    """A data set of four official files: training images and labels, test images and labels.

    Attributes
    ----------
    title : str
        Its name in messages, such as ``MNIST``.
    folder : str
        The folder for its files, inside the user's folder and inside the cache. Each data set
        has its own, because the file names are the same.
    files : tuple of DataFile
        Training images, training labels, test images, test labels.
    mirrors : tuple of str
        URLs to download from, each ending in a slash.
    loader : str
        The function that loads it, for messages.
    at_top : bool
        Whether its files may also be directly in the user's folder.
    """

    title: str
    folder: str
    files: tuple[DataFile, ...]
    mirrors: tuple[str, ...]
    loader: str
    at_top: bool = False

    def load(self) -> tuple[Pair, Pair]:
        """Return ``(x_train, y_train), (x_test, y_test)`` from the official files.

        Raises
        ------
        DataError
            If a file provided by the user is wrong, or if a file can neither be found nor
            downloaded.
        ImportError
            If a file has to come from the cache or a mirror and pooch is not installed.
        """
        x_train, y_train, x_test, y_test = map(self._find, self.files)
        return (x_train, y_train.astype(np.intp)), (x_test, y_test.astype(np.intp))

    def _find(self, file: DataFile) -> np.ndarray:
        """Return the file's values from the first place that has it."""
        faults = []
        for folder in self._user_folders():
            # A wrong file here is the user's own: skipping it would hide the mistake.
            own = _look_in(folder, file)
            if own is not None:
                return own
            faults.append(f"{folder} ({FOLDER_VARIABLE}) does not have it")

        cache = cache_folder() / self.folder
        try:
            kept = _look_in(cache, file)
            if kept is not None:
                return kept
            faults.append(f"{cache} (the cache) does not have it")
        except DataError as error:
            faults.append(str(error))

        try:
            # Gzip can make a file larger, but only by a few bytes for every 16,000.
            max_bytes = math.prod(file.shape) + 65_536
            content, values = download(f"{file.name}.gz", self.mirrors, file.read, max_bytes)
        except DataError as error:
            faults += str(error).splitlines()
            raise DataError(self._advice(file, cache, faults)) from None
        self._keep(content, cache / f"{file.name}.gz", file)
        return values

    def _user_folders(self) -> list[Path]:
        """Return the folders to search first: those named by SCRATCHCNN_DATA, if it is set."""
        named = os.environ.get(FOLDER_VARIABLE)
        if not named:
            return []
        top = Path(os.path.expanduser(named))
        own = top / self.folder
        if self.at_top:
            return [own, top] if own.exists() else [top]
        # It is fine if this data set has no folder, but SCRATCHCNN_DATA itself must exist.
        return [own] if own.exists() or not top.is_dir() else []

    def _keep(self, content: bytes, path: Path, file: DataFile) -> None:
        """Cache a downloaded file. If that fails, only warn: the data is already in memory."""
        try:
            write_atomic(path, content)
        except OSError as error:
            try:
                _read_path(path, file)  # Windows cannot replace a file that others are reading
            except DataError:
                warnings.warn(
                    f"{self.title} cannot be saved in {path.parent}: {error.strerror or error}. "
                    "It will be downloaded again next time.",
                    RuntimeWarning,
                    stacklevel=5,  # the line that called load_mnist or load_fashion_mnist
                )

    def _advice(self, file: DataFile, cache: Path, faults: list[str]) -> str:
        """Say what was tried without success, and where to put the files by hand."""
        tried = "\n  ".join(faults)
        names = "\n  ".join(f"{each.name}.gz" for each in self.files)
        return (
            f"{self.title}'s {file.name} can neither be found nor downloaded:\n  {tried}\n"
            f"Put these four files, gzipped or not, into {cache}\n"
            f"or into a folder called {self.folder} inside the folder that the environment "
            f"variable {FOLDER_VARIABLE} names:\n  {names}\n"
            f"{self.loader}() without full=True needs none of them."
        )


def _look_in(folder: Path, file: DataFile) -> np.ndarray | None:
    """Return the file's values if ``folder`` has it under any of its names, otherwise None."""
    try:
        present = os.listdir(folder)
    except OSError as error:
        raise DataError(f"{folder} cannot be searched: {error.strerror or error}") from None
    paths = [folder / name for name in file.names if name in present]
    if not paths:
        return None
    # Some archives have a folder with the same name as the file.
    return _read_path(next((path for path in paths if path.is_file()), paths[0]), file)


def _read_path(path: Path, file: DataFile) -> np.ndarray:
    """Return the file's values; any problem raises a `DataError` that begins with the path."""
    try:
        if not path.is_file():  # opening a pipe, for one, would wait forever
            raise DataError("is not a file")
        with open(path, "rb") as opened:
            return file.read(opened)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    except DataError as error:
        raise DataError(f"{path} {error}") from None
