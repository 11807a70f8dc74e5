"""What `fit` tells while it trains, and who listens: EarlyStopping, Recorder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scratchcnn._utils.progress import ProgressBar
from scratchcnn._utils.protocols import Network
from scratchcnn._utils.validation import check_count, check_flag

EVENTS = ("on_train_begin", "on_batch_end", "on_epoch_end", "on_train_end")


@dataclass(slots=True)
class BatchEnd:
    """What `on_batch_end` is told after each update.

    Attributes
    ----------
    model : Sequential
        The network, just updated; its layers' `grads` are those of this step.
    epoch, step : int
        Epoch, and updates so far in this call of `fit`; both count from 1.
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
    """What `on_epoch_end` is told after each epoch.

    Attributes
    ----------
    model : Sequential
    epoch : int
        Counts from 1.
    logs : dict of str to float
        ``"loss"`` and ``"accuracy"`` of the epoch, and with validation data ``"val_loss"`` and
        ``"val_accuracy"``, measured after it.
    """

    model: Network
    epoch: int
    logs: dict[str, float] = field(default_factory=dict)


Callback = object  # anything with one or more of the EVENTS, or a function


class Callbacks:
    """Calls, for each event, the method of that name of every callback that has one.

    Parameters
    ----------
    callbacks : iterable, or None
        Objects with any of the methods ``on_train_begin(model)``, ``on_batch_end(batch_end)``,
        ``on_epoch_end(epoch_end)`` and ``on_train_end(model)``. A bare function is an
        ``on_batch_end``. What they return is ignored: to stop, set ``model.stop_training``.
    """

    def __init__(self, callbacks: Iterable[Callback] | None = None) -> None:
        if not isinstance(callbacks, list | tuple | None):
            raise TypeError(f"callbacks is {callbacks!r}, expected a list of callbacks")
        self._listeners: dict[str, list[Callable[[Any], object]]] = {name: [] for name in EVENTS}
        for callback in callbacks or ():
            self.add(callback)

    def add(self, callback: Callback) -> None:
        """Add one more; refuse what can be told nothing."""
        methods = {name: getattr(callback, name, None) for name in EVENTS}
        if isinstance(callback, type):
            raise TypeError(
                f"callbacks holds the class {callback.__name__}: put brackets behind its name"
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
        """Call all listeners of an event."""
        for listener in self._listeners[event]:
            listener(news)


class EarlyStopping:
    """Stop training when a figure has not improved for some epochs.

    Parameters
    ----------
    monitor : str
        A name in ``EpochEnd.logs``. A name with "accuracy" in it should rise, others should fall.
    patience : int
        The number of epochs without a better figure after which training stops; at least 1.
    restore_best_weights : bool
        Whether to go back, at the end, to the weights of the best epoch.

    Attributes
    ----------
    best : float or None
        The best figure of the last call of `fit`.
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
        """Begin anew."""
        self.best, self.best_epoch, self._best_weights = None, 0, None

    def on_epoch_end(self, end: EpochEnd) -> None:
        """Note a better figure; stop when there has been none for too long."""
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
        """Go back to the best weights, if that was asked for."""
        if self._best_weights is not None:
            model.set_weights(self._best_weights)

    def __repr__(self) -> str:
        return (
            f"EarlyStopping({self.monitor!r}, patience={self.patience}, "
            f"restore_best_weights={self.restore_best_weights})"
        )


class EpochLines:
    """Says on a progress bar which epoch it is, and writes a line when it has ended."""

    def __init__(self, bar: ProgressBar, epochs: int) -> None:
        self.bar, self.epochs = bar, epochs
        bar.set_description(f"epoch 1/{epochs}")

    def on_epoch_end(self, end: EpochEnd) -> None:
        """Write the epoch's figures."""
        figures = "  ".join(f"{name} {value:.3f}" for name, value in end.logs.items())
        self.bar.write(f"epoch {end.epoch}/{self.epochs}  {figures}")
        self.bar.set_description(f"epoch {min(end.epoch + 1, self.epochs)}/{self.epochs}")
