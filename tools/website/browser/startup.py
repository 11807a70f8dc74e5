"""Run in a browser's Python before the kernel starts."""

import logging
from typing import Any

import pyodide.ffi
import scratchcnn_kernel  # registered by loader.mjs

run_sync = pyodide.ffi.run_sync


def no_news_of_fonts(record: logging.LogRecord) -> bool:
    """Say whether a message is about something else than matplotlib's list of fonts.

    It is made on every visit, and red text would appear below the first cell.
    """
    return "building the font cache" not in record.getMessage()


def client() -> str | None:
    """Return the name of the client, such as a notebook, that has sent the running cell."""
    try:
        from IPython import get_ipython

        return str(get_ipython().kernel.get_parent()["header"]["session"])
    except (ImportError, AttributeError, KeyError, TypeError):
        return None  # the kernel has not started yet


def noted_run_sync(awaitable: Any) -> Any:
    """Wait as `run_sync` does; an interrupt that comes meanwhile is meant for what waits here."""
    scratchcnn_kernel.waiting += 1
    scratchcnn_kernel.client = client()
    try:
        return run_sync(awaitable)
    finally:
        scratchcnn_kernel.waiting -= 1


logging.getLogger("matplotlib.font_manager").addFilter(no_news_of_fonts)
pyodide.ffi.run_sync = noted_run_sync
