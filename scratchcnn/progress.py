"""What a long run owes its user: a progress bar, and an interrupt that breaks nothing."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


def progress_bar(total: int, visible: bool, unit: str = "step"):
    """Return a tqdm bar, a widget in a notebook and text in a terminal; a context manager."""
    from tqdm.auto import tqdm  # loads ipywidgets in a notebook, so not before it is needed

    return tqdm(total=total, unit=unit, leave=False, disable=not visible)


@contextmanager
def interrupts_held_back() -> Iterator[list[int]]:
    """Collect interrupts (Ctrl-C, Kernel > Interrupt) in a list instead of raising them.

    The code inside looks at the list where it is safe to stop, so that an interrupt never
    falls into the middle of an update. What is still in the list at the end is raised then.
    """
    interrupts: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield interrupts  # only the main thread is interrupted
        return
    previous = signal.signal(signal.SIGINT, lambda number, frame: interrupts.append(number))
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, previous)
    if interrupts:
        raise KeyboardInterrupt
