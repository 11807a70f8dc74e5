"""For long runs: a progress bar, and interrupts that leave nothing half done."""

import asyncio
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, Self

SECONDS_PER_LOOK = 0.1  # for interrupts, in a browser


class ProgressBar(Protocol):
    """What `fit` needs from a progress bar; tqdm provides it."""

    def update(self) -> object:
        """Advance by one step."""

    def set_description(self, description: str) -> object:
        """Set the text in front of the bar."""

    def write(self, line: str) -> object:
        """Write a line above the bar."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...


class NoBar:
    """No bar; only prints lines, if ``visible``."""

    def __init__(self, visible: bool) -> None:
        self.visible = visible

    def update(self) -> None:
        """Do nothing."""

    def set_description(self, description: str) -> None:
        """Do nothing."""

    def write(self, line: str) -> None:
        """Print a line."""
        if self.visible:
            print(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass


def progress_bar(total: int, visible: bool, unit: str = "step") -> ProgressBar:
    """Return a bar, as HTML in a notebook and as text in a terminal; use it in ``with``.

    Without tqdm there is no bar, but lines are still printed.
    """
    if not visible:
        return NoBar(visible)
    try:
        from tqdm import tqdm
    except ImportError:
        return NoBar(visible)

    class Bar(notebook_bar() if in_notebook() else tqdm):  # type: ignore[misc]
        monitor_interval = 0  # no monitor thread: Python in a browser has no threads

    return Bar(total=total, unit=unit, leave=False)


class EpochLines:
    """Shows the current epoch on a progress bar, and writes a line at the end of each."""

    def __init__(self, bar: ProgressBar, epochs: int) -> None:
        self.bar, self.epochs = bar, epochs
        bar.set_description(f"epoch 1/{epochs}")

    def on_epoch_end(self, end: Any) -> None:
        """Write the epoch's metrics."""
        figures = "  ".join(f"{name} {value:.3f}" for name, value in end.logs.items())
        self.bar.write(f"epoch {end.epoch}/{self.epochs}  {figures}")
        self.bar.set_description(f"epoch {min(end.epoch + 1, self.epochs)}/{self.epochs}")


def in_notebook() -> bool:
    """Return whether the code runs in a Jupyter kernel rather than in a terminal."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")


def notebook_bar() -> type:
    """Return a tqdm class whose bar leaves no trace in the saved notebook.

    tqdm's own notebook bar is a widget; when the notebook is reopened, it has become "Error
    displaying widget". This one is a piece of HTML that is empty at the end.
    """
    from IPython.display import display
    from tqdm import tqdm

    class NotebookBar(tqdm):  # type: ignore[misc]
        handle: Any = None

        def display(self, msg: str | None = None, pos: int | None = None) -> None:
            """Draw the bar; tqdm calls this ten times a second, and with "" at the end."""
            page = {"text/plain": "", "text/html": "" if msg == "" else bar_html(self.format_dict)}
            if self.handle is None:
                # Empty at the start and at the end, so the saved output never depends on timing.
                empty = {"text/plain": "", "text/html": ""}
                self.handle = display(empty, raw=True, display_id=True)  # type: ignore[no-untyped-call]
            self.handle.update(page, raw=True)

        def clear(self, *args: object, **options: object) -> None:
            """Do nothing: lines written by `write` appear elsewhere."""

    return NotebookBar


def bar_html(state: dict[str, Any]) -> str:
    """Return tqdm's ``format_dict`` as an HTML progress element followed by its numbers."""
    from html import escape

    from tqdm import tqdm

    n, total, elapsed = state["n"], state["total"], state["elapsed"]
    rate = state["rate"] or (n / elapsed if elapsed else 0)
    left = tqdm.format_interval((total - n) / rate) if rate else "?"
    label = escape((state["prefix"] or "").removesuffix(": "))
    return (
        f'{label} <progress value="{n}" max="{total}" aria-label="{label}" '
        'style="width:20em; height:1.2em; margin:0 0.7em; vertical-align:middle"></progress> '
        f"{n:,} of {total:,} {escape(state['unit'])}s, {rate:,.0f} a second, {left} left"
    )


class Interrupts(list[int]):
    """The interrupts that have come in; in a browser, they come in when this is looked at."""

    looked = 0.0

    def __bool__(self) -> bool:
        if sys.platform == "emscripten" and time.perf_counter() - self.looked > SECONDS_PER_LOOK:
            give_way()
            self.looked = time.perf_counter()
        return len(self) > 0


def give_way() -> None:
    """Let a browser deliver what has come in meanwhile, if it can do so while Python runs."""
    try:
        from pyodide.ffi import can_run_sync, run_sync  # type: ignore[import-not-found]
    except ImportError:  # another Python for browsers
        return
    if can_run_sync():
        run_sync(asyncio.sleep(0))


@contextmanager
def defer_interrupts() -> Iterator[list[int]]:
    """Collect interrupts (Ctrl-C, Kernel > Interrupt) in a list instead of raising them.

    The code inside checks the list where it is safe to stop, so that an interrupt never comes
    in the middle of an update. An interrupt still in the list at the end is raised then,
    unless another error is being raised. If interrupts are ignored or handled by a program
    that embeds Python, that does not change.
    """
    interrupts = Interrupts()
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, None):
        yield interrupts
        return
    previous = signal.signal(signal.SIGINT, lambda number, frame: interrupts.append(number))
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, previous)
    if interrupts:
        raise KeyboardInterrupt
