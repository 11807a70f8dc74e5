"""A batch in shards: their gradients, computed anywhere, added up in a fixed order.

The gradient of a sum is the sum of the gradients. How a batch is split depends on its size and the
number of shards, never on the workers, and the gradients are added from the first shard to the
last. So any number of workers gives the same weights, to the bit, on processors of the same kind.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import numpy as np

from scratchcnn._utils.holder import param_places
from scratchcnn._utils.progress import EpochLines, defer_interrupts, progress_bar
from scratchcnn._utils.protocols import Executor
from scratchcnn._utils.validation import check_count, check_flag
from scratchcnn.batches import Batches
from scratchcnn.callbacks import Callback
from scratchcnn.history import History
from scratchcnn.layers.activations import Dropout
from scratchcnn.network import Sequential
from scratchcnn.optimizers import Optimizer
from scratchcnn.training import Pair, Training, executor


class Shard(NamedTuple):
    """All that is needed to compute the gradient of one shard: a worker keeps nothing.

    Attributes
    ----------
    step, number : int
        Which update the gradient is for, and which shard of its batch this is.
    x : ndarray (n, *input_shape)
    labels : ndarray of int (n,)
    total : int
        The number of images in the whole batch.
    params : list of ndarray
        The parameters, layer by layer.
    entropy : int or None
        Seeds dropout, together with ``number``; None if the network draws nothing.
    """

    step: int
    number: int
    x: np.ndarray
    labels: np.ndarray
    total: int
    params: list[np.ndarray]
    entropy: int | None


class ShardGradient(NamedTuple):
    """A shard's share of the loss and the gradient of its whole batch."""

    step: int
    number: int
    loss: float
    correct: int
    grads: list[np.ndarray]


class Computes(Protocol):
    """Something that computes shards: `Here`, or a session of a `Cluster`."""

    def compute(self, shards: list[Shard]) -> list[ShardGradient]:
        """Return the gradients of all shards, in their order."""

    def close(self) -> None:
        """Give back what was opened."""


