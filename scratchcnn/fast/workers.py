"""A processor core for each piece of a batch (notebook 07).

NumPy works on one core, but for matrix products, which its BLAS library spreads over all of
them. For a network as small as ours that is the wrong way round: the products are short, and
what one core has just written the other has to fetch. It is faster to give each core images of
its own, from the first layer to the last, and to keep every product on the core that asks for
it. NumPy lets threads run at the same time while it computes.
"""

import ctypes
import functools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scratchcnn.network import Sequential


class Crew:
    """Twins of a network, one a core, that work on several pieces at once; use it in ``with``.

    Results do not depend on the number of cores: pieces are the same everywhere, and what
    comes of them is in their order. (Without OpenBLAS, another library may still cut its
    products by the number of cores.) The model itself is left alone: what its layers keep for
    `backward` stays, and another thread may use it meanwhile.

    Parameters
    ----------
    model : Sequential
    worker : callable, optional
        What makes, of a twin, the one that works on the pieces: the twin itself if not given.
    """

    def __init__(self, model: "Sequential", worker: Callable = lambda twin: twin) -> None:
        self.model = model
        self._worker = worker
        self._local = threading.local()
        self._exit = ExitStack()

    def __enter__(self) -> "Crew":
        alone = not self._exit.enter_context(products_on_one_core())
        from concurrent.futures import ThreadPoolExecutor  # here, to keep the import short

        # Threads start when there is work for them.
        self._pool = ThreadPoolExecutor(1 if alone else cores(), "crew", self._join)
        self._exit.callback(self._pool.shutdown, cancel_futures=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._exit.close()

    def map(self, task: Callable, pieces: Sequence[tuple]) -> Iterator:
        """Yield ``task(worker, *piece)`` of each piece, in order, as soon as it is there."""
        if len(pieces) == 1:  # not worth a thread
            yield task(self._worker(self.model.twin()), *pieces[0])
            return
        settings = np.geterr()  # which warnings are wanted: NumPy asks each thread by itself

        def work(piece: tuple) -> object:
            with np.errstate(**settings):
                return task(self._local.worker, *piece)

        yield from self._pool.map(work, pieces)

    def _join(self) -> None:
        self._local.worker = self._worker(self.model.twin())


def cores() -> int:
    """Return how many processor cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


# OpenBLAS has one number of threads for the whole process. Crews may overlap, in a notebook
# and beside it: the first to come changes the number, the last to go puts it back.
_wishes = SimpleNamespace(lock=threading.Lock(), count=0, threads_before=0)


@contextmanager
def products_on_one_core() -> Iterator[bool]:
    """Keep matrix products on the core that asks for them; say whether that can be done."""
    blas = openblas()
    if blas is None:
        yield False
        return
    get_threads, set_threads = blas
    with _wishes.lock:
        if _wishes.count == 0:
            _wishes.threads_before = get_threads()
            set_threads(1)
        _wishes.count += 1
    try:
        yield True
    finally:
        with _wishes.lock:
            _wishes.count -= 1
            if _wishes.count == 0:
                set_threads(_wishes.threads_before)


@functools.cache
def openblas() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """Return OpenBLAS's functions that get and set its number of threads.

    None where NumPy computes with another library (on a Mac, Apple's own), or hides it.
    """
    numpy_folder = Path(np.__file__).parent
    core = Path(np._core._multiarray_umath.__file__)
    # On Linux and macOS a library answers for those that it is linked with; Windows wants the file.
    for library in [core, *numpy_folder.parent.glob("numpy.libs/*openblas*.dll")]:
        for pattern in (
            "scipy_openblas_{}_num_threads64_",
            "scipy_openblas_{}_num_threads",
            "openblas_{}_num_threads64_",
            "openblas_{}_num_threads",
        ):
            try:
                functions = ctypes.CDLL(str(library))
                return functions[pattern.format("get")], functions[pattern.format("set")]
            except (OSError, AttributeError):
                continue
    return None
