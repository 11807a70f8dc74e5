"""WorkerPool: a processor core for each part of a batch (lesson 13).

NumPy works on one core, except in matrix products, which its BLAS library spreads over all of
them. For a network as small as ours that is the wrong way round: the products are short, and
what one core has just written the other has to fetch. It is faster to give each core images of
its own, from the first layer to the last, and to keep every product on the core that asks for
it. NumPy lets threads run at the same time while it computes.
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
    """Workers, one for each core, that share out tasks; use it in ``with``.

    Where threads cannot be started, as in a browser's Python, one worker does everything.

    Parameters
    ----------
    make_worker : callable
        Makes a worker. Each thread calls it once and has its worker to itself.
    threads : bool
        Whether there may be more workers than one.
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
        """Yield ``task(worker, *part)`` of each part, in order, as soon as it is there."""
        settings = np.geterr()  # which warnings are wanted: NumPy asks each thread by itself

        def work(part: tuple[Any, ...]) -> Any:
            with np.errstate(**settings):
                return task(self._worker(), *part)

        # If BLAS cannot be kept to one core, more threads of ours would only be in its way.
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
        """Return the worker of this thread."""
        if not hasattr(self._local, "worker"):
            self._local.worker = self._make_worker()
        worker: W = self._local.worker
        return worker

    def _pool(self) -> Any:
        """Return the threads, which are started with the first tasks."""
        if self._threads is None:
            from concurrent.futures import ThreadPoolExecutor  # here, to keep the import short

            self._threads = ThreadPoolExecutor(cores(), "scratchcnn")
            self._exit.callback(self._threads.shutdown, cancel_futures=True)
        return self._threads


def cores() -> int:
    """Return how many processor cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


# BLAS has one number of threads for the whole process. Pools may overlap, in a notebook and
# beside it: the first to come lowers the number, the last to go restores it.
_lock = threading.Lock()
_limits: list[Any] = []


@contextmanager
def products_on_one_core() -> Iterator[bool]:
    """Keep matrix products on the core that asks for them; say whether that can be done."""
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
    """Return threadpoolctl's controller of NumPy's BLAS library; None without either."""
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    controller = ThreadpoolController().select(user_api="blas")
    return controller if len(controller) else None
