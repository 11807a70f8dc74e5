"""FastExecutor: micro-batches, fused steps, and one worker per core (lesson 12)."""

from __future__ import annotations

import math
from functools import cached_property, partial
from typing import Any, Self

import numpy as np

from scratchcnn._utils.holder import param_places
from scratchcnn._utils.protocols import Network
from scratchcnn.fast.fused import Step, fuse
from scratchcnn.fast.inference import Inference, is_worth_it
from scratchcnn.fast.workers import WorkerPool
from scratchcnn.layers.activations import Dropout
from scratchcnn.layers.base import Layer
from scratchcnn.layers.residual import Residual
from scratchcnn.losses import SoftmaxCrossEntropy

# Numbers in the feature maps of a micro-batch: 2**19 of 4 bytes each fill 2 MB of cache.
NUMBERS_IN_CACHE = 2**19
# Images handed to a core at once in prediction: enough to make up for the overhead.
IMAGES_IN_A_TASK = 256
# Up to this many scores, a list of Python numbers is faster than an array.
MAX_SCORES_IN_PYTHON = 32


class FastExecutor:
    """Computes a network's gradients and predictions on all cores; use it in ``with``.

    The gradient of a sum is the sum of the gradients, so the gradients of micro-batches add up to
    that of the batch. Batches are always split the same way and the gradients are added in order,
    so results do not depend on the number of cores.

    Parameters
    ----------
    model : Sequential
        One that `is_supported`.
    micro_batch : int, optional
        How many images go through together in training.
    threads : bool
        Whether to use more than one worker.
    """

    def __init__(
        self, model: Network, micro_batch: int | None = None, threads: bool = True
    ) -> None:
        self.model = model
        self.micro_batch = micro_batch or micro_batch_size(model.layers)
        self.version, self.threads = 0, threads
        self.places = param_places(model)
        self.dropouts = [layer for layer in model.layers if isinstance(layer, Dropout)]

    @cached_property
    def worker(self) -> Worker:
        """The worker for batches that are not split; prediction does not need it."""
        return Worker(self.model)

    def __enter__(self) -> Self:
        model = self.model  # not self: a reference cycle would keep its arrays alive for a while
        self.pool = WorkerPool(lambda: Worker(model.replica()), self.threads)
        self.pool.__enter__()
        self.params = [layer._params for _, layer in model.walk()]
        return self

    def __exit__(self, *error: object) -> None:
        self.pool.__exit__(*error)

    def loss_and_gradients(self, x: np.ndarray, labels: np.ndarray) -> tuple[float, int]:
        """Fill the layers' `grads`; return the mean loss and the number of correct answers."""
        N = len(x)
        if self.micro_batch >= N:
            return self.worker.learn(x, labels, N)
        self._follow()
        # Draw them for the whole batch, in the order of the layers, as the plain way does.
        masks = [layer.draw_mask(N) if layer.rate else None for layer in self.dropouts]
        tasks = [
            (x[part], labels[part], N, [m if m is None else m[part] for m in masks])
            for part in slices(N, self.micro_batch)
        ]
        loss, correct = 0.0, 0
        totals: list[np.ndarray] = []
        for part_loss, part_correct, grads in self.pool.map(Worker.learn_part, tasks):
            loss, correct = loss + part_loss, correct + part_correct
            totals = [a + b for a, b in zip(totals, grads, strict=True)] if totals else grads
        for (_, layer, key), total in zip(self.places, totals, strict=True):
            layer.grads[key] = total
        return loss, correct

    def logits(self, x: np.ndarray) -> np.ndarray:
        """Return the scores (N, classes) without changing the layers."""
        self._follow()
        self.version += 1  # the parameters may have changed since the last call
        tasks = [(x[part], self.version) for part in slices(len(x), IMAGES_IN_A_TASK)]
        parts = list(self.pool.map(Worker.logits, tasks))
        # Class by class in memory: softmax then works on columns, which are long, and not on rows.
        scores = np.empty((parts[0].shape[1], len(x)), parts[0].dtype).T
        return np.concatenate(parts, out=scores)

    def _follow(self) -> None:
        """Create new workers if a layer was rebuilt: the present ones have its old parameters."""
        layers = (layer for _, layer in self.model.walk())
        if any(layer._params is not ours for layer, ours in zip(layers, self.params, strict=True)):
            self.__exit__()
            self.__enter__()


