"""Background: what an explorer does on its own, a step at a time, between the reader's events.

A Jupyter kernel and a browser's Python both run an event loop: it delivers what the reader does,
and between two deliveries it takes a few steps here. No thread is needed, which a browser's Python
could not start. Without an event loop, as in a script, a thread runs one for these steps alone.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager

import numpy as np

# Longer than the event loop needs for itself, shorter than anyone waits for an answer.
SECONDS_AT_A_TIME = 0.03

Steps = Iterator[float]


class Background:
    """Takes the steps of a generator, one after the other, while other things happen.

    Parameters
    ----------
    lock : context manager
        Held during every step. It may be entered twice by one thread.
    """

    def __init__(self, lock: AbstractContextManager[object]) -> None:
        self._lock = lock
        self._steps: Steps | None = None
        self._stepping = False
        self._runner: asyncio.Task[None] | threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether there are steps left to take."""
        return self._steps is not None

    def start(self, steps: Steps) -> None:
        """Take steps from now on; each yields how many seconds the next one should wait."""
        self._steps = steps
        try:
            self._runner = asyncio.get_running_loop().create_task(self._run(steps))
        except RuntimeError:  # no event loop
            own_loop = threading.Thread(target=lambda: asyncio.run(self._run(steps)), daemon=True)
            self._runner = own_loop
            own_loop.start()

    def finish(self) -> None:
        """Take all the steps that are left at once, unless this is called by one of them."""
        with self._lock:
            if self._steps is not None and not self._stepping:
                while self._step(self._steps) is not None:
                    pass

    async def wait(self) -> None:
        """Wait until all steps are taken."""
        if isinstance(self._runner, asyncio.Task):
            await self._runner
        elif self._runner is not None:
            self._runner.join()

    async def _run(self, steps: Steps) -> None:
        while (wait := self._some(steps)) is not None:
            await asyncio.sleep(wait)

    def _some(self, steps: Steps) -> float | None:
        """Take steps for a moment; return how long to wait then, or None if that was all."""
        end = time.perf_counter() + SECONDS_AT_A_TIME
        wait: float | None = 0.0
        with self._lock:
            while wait == 0 and time.perf_counter() < end:
                wait = self._step(steps)
        return wait

    def _step(self, steps: Steps) -> float | None:
        """Take a step; return how long to wait for the next, or None if it was the last."""
        wait, self._stepping = None, True
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # divergence raises its own error
                wait = next(steps, None)
        finally:
            self._stepping = False
            if wait is None and steps is self._steps:
                self._steps = None
        return wait
