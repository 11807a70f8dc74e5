"""ReLU and Dropout: element by element."""

from __future__ import annotations

import numpy as np

from scratchcnn.layers.base import Layer


class ReLU(Layer):
    """Keep what is positive: ``y = max(x, 0)``. The gradient passes where x > 0."""

    keras_name = "re_lu"

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return max(x, 0), of any shape."""
        x = self.check_input(x)
        self._positive = x > 0
        return np.maximum(x, 0)

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Pass the gradient where the input was positive; at exactly 0 it is 0, as in Keras."""
        return dy * self._positive


class Dropout(Layer):
    """While training, set a random share of the inputs to zero and enlarge the others.

    The others are divided by ``1 - rate`` ("inverted" dropout), so that the expected
    value stays the same and nothing needs to change at prediction.

    Parameters
    ----------
    rate : float
        Share of inputs to drop, in [0, 1).

    References
    ----------
    Srivastava et al., "Dropout: a simple way to prevent neural networks from
    overfitting", JMLR 15 (2014).
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        if isinstance(rate, bool) or not isinstance(rate, int | float | np.number):
            raise TypeError(f"rate is {rate!r}, expected a number in [0, 1)")
        if not 0 <= rate < 1:
            raise ValueError(f"rate is {rate!r}, expected a number in [0, 1)")
        self.rate = float(rate)
        self._mask: np.ndarray | None = None

    def build(
        self, input_shape: tuple[int, ...], rng: np.random.Generator, dtype: str = "float32"
    ) -> None:
        """Fix the shapes, and keep ``rng``, which draws what to drop."""
        super().build(input_shape, rng, dtype)
        self._rng = rng

    def reseed(self, seed: tuple[int, ...]) -> None:
        """Draw from now on what ``seed`` says."""
        self._rng = np.random.default_rng(seed)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return ``x`` with zeros dropped in while ``training``, else ``x`` itself."""
        x = self.check_input(x)
        if not training or self.rate == 0:
            self._mask = None
            return x
        kept = self._rng.random(x.shape, dtype=np.float32) >= self.rate
        self._mask = kept * self.dtype.type(1 / (1 - self.rate))
        return x * self._mask

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Pass the gradient through the inputs that were kept, enlarged as they were."""
        return dy if self._mask is None else dy * self._mask
