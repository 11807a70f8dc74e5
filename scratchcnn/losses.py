"""softmax and SoftmaxCrossEntropy: from scores to probabilities to a loss (lesson 04)."""

from __future__ import annotations

import numpy as np

from scratchcnn._utils.validation import as_floats, check_labels


def softmax(logits: np.ndarray) -> np.ndarray:
    """Turn scores into probabilities, row by row.

    Parameters
    ----------
    logits : ndarray (..., K)
        Any real scores. The largest score of each row is subtracted from it, which does not
        change the result and keeps exp from overflowing.

    Returns
    -------
    probabilities : ndarray (..., K)
        Nonnegative; each row sums to 1.
    """
    logits = as_floats(logits)
    if logits.size == 0 or logits.ndim == 0:
        raise ValueError(f"logits has shape {logits.shape}, expected (..., classes)")
    exps = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


class SoftmaxCrossEntropy:
    """The mean surprise at the correct classes: ``-log(softmax(logits)[label])``.

    Softmax and logarithm are computed together. The logarithm cancels the exponential of the
    correct class, so even a score of -10,000 gives a finite loss and gradient.
    """

    def __init__(self) -> None:
        self._cache: tuple[np.ndarray, np.ndarray] | None = None  # of the last `forward`

    def forward(self, logits: np.ndarray, labels: np.ndarray) -> float:
        """Return the mean loss in nats.

        ``logits`` (N, K) are scores, ``labels`` (N,) the correct classes, each in 0 .. K - 1.
        """
        logits = as_floats(logits)
        if logits.ndim != 2 or logits.size == 0:
            raise ValueError(f"logits has shape {logits.shape}, expected (N, classes)")
        labels = check_labels(labels, *logits.shape)
        return float(self.losses(logits, labels).sum()) / len(labels)

    def losses(self, logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Return the loss of each example (N,), without checks."""
        # max() and sum() end up calling ufunc.reduce; calling it directly is faster.
        shifted = logits - np.maximum.reduce(logits, axis=1, keepdims=True)
        exps = np.exp(shifted)
        sums = np.add.reduce(exps, axis=1, keepdims=True)
        # (N, 1) == (K,) -> (N, K): True at the correct class
        one_hot = labels[:, None] == np.arange(logits.shape[1])
        self._cache = exps / sums, one_hot
        return np.log(sums.reshape(-1)) - shifted[one_hot]  # (N, 1) -> (N,)

    def backward(self) -> np.ndarray:
        """Return dL/dlogits (N, K): ``(p - one_hot) / N``, for the last `forward`."""
        if self._cache is None:
            raise RuntimeError("SoftmaxCrossEntropy: call forward before backward")
        probabilities, one_hot = self._cache
        return (probabilities - one_hot) / probabilities.dtype.type(len(probabilities))

    def __repr__(self) -> str:
        return "SoftmaxCrossEntropy()"
