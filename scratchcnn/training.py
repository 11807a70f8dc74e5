"""fit, evaluate, predict: train a network and use it (lesson 06)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext

import numpy as np

from scratchcnn._utils.checkpoint import Checkpoint
from scratchcnn._utils.holder import check_as_built, param_places
from scratchcnn._utils.progress import EpochLines, defer_interrupts, progress_bar
from scratchcnn._utils.protocols import Executor, Network
from scratchcnn._utils.validation import check_count, check_flag, check_images, check_xy
from scratchcnn.batches import Batches, CheckedBatches
from scratchcnn.callbacks import BatchEnd, Callback, Callbacks, EpochEnd
from scratchcnn.history import History
from scratchcnn.losses import SoftmaxCrossEntropy, softmax
from scratchcnn.optimizers import SGD, Optimizer

IMAGES_AT_ONCE = 64  # in prediction, so that memory use does not grow with the number of images

Pair = tuple[np.ndarray, np.ndarray]


class Trainable:
    """The methods that train and apply a network; `Sequential` adds the layers."""

    def fit(
        self: Network,
        x: np.ndarray | Batches | Iterable[Pair],
        y: np.ndarray | None = None,
        epochs: int = 1,
        batch_size: int = 32,
        optimizer: Optimizer | None = None,
        validation_data: Pair | None = None,
        shuffle: bool = True,
        verbose: bool = True,
        callbacks: Iterable[Callback] | None = None,
    ) -> History:
        """Train: repeat forward, backward, update over batches of images.

        Calling it again continues where the last call stopped; ``model.save(path, optimizer)``
        lets it continue after a restart as well. An interrupt (Ctrl-C, Kernel > Interrupt) takes
        effect after the current update. The same seed gives bit-identical weights on the same
        computer. If the loss becomes infinite or NaN, the weights and the optimizer's state are
        restored to the start of that epoch, and a `DivergenceError` is raised.

        Parameters
        ----------
        x : ndarray (N, *input_shape) or Batches
            Images, already scaled; or an iterable with a length, such as `ShiftedBatches`, that
            yields one epoch of batches (images, labels) each time it is iterated over.
        y : ndarray of int (N,)
            Their classes; omit them if ``x`` yields them.
        epochs, batch_size : int
            How often each image is seen, and, for an array, how many go into an update.
        optimizer : Optimizer
            By default ``SGD(0.01)``.
        validation_data : (x_val, y_val), optional
            Images to `evaluate` after each epoch; the model is never trained on them.
        shuffle : bool
            Whether each epoch uses a new random order of an array's images, from the model's seed.
        verbose : bool
            Whether to show a progress bar and a line for each epoch.
        callbacks : list, optional
            Objects or functions to call during training: see `scratchcnn.callbacks.Callbacks`.
            If one sets ``model.stop_training`` to True, training ends after that update.

        Returns
        -------
        History
            Loss and accuracy of each epoch: means over its images, measured before each update.
        """
        training = Training(
            self, x, y, epochs, batch_size, optimizer, validation_data, shuffle, callbacks
        )
        with (
            progress_bar(len(training), check_flag(verbose, "verbose")) as bar,
            defer_interrupts() as interrupts,
            np.errstate(over="ignore", invalid="ignore"),  # divergence raises its own error
        ):
            training.callbacks.add(EpochLines(bar, epochs))
            for _ in training:
                bar.update()
                if interrupts:  # they are raised on the way out
                    self.stop_training = True
        return training.history

    def evaluate(self: Network, x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
        """Return (loss, accuracy), means over the images ``x`` (N, ...) with labels ``y`` (N,)."""
        x, y = check_xy(self, (x, y), "x")
        with executor(self, x) as running:
            return evaluate(running, x, y)

    def predict(self: Network, x: np.ndarray) -> np.ndarray:
        """Return the probabilities (N, classes) of the images ``x`` (N, ...); rows sum to 1."""
        x = check_images(x, self)
        with executor(self, x) as running:
            return softmax(running.logits(x)).reshape(len(x), self.num_classes)


class PlainExecutor:
    """Forward, loss, backward: layer by layer, as in the lessons."""

    def __init__(self, model: Network) -> None:
        self.model, self.loss = model, SoftmaxCrossEntropy()

    def loss_and_gradients(self, x: np.ndarray, labels: np.ndarray) -> tuple[float, int]:
        """Fill the layers' `grads`; return the mean loss and the number of correct answers."""
        logits = self.model.forward(x, training=True)
        loss = self.loss.forward(logits, labels)
        self.model.backward(self.loss.backward())
        return loss, num_correct(logits, labels)

    def logits(self, x: np.ndarray) -> np.ndarray:
        """Return the scores (N, classes) without changing the layers."""
        replica = self.model.replica()
        starts = range(0, len(x), IMAGES_AT_ONCE)
        return np.concatenate([replica.forward(x[k : k + IMAGES_AT_ONCE]) for k in starts])