def shard_slices(N: int, shards: int) -> list[slice]:
    """Split ``N`` images into at most ``shards`` slices, whose sizes differ by at most one."""
    edges = [N * k // shards for k in range(shards + 1)]
    return [slice(a, b) for a, b in pairwise(edges) if a < b]


class ShardNetwork:
    """A copy of a network that computes gradients of shards, on a worker or here."""

    def __init__(self, network: Any) -> None:
        self.network, self.exit = network, ExitStack()
        self.running: Executor | None = None

    def gradient(self, shard: Shard) -> ShardGradient:
        """Return a shard's share of the batch's loss and gradient."""
        places = param_places(self.network)
        for (_, layer, key), param in zip(places, shard.params, strict=True):
            layer._params[key][...] = param
        if self.running is None:
            self.running = self.exit.enter_context(executor(self.network, shard.x, shard.labels))
        if shard.entropy is not None:  # the masks belong to step and shard, whoever computes them
            rng = np.random.default_rng([shard.entropy, shard.number])
            for layer in self.network.layers:
                for _, inner in layer.walk():
                    inner.rng = rng
        loss, correct = self.running.loss_and_gradients(shard.x, shard.labels)
        share = len(shard.x) / shard.total
        grads = [layer.grads[key] * layer.dtype.type(share) for _, layer, key in places]
        return ShardGradient(shard.step, shard.number, loss * share, correct, grads)


class Here:
    """Computes the shards in this process, one after the other."""

    def __init__(self, network: Any) -> None:
        self.network = ShardNetwork(network)

    def compute(self, shards: list[Shard]) -> list[ShardGradient]:
        """Return the gradients of all shards, in their order."""
        return [self.network.gradient(shard) for shard in shards]

    def close(self) -> None:
        """Close the executor."""
        self.network.exit.close()


class ShardedExecutor:
    """Computes a network's gradients shard by shard; use it in ``with``.

    It takes the place of the other executors (training.py, fast/executor.py).

    Parameters
    ----------
    model : Sequential
        Its layers must treat each image independently of the others (not so `BatchNorm`).
    cluster : Cluster, optional
        Where the shards are computed; without it, in this process.
    shards : int
        Into how many shards a batch is split. The weights depend on it, in the last digits.
    """

    def __init__(self, model: Any, cluster: Any = None, shards: int = 4) -> None:
        self.model, self.cluster = check_can_be_split(model), cluster
        self.shards, self.step = check_count(shards, "shards"), 0
        self.draws = any(_draws(layer) for _, layer in model.walk() if layer is not model)

    def __enter__(self) -> ShardedExecutor:
        network = empty_copy(self.model)
        self.worker: Computes = self.cluster.session(network) if self.cluster else Here(network)
        return self

    def __exit__(self, *error: object) -> None:
        self.worker.close()

    def loss_and_gradients(self, x: np.ndarray, labels: np.ndarray) -> tuple[float, int]:
        """Fill the layers' `grads`; return the mean loss and the number of correct answers."""
        places = param_places(self.model)
        params = [layer._params[key] for _, layer, key in places]
        entropy = int(self.model.rng.integers(2**63)) if self.draws else None
        shards = [
            Shard(self.step, number, x[part], labels[part], len(x), params, entropy)
            for number, part in enumerate(shard_slices(len(x), self.shards))
        ]
        answers = self.worker.compute(shards)
        self.step += 1
        # In the order of the shards, whichever came first.
        totals = answers[0].grads
        for answer in answers[1:]:
            totals = [a + b for a, b in zip(totals, answer.grads, strict=True)]
        for (_, layer, key), total in zip(places, totals, strict=True):
            layer.grads[key] = total
        return sum(answer.loss for answer in answers), sum(answer.correct for answer in answers)

    def logits(self, x: np.ndarray) -> np.ndarray:
        """Return the scores (N, classes), computed in this process."""
        with executor(self.model, x) as running:
            return running.logits(x)


def _draws(layer: Any) -> bool:
    """Return whether a layer draws random numbers, or may do so because it is not ours."""
    ours = type(layer).__module__.startswith("scratchcnn.")
    return layer.rate > 0 if isinstance(layer, Dropout) else not ours


def check_can_be_split(model: Any) -> Any:
    """Return ``model`` if the gradient of a batch is the sum of the gradients of its shards."""
    if not isinstance(model, Sequential):
        raise TypeError(f"model is {type(model).__name__}, expected a Sequential")
    for path, layer in reversed(list(model.walk())):  # the innermost first
        if layer is not model and (not layer.per_example or layer.state):
            what = "keeps numbers from batch to batch" if layer.per_example else "looks at them all"
            raise ValueError(
                f"{path.rstrip('/')}: a worker sees only its own images of a batch, and "
                f"{type(layer).__name__} {what}. Train this network with model.fit, or leave the "
                "layer out"
            )
    return model


def empty_copy(model: Any) -> Any:
    """Return a copy of a network with all parameters 0: each shard brings its own."""
    network = copy.deepcopy(model)
    network.history = None
    network.forget()
    network.clear_gradients()
    for _, layer, key in param_places(network):
        layer._params[key][...] = 0
    return network


class ShardedTraining(Training):
    """A call to `fit` whose gradients come from shards."""

    sharded: ShardedExecutor

    def _update(self, x: np.ndarray, labels: np.ndarray) -> tuple[float, int]:
        if self._running is None:
            self._running = self._exit.enter_context(self.sharded)
        return super()._update(x, labels)


def fit(
    model: Sequential,
    x: np.ndarray | Batches | Iterable[Pair],
    y: np.ndarray | None = None,
    epochs: int = 1,
    batch_size: int = 64,
    optimizer: Optimizer | None = None,
    validation_data: Pair | None = None,
    shuffle: bool = True,
    verbose: bool = True,
    callbacks: Iterable[Callback] | None = None,
    *,
    cluster: Any = None,
    shards: int = 4,
) -> History:
    """Train as ``model.fit`` does, with every batch split among the workers of a cluster.

    The same seed and number of shards give bit-identical weights with any number of
    workers on processors of the same kind, also if some die on the way. An update is made with
    all shards or not at all. After an error or an interrupt the weights are those of the last
    whole update, and calling `fit` again continues from there.

    Parameters
    ----------
    model, x, y, epochs, batch_size, optimizer, validation_data, shuffle, verbose, callbacks
        As for ``model.fit``.
    cluster : Cluster, optional
        Where the gradients are computed; without it, in this process.
    shards : int
        Into how many shards each batch is split; at least as many as there are workers.

    Raises
    ------
    ValueError
        If the network cannot be split, as with `BatchNorm`.
    ClusterError
        If the cluster cannot continue; the message says why, and what to do.
    """
    sharded = ShardedExecutor(model, cluster, shards)
    training = ShardedTraining(
        model, x, y, epochs, batch_size, optimizer, validation_data, shuffle, callbacks
    )
    training.sharded = sharded
    with (
        progress_bar(len(training), check_flag(verbose, "verbose")) as bar,
        defer_interrupts() as interrupts,
        np.errstate(over="ignore", invalid="ignore"),  # divergence raises its own error
    ):
        if cluster is not None:
            cluster.interrupts = interrupts  # it stops waiting when one arrives
        training.callbacks.add(EpochLines(bar, epochs))
        for _ in training:
            bar.update()
            if interrupts:  # they are raised on the way out
                model.stop_training = True
    return training.history
