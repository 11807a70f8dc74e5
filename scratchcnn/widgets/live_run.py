"""A training run as live training shows it: its curves as they come, and a run made in advance."""

import copy
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchcnn._utils.bounded_means import BoundedMeans
from scratchcnn.callbacks import BatchEnd
from scratchcnn.network import Sequential
from scratchcnn.widgets.images import first_convolution

IMAGES_PER_POINT = 32  # at least: curves of smaller means would be too jagged
MOST_POINTS = 120  # of a curve
LONGEST_REHEARSAL = 3.0  # seconds

Points = tuple[np.ndarray, np.ndarray]
NOTHING: Points = (np.empty(0), np.empty(0))


@dataclass(frozen=True, eq=False)
class LiveState:
    """What live training shows.

    Attributes
    ----------
    kernel : ndarray (KH, KW, F)
        The first convolution's kernels: their weights for the first channel.
    step, total : int
        Updates made and planned.
    loss, accuracy : (steps, values)
        Measured during training, as two arrays.
    validation : (steps, values)
        Accuracy on the validation data after each epoch.
    steps_per_point : int
        How many updates each point of ``loss`` and ``accuracy`` stands for.
    status : str
        The current status, in words.
    running : bool
        Whether the network is being trained right now.
    pace : str
        A key of `PACES`.
    runs : tuple of int
        The updates from each Start to its stop, since the first weights.
    """

    kernel: np.ndarray
    step: int = 0
    total: int = 1
    loss: Points = NOTHING
    accuracy: Points = NOTHING
    validation: Points = NOTHING
    steps_per_point: int = 1
    status: str = "Press Start to train."
    running: bool = False
    pace: str = "full speed"
    runs: tuple[int, ...] = ()


class Run:
    """The losses and accuracies of a network's training, update by update.

    Parameters
    ----------
    model : Sequential
        The network; it needs a `Conv2D`.
    examples, batch_size : int
        How many images an epoch has, and how many an update takes.
    """

    def __init__(self, model: Sequential, examples: int, batch_size: int) -> None:
        self.model, self._convolution = model, model.layers[first_convolution(model)]
        self.steps_per_epoch = math.ceil(examples / batch_size)
        steps = math.ceil(IMAGES_PER_POINT / batch_size)
        self.losses = BoundedMeans(MOST_POINTS, steps)
        self.accuracies = BoundedMeans(MOST_POINTS, steps)
        self._begins = [0]  # updates made before each call of fit

    @property
    def step(self) -> int:
        """How many updates have been made."""
        return self.losses.count

    def begin(self) -> None:
        """Note that training begins, or goes on."""
        self._begins.append(self.step)

    def note(self, batch: BatchEnd) -> None:
        """Record an update."""
        self.losses.append(batch.loss)
        self.accuracies.append(batch.accuracy)

    def kernel(self) -> np.ndarray:
        """Return a copy of the kernels: (KH, KW, C, F) -> (KH, KW, F)."""
        return self._convolution.params["kernel"][:, :, 0].copy()

    def progress(self, planned: int) -> dict[str, Any]:
        """Return how far it is, as fields of `LiveState`; ``planned`` updates are made by fit."""
        history = self.model.history.history if self.model.history else {}
        values = np.array(history.get("val_accuracy", ()))
        begin = self._begins[-1]
        runs = np.diff([*self._begins, self.step])
        epochs = begin + self.steps_per_epoch * np.arange(1, len(values) + 1)
        return {
            "kernel": self.kernel(),
            "step": self.step,
            "total": max(planned + begin, self.step),
            "loss": self.losses.points,
            "accuracy": self.accuracies.points,
            "validation": (epochs, values),
            "steps_per_point": self.losses.values_per_mean,
            "runs": tuple(int(steps) for steps in runs if steps),
        }


def rehearse(
    model: Sequential, x: np.ndarray, y: np.ndarray, options: Mapping[str, Any]
) -> LiveState:
    """Train a copy of the network, for a few seconds at most, and return what there is to show.

    The network itself is not changed, nor is the optimizer in ``options``, which are those of
    `fit`.
    """
    model, options = copy.deepcopy(model), dict(options)
    if "optimizer" in options:
        options["optimizer"] = copy.deepcopy(options["optimizer"])
    batch_size = options["batch_size"]
    run = Run(model, len(x), batch_size)
    end = time.perf_counter() + LONGEST_REHEARSAL

    def on_batch_end(batch: BatchEnd) -> None:
        run.note(batch)
        if time.perf_counter() > end:
            model.stop_training = True

    model.fit(x, y, callbacks=[on_batch_end], verbose=False, **options)
    return LiveState(**run.progress(options["epochs"] * run.steps_per_epoch))


def write_runs(runs: tuple[int, ...]) -> str:
    """Write the updates of each run as text."""
    return " ".join(map(str, runs))


def read_runs(text: str) -> tuple[int, ...]:
    """Read the updates of each run from text."""
    runs = tuple(int(word) for word in text.split())
    if min(runs) < 1:
        raise ValueError(text)
    return runs
