"""What can go wrong with a cluster, and other versions: errors that say what to do."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import numpy as np

import scratchcnn

GONE = (
    "the scheduler is gone, or this computer has lost its connection to it. The weights are those "
    "of the last whole update: start the cluster again, connect to it, and call fit to continue"
)


class ClusterError(RuntimeError):
    """The cluster cannot continue. The weights are those of the last whole update."""


class TooLate(Exception):
    """A step has not been computed by its deadline."""


class OtherVersions(Exception):
    """A worker's name and its versions, where they are not the client's."""


def versions() -> dict[str, str]:
    """Return the versions of everything that decides the numbers, or how they are sent."""
    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "numpy": np.__version__,
        "scratchcnn": scratchcnn.__version__,
        "dask": version("dask"),
        "cloudpickle": version("cloudpickle"),
    }


def check_same_versions(address: str, theirs: dict[str, str]) -> None:
    """Raise a ClusterError that names each package of which a worker has another version."""
    ours = versions()
    different = [
        f"{name} {theirs.get(name, 'missing')} (here {ours[name]})"
        for name in ours
        if theirs.get(name) != ours[name]
    ]
    if different:
        raise ClusterError(
            f"the worker {address} has other versions: {', '.join(different)}. Install the same "
            "ones there, for instance with the constraints.txt of this course, and start it again"
        )


@contextmanager
def explained(cluster: Any) -> Iterator[None]:
    """Turn Dask's errors into a ClusterError that says what to do."""
    from distributed import KilledWorker
    from distributed.comm.core import CommClosedError

    try:
        yield
    except OtherVersions as error:
        check_same_versions(*error.args)
        raise
    except ModuleNotFoundError as error:
        raise ClusterError(
            f"a worker cannot import {error.name}, where a layer of this network is defined: "
            "install it on every worker, or define the layer in the notebook, which sends it along"
        ) from error
    except KilledWorker as error:
        raise ClusterError(
            "several workers died one after the other while they computed the same shard, so the "
            "shard itself is the reason: most often there is too little memory. Use smaller "
            "batches or more shards. The weights are those of the last whole update"
        ) from error
    except (CancelledError, asyncio.CancelledError, CommClosedError, OSError) as error:
        raise ClusterError(GONE) from error
    except (AttributeError, RuntimeError) as error:  # how Dask fails once its client is closed
        if isinstance(error, ClusterError) or cluster.client.status == "running":
            raise
        raise ClusterError(GONE) from error
