"""Dense and Flatten: from feature maps to scores (lesson 05)."""

from __future__ import annotations

import math

import numpy as np

from scratchcnn._utils.validation import check_count, check_flag
from scratchcnn.initializers import check_initializer
from scratchcnn.layers.base import Layer, Shape


class Flatten(Layer):
    """Flatten each image into a row: (N, H, W, C) -> (N, H * W * C), channels varying fastest."""

    keras_class = "Flatten"

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(H, W, C) -> (H * W * C,)."""
        return (math.prod(input_shape),)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return ``x`` as rows (N, H * W * C)."""
        x = self.check_input(x)
        return x.reshape(len(x), -1)

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Reshape the rows (N, H * W * C) back into images (N, H, W, C)."""
        self.recall()
        return dy.reshape(len(dy), *self.input_shape)


class Dense(Layer):
    """Fully connected layer: ``y = x @ kernel + bias``.

    Parameters
    ----------
    units : int
        Number of outputs.
    use_bias : bool
        Whether a learned constant is added to each output.
    kernel_initializer : str
        How to initialize ``params["kernel"]`` (in, out); ``params["bias"]`` (out,) starts at 0.
    """

    keras_class = "Dense"

    def __init__(
        self, units: int, use_bias: bool = True, kernel_initializer: str = "glorot_uniform"
    ) -> None:
        super().__init__()
        self.units = check_count(units, "units")
        self.use_bias = check_flag(use_bias, "use_bias")
        self.kernel_initializer = check_initializer(kernel_initializer)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(in,) -> (out,)."""
        if len(input_shape) != 1:
            raise ValueError(
                f"Dense needs rows of numbers, got input_shape {input_shape}: put Flatten() before"
            )
        return (self.units,)

    def param_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Return the shapes of the kernel (in, out) and of the bias (out,)."""
        shapes: dict[str, Shape] = {"kernel": (input_shape[0], self.units)}
        return shapes | ({"bias": (self.units,)} if self.use_bias else {})

    def initial_values(self, name: str, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        """Draw the kernel and store it column by column, which halves the time for one image."""
        return np.asfortranarray(super().initial_values(name, shape, rng))

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return (N, out) for rows ``x`` (N, in)."""
        self.cache = x = self.check_input(x)
        y = np.dot(x, self.params["kernel"])
        if self.use_bias:
            y += self.params["bias"]
        return y

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """dL/dkernel = x.T @ dy, and dL/dbias = the sum of dy over the batch."""
        # (dy.T @ x).T is x.T @ dy, with the same memory layout as the kernel. np.dot calls BLAS
        # even when the inner axis has length 1 (a batch of one image); `@` does not.
        # (out, N) @ (N, in) -> (out, in) -> (in, out)
        self.grads["kernel"] = np.dot(dy.T, self.recall()).T
        if self.use_bias:
            self.grads["bias"] = np.add.reduce(dy, axis=0)  # faster than dy.sum

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """dL/dx = dy @ kernel.T: (N, out) @ (out, in) -> (N, in)."""
        self.recall()
        return np.dot(dy, self.params["kernel"].T)
