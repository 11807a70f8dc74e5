"""BatchNorm: normalize every channel, then rescale it as learned (lesson 10)."""

from __future__ import annotations

import numpy as np

from scratchcnn._utils.validation import check_flag, check_number
from scratchcnn.layers.base import DType, Layer, Shape


class BatchNorm(Layer):
    """Normalize each channel over the batch: ``y = gamma * (x - mean) / sqrt(var + eps) + beta``.

    In training, the mean and variance are taken over the batch (all axes but the last), so each
    image's output depends on the others. Prediction uses moving averages of both, kept in
    `state`; so does training if the layer is frozen, as in Keras.

    Parameters
    ----------
    momentum : float
        The fraction of a moving average that is kept at each batch.
    epsilon : float
        Added to the variance to avoid dividing by zero if a channel is constant.
    center, scale : bool
        Whether to learn ``"beta"`` (C,), initially 0, and ``"gamma"`` (C,), initially 1.

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
        """Start the moving averages at mean 0 and variance 1."""
        super().build(input_shape, rng, dtype)
        self.state["moving_mean"] = np.zeros(input_shape[-1], self.dtype)
        self.state["moving_variance"] = np.ones(input_shape[-1], self.dtype)

    def param_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Return the shape (C,) for ``gamma`` and ``beta``, if the layer has them."""
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
        """dL/dx: in training, the gradient also flows through the mean and the variance."""
        normalized, inverse_std, of_batch = self.recall()
        dnormalized = dy * self.params["gamma"] if self.scale else dy
        if of_batch:
            # Shifting or scaling all of x leaves the output unchanged, so the gradient has no
            # component in these two directions: subtract them.
            axes = tuple(range(dy.ndim - 1))
            stretch = (dnormalized * normalized).mean(axis=axes)
            dnormalized = dnormalized - dnormalized.mean(axis=axes) - normalized * stretch
        return dnormalized * inverse_std
