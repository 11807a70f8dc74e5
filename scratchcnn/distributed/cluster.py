"""Cluster: worker processes, here or on other machines, and what can go wrong with them.

Dask does the work: it starts processes, sends them tasks, notices when one dies and gives its tasks
to another. A task brings everything it needs (`Shard`), so a worker that dies takes nothing with
it. Added here: a deadline for workers that hang, one check of versions and one of numbers, and
errors that say what to do.
"""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import queue
import signal
import sys
import threading
import weakref
import zlib
from collections.abc import Callable
from functools import lru_cache
from time import monotonic
from typing import Any, Self

import numpy as np

from scratchcnn._utils.extras import needs_extra
from scratchcnn._utils.validation import check_count, check_number
from scratchcnn.distributed.errors import (
    GONE,
    ClusterError,
    OtherVersions,
    TooLate,
    check_same_versions,
    explained,
    versions,
)
from scratchcnn.distributed.sharding import Here, Shard, ShardGradient, ShardNetwork

MAX_TRIES = 3  # of a step, if workers hang
SECONDS_TO_ANSWER = 3.0  # for a worker that is asked whether it is there
SECONDS_BETWEEN_LOOKS = 0.2  # at interrupts, while waiting

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

        with dask.config.set({"distributed.worker.profile.enabled": False}):
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
        """Start worker processes anew that were started here and are lost for good.

        Dask restarts a process that has died. But one that dies twice within a quarter of a minute
        it may give up.
        """
        if self.local is not None:
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


