"""read_sample: images that come with the package, so that you can start without a download."""

from pathlib import Path

import numpy as np

from scratchcnn.data.idx import DataError


def read_sample(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the images and labels of a bundled sample.

    Parameters
    ----------
    path : Path
        An ``.npz`` file with ``images``, uint8 (N, 28, 28), and ``labels``, uint8 (N,).

    Returns
    -------
    images : ndarray of uint8 (N, 28, 28)
    labels : ndarray of intp (N,)
        Both arrays are new, and you may modify them.

    Raises
    ------
    DataError
        If the file is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as sample:
            return sample["images"], sample["labels"].astype(np.intp)
    except Exception as error:  # a damaged archive can fail anywhere
        reason = str(error) or type(error).__name__
        raise DataError(
            f"{path}, a sample that comes with scratchcnn, is missing or damaged: {reason}. "
            "Install the package again."
        ) from None


def check_full(full: bool) -> None:
    """Raise a TypeError unless ``full`` is a bool: a path, for example, would count as true."""
    if not isinstance(full, bool | np.bool_):
        raise TypeError(f"full must be True or False, got {full!r}")
