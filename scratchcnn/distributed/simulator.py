"""What a training step costs on W workers: counted, fitted to measurements, and simulated.

A step computes, waits for the slowest worker, and communicates. `fitted_costs` finds what each of
these costs on the workers at hand; `simulate` then adds them up for workers that are not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from scratchcnn._utils.validation import check_count

WAYS = ("server", "tree", "ring")


@dataclass(frozen=True)
class Costs:
    """What things cost, in seconds.

    Attributes
    ----------
    per_step : float
        Whatever there is to do in each step, with any number of images and workers.
    per_image : float
        Forward and backward for one image, on one worker.
    per_message : float
        The latency: before the first byte of a message arrives.
    per_byte : float
        One over the bandwidth.
    spread : float
        How differently fast the workers are: the standard deviation of the logarithm of the time
        that they compute. Their mean time does not depend on it.
    """

    per_step: float = 0.0
    per_image: float = 0.0
    per_message: float = 0.0
    per_byte: float = 0.0
    spread: float = 0.0


class Messages(NamedTuple):
    """What one step sends.

    Attributes
    ----------
    rounds : int
        Messages that must wait for one another.
    busiest : float
        Bytes that the busiest machine sends and receives.
    total : float
        Bytes sent by all machines together.
    """

    rounds: int
    busiest: float
    total: float


class Step(NamedTuple):
    """Seconds of a mean step: computing on average, waiting for the slowest, communicating."""

    computing: float
    waiting: float
    communicating: float

    @property
    def seconds(self) -> float:
        """The time of the whole step."""
        return sum(self)


def messages(how: str, workers: int, nbytes: float) -> Messages:
    """Count what it takes to add up ``nbytes`` of gradient from all workers, and to hand it back.

    Parameters
    ----------
    how : {"server", "tree", "ring"}
        One machine receives all gradients and sends the sum to all; pairs of workers add, then
        pairs of pairs, and the sum goes back the same way; or each worker passes a part of the
        gradient on to the next, around a ring.
    workers : int
    nbytes : float
        The size of the gradient.

    Source: Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms for clusters of
    workstations", J. Parallel Distrib. Comput. 69, 2009 (the ring).
    """
    W = check_count(workers, "workers")
    if how == "server":
        return Messages(2 * W, 2 * W * nbytes, 2 * W * nbytes)
    if how == "tree":
        levels = math.ceil(math.log2(W))
        return Messages(2 * levels, 2 * levels * nbytes, 2 * (W - 1) * nbytes)
    if how == "ring":
        each = 2 * (W - 1) / W * nbytes  # sent by each worker; as much is received
        return Messages(2 * (W - 1), 2 * each, W * each)
    raise ValueError(f"how is {how!r}, expected one of {', '.join(WAYS)}")


def communication_seconds(how: str, workers: int, nbytes: float, costs: Costs) -> float:
    """Return how long it takes to add up gradients and to hand the sum back.

    The server handles one message after the other. On a tree, each round carries the whole
    gradient; on a ring, a W-th of it.
    """
    rounds = messages(how, workers, nbytes).rounds
    size = nbytes / workers if how == "ring" else nbytes
    return rounds * (costs.per_message + size * costs.per_byte)


def simulate(
    costs: Costs,
    workers: int,
    batch: int,
    nbytes: float,
    how: str = "server",
    local_steps: int = 1,
    compression: float = 1.0,
    steps: int = 200,
    seed: int = 0,
) -> Step:
    """Return the seconds of a mean step of synchronous training.

    Parameters
    ----------
    costs : Costs
    workers : int
    batch : int
        Images of all workers together. A worker gets whole images: the largest share counts.
    nbytes : float
        The size of the gradient.
    how : {"server", "tree", "ring"}
        As in `messages`.
    local_steps : int
        The workers communicate once in so many steps (local SGD).
    compression : float
        The gradient is sent in so many times fewer bytes.
    steps : int
        How many steps are simulated, if the workers differ.
    seed : int
    """
    share = math.ceil(batch / check_count(workers, "workers"))
    mean = costs.per_image * share
    slowest = mean
    if costs.spread:
        rng, sigma = np.random.default_rng(seed), costs.spread
        rounds = max(1, steps // local_steps)
        draws = rng.lognormal(-(sigma**2) / 2, sigma, (rounds, local_steps, workers))
        # Whoever is slow in one step may catch up in the next, until all wait for one another.
        slowest = mean * float(draws.sum(axis=1).max(axis=1).mean()) / local_steps
    sending = communication_seconds(how, workers, nbytes / compression, costs)
    return Step(mean, slowest - mean, (costs.per_step + sending) / local_steps)


class Case(NamedTuple):
    """A measured step: Dask's client is the server, and each shard takes two messages."""

    workers: int
    batch: int
    shards: int
    nbytes: float
    seconds: float


def dask_step(costs: Costs, case: Case, cores: float = math.inf) -> float:
    """Return the seconds that a step on Dask should take.

    Workers take one shard after the other; no more than ``cores`` of them compute at once.
    """
    sending = communication_seconds("server", case.shards, case.nbytes, costs)
    return costs.per_step + sending + costs.per_image * images_in_turn(case, cores)


def images_in_turn(case: Case, cores: float = math.inf) -> float:
    """Return how many images the busiest core computes in a step."""
    turns = math.ceil(case.shards / min(case.workers, cores))
    return turns * case.batch / case.shards


def fitted_costs(cases: Sequence[Case], cores: float = math.inf) -> Costs:
    """Return the costs that come closest to measured steps, by relative least squares.

    What the cases do not tell apart is counted as ``per_step``: messages, if all have the same
    number of shards, and bytes, if all have the same size.
    """
    columns = {
        "per_step": [1.0 for _ in cases],
        "per_image": [images_in_turn(case, cores) for case in cases],
        "per_message": [2.0 * case.shards for case in cases],
        "per_byte": [2.0 * case.shards * case.nbytes for case in cases],
    }
    if len({case.shards for case in cases}) == 1:
        del columns["per_message"]
    if len({case.nbytes for case in cases}) == 1:
        del columns["per_byte"]
    seconds = np.array([case.seconds for case in cases])
    names = list(columns)
    while True:  # a cost below zero is noise: fit again without it
        matrix = np.array([columns[name] for name in names]).T / seconds[:, None]
        scale = np.linalg.norm(matrix, axis=0)
        found = np.linalg.lstsq(matrix / scale, np.ones(len(cases)), rcond=None)[0] / scale
        if (found >= 0).all():
            return Costs(**dict(zip(names, map(float, found), strict=True)))
        del names[int((found * scale).argmin())]