class Session:
    """One training on a cluster: sends shards, collects gradients."""

    def __init__(self, cluster: Cluster, network: Any) -> None:
        import cloudpickle  # comes with Dask; layers defined in a notebook travel with it

        self.cluster, self.client = cluster, cluster.client
        # The parameters are 0 here, and a long row of zeros packs into a few bytes.
        self.packed = zlib.compress(cloudpickle.dumps(network), 1)
        self.network, self.checked = network, False
        cluster.avoided.clear()
        cluster.restore()

    def compute(self, shards: list[Shard]) -> list[ShardGradient]:
        """Return the gradients of all shards, in their order, or raise a ClusterError."""
        with explained(self.cluster):
            for _ in range(MAX_TRIES):
                futures = self._submit(shards)
                try:
                    answers = self._collect(futures)
                except TooLate:
                    self.cluster.restore()
                    self.cluster.avoided |= self._hanging(futures)
                    continue  # whatever these workers still send is not looked at
                finally:
                    for future in futures:
                        future.release()
                self._check(shards, answers)
                return answers
        raise ClusterError(f"step {shards[0].step + 1} was not computed: {self._what_hangs()}")

    def close(self) -> None:
        """Nothing to give back: workers forget networks by themselves."""

    def _submit(self, shards: list[Shard]) -> list[Any]:
        import dask

        where = self._addresses()
        # All shards share the parameters, which are sent to the scheduler once.
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "10GB"}):
            return self.client.map(
                compute_shard,
                shards,
                packed=self.packed,
                wanted=versions(),
                pure=False,
                workers=where,
            )

    def _addresses(self) -> list[str] | None:
        """Return the workers to use, or None: Dask chooses among all of them."""
        if self.client.status != "running":
            raise ClusterError(GONE)
        if not self.cluster.avoided and self.cluster.limit is None:
            return None
        left = [each for each in self.cluster.workers if each not in self.cluster.avoided]
        if not left:
            raise ClusterError(f"no worker is left: {self._what_hangs()}")
        return left[: self.cluster.limit]

    def _what_hangs(self) -> str:
        return (
            f"within {self.cluster.deadline:g} seconds there was no answer from "
            f"{', '.join(sorted(self.cluster.avoided)) or 'all workers'}. Look at these workers, "
            "restart them, or set a longer deadline if a step simply takes that long. The weights "
            "are those of the last whole update; calling fit again goes on from there"
        )

    def _collect(self, futures: list[Any]) -> list[ShardGradient]:
        """Wait for all results, and fetch them; raise TooLate at the deadline."""
        finished: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for future in futures:
            future.add_done_callback(finished.put)
        end = monotonic() + self.cluster.deadline
        for _ in futures:
            self._wait(lambda seconds: finished.get(timeout=seconds), end)

        async def gather() -> list[ShardGradient]:
            return list(await self.client.gather(futures, asynchronous=True))

        return self._in_loop(gather(), end)

    def _in_loop(self, coroutine: Any, end: float) -> Any:
        """Return the result of a coroutine, run in the client's event loop."""
        running = asyncio.run_coroutine_threadsafe(coroutine, self.client.loop.asyncio_loop)
        try:
            return self._wait(running.result, end)
        finally:
            running.cancel()

    def _wait(self, get: Callable[[float], Any], end: float) -> Any:
        """Return what ``get`` gives, unless there is an interrupt or the time is over."""
        while True:
            try:
                return get(SECONDS_BETWEEN_LOOKS)
            except (queue.Empty, TimeoutError):
                if self.cluster.interrupts:
                    raise KeyboardInterrupt from None  # no weight has been touched
                if self.client.status == "closed":
                    raise ClusterError(GONE) from None
                if monotonic() > end:
                    raise TooLate from None

    def _hanging(self, futures: list[Any]) -> set[str]:
        """Return the workers that still compute one of these, or do not answer at all."""
        addresses = self.cluster.workers
        if not addresses:
            raise ClusterError(
                "no worker has joined this cluster: start some with `dask worker ADDRESS`, where "
                f"ADDRESS is {self.client.scheduler.address}"
            )
        keys = {future.key for future in futures}
        computing = self.client.processing()
        busy = {address for address in addresses if keys & set(computing.get(address, ()))}

        async def answers(address: str) -> bool:
            call = self.client.run(os.getpid, workers=[address], asynchronous=True)
            try:
                await asyncio.wait_for(call, SECONDS_TO_ANSWER)
            except Exception:
                return False
            return True

        async def all_answers() -> list[bool]:
            return await asyncio.gather(*map(answers, addresses))

        there = self._in_loop(all_answers(), monotonic() + 2 * SECONDS_TO_ANSWER)
        silent = {address for address, ok in zip(addresses, there, strict=True) if not ok}
        return busy | silent

    def _check(self, shards: list[Shard], answers: list[ShardGradient]) -> None:
        """Make sure that the answers belong to these shards; compare the first one with ours."""
        for shard, answer in zip(shards, answers, strict=True):
            if (answer.step, answer.number) != (shard.step, shard.number):
                raise ClusterError(
                    f"a worker answered for step {answer.step}, shard {answer.number}, when asked "
                    f"for step {shard.step}, shard {shard.number}; nothing was updated"
                )
        if self.checked:
            return
        here = Here(self.network)
        (ours,) = here.compute(shards[:1])
        here.close()
        for a, b in zip(ours.grads, answers[0].grads, strict=True):
            if not np.allclose(a, b, rtol=1e-3, atol=1e-5 * (1 + np.abs(a).max()), equal_nan=True):
                raise ClusterError(
                    "the workers compute another gradient than this computer. Has the source of a "
                    "layer been edited here, or replaced in this session? Install the same source "
                    "on every worker and start the cluster again"
                )
        self.checked = True


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


def compute_shard(shard: Shard, packed: bytes, wanted: dict[str, str]) -> ShardGradient:
    """Compute a shard's gradient; this runs on a worker."""
    if versions() != wanted:  # a worker may have joined after the cluster was checked
        raise OtherVersions(platform.node(), versions())
    return unpacked(packed, threading.get_ident()).gradient(shard)


@lru_cache(maxsize=16)
def unpacked(packed: bytes, thread: int) -> ShardNetwork:
    """Return a worker's copy of the network; each thread has its own."""
    import pickle

    return ShardNetwork(pickle.loads(zlib.decompress(packed)))
