"""Sequential: layer after layer, forward and back (lesson 06)."""

from __future__ import annotations

import copy
import os
from collections.abc import Sequence
from typing import Self

import numpy as np

from scratchcnn import saving
from scratchcnn._utils.parameters import Parameters
from scratchcnn._utils.validation import as_numbers, check_dtype, check_seed, check_shape
from scratchcnn.history import History
from scratchcnn.layers.base import Layer, Shape, named_arrays, walk
from scratchcnn.layers.stack import build_in_turn, check_layers
from scratchcnn.optimizers import Optimizer
from scratchcnn.summary import Summary
from scratchcnn.training import Trainable


class Sequential(Trainable):
    """A network whose layers follow one after the other.

    `fit`, `evaluate` and `predict` are in training.py.

    Parameters
    ----------
    layers : list of Layer
        From the image to the logits. There is no softmax layer: the loss and `predict`
        apply it.
    input_shape : tuple of int
        Shape of one image, (H, W, C).
    seed : int
        Draws the initial parameters, the order of images and the dropout.
    dtype : {"float32", "float64"}
        Type of all arithmetic; float64 is for gradient checks.

    Attributes
    ----------
    layers : tuple of Layer
    params, grads : dict of str to ndarray
        The layers' arrays themselves, under names such as ``"conv2d/kernel"``. Assigning to a
        parameter copies the numbers into its array.
    history : History or None
        Of the last call of `fit`.
    stop_training : bool
        Set it to True in a callback, and `fit` stops after that update.
    """

    def __init__(
        self,
        layers: list[Layer],
        input_shape: Shape,
        seed: int = 0,
        dtype: str | np.dtype = "float32",
    ) -> None:
        self._layers = check_layers(layers)
        self.input_shape = check_shape(input_shape)
        self.seed = check_seed(seed)
        self.dtype = check_dtype(dtype)
        self.rng = np.random.default_rng(self.seed)
        self.output_shape = build_in_turn(self._layers, self.input_shape, self.rng, self.dtype)
        self.history: History | None = None
        self.stop_training = False

    @property
    def layers(self) -> tuple[Layer, ...]:  # type: ignore[override]
        """The layers. A model is its list: for other layers, make another model."""
        return self._layers

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the logits (N, classes) of the images ``x`` (N, H, W, C)."""
        for layer in self.layers:
            x = layer.forward(x, training)
        return x

    def __call__(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return `forward` of ``x``."""
        return self.forward(x, training)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Fill the layers' `grads` and return dL/dx (N, H, W, C), given dL/dlogits."""
        for layer in reversed(self.layers):
            layer.clear_gradients()
            dy = layer.backward(dy)
            if layer.grads.keys() != layer.params.keys():
                missing = sorted(set(layer.params) - set(layer.grads)) or sorted(layer.grads)
                raise RuntimeError(
                    f"{layer.name}.backward must fill grads with a gradient for each of "
                    f"{list(layer.params)}, see {missing}"
                )
        return dy

    @property
    def params(self) -> Parameters:
        """All parameters, by layer name and parameter name."""
        arrays = named_arrays(walk(self.layers), "params")
        return Parameters("the model", self.dtype, arrays, fixed=True)

    @property
    def grads(self) -> dict[str, np.ndarray]:
        """The gradients of the last `backward`, under the same keys as `params`."""
        return named_arrays(walk(self.layers), "grads")

    @property
    def num_classes(self) -> int:
        """Number of classes that the network tells apart."""
        if len(self.output_shape) != 1:
            raise ValueError(
                f"the last layer gives {self.output_shape}, expected one row of scores for each "
                "image: end the network with Flatten() and Dense(classes)"
            )
        return self.output_shape[0]

    @property
    def scales_input(self) -> bool:
        """Whether a `Rescaling` comes before all that is learned, so that raw pixels are fine."""
        for layer in self.layers:
            if layer.params or getattr(layer, "scales_input", False):
                return not layer.params
        return False

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """All arrays that the network keeps, learned or not, in Keras's order."""
        return named_arrays(walk(self.layers), "params", "state")

    def get_weights(self) -> list[np.ndarray]:
        """Return copies of all weights in Keras's order: layer by layer, kernel then bias."""
        return [weight.copy() for weight in self.weights.values()]

    def set_weights(self, weights: Sequence[np.ndarray]) -> None:
        """Copy ``weights``, ordered as `get_weights` returns them, into the network."""
        ours = self.weights
        if not isinstance(weights, list | tuple):
            raise TypeError(f"weights is {type(weights).__name__}, expected a list of arrays")
        if len(weights) != len(ours):
            raise ValueError(f"weights has {len(weights)} arrays, expected {len(ours)}")
        checked = []
        for (name, array), weight in zip(ours.items(), weights, strict=True):
            weight = as_numbers(weight, self.dtype, f"the weight {name}")
            if weight.shape != array.shape:
                raise ValueError(
                    f"the weight {name} has shape {weight.shape}, expected {array.shape}"
                )
            if not np.isfinite(weight).all():
                raise ValueError(f"the weight {name} holds NaN or infinity")
            checked.append(weight)
        for array, weight in zip(ours.values(), checked, strict=True):
            array[...] = weight

    def replica(self) -> Self:
        """Return a network with the same parameters, not copies, and last batches of its own."""
        replica = copy.copy(self)
        replica._layers = tuple(layer.replica() for layer in self.layers)
        return replica

    def count_params(self) -> int:
        """Return how many numbers the network keeps, learned or not."""
        return sum(layer.count_params() for layer in self.layers)

    def summary(self) -> Summary:
        """Return a table of layers, output shapes and parameter counts, to show or print."""
        return Summary(self.layers)

    def save(self, path: str | os.PathLike[str], optimizer: Optimizer | None = None) -> None:
        """Write the network to a file: see `scratchcnn.saving.save`."""
        saving.save(self, path, optimizer)

    @classmethod
    def load(cls, path: str | os.PathLike[str], optimizer: Optimizer | None = None) -> Self:
        """Return the network saved in a file: see `scratchcnn.saving.load`."""
        return saving.load(cls, path, optimizer)

    def __repr__(self) -> str:
        lines = "".join(f"        {layer!r},\n" for layer in self.layers)
        seed = f",\n    seed={self.seed}" if self.seed else ""
        dtype = f',\n    dtype="{self.dtype}"' if self.dtype == np.float64 else ""
        shape = f"    input_shape={self.input_shape}"
        return f"Sequential(\n    [\n{lines}    ],\n{shape}{seed}{dtype},\n)"


def load_model(path: str | os.PathLike[str], optimizer: Optimizer | None = None) -> Sequential:
    """Return the network saved in ``path``: see `scratchcnn.saving.load`."""
    return Sequential.load(path, optimizer)
