"""ReLU and Dropout: element by element."""

from __future__ import annotations

import numpy as np

from scratchcnn._utils.validation import check_number
from scratchcnn.layers.base import Layer


class ReLU(Layer):
    """Rectified linear unit: ``y = max(x, 0)``. The gradient passes where x > 0."""

    keras_class = "ReLU"

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return max(x, 0), of any shape."""
        x = self.check_input(x)
        self.cache = x > 0
        return np.maximum(x, 0)

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Pass the gradient where the input was positive; at exactly 0 it is 0, as in Keras."""
        return dy * self.recall()


class Dropout(Layer):
    """During training, set a random fraction of the inputs to zero and scale up the rest.

    The rest are divided by ``1 - rate``, so that the expected value stays the same and nothing
    needs to change for prediction.

    Parameters
    ----------
    rate : float
        Fraction of the inputs to drop, in [0, 1).

    Source: Srivastava et al., "Dropout", JMLR 15 (2014).
    """

    keras_class = "Dropout"

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = check_number(rate, "rate", below=1)

    def draw_mask(self, N: int) -> np.ndarray:
        """Return random factors (N, *input_shape): 0 for dropped inputs, else 1 / (1 - rate)."""
        kept = self.rng.random((N, *self.input_shape), dtype=np.float32) >= self.rate
        return kept * self.dtype.type(1 / (1 - self.rate))

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return ``x`` with inputs dropped if ``training``, otherwise ``x`` itself."""
        x = self.check_input(x)
        dropping = training and self.rate > 0
        self.cache = self.draw_mask(len(x)) if dropping else np.ones((), self.dtype)
        return x * self.cache if dropping else x

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Pass the gradient through the inputs that were kept, with the same scaling."""
        return dy * self.recall()
