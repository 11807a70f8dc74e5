"""Background: what an explorer does on its own, a step at a time, between the reader's events.

A Jupyter kernel and a browser's Python both run an event loop: it delivers what the reader does,
and between two deliveries it takes a few steps here. No thread is needed, which a browser's Python
could not start. Without an event loop, as in a script, a thread runs one for these steps alone.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
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
    ended : callable
        Called once when the steps have ended: with None, or with the exception that a step has
        raised. An interrupt is passed on then; all others are left to ``ended``.

    Attributes
    ----------
    stopping : bool
        Whether the steps should end soon, although some are left.
    in_step : bool
        Whether a step is being taken right now.
    """

    def __init__(
        self, lock: AbstractContextManager[object], ended: Callable[[BaseException | None], object]
    ) -> None:
        self._lock, self._ended = lock, ended
        self._steps: Steps | None = None
        self._afterwards: list[Callable[[], object]] = []
        self.stopping = self.in_step = False
        self._runner: asyncio.Task[None] | threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether there are steps left to take."""
        return self._steps is not None

    def start(self, steps: Steps) -> None:
        """Take steps from now on; each yields how many seconds the next one should wait."""
        self._steps, self.stopping = steps, False
        try:
            self._runner = asyncio.get_running_loop().create_task(self._run(steps))
        except RuntimeError:  # no event loop
            own_loop = threading.Thread(target=lambda: asyncio.run(self._run(steps)), daemon=True)
            self._runner = own_loop
            own_loop.start()

    def stop(self, then: Callable[[], object] = lambda: None) -> None:
        """Let the steps end, which look at `stopping`, and call ``then()``.

        Both are done when this returns, unless it was called by one of the steps.
        """
        with self._lock:
            steps = self._steps
            if steps is None:
                then()
                return
            self.stopping = True
            self._afterwards.append(then)
            while self._steps is steps and not self.in_step:
                self._step(steps)

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
        wait: float | None = None
        error: BaseException | None = None
        self.in_step = True
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # divergence raises its own error
                wait = next(steps, None)
        except BaseException as problem:
            error = problem
            if not isinstance(problem, Exception):
                raise
        finally:
            self.in_step = False
            if wait is None and steps is self._steps:
                self._end(error)
        return wait

    def _end(self, error: BaseException | None) -> None:
        self._steps = None
        afterwards, self._afterwards = self._afterwards, []
        self._ended(error)
        for do in afterwards:
            do()
