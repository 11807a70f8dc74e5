"""What needs more than NumPy says which extra brings it."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def needs_extra(extra: str) -> Iterator[None]:
    """Name the extra of the package that brings whatever cannot be imported inside.

    Parameters
    ----------
    extra : str
        A name under ``[project.optional-dependencies]`` in pyproject.toml, such as "course".

    Raises
    ------
    ModuleNotFoundError
        In place of Python's own, with the command that installs the extra.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in ("", "scratchcnn"):
            raise
        raise ModuleNotFoundError(
            f"{missing} is not installed. It comes with the extra {extra!r}: "
            f'python -m pip install "scratchcnn[{extra}]"',
            name=missing,
        ) from error
