"""Residual: layers with a shortcut around them (lesson 10)."""

from __future__ import annotations

import numpy as np

from scratchcnn._utils.holder import check_layers
from scratchcnn.layers.base import DType, Layer, Shape
from scratchcnn.layers.convolution import Conv2D
from scratchcnn.layers.stack import build_in_turn


class Residual(Layer):
    """Add the input to the output of some layers: ``y = layers(x) + shortcut(x)``.

    The shortcut is ``x`` itself. If the layers change the shape of the feature maps, it is a
    1x1 convolution of ``x``, with a stride that gives the same size.

    Parameters
    ----------
    layers : list of Layer
        The layers that the shortcut skips. `params` holds their parameters (``"conv2d/kernel"``)
        and those of the shortcut (``"shortcut/kernel"``).

    Source: He, Zhang, Ren and Sun, "Deep residual learning for image recognition", CVPR 2016.
    """

    def __init__(self, layers: list[Layer]) -> None:
        super().__init__()
        self.sublayers = check_layers(layers)
        self.layers: tuple[Layer, ...] = self.sublayers
        self.shortcut: Conv2D | None = None

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: DType = "float32") -> None:
        """Build the inner layers and, if the shapes differ, the shortcut's convolution."""
        self.shortcut, self.sublayers = None, self.layers
        super().build(input_shape, rng, dtype)
        build_in_turn(self.layers, input_shape, rng, self.dtype)
        if self.output_shape != self.input_shape:
            self.shortcut = self._make_shortcut()
            self.shortcut.build(input_shape, rng, dtype)
            self.shortcut.name = "shortcut"
            self.sublayers = (*self.layers, self.shortcut)
            self.shortcut.trainable = self.trainable

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the output shape of the inner layers."""
        for layer in self.layers:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    @property
    def per_example(self) -> bool:  # type: ignore[override]
        """Whether this is true of all inner layers."""
        return all(layer.per_example for layer in self.layers)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return ``layers(x) + shortcut(x)``."""
        x = y = self.check_input(x)
        for layer in self.layers:
            y = layer.forward(y, training)
        return y + (x if self.shortcut is None else self.shortcut.forward(x, training))

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Send ``dy`` back along both paths and add the results, since y is a sum."""
        dy = dx = self.check_gradient(dy)
        for layer in reversed(self.layers):
            dx = layer.backward(dx)
        return dx + (dy if self.shortcut is None else self.shortcut.backward(dy))

    def _make_shortcut(self) -> Conv2D:
        """Return a 1x1 convolution that maps the input to the shape of the output."""
        if len(self.input_shape) == len(self.output_shape) == 3:
            (H, W, _), (OH, OW, F) = self.input_shape, self.output_shape
            shortcut = Conv2D(F, 1, (-(-H // OH), -(-W // OW)))  # ceil(H / OH), ceil(W / OW)
            if shortcut.compute_output_shape(self.input_shape) == self.output_shape:
                return shortcut
        flat = len(self.input_shape) == len(self.output_shape) == 1
        cure = f"end with Dense({self.input_shape[0]})" if flat else 'use padding="same"'
        raise ValueError(
            f"Residual: its layers turn {self.input_shape} into {self.output_shape}, and no "
            f"shortcut can do the same; {cure}"
        )
