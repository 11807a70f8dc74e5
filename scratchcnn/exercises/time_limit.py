"""time_limit: stop a function that does not come to an end, with or without signals."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class OutOfTime(BaseException):
    """Raised inside a function that takes too long. `except Exception` does not catch it."""


def call(function: Callable[..., Any], arguments: Any, options: Any) -> Any:
    """Call ``function``: only inside this call does the time limit interrupt."""
    return function(*arguments, **options)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `OutOfTime` in what runs under `call` in this block if it takes too long.

    The main thread is interrupted by a timer signal. Other threads, Windows and a browser's
    Python have none, so there every step that runs looks at the clock. Neither can stop a single
    operation of NumPy before it returns, and without signals, an endless loop around a bare
    `except:` goes on.
    """
    with _alarm(seconds) if signals_work() else _clock(seconds):
        yield


def signals_work() -> bool:
    """Return whether a timer can interrupt this thread."""
    main = threading.current_thread() is threading.main_thread()
    return main and hasattr(signal, "setitimer") and sys.platform != "emscripten"


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        frames = []
        while frame and frame.f_code is not call.__code__:
            frames.append(frame)
            frame = frame.f_back
        if frame is None:
            return  # never interrupt our own code, which has to clean up
        for theirs in frames:
            theirs.f_trace, theirs.f_trace_opcodes = again, True
        sys.settrace(lambda *event: None)  # without one, the frames' own are not called either
        raise OutOfTime

    def again(frame: FrameType, event: str, argument: Any) -> Any:
        # A bare `except:` has swallowed it if anything more is done: raise it there once more.
        if event in ("line", "opcode"):
            raise OutOfTime
        return again

    tracer, handler = sys.gettrace(), signal.signal(signal.SIGALRM, ring)
    timer = signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), 0.05)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if handler is None else handler)
        sys.settrace(tracer)


@contextmanager
def _clock(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds

    def look(frame: FrameType, event: str, argument: Any) -> Any:
        if time.monotonic() > end:
            raise OutOfTime
        frame.f_trace_opcodes = True  # a loop on one line has no lines to be counted
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        yield
    finally:
        sys.settrace(before)
