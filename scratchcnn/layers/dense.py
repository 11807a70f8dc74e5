"""Dense and Flatten: from feature maps to scores (notebook 03)."""

from __future__ import annotations

import numpy as np

from scratchcnn._utils.validation import check_count, check_flag
from scratchcnn.initializers import get_initializer
from scratchcnn.layers.base import Layer


class Flatten(Layer):
    """Lay each image out as one row: (N, H, W, C) -> (N, H * W * C), channels fastest."""

    def build(
        self, input_shape: tuple[int, ...], rng: np.random.Generator, dtype: str = "float32"
    ) -> None:
        """Fix the shapes; there is nothing to learn."""
        super().build(input_shape, rng, dtype)
        self.output_shape = (int(np.prod(self.input_shape)),)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return ``x`` as rows (N, H * W * C)."""
        return self.check_input(x).reshape(len(x), -1)

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Fold the rows (N, H * W * C) back into images (N, H, W, C)."""
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
        How the kernel starts; the bias starts at zero.

    Attributes
    ----------
    params : dict
        ``"kernel"`` (in, out) and, with a bias, ``"bias"`` (out,).
    """

    def __init__(
        self, units: int, use_bias: bool = True, kernel_initializer: str = "glorot_uniform"
    ) -> None:
        super().__init__()
        self.units = check_count(units, "units")
        self.use_bias = check_flag(use_bias, "use_bias")
        self.kernel_initializer = kernel_initializer
        self._initialize = get_initializer(kernel_initializer)

    def build(
        self, input_shape: tuple[int, ...], rng: np.random.Generator, dtype: str = "float32"
    ) -> None:
        """Draw the kernel."""
        super().build(input_shape, rng, dtype)
        if len(self.input_shape) != 1:
            raise ValueError(
                f"Dense needs rows of numbers, got input_shape {input_shape}: put Flatten() before"
            )
        self.output_shape = (self.units,)
        shape = (self.input_shape[0], self.units)
        # The memory runs down the columns (order="F"): for a single image, ten long columns
        # of products instead of 1,352 short rows, in half the time.
        self.params = {"kernel": self._initialize(shape, rng).astype(self.dtype, order="F")}
        if self.use_bias:
            self.params["bias"] = np.zeros(self.units, self.dtype)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return (N, out) for rows ``x`` (N, in)."""
        self._x = self.check_input(x)
        y = np.dot(self._x, self.params["kernel"])
        if self.use_bias:
            y += self.params["bias"]
        return y

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """dL/dkernel = x.T @ dy, and dL/dbias = the sum of dy over the batch."""
        # (dy.T @ x).T is x.T @ dy, laid out in memory like the kernel. np.dot hands even an
        # inner axis of one (a batch of a single image) to BLAS, which `@` does not.
        # (out, N) @ (N, in) -> (out, in) -> (in, out)
        self.grads["kernel"] = np.dot(dy.T, self._x).T
        if self.use_bias:
            self.grads["bias"] = np.add.reduce(dy, axis=0)

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """dL/dx = dy @ kernel.T: (N, out) @ (out, in) -> (N, in)."""
        return np.dot(dy, self.params["kernel"].T)
