"""Layer: the contract that every layer keeps.

A layer is five things: `build` makes its parameters, `forward` computes its
output, `backward` turns the gradient of its output into the gradients of its
parameters and of its input, and `params` and `grads` hold the arrays.
"""

from __future__ import annotations

import copy
from types import SimpleNamespace

import numpy as np

from scratchcnn._utils.validation import as_numbers, axes_hint, check_dtype, check_shape, shape_text


class Layer:
    """The base of all layers; as it stands, it passes its input through.

    A new layer overrides `forward` and `input_gradient`, and, if it has parameters,
    `build` and `parameter_gradients`. Shapes never include the batch axis unless they
    are written with an ``N``. What it computes for an image may not depend on the others:
    a batch goes through a network in pieces, on several cores (pieces.py).

    Attributes
    ----------
    params, grads : dict of str to ndarray
        Parameters and their gradients, under the same keys (``"kernel"``, ``"bias"``).
    input_shape, output_shape : tuple of int
        Shapes of one image, set by `build`.
    """

    def __init__(self) -> None:
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}
        self.input_shape: tuple[int, ...] | None = None
        self.output_shape: tuple[int, ...] | None = None
        self.dtype = np.dtype("float32")
        self.images: int | None = None  # in the last batch
        self._workspace: SimpleNamespace | None = None

    def build(
        self, input_shape: tuple[int, ...], rng: np.random.Generator, dtype: str = "float32"
    ) -> None:
        """Fix the shapes and draw the initial parameters.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of one input, without the batch axis.
        rng : numpy.random.Generator
            Source of the initial parameters.
        dtype : {"float32", "float64"}
            Type of the parameters and of all arithmetic.
        """
        self.input_shape = check_shape(input_shape)
        self.output_shape = self.input_shape
        self.dtype = check_dtype(dtype)
        if not isinstance(rng, np.random.Generator):
            raise TypeError(f"rng is {rng!r}, expected one such as np.random.default_rng(0)")

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the output for ``x`` (N, *input_shape), and keep what `backward` needs."""
        return self.check_input(x)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Fill `grads` and return dL/dx, given ``dy`` = dL/dy of the last `forward`.

        Parameters
        ----------
        dy : ndarray (N, *output_shape)
            Gradient of the loss with respect to this layer's output.

        Returns
        -------
        dx : ndarray (N, *input_shape)
            Gradient of the loss with respect to this layer's input.
        """
        dy = self.check_gradient(dy)
        self.parameter_gradients(dy)
        return self.input_gradient(dy)

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """Fill `grads`. The first layer of a network needs no more than this to learn."""

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return dL/dx."""
        return dy

    def check_input(self, x: np.ndarray) -> np.ndarray:
        """Return ``x`` in this layer's dtype, or raise an error that says how to fix it."""
        if self.input_shape is None:
            raise RuntimeError(
                f"{self.name} has no shape yet: put it in a Sequential, or call "
                "layer.build(input_shape, np.random.default_rng(0)) first"
            )
        if type(x) is not np.ndarray or x.dtype != self.dtype:
            x = as_numbers(x, self.dtype, "x")
        if x.shape[1:] != self.input_shape or len(x) == 0:
            raise ValueError(
                f"{self.name}: x has shape {x.shape}, expected "
                f"{shape_text(self.input_shape)}{axes_hint(x.shape, self.input_shape)}"
            )
        self.images = len(x)
        return x

    def check_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return ``dy`` in this layer's dtype if it fits the output of the last `forward`."""
        if self.images is None:
            raise RuntimeError(f"{self.name}: call forward before backward")
        if type(dy) is not np.ndarray or dy.dtype != self.dtype:
            dy = as_numbers(dy, self.dtype, "dy")
        if dy.shape != (self.images, *self.output_shape):
            raise ValueError(
                f"{self.name}: dy has shape {dy.shape}, expected that of the last output, "
                f"{(self.images, *self.output_shape)}"
            )
        return dy

    def workspace(self, images: int) -> SimpleNamespace:
        """Return the working arrays for so many images: those of the last call if they fit.

        A layer's large private arrays are used again from batch to batch. Asking the system
        for fresh memory each time can cost more than the arithmetic that fills it.
        """
        if self._workspace is None or self._workspace.images != images:
            self._workspace = SimpleNamespace(images=images, **self.make_workspace(images))
        return self._workspace

    def make_workspace(self, images: int) -> dict[str, np.ndarray]:
        """Return new working arrays by name; a layer that calls `workspace` overrides this."""
        return {}

    def twin(self) -> Layer:
        """Return a layer with the same parameters, not copies, that another thread can use.

        Layers inside this one get twins as well. All other attributes are shared, so `forward`
        and `backward` may replace them, but not write into them.
        """
        twin = copy.copy(self)
        twin.grads, twin._workspace = {}, None
        for name, value in vars(self).items():
            if isinstance(value, Layer):
                setattr(twin, name, value.twin())
            elif isinstance(value, list | tuple) and any(isinstance(v, Layer) for v in value):
                setattr(twin, name, [v.twin() if isinstance(v, Layer) else v for v in value])
        return twin

    def __getstate__(self) -> dict[str, object]:
        """Leave the working arrays out of copies, where views would part from their memory.

        With them goes the last batch: a copy has to see images before it can go backward.
        """
        return self.__dict__ | {"_workspace": None, "images": None}

    def reseed(self, seed: tuple[int, ...]) -> None:
        """Start the layer's random numbers anew; a layer that draws any must override this."""

    @property
    def name(self) -> str:
        """What errors call this layer."""
        return type(self).__name__
