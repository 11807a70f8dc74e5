"""WorkerPool: one processor core for each part of a batch (lesson 13).

NumPy works on one core, except for matrix products, which its BLAS library spreads over all
cores. For small networks like ours that is a bad split: the products are short, and each core
has to fetch what another has just written. It is faster to give each core its own images, from
the first layer to the last, and to keep every product on the core that calls it. NumPy lets
threads run in parallel while it computes.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Generic, Self, TypeVar

import numpy as np

W = TypeVar("W")


class WorkerPool(Generic[W]):
    """Workers, one per core, that share the tasks; use it in ``with``.

    If threads cannot be started, as in a browser's Python, one worker does everything.

    Parameters
    ----------
    make_worker : callable
        Creates a worker. Each thread calls it once and has its own worker.
    threads : bool
        Whether to use more than one worker.
    """

    def __init__(self, make_worker: Callable[[], W], threads: bool = True) -> None:
        self._make_worker, self._one_core = make_worker, threads
        self._local = threading.local()
        self._exit = ExitStack()
        self._threads: Any = None

    def __enter__(self) -> Self:
        self._one_core &= self._exit.enter_context(products_on_one_core())
        return self

    def __exit__(self, *error: object) -> None:
        self._exit.close()

    def map(self, task: Callable[..., Any], parts: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
        """Yield ``task(worker, *part)`` for each part, in order, as soon as it is ready."""
        settings = np.geterr()  # NumPy keeps its warning settings separately for each thread

        def work(part: tuple[Any, ...]) -> Any:
            with np.errstate(**settings):
                return task(self._worker(), *part)

        # If BLAS cannot be limited to one core, more threads would only get in its way.
        if len(parts) == 1 or not self._one_core or cores() == 1:
            yield from map(work, parts)
            return
        try:
            results = [self._pool().submit(work, part) for part in parts]
        except RuntimeError:  # "can't start new thread"
            self._one_core = False
            yield from map(work, parts)
            return
        for result in results:
            yield result.result()

    def _worker(self) -> W:
        """Return this thread's worker."""
        if not hasattr(self._local, "worker"):
            self._local.worker = self._make_worker()
        worker: W = self._local.worker
        return worker

    def _pool(self) -> Any:
        """Return the thread pool; its threads start with the first tasks."""
        if self._threads is None:
            from concurrent.futures import ThreadPoolExecutor  # here: a faster import

            self._threads = ThreadPoolExecutor(cores(), "scratchcnn")
            self._exit.callback(self._threads.shutdown, cancel_futures=True)
        return self._threads


def cores() -> int:
    """Return how many processor cores this process may use.

    The environment variable OMP_NUM_THREADS can set fewer, as for other numerical programs.
    """
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        count = os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(count, int(limit)) if limit.isdecimal() and int(limit) > 0 else count


# BLAS has one thread count for the whole process. Pools may overlap, for instance in a notebook
# and in background training: the first to open lowers it, the last to close restores it.
_lock = threading.Lock()
_limits: list[Any] = []


@contextmanager
def products_on_one_core() -> Iterator[bool]:
    """Keep matrix products on the calling core; yield whether that is possible."""
    controller = blas()
    if controller is None:
        yield False
        return
    with _lock:
        if not _limits:
            _limits.append(controller.limit(limits=1))
        _limits.append(None)
    try:
        yield True
    finally:
        with _lock:
            _limits.pop()
            if len(_limits) == 1:
                _limits.pop().restore_original_limits()


@functools.cache
def blas() -> Any:
    """Return threadpoolctl's controller for NumPy's BLAS library; None if either is missing."""
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    controller = ThreadpoolController().select(user_api="blas")
    return controller if len(controller) else None
