"""softmax and SoftmaxCrossEntropy: from scores to probabilities to a loss (notebook 03)."""

import math

import numpy as np

from scratchcnn._utils.validation import as_numbers, check_labels


def softmax(logits: np.ndarray) -> np.ndarray:
    """Turn scores into probabilities, row by row.

    Parameters
    ----------
    logits : ndarray (..., K)
        Any real scores. Each row is shifted by its own largest score, which changes
        nothing in the result and keeps exp from overflowing.

    Returns
    -------
    probabilities : ndarray (..., K)
        Not negative, and each row sums to 1.
    """
    logits = as_floats(logits)
    if logits.size == 0 or logits.ndim == 0:
        raise ValueError(f"logits has shape {logits.shape}, expected (..., classes)")
    exps = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


class SoftmaxCrossEntropy:
    """The mean surprise of the right answers: ``-log(softmax(logits)[label])``.

    Softmax and logarithm are computed as one. The logarithm undoes the exponential of the
    right class, so that even a score of -10,000 gives a finite loss and gradient.
    """

    def __init__(self) -> None:
        self._probabilities: np.ndarray | None = None  # of the last `forward`

    def forward(self, logits: np.ndarray, labels: np.ndarray) -> float:
        """Return the mean loss in nats.

        Parameters
        ----------
        logits : ndarray (N, K)
            Scores.
        labels : ndarray of int (N,)
            Right classes, each in 0 .. K - 1.
        """
        logits = as_floats(logits)
        if logits.ndim != 2 or logits.size == 0:
            raise ValueError(f"logits has shape {logits.shape}, expected (N, classes)")
        labels = check_labels(labels, *logits.shape)
        return float(self.per_image(logits, labels).sum()) / len(labels)

    def per_image(self, logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Return the loss of every image (N,); what `forward` checks is taken for granted."""
        # ufunc.reduce is what max() and sum() call in the end; this often, the way there counts.
        shifted = logits - np.maximum.reduce(logits, axis=1, keepdims=True)
        exps = np.exp(shifted)
        sums = np.add.reduce(exps, axis=1, keepdims=True)
        self._probabilities = exps / sums
        # (N, 1) == (K,) -> (N, K): True at the right class
        self._onehot = labels[:, None] == np.arange(logits.shape[1])
        return np.log(sums.reshape(-1)) - shifted[self._onehot]

    def backward(self, batch_size: int | None = None) -> np.ndarray:
        """Return dL/dlogits (N, K): ``(p - onehot) / N``, for the last `forward`.

        Where the N images are only a piece of a batch, and the loss is the mean over all of
        it, its ``batch_size`` takes the place of N.
        """
        if self._probabilities is None:
            raise RuntimeError("SoftmaxCrossEntropy: call forward before backward")
        dlogits = self._probabilities - self._onehot
        dlogits /= batch_size or len(dlogits)
        return dlogits


def single_image_loss(logits: list[float], label: int) -> tuple[float, list[float]]:
    """Return the loss of one image and its gradient (K,), in plain Python numbers.

    The formulas are those of `SoftmaxCrossEntropy`. Each call of NumPy takes a microsecond,
    however little there is to do; for the ten scores of one image, Python by itself is faster.
    """
    largest = max(logits)
    exps = [math.exp(score - largest) for score in logits]
    total = sum(exps)
    gradient = [number / total for number in exps]
    gradient[label] -= 1
    return math.log(total) - (logits[label] - largest), gradient


def as_floats(logits: np.ndarray) -> np.ndarray:
    """Return ``logits`` as an array of floats: differences of small integers could overflow."""
    if type(logits) is np.ndarray and logits.dtype in (np.float32, np.float64):
        return logits
    return as_numbers(logits, np.float64, "logits")
