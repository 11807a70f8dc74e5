"""Downloads that can be trusted: several mirrors, bounded, checked, kept whole or not at all."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

from scratchcnn.data.idx import DataError

T = TypeVar("T")

# The files' first home, yann.lecun.com, answers 403 (forbidden) to programs.
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
PATIENCE = 20  # seconds of silence before a mirror is given up


def cache_folder() -> Path:
    """Return the folder that keeps what was downloaded; it may not exist yet."""
    import pooch  # takes as long to load as NumPy, so not before it is needed

    return pooch.os_cache("scratchcnn")


def download(name: str, read: Callable[[BinaryIO], T], max_bytes: int) -> tuple[bytes, T]:
    """Return a file from the first mirror that has it right, and what ``read`` made of it.

    Parameters
    ----------
    name : str
        The file's name, the same on every mirror.
    read : callable
        Is given what came, as a file in memory; raises a `DataError` if that is wrong.
    max_bytes : int
        A mirror that sends more is cut off.

    Raises
    ------
    DataError
        If no mirror has the file. The message has a line for each, with its reason.
    """
    reasons = []
    for mirror in MIRRORS:
        try:
            file = _fetch(mirror + name, max_bytes)
            return file.getvalue(), read(file)
        # Whatever goes wrong on the network is an OSError (requests), except for addresses
        # and headers that make no sense. A DataError is a ValueError.
        except (OSError, ValueError) as error:
            reasons.append(f"{mirror}{name} {_reason(error)}")
    raise DataError("\n".join(reasons))


class _BoundedFile(io.BytesIO):
    """A file in memory that refuses to grow beyond ``max_bytes``."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__()
        self.max_bytes = max_bytes

    def write(self, data: bytes) -> int:
        if self.tell() + len(data) > self.max_bytes:
            raise DataError(f"sends more than the {self.max_bytes:,} bytes that make sense")
        return super().write(data)


def _fetch(url: str, max_bytes: int) -> _BoundedFile:
    import pooch
    from tqdm import tqdm  # not tqdm.auto: pooch sets the total late, which its widget ignores

    file = _BoundedFile(max_bytes)
    bar = tqdm(
        desc=url.rpartition("/")[2],
        total=1,  # a bar with a total counts as true, by which pooch knows that it has one
        unit="B",
        unit_scale=True,
        leave=False,
    )
    with bar:
        pooch.HTTPDownloader(progressbar=bar, timeout=PATIENCE)(url, file, None)
    return file


def _reason(error: Exception) -> str:
    """Put an error of the network in a few words; its own text can fill a screen."""
    import requests

    match error:
        case requests.HTTPError():
            return f"answers {error.response.status_code} {error.response.reason}"
        case requests.Timeout():
            return f"is silent for {PATIENCE} seconds"
        case requests.exceptions.SSLError():
            return "offers no secure connection that this computer trusts"
        case requests.ConnectionError():
            return "cannot be reached or falls silent"
        case requests.exceptions.ChunkedEncodingError():
            return "breaks off in the middle"
        case requests.RequestException():
            return "gives no answer that makes sense"
        case _:
            return str(error)
