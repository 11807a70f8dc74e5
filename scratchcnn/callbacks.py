"""Callbacks: objects that `fit` tells how the training is going."""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from scratchcnn._utils.bounded_means import BoundedMeans


class RecordableModel(Protocol):
    """What a `Recorder` needs of the network it records."""

    def get_weights(self) -> list[np.ndarray]:
        """Return copies of all weights."""


class BatchResult(Protocol):
    """What a `Recorder` needs to know about an update."""

    @property
    def model(self) -> object:
        """The network that was updated."""

    @property
    def loss(self) -> float:
        """Mean loss over the batch, taken just before the update."""


Model = TypeVar("Model", bound=RecordableModel)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The weights of a network at one point of its training.

    Attributes
    ----------
    step : int
        Number of updates made by then; 0 is the untrained network.
    weights : tuple of ndarray
        As `Sequential.get_weights` returns them.
    """

    step: int
    weights: tuple[np.ndarray, ...]


class Recorder(Generic[Model]):
    """Keep snapshots of the weights, evenly spread over the training, and the loss curve.

    Memory is bounded: when there are too many snapshots, every second one is dropped, and
    from then on they are taken half as often. The first and the latest state are always
    included.

        recorder = Recorder(model)
        model.fit(x, y, callbacks=[recorder])

    Parameters
    ----------
    model : Sequential
        The network, before it is trained.
    limit : int
        The largest number of snapshots to keep.
    max_bytes : int
        The largest number of bytes that their weights may take up.

    Attributes
    ----------
    step : int
        Number of updates recorded.
    losses : BoundedMeans
        The loss of each update, condensed to at most 160 means.
    """

    def __init__(self, model: Model, limit: int = 200, max_bytes: int = 32_000_000) -> None:
        self.model = model
        weights = tuple(model.get_weights())
        size = sum(weight.nbytes for weight in weights)
        # One more than the limit is kept: the latest state.
        self._limit = min(int(limit), max_bytes // max(size, 1) - 1)
        if self._limit < 2:
            raise ValueError(
                f"limit {limit} and max_bytes {max_bytes:,} leave no room for two snapshots of "
                f"{size:,} bytes each"
            )
        self.step = 0
        self.losses = BoundedMeans(160)
        self._interval = 1
        self._kept = [Snapshot(0, weights)]
        self._latest = weights

    def on_batch_end(self, batch: BatchResult) -> None:
        """Record an update; `fit` calls this.

        Raises
        ------
        ValueError
            If the update is one of another model.
        """
        if batch.model is not self.model:
            raise ValueError("this Recorder was made for another model: make one for each model")
        self.step += 1
        self.losses.append(batch.loss)
        self._latest = tuple(self.model.get_weights())
        if self.step % self._interval:
            return
        self._kept.append(Snapshot(self.step, self._latest))
        if len(self._kept) > self._limit:
            self._kept = self._kept[::2]
            self._interval *= 2

    __call__ = on_batch_end  # until fit calls on_batch_end

    @property
    def snapshots(self) -> list[Snapshot]:
        """All snapshots, from the untrained network to its present state."""
        if self._kept[-1].step == self.step:
            return list(self._kept)
        return [*self._kept, Snapshot(self.step, self._latest)]

    @property
    def nbytes(self) -> int:
        """How many bytes the weights take up, all snapshots together."""
        snapshot_bytes = sum(weight.nbytes for weight in self._latest)
        return snapshot_bytes * (len(self._kept) + 1)
