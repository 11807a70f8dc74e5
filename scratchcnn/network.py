"""Sequential: a network of layers, forward and backward (lesson 06)."""

from __future__ import annotations

import os
from typing import Self

import numpy as np

from scratchcnn import saving
from scratchcnn._utils.holder import ArrayHolder, check_layers
from scratchcnn._utils.validation import check_dtype, check_seed, check_shape
from scratchcnn.history import History
from scratchcnn.layers.base import DType, Layer, Shape
from scratchcnn.layers.stack import build_in_turn
from scratchcnn.optimizers import Optimizer
from scratchcnn.summary import Summary
from scratchcnn.training import Trainable


class Sequential(Trainable, ArrayHolder):
    """A network whose layers follow one after the other.

    `fit`, `evaluate` and `predict` are in training.py.

    Parameters
    ----------
    layers : list of Layer
        From the image to the logits, without a softmax: the loss and `predict` apply it.
    input_shape : tuple of int
        Shape of one image, (H, W, C).
    seed : int
        Seeds the initial parameters, the order of the images and dropout.
    dtype : {"float32", "float64"}
        The type of all arithmetic; use float64 for gradient checks.

    Attributes
    ----------
    params, grads : dict of str to ndarray
        The layers' own arrays, under names such as ``"conv2d/kernel"``.
    history : History or None
        From the last call to `fit`, which stops when ``stop_training`` is set to True.
    """

    def __init__(
        self, layers: list[Layer], input_shape: Shape, seed: int = 0, dtype: DType = "float32"
    ) -> None:
        self.name = "the model"
        self.sublayers = check_layers(layers)
        self.input_shape = check_shape(input_shape)
        self.seed, self.dtype = check_seed(seed), check_dtype(dtype)
        self.rng = np.random.default_rng(self.seed)
        self.output_shape = build_in_turn(self.layers, self.input_shape, self.rng, self.dtype)
        self.history: History | None = None
        self.stop_training = False

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers. They are fixed: for different layers, make a new model."""
        return self.sublayers

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the logits (N, classes) of the images ``x`` (N, H, W, C)."""
        for layer in self.layers:
            x = layer.forward(x, training)
        return x

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Fill the layers' `grads` and return dL/dx (N, H, W, C), given dL/dlogits."""
        self.clear_gradients()
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
            if missing := layer.params.keys() - layer.grads.keys():
                raise RuntimeError(
                    f"{layer.name}: its backward must fill grads, but left out {sorted(missing)}"
                )
        return dy

    @property
    def num_classes(self) -> int:
        """The number of classes the network distinguishes."""
        if len(self.output_shape) != 1:
            raise ValueError(
                f"the last layer gives {self.output_shape}, expected one row of scores for each "
                "image: end the network with Flatten() and Dense(classes)"
            )
        return self.output_shape[0]

    def summary(self) -> Summary:
        """Return a table of layers, output shapes and parameter counts, to display or print."""
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
        seed = f"    seed={self.seed},\n" if self.seed else ""
        dtype = f'    dtype="{self.dtype}",\n' if self.dtype == np.float64 else ""
        shape = f"    input_shape={self.input_shape},\n"
        return f"Sequential(\n    [\n{lines}    ],\n{shape}{seed}{dtype})"


load_model = Sequential.load
