"""Downloads you can trust: several mirrors, bounded, checked, kept whole or not at all."""

import contextlib
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from scratchcnn.data.idx import DataError

T = TypeVar("T")

TIMEOUT_SECONDS: float = 20  # a mirror that is silent for longer is given up
NO_POOCH = (
    'downloading data needs pooch, which is not installed: pip install "scratchcnn[course]", '
    "or put the files into a folder and name it in the environment variable SCRATCHCNN_DATA"
)


def cache_folder() -> Path:
    """Return the folder that keeps what was downloaded; it may not exist yet.

    Raises
    ------
    ImportError
        If pooch is not installed.
    """
    return Path(_pooch().os_cache("scratchcnn"))


def download(
    name: str, mirrors: Iterable[str], read: Callable[[BinaryIO], T], max_bytes: int
) -> tuple[bytes, T]:
    """Return a file from the first mirror that has the right one, and what ``read`` made of it.

    Parameters
    ----------
    name : str
        The file's name, the same on every mirror.
    mirrors : iterable of str
        Addresses, each ending in a slash, tried in this order.
    read : callable
        Is given the downloaded content as a file in memory; raises a `DataError` if it is wrong.
    max_bytes : int
        A mirror that sends more is cut off.

    Raises
    ------
    DataError
        If no mirror has the file. The message has one line per mirror, with its reason.
    ImportError
        If pooch is not installed.
    """
    _pooch()
    reasons = []
    for mirror in mirrors:
        try:
            file = _fetch(mirror + name, max_bytes)
            return file.getvalue(), read(file)
        # Whatever goes wrong on the network is an OSError (requests), except for addresses
        # and headers that make no sense, which are a ValueError. So is a DataError.
        except (OSError, ValueError) as error:
            reasons.append(f"{mirror}{name} {_reason(error)}")
    raise DataError("\n".join(reasons))


class _BoundedFile(io.BytesIO):
    """A file in memory that refuses to grow beyond ``max_bytes``."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__()
        self.max_bytes = max_bytes

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > self.max_bytes:
            raise DataError(f"sends more than {self.max_bytes:,} bytes, too much for this file")
        return super().write(data)


def _pooch() -> Any:
    """Return pooch, which takes as long to import as NumPy, so not before it is needed."""
    try:
        import pooch
    except ImportError as error:
        raise ImportError(NO_POOCH) from error
    return pooch


def _fetch(url: str, max_bytes: int) -> _BoundedFile:
    file = _BoundedFile(max_bytes)
    with _progress_bar(url.rpartition("/")[2]) as bar:
        downloader = _pooch().HTTPDownloader(progressbar=bar, timeout=TIMEOUT_SECONDS)
        downloader(url, file, None)
    return file


def _progress_bar(name: str) -> Any:
    """Return a bar that pooch can move, or False where tqdm is not installed."""
    try:
        # Not tqdm.auto: its widget ignores the total, which pooch sets late.
        from tqdm import tqdm
    except ImportError:
        return contextlib.nullcontext(False)
    # A bar with a total counts as true, which is how pooch knows that it has one.
    return tqdm(desc=name, total=1, unit="B", unit_scale=True, leave=False)


def _reason(error: Exception) -> str:
    """Put a network error into a few words; its own text can fill a screen."""
    import requests

    match error:
        case requests.HTTPError(response=requests.Response() as answer):
            return f"answers {answer.status_code} {answer.reason}"
        case requests.Timeout():
            return f"is silent for {TIMEOUT_SECONDS} seconds"
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