def executor(
    model: Network, x: np.ndarray, labels: np.ndarray | None = None
) -> AbstractContextManager[Executor]:
    """Return an executor for ``model``: the only place that uses `scratchcnn.fast`.

    A faster executor is used if there is one for this network, and if it gives the same numbers
    for the first few images of ``x``, and the same gradients if there are ``labels``.
    """
    check_as_built(model)
    try:
        from scratchcnn import fast
    except ImportError:
        return nullcontext(PlainExecutor(model))
    return fast.executor(model, PlainExecutor, x, labels) or nullcontext(PlainExecutor(model))


class Training:
    """One call to `fit` as a series of steps: each step of the iterator makes one update.

    `fit` simply runs all the steps. A front end without threads can run them from an event loop
    and set ``model.stop_training`` in between. The arguments are those of `Trainable.fit`.
    """

    def __init__(
        self,
        model: Network,
        x: np.ndarray | Batches | Iterable[Pair],
        y: np.ndarray | None = None,
        epochs: int = 1,
        batch_size: int = 32,
        optimizer: Optimizer | None = None,
        validation_data: Pair | None = None,
        shuffle: bool = True,
        callbacks: Iterable[Callback] | None = None,
    ) -> None:
        self.model, self.epochs = model, check_count(epochs, "epochs")
        batch_size, shuffle = check_count(batch_size, "batch_size"), check_flag(shuffle, "shuffle")
        warned: list[str] = []
        if y is None:
            self.batches: Batches | CheckedBatches = CheckedBatches(x, model, warned)
        else:
            self.batches = Batches(*check_xy(model, (x, y), "x", warned), batch_size)
            self.batches.rng = model.rng if shuffle else None
        self.validation_data = validation_data
        if validation_data is not None:
            self.validation_data = check_xy(model, validation_data, "validation_data", warned)
        self.optimizer = SGD(0.01) if optimizer is None else optimizer
        if not isinstance(self.optimizer, Optimizer):
            raise TypeError(f"optimizer is {optimizer!r}, expected one such as SGD(0.01)")
        self.callbacks, self.history, self.updates = Callbacks(callbacks), History(), 0

    def __len__(self) -> int:
        return self.epochs * len(self.batches)

    def __repr__(self) -> str:
        return f"<Training: {self.updates} of {len(self)} updates>"

    def __iter__(self) -> Iterator[BatchEnd]:
        model = self.model
        model.history, model.stop_training = self.history, False
        self._running: Executor = None  # type: ignore[assignment]  # until the first update
        self._checkpoint = Checkpoint(model, self.optimizer)
        self.callbacks.tell("on_train_begin", model)
        with ExitStack() as self._exit:
            # What the layers keep of the last batch is out of date once their weights change.
            self._exit.callback(model.forget)
            for epoch in range(1, self.epochs + 1):
                yield from self._epoch(epoch)
                if model.stop_training:
                    break
        self.callbacks.tell("on_train_end", model)

    def _epoch(self, epoch: int) -> Iterator[BatchEnd]:
        """Train on each batch once, then record the results."""
        model, loss_sum, correct_sum, seen = self.model, 0.0, 0, 0
        self._places = param_places(model)
        for x, y in self.batches:
            loss, correct = self._update(x, y)
            loss_sum += loss * len(y)
            correct_sum += correct
            seen += len(y)
            end = BatchEnd(model, epoch, self.updates, loss, correct / len(y))
            self.callbacks.tell("on_batch_end", end)
            yield end
            if model.stop_training:
                break
        if seen == 0:
            raise ValueError(f"x yielded no batch in epoch {epoch}: it must start over")
        logs = {"loss": loss_sum / seen, "accuracy": correct_sum / seen}
        loss, accuracy = evaluate(self._running, *(self.validation_data or (x, y)))
        self._checkpoint.renew(loss, self.updates)
        if self.validation_data is not None:
            logs |= {"val_loss": loss, "val_accuracy": accuracy}
        self.history.append(**logs)
        self.callbacks.tell("on_epoch_end", EpochEnd(model, epoch, logs))

    def _update(self, x: np.ndarray, labels: np.ndarray) -> tuple[float, int]:
        """Train on a batch; return its mean loss before the update and the number correct."""
        if self._running is None:
            self._running = self._exit.enter_context(executor(self.model, x, labels))
        loss, correct = self._running.loss_and_gradients(x, labels)
        if not math.isfinite(loss):
            self._checkpoint.restore(loss, self.updates)
        grads = {name: layer.grads[key] for name, layer, key in self._places if layer.trainable}
        # Looked up anew: a callback may have built a layer again.
        params = {name: layer._params[key] for name, layer, key in self._places if name in grads}
        self.optimizer.update(params, grads)
        self.updates += 1
        return loss, correct


def evaluate(running: Executor, x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Return (loss, accuracy) for images and labels that have already been checked."""
    logits = running.logits(x)
    return SoftmaxCrossEntropy().forward(logits, y), num_correct(logits, y) / len(y)


def num_correct(logits: np.ndarray, labels: np.ndarray) -> int:
    """Return the number of rows in which the correct class has the largest score."""
    return int(np.count_nonzero(logits.argmax(axis=1) == labels))
