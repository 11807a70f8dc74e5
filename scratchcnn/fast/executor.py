"""evaluate, predict, and the gradients of a batch: piece by piece, on all cores.

However many images are asked for, only some dozens go through the network together, so that
memory stays small and what is just computed is still in the processor's cache; and each core
works on a piece of its own (notebook 07).
"""

from typing import TYPE_CHECKING

import numpy as np

from scratchcnn._utils.validation import check_images, check_pair
from scratchcnn.fast.inference import Reader
from scratchcnn.fast.workers import Crew
from scratchcnn.losses import SoftmaxCrossEntropy, single_image_loss, softmax

if TYPE_CHECKING:
    from scratchcnn.network import Sequential

# Images to hand to a core in one go, where nothing is learned: enough to be worth the handover.
IMAGES_A_TASK = 256
# Up to so many scores, a list of Python's numbers is faster than an array.
FEW = 32


def evaluate(model: "Sequential", x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Return (loss, accuracy), means over the images ``x`` (N, ...) with labels ``y`` (N,)."""
    x, y = check_pair(model, (x, y), "x")
    tasks = [(x[task], y[task]) for task in slices(len(x), IMAGES_A_TASK)]
    with Crew(model, Reader) as crew:
        losses, rights = zip(*crew.map(_evaluate, tasks), strict=True)
    return sum(losses) / len(x), sum(rights) / len(x)


def predict(model: "Sequential", x: np.ndarray) -> np.ndarray:
    """Return the probabilities (N, classes) of the images ``x`` (N, ...); rows sum to 1.

    An image's last digits may depend on how many are read with it (reader.py).
    """
    x = check_images(x, model.input_shape, model.dtype)
    tasks = [(x[task],) for task in slices(len(x), IMAGES_A_TASK)]
    with Crew(model, Reader) as crew:
        return np.concatenate(list(crew.map(_predict, tasks)))


def learn(crew: Crew, x: np.ndarray, labels: np.ndarray) -> tuple[float, int]:
    """Fill the gradients of the crew's model with those of the mean loss of a batch.

    Returns the mean loss, and how many of the images ``x`` (N, ...) were recognized. The
    gradient of a sum is the sum of gradients, so the pieces' gradients add up to the batch's.
    """
    model, N = crew.model, len(x)
    if len(x) <= model.images_at_once:
        return _learn(model, x, labels, N)
    pieces = slices(N, model.images_at_once)
    seeds = [None] * len(pieces)
    if model.draws:  # a seed for each: what is drawn must not depend on which core is first
        seeds = model.rng.integers(2**63, size=len(pieces)).tolist()
    tasks = [(x[piece], labels[piece], N, seed) for piece, seed in zip(pieces, seeds, strict=True)]
    loss, right, total = 0.0, 0, {}
    for piece_loss, piece_right, grads in crew.map(_learn_piece, tasks):
        loss += piece_loss
        right += piece_right
        for key, gradient in grads.items():
            total[key] = total[key] + gradient if key in total else gradient
    model.grads = total
    return loss, right


def _learn(model: "Sequential", x: np.ndarray, labels: np.ndarray, N: int) -> tuple[float, int]:
    """Fill ``model.grads``; return the share of ``x`` in the mean loss of N, and the right."""
    logits = model.forward(x, training=True)
    if len(x) == 1 and logits.size <= FEW:
        (scores,), label = logits.tolist(), int(labels[0])
        loss, dlogits = single_image_loss(scores, label)
        model.parameter_gradients(np.array([dlogits], logits.dtype) / N)
        return loss / N, scores.index(max(scores)) == label
    loss_function = SoftmaxCrossEntropy()
    loss = float(np.add.reduce(loss_function.per_image(logits, labels))) / N
    model.parameter_gradients(loss_function.backward(N))
    return loss, count_right(logits, labels)


def _learn_piece(
    model: "Sequential", x: np.ndarray, labels: np.ndarray, N: int, seed: int | None
) -> tuple[float, int, dict[str, np.ndarray]]:
    if seed is not None:
        model.reseed(seed)
    # Copies, for the case that a layer writes the next piece's gradients into the same arrays.
    return *_learn(model, x, labels, N), {key: g.copy() for key, g in model.grads.items()}


def _predict(reader: Reader, x: np.ndarray) -> np.ndarray:
    return softmax(reader(x))


def _evaluate(reader: Reader, x: np.ndarray, labels: np.ndarray) -> tuple[float, int]:
    """Return the sum of the losses, and how many images are right."""
    logits = reader(x)
    return float(SoftmaxCrossEntropy().per_image(logits, labels).sum()), count_right(logits, labels)


def count_right(logits: np.ndarray, labels: np.ndarray) -> int:
    """Return how many rows have their largest number at the right class."""
    return np.count_nonzero(logits.argmax(axis=1) == labels)


def slices(count: int, size: int) -> list[slice]:
    """Cut ``count`` things into slices of ``size``; the last may be shorter."""
    return [slice(start, start + size) for start in range(0, count, size)]
