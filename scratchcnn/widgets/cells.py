"""Close what an earlier run of the same notebook cell has left in the kernel's memory."""

import weakref
from typing import Protocol

import IPython


class Closable(Protocol):
    """A widget that can be closed; ``made_in_run`` is set here."""

    made_in_run: int

    def close(self) -> None:
        """Remove the widget from the page and free its resources."""


_of_cells: dict[str, "weakref.WeakSet[Closable]"] = {}


def close_earlier_runs(widget: Closable) -> None:
    """Close widgets that an earlier run of the running cell made, and remember this one.

    JupyterLab discards the old output but does not tell the kernel, which would keep every
    widget ever created.
    """
    cell, run = _running_cell()
    if cell is None:
        return
    widget.made_in_run = run
    others = _of_cells.setdefault(cell, weakref.WeakSet())
    for other in list(others):
        if other.made_in_run != run:
            other.close()
    others.add(widget)


def _running_cell() -> tuple[str | None, int]:
    """Return the id of the running notebook cell, and its execution count."""
    try:
        shell = IPython.get_ipython()
        # The shell knows the message that it answers; in a browser, its kernel does.
        asked = shell if hasattr(shell, "get_parent") else shell.kernel
        return asked.get_parent()["metadata"]["cellId"], shell.execution_count
    except (NameError, AttributeError, KeyError, TypeError):
        return None, 0
