"""When an optional package is missing, name the extra that installs it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class MissingExtra(ModuleNotFoundError):
    """An optional package is missing; in a notebook, words and no traceback say so."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows."""
        return [str(self)]


@contextmanager
def needs_extra(extra: str) -> Iterator[None]:
    """If an import in the ``with`` block fails, name the extra that installs the package.

    Parameters
    ----------
    extra : str
        A name under ``[project.optional-dependencies]`` in pyproject.toml, such as "course".

    Raises
    ------
    MissingExtra
        Replaces Python's own error and gives the command that installs the extra. In a browser,
        where none of them can be installed, it says so.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in ("", "scratchcnn"):
            raise
        cure = (
            f"{missing} is not installed. It comes with the extra {extra!r}: "
            f'python -m pip install "scratchcnn[{extra}]"'
        )
        if sys.platform == "emscripten":
            cure = (
                f"{missing} does not run in a browser, so the cells stop here. The outputs below "
                "were stored on a computer that has it: read on. To run them yourself, install the "
                "course."
            )
        raise MissingExtra(cure, name=missing) from error
