"""Session: one training on a cluster, which sends shards and collects gradients."""

from __future__ import annotations

import asyncio
import os
import platform
import queue
import threading
import zlib
from collections.abc import Callable
from functools import lru_cache
from time import monotonic
from typing import Any

import numpy as np

from scratchcnn.distributed.errors import (
    GONE,
    ClusterError,
    OtherVersions,
    TooLate,
    explained,
    versions,
)
from scratchcnn.distributed.sharding import Here, Shard, ShardGradient, ShardNetwork

MAX_TRIES = 3  # of a step, if workers hang
SECONDS_TO_ANSWER = 3.0  # for a worker that is asked whether it is there
SECONDS_BETWEEN_LOOKS = 0.2  # at interrupts, while waiting


class Session:
    """One training on a `Cluster`: sends shards, collects gradients."""

    def __init__(self, cluster: Any, network: Any) -> None:
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
            "are those of the last whole update; calling fit again continues from there"
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
