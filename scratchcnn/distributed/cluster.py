"""Cluster: worker processes, here or on other machines, and what can go wrong with them.

Dask does the work: it starts processes, sends them tasks, notices when one dies and gives its tasks
to another. A task brings everything it needs (`Shard`), so a worker that dies takes nothing with
it. Added here and in session.py: a deadline for workers that hang, one check of versions and one of
numbers, and errors that say what to do.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import weakref
from typing import Any, Self

from scratchcnn._utils.extras import needs_extra
from scratchcnn._utils.validation import check_count, check_number
from scratchcnn.distributed.errors import ClusterError, check_same_versions, explained, versions
from scratchcnn.distributed.session import Session

# How Dask starts worker processes here. Of itself it has them return memory to the system at once,
# so that every large array needs new pages: a step took nearly twice as long as without Dask.
SETTINGS = {
    "distributed.worker.profile.enabled": False,
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 2**30,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 2**25,
}

_open: weakref.WeakSet[Cluster] = weakref.WeakSet()


class Cluster:
    """Workers that compute gradients; use it in ``with``, or call `close` at the end.

    Parameters
    ----------
    address : str, optional
        Of a Dask scheduler, such as ``"tcp://10.0.0.5:8786"``. Without it, worker processes are
        started on this computer. In a script this must happen under
        ``if __name__ == "__main__":``, since each process imports the script.
    workers : int
        The number of worker processes to start, if there is no address.
    deadline : float
        Seconds that a step may take. Workers that have not answered by then are left out for the
        rest of the training, and others compute the step again.

    Attributes
    ----------
    limit : int or None
        If set, no more than this many workers are used.
    """

    def __init__(
        self, address: str | None = None, workers: int = 2, deadline: float = 60.0
    ) -> None:
        self.deadline, self.limit = check_number(deadline, "deadline"), None
        self.avoided: set[str] = set()  # workers that hang
        self.interrupts: list[int] = []
        self.local: Any = None
        self.client: Any = None
        if sys.platform == "emscripten":
            raise ClusterError("a browser's Python cannot start processes or connect to a cluster")
        with needs_extra("cluster"):
            import distributed
        # "Lost connection", "restarting worker": what matters is raised as an error.
        for name in ("distributed", "distributed.client", "distributed.scheduler"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        if address is None:
            self.started = check_count(workers, "workers")
            self.local = self._start(self.started)
        try:
            self.client = distributed.Client(
                self.local or address, set_as_default=False, timeout=min(self.deadline, 10)
            )
            self.check_versions()
        except OSError as error:
            self.close()
            raise ClusterError(
                f"no scheduler answers at {address}: start one with `dask scheduler`, and workers "
                "with `dask worker ADDRESS`; `dask scheduler` prints its address"
            ) from error
        except BaseException:
            self.close()
            raise
        _open.add(self)

    def _start(self, workers: int) -> Any:
        """Start processes on this computer, each of which uses one core."""
        import dask
        import distributed

        with dask.config.set(SETTINGS):
            return distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                dashboard_address=":0",  # any free port: no warning if there are two clusters
                worker_dashboard_address=":0",
                silence_logs=logging.CRITICAL,
                preload=["scratchcnn.distributed.preload"],
            )

    @property
    def workers(self) -> list[str]:
        """The addresses of all workers that are there now."""
        with explained(self):
            return sorted(self.client.nthreads())

    def check_versions(self) -> None:
        """Raise a ClusterError if a worker has other versions of what decides the numbers."""
        for address, theirs in self.client.run(versions, on_error="return").items():
            if isinstance(theirs, Exception):
                raise ClusterError(
                    f"the worker {address} cannot import scratchcnn ({theirs}): install it there, "
                    "with `python -m pip install`, as on this computer"
                ) from theirs
            check_same_versions(address, theirs)

    def restore(self) -> None:
        """Replace worker processes that were started here and are lost for good.

        Dask restarts a process that has died. But one that dies twice within a quarter of a minute
        it may give up.
        """
        if self.local is not None:
            import dask

            with dask.config.set(SETTINGS):
                self.local.scale(self.started)

    def kill_worker(self) -> str:
        """End one worker process here without warning, for demonstrations; return its address."""
        if self.local is None:
            raise ClusterError("kill_worker ends only workers on this computer, started by Cluster")
        address, number = min(self.client.run(os.getpid).items())
        os.kill(number, getattr(signal, "SIGKILL", signal.SIGTERM))
        return address

    def session(self, network: Any) -> Session:
        """Return what computes the shards of one network, until it is closed."""
        return Session(self, network)

    def close(self) -> None:
        """Disconnect, and end the processes that were started here; twice does no harm."""
        _open.discard(self)
        if self.client is not None:
            self.client.close(timeout=5)
        if self.local is not None:
            self.local.close(timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        if self.client.status != "running":
            return "<Cluster: closed>"
        where = "here" if self.local is not None else f"at {self.client.scheduler.address}"
        count = len(self.workers)
        return f"<Cluster: {count} worker{'' if count == 1 else 's'} {where}>"


def start(workers: int = 2, deadline: float = 60.0) -> Cluster | None:
    """Return a cluster of processes on this computer; in a browser, say why not and return None.

    Clusters that are still open are closed first, so that a notebook's cell can be run again.
    With ``cluster=None``, `fit` computes all shards in this process: the same numbers.
    """
    close_all()
    if sys.platform == "emscripten":
        print("A browser's Python cannot start processes: the shards are computed here, in turn.")
        return None
    return Cluster(workers=workers, deadline=deadline)


def close_all() -> None:
    """Close all clusters that are still open."""
    for cluster in list(_open):
        cluster.close()
