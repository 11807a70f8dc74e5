"""Safe downloads: several mirrors, a size limit, and a check of the content."""

import contextlib
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from scratchcnn.data.idx import DataError

T = TypeVar("T")

TIMEOUT_SECONDS: float = 20  # give up on a mirror that is silent for longer
NO_POOCH = (
    'downloading data needs pooch, which is not installed: pip install "scratchcnn[course]", '
    "or put the files into a folder and name it in the environment variable SCRATCHCNN_DATA"
)


def cache_folder() -> Path:
    """Return the cache folder for downloads; it may not exist yet.

    Raises
    ------
    ImportError
        If pooch is not installed.
    """
    return Path(_pooch().os_cache("scratchcnn"))


def download(
    name: str, mirrors: Iterable[str], read: Callable[[BinaryIO], T], max_bytes: int
) -> tuple[bytes, T]:
    """Return a file from the first mirror that has the right one, and the result of ``read``.

    Parameters
    ----------
    name : str
        The file's name, the same on every mirror.
    mirrors : iterable of str
        URLs, each ending in a slash, tried in this order.
    read : callable
        Takes the downloaded content as a file in memory; raises a `DataError` if it is wrong.
    max_bytes : int
        The download is aborted if a mirror sends more.

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
        # Network errors from requests are OSErrors, except for malformed URLs and headers,
        # which are ValueErrors. So is a DataError.
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
    """Import pooch only when it is needed: that takes as long as importing NumPy."""
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
    """Return a progress bar for pooch, or False if tqdm is not installed."""
    try:
        # Not tqdm.auto: its widget ignores the total, which pooch sets late.
        from tqdm import tqdm
    except ImportError:
        return contextlib.nullcontext(False)
    # A bar with a total is truthy, which is how pooch knows that it has one.
    return tqdm(desc=name, total=1, unit="B", unit_scale=True, leave=False)


def _reason(error: Exception) -> str:
    """Summarize a network error in a few words; its own text can fill a screen."""
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
            return "stops in the middle"
        case requests.RequestException():
            return "gives no answer that makes sense"
        case _:
            return str(error)