class Worker:
    """Goes forward and backward through the steps of a network; each thread has its own."""

    def __init__(self, model: Network) -> None:
        self.layers: tuple[Layer, ...] = model.layers
        self.steps: list[Step] = fuse(self.layers)
        self.dtype = model.layers[0].dtype
        # Start at the first step with parameters; the steps before it have nothing to train.
        first = next((k for k, step in enumerate(self.steps) if step.params), 0)
        self.learning_steps = self.steps[first:]
        self.places = param_places(model)
        self.micro_batch = micro_batch_size(self.layers)
        self.inference: Inference | None = None
        self.version = 0

    def learn(self, x: np.ndarray, labels: np.ndarray, N: int) -> tuple[float, int]:
        """Fill `grads` for ``x``, a part of a batch of ``N`` images.

        Returns its share of the mean loss of the batch, and the number of correct answers.
        """
        logits = self.forward(x, training=True)
        if len(x) == 1 and logits.size <= MAX_SCORES_IN_PYTHON:
            (scores,), label = logits.tolist(), int(labels[0])
            loss, gradient = single_example_loss(scores, label)
            self.backward(np.array([gradient], logits.dtype) / N)
            return loss / N, scores.index(max(scores)) == label
        loss_function = SoftmaxCrossEntropy()
        loss = float(np.add.reduce(loss_function.losses(logits, labels))) / N
        dlogits = loss_function.backward()  # of the mean over this part
        self.backward(dlogits if len(x) == N else dlogits * dlogits.dtype.type(len(x) / N))
        return loss, int(np.count_nonzero(logits.argmax(axis=1) == labels))

    def learn_part(
        self, x: np.ndarray, labels: np.ndarray, N: int, masks: list[np.ndarray | None]
    ) -> tuple[float, int, list[np.ndarray]]:
        """Do the same with given dropout masks; return the gradients as well."""
        dropouts = (layer for layer in self.layers if isinstance(layer, Dropout))
        for layer, mask in zip(dropouts, masks, strict=True):
            # The replica's masks are already drawn. If threads drew them, the order would vary:
            # without an rng, that raises an error.
            layer.draw_mask = partial(_return, mask)  # type: ignore[assignment, method-assign]
            layer.rng = None  # type: ignore[assignment]
            layer.rate = 0.0 if mask is None else 0.5  # drop or not, whatever the rate was before
        loss, correct = self.learn(x, labels, N)
        return loss, correct, [layer.grads[key] for _, layer, key in self.places]

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the scores (N, classes)."""
        if x.dtype != self.dtype:
            x = x.astype(self.dtype)
        for step in self.steps:
            x = step.forward(x, training)
        return x

    def backward(self, dy: np.ndarray) -> None:
        """Fill `grads`; the gradient of the first step's input is not needed."""
        first, *others = self.learning_steps
        for step in reversed(others):
            dy = step.backward(dy)
        if isinstance(first, Residual):  # only `backward` reaches its inner layers
            first.backward(dy)
        else:
            first.parameter_gradients(dy)

    def logits(self, x: np.ndarray, version: int = 0) -> np.ndarray:
        """Return the scores (N, classes): batch-innermost as far as possible, then the rest.

        Arrays prepared from the parameters are reused while ``version`` stays the same.
        """
        done = 0
        scores = []
        if is_worth_it(self.steps):
            if self.inference is None or self.version != version:
                self.inference, self.version = Inference(self.steps, len(x)), version
            size = self.inference.batch_size
            done = len(x) - len(x) % size
            scores = [self.inference.logits(x[k : k + size]) for k in range(0, done, size)]
        rest = x[done:]
        scores += [self.forward(rest[part]) for part in slices(len(rest), self.micro_batch)]
        return np.concatenate(scores)


def _return(mask: np.ndarray | None, N: int) -> np.ndarray | None:
    return mask


def micro_batch_size(layers: Any) -> int:
    """Return how many images should go through together.

    With more, they no longer fit in the cache; with fewer, NumPy's overhead outweighs the work.
    """
    numbers = sum(math.prod(layer.output_shape) for layer in layers)
    return min(max(NUMBERS_IN_CACHE // numbers, 16), 64)


def single_example_loss(logits: list[float], label: int) -> tuple[float, list[float]]:
    """Return the loss of one image and its gradient (K,), using plain Python numbers.

    The formulas are those of `SoftmaxCrossEntropy`. Every call to NumPy takes about a
    microsecond, however little there is to do; for the ten scores of one image, Python is faster.
    """
    largest = max(logits)
    exps = [math.exp(score - largest) for score in logits]
    total = sum(exps)
    gradient = [number / total for number in exps]
    gradient[label] -= 1
    return math.log(total) - (logits[label] - largest), gradient


def slices(count: int, size: int) -> list[slice]:
    """Split ``count`` items into slices of ``size``; the last may be shorter."""
    return [slice(start, start + size) for start in range(0, count, size)]
