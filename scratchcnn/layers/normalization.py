"""BatchNorm: give every channel mean 0 and variance 1, then let the network choose (lesson 10)."""

from __future__ import annotations

import numpy as np

from scratchcnn._utils.validation import check_flag, check_number
from scratchcnn.layers.base import Layer, Shape


class BatchNorm(Layer):
    """Normalize each channel over the batch: ``y = gamma * (x - mean) / sqrt(var + eps) + beta``.

    While training, mean and variance are those of the batch, over all axes but the last. An
    image's output then depends on the others in its batch. Moving averages of both are kept on the
    way, and take their place in prediction, and also where the layer is frozen
    (``layer.trainable = False``), as in Keras.

    Parameters
    ----------
    momentum : float
        The share of itself that a moving average keeps at each batch.
    epsilon : float
        Added to the variance, so that a constant channel divides by no zero.
    center, scale : bool
        Whether there is a ``beta``, and a ``gamma``.

    Attributes
    ----------
    params : dict
        ``"gamma"`` (C,), at first 1, and ``"beta"`` (C,), at first 0.
    state : dict
        ``"moving_mean"`` (C,), at first 0, and ``"moving_variance"`` (C,), at first 1.

    References
    ----------
    Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift", ICML 2015.
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

    def build(
        self, input_shape: Shape, rng: np.random.Generator, dtype: str | np.dtype = "float32"
    ) -> None:
        """Begin as the identity, but for the division by sqrt(1 + epsilon)."""
        super().build(input_shape, rng, dtype)
        C = input_shape[-1]
        if self.scale:
            self.params["gamma"] = np.ones(C)
        if self.center:
            self.params["beta"] = np.zeros(C)
        self.state["moving_mean"] = np.zeros(C, self.dtype)
        self.state["moving_variance"] = np.ones(C, self.dtype)

    def param_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Return the shapes of parameters and moving averages: each is (C,)."""
        names = ["gamma"] * self.scale + ["beta"] * self.center
        return dict.fromkeys([*names, "moving_mean", "moving_variance"], (input_shape[-1],))

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the normalized ``x`` (N, ..., C)."""
        x = self.check_input(x)
        of_batch = training and self.trainable
        axes = tuple(range(x.ndim - 1))
        if of_batch:
            mean, variance = x.mean(axis=axes), x.var(axis=axes)
            self._update("moving_mean", mean)
            self._update("moving_variance", variance)
        else:
            mean, variance = self.state["moving_mean"], self.state["moving_variance"]
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
            shift = dnormalized.mean(axis=axes)
            stretch = (dnormalized * normalized).mean(axis=axes)
            dnormalized = dnormalized - shift - normalized * stretch
        return dnormalized * inverse_std

    def _update(self, name: str, of_batch: np.ndarray) -> None:
        """Move an average a little toward that of the batch, in place."""
        average = self.state[name]
        average *= self.dtype.type(self.momentum)
        average += of_batch * self.dtype.type(1 - self.momentum)
