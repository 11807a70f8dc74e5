"""fit: show a network its images until it knows them (notebook 04)."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scratchcnn._utils.progress import interrupts_held_back, progress_bar
from scratchcnn._utils.validation import check_batches, check_count, check_pair
from scratchcnn.batches import Batches
from scratchcnn.fast.executor import evaluate, learn
from scratchcnn.fast.workers import Crew
from scratchcnn.history import History
from scratchcnn.optimizers import SGD, Optimizer

if TYPE_CHECKING:
    from scratchcnn.network import Sequential


class DivergenceError(ArithmeticError):
    """The loss became infinite or no number; weights and optimizer are those before that epoch."""


@dataclass
class Step:
    """What a callback of `fit` is told after each update.

    Attributes
    ----------
    model : Sequential
        The network, just updated; its layers' `grads` are those of this step.
    epoch, number : int
        Epoch, and updates so far in this call of `fit`; both count from 1.
    loss, accuracy : float
        Means over the batch, taken just before the update.
    """

    model: "Sequential"
    epoch: int
    number: int
    loss: float
    accuracy: float


def fit(
    model: "Sequential",
    x: np.ndarray | Batches,
    y: np.ndarray | None = None,
    epochs: int = 1,
    batch_size: int = 32,
    optimizer: Optimizer | None = None,
    validation_data: tuple[np.ndarray, np.ndarray] | None = None,
    shuffle: bool = True,
    verbose: bool = True,
    callbacks: Sequence[Callable[[Step], object]] = (),
) -> History:
    """Train: repeat forward, backward, update over batches of images.

    Calling it again goes on from where the last call stopped; with ``model.save(path,
    optimizer)`` it also goes on after a restart. An interrupt (Ctrl-C, Kernel > Interrupt)
    stops after the running update: the weights are those of one finished step. The same seed
    gives the same weights to the bit on the same computer.

    Parameters
    ----------
    x : ndarray (N, *input_shape) or Batches
        Images, already scaled; or an iterable with a length that yields (images, labels)
        batch by batch and an epoch an iteration, such as `ShiftedBatches`.
    y : ndarray of int (N,)
        Their classes; left out if ``x`` yields them.
    epochs : int
        How often every image is seen.
    batch_size : int
        Images an update; the last batch of an epoch may be smaller. Batches that ``x``
        yields keep their own size and order.
    optimizer : Optimizer
        By default ``SGD(0.01)``.
    validation_data : (x_val, y_val), optional
        Images to `evaluate` after each epoch, never trained on.
    shuffle : bool
        Whether each epoch sees the images in a new order, drawn from the model's seed.
    verbose : bool
        Whether to show a progress bar and a line for each epoch.
    callbacks : sequence of callable
        Each is called with a `Step` after every update; one that returns True stops
        the training. One that changes a layer's settings should not: on other cores twins of
        the layers are at work.

    Returns
    -------
    History
        Loss and accuracy of each epoch: means over all its images, each measured just
        before the update it took part in. Also kept as ``model.history``.

    Raises
    ------
    TypeError, ValueError
        For data that does not fit the model. Nothing has been changed then, unless it came
        out of an iterable after other batches that did fit.
    DivergenceError
        When the loss is infinite or not a number. The weights and the optimizer's memory go
        back to those at the start of that epoch.
    """
    epochs, batch_size = check_count(epochs, "epochs"), check_count(batch_size, "batch_size")
    if y is None:
        batches = check_batches(x)
        if isinstance(batches, Batches):  # whose images are at hand before the first update
            check_pair(model, (batches.x, batches.y), "x")
    else:
        x, y = check_pair(model, (x, y), "x")
        batches = Batches(x, y, batch_size, model.rng if shuffle else None)
    if validation_data is not None:
        validation_data = check_pair(model, validation_data, "validation_data")
    optimizer = SGD(0.01) if optimizer is None else optimizer
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer is {optimizer!r}, expected one such as SGD(0.01)")
    if not isinstance(callbacks, list | tuple) or not all(map(callable, callbacks)):
        raise TypeError(f"callbacks is {callbacks!r}, expected a list of functions")

    history = model.history = History()
    with (
        Crew(model) as crew,
        progress_bar(epochs * len(batches), verbose) as bar,
        interrupts_held_back() as interrupts,
        np.errstate(over="ignore", invalid="ignore"),  # divergence has an error of its own
    ):
        trainer = _Trainer(model, optimizer, crew)
        for epoch in range(1, epochs + 1):
            bar.set_description(f"epoch {epoch}/{epochs}")
            loss_sum, right_sum, seen = 0.0, 0, 0
            for batch in batches:
                x_batch, y_batch = batch if y is not None else check_pair(model, batch, "a batch")
                loss, right = trainer.step(x_batch, y_batch)
                loss_sum += loss * len(y_batch)
                right_sum += right
                seen += len(y_batch)
                bar.update()
                if callbacks:
                    step = Step(model, epoch, trainer.updates, loss, right / len(y_batch))
                    answers = [callback(step) for callback in callbacks]
                    if any(isinstance(a, bool | np.bool_) and a for a in answers):
                        return history
                if interrupts:
                    return history  # the interrupt is raised on the way out
            if seen == 0:
                raise ValueError(f"x yielded no batch in epoch {epoch}: it must start anew")
            record = {"loss": loss_sum / seen, "accuracy": right_sum / seen}
            if validation_data is None:
                trainer.end_epoch(x_batch, y_batch)
            else:
                val_loss, val_accuracy = trainer.end_epoch(*validation_data)
                record |= {"val_loss": val_loss, "val_accuracy": val_accuracy}
            history.append(**record)
            if verbose:
                bar.write(f"epoch {epoch}/{epochs}  {history.last_line()}")
    return history


class _Trainer:
    """Makes one update after another, and can go back to weights that were good."""

    def __init__(self, model: "Sequential", optimizer: Optimizer, crew: Crew) -> None:
        self.model, self.optimizer, self.crew = model, optimizer, crew
        self.updates = 0
        self._last_good = model.get_weights(), optimizer.get_state(model.params)

    def end_epoch(self, x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
        """Return loss and accuracy on ``x``; if they are finite, the weights are good."""
        loss, accuracy = evaluate(self.model, x, y)
        weights = self.model.get_weights()
        if not (math.isfinite(loss) and all(np.isfinite(weight).all() for weight in weights)):
            self._diverged(f"the loss is {loss}")
        self._last_good = weights, self.optimizer.get_state(self.model.params)
        return loss, accuracy

    def step(self, x: np.ndarray, labels: np.ndarray) -> tuple[float, int]:
        """Learn from a batch; return its mean loss before the update and how many were right."""
        loss, right = learn(self.crew, x, labels)
        if not math.isfinite(loss):
            self._diverged(f"the loss is {loss}")
        self.optimizer.update(self.model.params, self.model.grads)
        self.updates += 1
        return loss, right

    def _diverged(self, what: str) -> None:
        """Go back to what was good last, and say what happened and what helps."""
        rate = self.optimizer.current_learning_rate
        weights, memory = self._last_good
        self.model.set_weights(weights)
        self.optimizer.set_state(self.model.params, memory)
        raise DivergenceError(
            f"training has diverged: after {self.updates} updates {what}. Most often the "
            f"learning rate ({rate:g}) is too large, or the "
            "pixels are not scaled (use x / 255 - 0.5). The weights are again those at the start "
            "of the epoch."
        )
