"""When an optional package is missing, name the extra that installs it."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def needs_extra(extra: str) -> Iterator[None]:
    """If an import in the ``with`` block fails, name the extra that installs the package.

    Parameters
    ----------
    extra : str
        A name under ``[project.optional-dependencies]`` in pyproject.toml, such as "course".

    Raises
    ------
    ModuleNotFoundError
        Replaces Python's own error and gives the command that installs the extra.
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
