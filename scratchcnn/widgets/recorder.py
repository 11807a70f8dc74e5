"""Recorder: a callback of `fit` that keeps a training run to look at later."""

import copy
from dataclasses import dataclass

import numpy as np

from scratchcnn.callbacks import BatchEnd
from scratchcnn.network import Sequential
from scratchcnn.widgets.curves import Curve


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A network at one moment of its training.

    Attributes
    ----------
    step : int
        Updates made before; 0 is the untrained network.
    weights : tuple of ndarray
        As `Sequential.get_weights` returns them.
    """

    step: int
    weights: tuple[np.ndarray, ...]


class Recorder:
    """Keep snapshots of the weights, evenly spread over the run, and the course of the loss.

    Memory is bounded: when there are too many snapshots, every second one is dropped, and
    from then on half as many are taken. The first and the last state are always there.

        recorder = Recorder(model)
        model.fit(x, y, callbacks=[recorder])

    Parameters
    ----------
    model : Sequential
        The network, before its training.
    limit : int
        Keep at most so many snapshots.
    max_bytes : int
        And at most so many bytes of weights.
    """

    def __init__(self, model: Sequential, limit: int = 200, max_bytes: int = 32_000_000) -> None:
        self.model = model
        weights = tuple(model.get_weights())
        size = sum(weight.nbytes for weight in weights)
        self._limit = min(int(limit), max_bytes // max(size, 1) - 1)
        if self._limit < 2:
            raise ValueError(
                f"limit {limit} and max_bytes {max_bytes:,} leave no room for two snapshots of "
                f"{size:,} bytes each"
            )
        self.step = 0
        self.losses = Curve(160)
        self._every = 1
        self._kept = [Snapshot(0, weights)]
        self._last = tuple(weight.copy() for weight in weights)

    def __call__(self, step: BatchEnd) -> None:
        """Record an update; `fit` calls this."""
        if step.model is not self.model:
            raise ValueError("this Recorder was made for another model: make one for each")
        self.step += 1
        self.losses.append(step.loss)
        for kept, param in zip(self._last, self.model.params.values(), strict=True):
            np.copyto(kept, param)
        if self.step % self._every:
            return
        self._kept.append(Snapshot(self.step, copy.deepcopy(self._last)))
        if len(self._kept) > self._limit:
            self._kept = self._kept[::2]
            self._every *= 2

    @property
    def snapshots(self) -> list[Snapshot]:
        """From the untrained network to the present one."""
        if self._kept[-1].step == self.step:
            return list(self._kept)
        return [*self._kept, Snapshot(self.step, copy.deepcopy(self._last))]

    @property
    def nbytes(self) -> int:
        """Bytes of all weights that are kept."""
        each = sum(weight.nbytes for weight in self._last)
        return each * (len(self._kept) + 1)
