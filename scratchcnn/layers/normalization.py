"""BatchNorm: give every channel mean 0 and variance 1, then let the network choose (lesson 10)."""

from __future__ import annotations

import numpy as np

from scratchcnn._utils.validation import check_flag, check_number
from scratchcnn.layers.base import DType, Layer, Shape


class BatchNorm(Layer):
    """Normalize each channel over the batch: ``y = gamma * (x - mean) / sqrt(var + eps) + beta``.

    While training, mean and variance are those of the batch, over all axes but the last, so an
    image's output depends on the others. Moving averages of both are kept in `state`, and take
    their place in prediction, and also where the layer is frozen, as in Keras.

    Parameters
    ----------
    momentum : float
        The share of itself that a moving average keeps at each batch.
    epsilon : float
        Added to the variance, so that a constant channel divides by no zero.
    center, scale : bool
        Whether there is a ``"beta"`` (C,), at first 0, and a ``"gamma"`` (C,), at first 1.

    Source: Ioffe and Szegedy, "Batch normalization", ICML 2015.
    """

    keras_class = "BatchNormalization"
    per_example = False

    def __init__(
        self, momentum: float = 0.99, epsilon: float = 1e-3, center: bool = True, scale: bool = True
    ) -> None:
        super().__init__()
        self.momentum = check_number(momentum, "momentum", below=1)
        self.epsilon = check_number(epsilon, "epsilon")
        self.center = check_flag(center, "center")
        self.scale = check_flag(scale, "scale")

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: DType = "float32") -> None:
        """Begin as the identity, but for the division by sqrt(1 + epsilon)."""
        super().build(input_shape, rng, dtype)
        self.state["moving_mean"] = np.zeros(input_shape[-1], self.dtype)
        self.state["moving_variance"] = np.ones(input_shape[-1], self.dtype)

    def param_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Return the shapes of ``gamma`` and ``beta``, as far as they are there: (C,)."""
        names = ["gamma"] * self.scale + ["beta"] * self.center
        return dict.fromkeys(names, (input_shape[-1],))

    def initial_values(self, name: str, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        """``gamma`` starts at 1, ``beta`` at 0."""
        return np.ones(shape) if name == "gamma" else np.zeros(shape)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the normalized ``x`` (N, ..., C)."""
        x = self.check_input(x)
        mean, variance = self.state["moving_mean"], self.state["moving_variance"]
        if of_batch := training and self.trainable:
            axes = tuple(range(x.ndim - 1))
            moving = mean, variance
            mean, variance = x.mean(axis=axes), x.var(axis=axes)
            for average, new in zip(moving, (mean, variance), strict=True):  # changed in place
                average *= self.dtype.type(self.momentum)
                average += new * self.dtype.type(1 - self.momentum)
        inverse_std = 1 / np.sqrt(variance + self.dtype.type(self.epsilon))
        normalized = (x - mean) * inverse_std
        self.cache = normalized, inverse_std, of_batch
        y = normalized * self.params["gamma"] if self.scale else normalized.copy()
        if self.center:
            y += self.params["beta"]
        return y

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """dL/dgamma = sum of dy times the normalized input; dL/dbeta = sum of dy."""
        normalized, _, _ = self.recall()
        axes = tuple(range(dy.ndim - 1))
        if self.scale:
            self.grads["gamma"] = (dy * normalized).sum(axis=axes)
        if self.center:
            self.grads["beta"] = dy.sum(axis=axes)

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """dL/dx: while training it also flows through the mean and the variance."""
        normalized, inverse_std, of_batch = self.recall()
        dnormalized = dy * self.params["gamma"] if self.scale else dy
        if of_batch:
            # A common shift of all x changes nothing, nor does a common stretch: what dy asks
            # for in these two directions is taken away.
            axes = tuple(range(dy.ndim - 1))
            stretch = (dnormalized * normalized).mean(axis=axes)
            dnormalized = dnormalized - dnormalized.mean(axis=axes) - normalized * stretch
        return dnormalized * inverse_std
