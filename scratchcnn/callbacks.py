"""Callbacks: the events that `fit` reports, and two listeners, EarlyStopping and Recorder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scratchcnn._utils.bounded_means import BoundedMeans
from scratchcnn._utils.protocols import Network
from scratchcnn._utils.validation import check_count, check_flag

EVENTS = ("on_train_begin", "on_batch_end", "on_epoch_end", "on_train_end")


@dataclass(slots=True)
class BatchEnd:
    """What `on_batch_end` receives after each update.

    Attributes
    ----------
    model : Sequential
        The network, just updated; its layers' `grads` are those of this step.
    epoch, step : int
        Epoch, and updates so far in this call to `fit`; both count from 1.
    loss, accuracy : float
        Means over the batch, taken just before the update.
    """

    model: Network
    epoch: int
    step: int
    loss: float
    accuracy: float


@dataclass(slots=True)
class EpochEnd:
    """What `on_epoch_end` receives after each epoch.

    Attributes
    ----------
    model : Sequential
    epoch : int
        Counts from 1.
    logs : dict of str to float
        ``"loss"`` and ``"accuracy"`` of the epoch; with validation data also ``"val_loss"`` and
        ``"val_accuracy"``, measured after the epoch.
    """

    model: Network
    epoch: int
    logs: dict[str, float] = field(default_factory=dict)


Callback = object  # anything with one or more of the EVENTS, or a function


class Callbacks:
    """For each event, calls the method of that name on every callback that has one.

    Parameters
    ----------
    callbacks : list or tuple, or None
        Objects with any of the methods ``on_train_begin(model)``, ``on_batch_end(batch_end)``,
        ``on_epoch_end(epoch_end)`` and ``on_train_end(model)``, or functions, which are called as
        ``on_batch_end``. Return values are ignored: to stop, set ``model.stop_training``.
    """

    def __init__(self, callbacks: Iterable[Callback] | None = None) -> None:
        if not isinstance(callbacks, list | tuple | None):
            raise TypeError(f"callbacks is {callbacks!r}, expected a list of callbacks")
        self._listeners: dict[str, list[Callable[[Any], object]]] = {name: [] for name in EVENTS}
        for callback in callbacks or ():
            self.add(callback)

    def add(self, callback: Callback) -> None:
        """Add a callback; reject objects without any of the methods."""
        methods = {name: getattr(callback, name, None) for name in EVENTS}
        if isinstance(callback, type):
            raise TypeError(
                f"callbacks holds the class {callback.__name__}: put parentheses after its name"
            )
        if not any(map(callable, methods.values())):
            if not callable(callback):
                raise TypeError(
                    f"callbacks holds {callback!r}, which is neither a function nor an object "
                    f"with one of {', '.join(EVENTS)}"
                )
            methods["on_batch_end"] = callback
        for name, method in methods.items():
            if callable(method):
                self._listeners[name].append(method)

    def tell(self, event: str, news: object) -> None:
        """Call all listeners for an event."""
        for listener in self._listeners[event]:
            listener(news)


class EarlyStopping:
    """Stop training when a metric has not improved for some epochs.

    Parameters
    ----------
    monitor : str
        A name in ``EpochEnd.logs``. If it contains "accuracy", higher is better, else lower.
    patience : int
        The number of epochs without improvement after which training stops; at least 1.
    restore_best_weights : bool
        Whether to restore the weights of the best epoch at the end.

    Attributes
    ----------
    best : float or None
        The best value in the last call to `fit`.
    best_epoch : int
        Its epoch; 0 if there was none.
    """

    def __init__(
        self, monitor: str = "val_loss", patience: int = 1, restore_best_weights: bool = False
    ) -> None:
        self.monitor = monitor
        self.patience = check_count(patience, "patience")
        self.restore_best_weights = check_flag(restore_best_weights, "restore_best_weights")
        self.best: float | None = None
        self.best_epoch = 0
        self._best_weights: list[np.ndarray] | None = None

    def on_train_begin(self, model: Network) -> None:
        """Start over."""
        self.best, self.best_epoch, self._best_weights = None, 0, None

    def on_epoch_end(self, end: EpochEnd) -> None:
        """Record an improvement; stop if there has been none for too long."""
        if self.monitor not in end.logs:
            hint = ": give fit validation_data" if self.monitor.startswith("val_") else ""
            raise ValueError(
                f"EarlyStopping: there is no {self.monitor!r}, only {sorted(end.logs)}{hint}"
            )
        value = end.logs[self.monitor]
        sign = -1 if "accuracy" in self.monitor else 1
        if self.best is None or sign * value < sign * self.best:
            self.best, self.best_epoch = value, end.epoch
            if self.restore_best_weights:
                self._best_weights = end.model.get_weights()
        elif end.epoch - self.best_epoch >= self.patience:
            end.model.stop_training = True

    def on_train_end(self, model: Network) -> None:
        """Restore the best weights, if requested."""
        if self._best_weights is not None:
            model.set_weights(self._best_weights)

    def __repr__(self) -> str:
        return (
            f"EarlyStopping({self.monitor!r}, patience={self.patience}, "
            f"restore_best_weights={self.restore_best_weights})"
        )


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The weights of a network at one point in its training.

    Attributes
    ----------
    step : int
        Number of updates made so far; 0 is the untrained network.
    weights : tuple of ndarray
        As `Sequential.get_weights` returns them.
    """

    step: int
    weights: tuple[np.ndarray, ...]


class Recorder:
    """Keep evenly spaced snapshots of the weights during training, and the loss curve.

    Memory use is bounded: when there are too many snapshots, every second one is dropped, and
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

    def __init__(self, model: Network, limit: int = 200, max_bytes: int = 32_000_000) -> None:
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

    def on_batch_end(self, batch: BatchEnd) -> None:
        """Record an update. `fit` calls this.

        Raises
        ------
        ValueError
            If the update is from another model.
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

    def __repr__(self) -> str:
        return f"<Recorder: {self.step:,} updates, {len(self.snapshots)} snapshots>"
