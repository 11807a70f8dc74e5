"""Residual: layers with a shortcut around them (lesson 10)."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchcnn.layers.base import Layer, Shape
from scratchcnn.layers.convolution import Conv2D
from scratchcnn.layers.stack import build_in_turn, check_layers, output_shape_of


class Residual(Layer):
    """Add what some layers make of the input to the input: ``y = layers(x) + shortcut(x)``.

    The shortcut is ``x`` itself. Where the layers change the shape of the feature maps, it is a
    1x1 convolution of ``x``, with the stride that leads to the same size.

    Parameters
    ----------
    layers : list of Layer
        The layers that the shortcut goes around.

    Attributes
    ----------
    params : dict
        Those of the layers inside, as ``"conv2d/kernel"``, and with a convolution in the
        shortcut ``"shortcut/kernel"`` and ``"shortcut/bias"``.

    References
    ----------
    He, Zhang, Ren and Sun, "Deep residual learning for image recognition", CVPR 2016.
    """

    def __init__(self, layers: list[Layer]) -> None:
        super().__init__()
        self.layers = self.sublayers = check_layers(layers)
        self.shortcut: Conv2D | None = None

    def build(
        self, input_shape: Shape, rng: np.random.Generator, dtype: str | np.dtype = "float32"
    ) -> None:
        """Build the layers inside and, if shapes differ, the shortcut's convolution."""
        super().build(input_shape, rng, dtype)
        build_in_turn(self.layers, input_shape, rng, self.dtype)
        self.shortcut = self._make_shortcut(input_shape)
        if self.shortcut is not None:
            self.shortcut.build(input_shape, rng, dtype)
            self.shortcut.name = "shortcut"
            self.shortcut.trainable = self.trainable
            self.sublayers = (*self.layers, self.shortcut)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of what the layers inside make."""
        return output_shape_of(self.layers, input_shape)

    def param_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Return the shapes of the parameters of the layers inside, and of the shortcut's."""
        shapes: dict[str, Shape] = {}
        shape = input_shape
        for k, layer in enumerate(self.layers):
            inside = layer.param_shapes(shape)
            shapes |= {f"{k}/{name}": of_param for name, of_param in inside.items()}
            shape = layer.compute_output_shape(shape)
        shortcut = self._make_shortcut(input_shape)
        return shapes | (shortcut.param_shapes(input_shape) if shortcut else {})

    def get_config(self) -> dict[str, Any]:
        """Return the layers inside, as a list."""
        return {"layers": list(self.layers)}

    @property
    def per_example(self) -> bool:  # type: ignore[override]
        """Whether this is true of all layers inside."""
        return all(layer.per_example for layer in self.layers)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return ``layers(x) + shortcut(x)``."""
        x = y = self.check_input(x)
        for layer in self.layers:
            y = layer.forward(y, training)
        return y + (x if self.shortcut is None else self.shortcut.forward(x, training))

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Send ``dy`` back both ways, and add what arrives: a sum passes its gradient to both."""
        dy = dx = self.check_gradient(dy)
        for layer in reversed(self.layers):
            dx = layer.backward(dx)
        return dx + (dy if self.shortcut is None else self.shortcut.backward(dy))

    def _make_shortcut(self, input_shape: Shape) -> Conv2D | None:
        output_shape = self.compute_output_shape(input_shape)
        if output_shape == input_shape:
            return None
        if len(input_shape) == len(output_shape) == 3:
            (H, W, _), (OH, OW, F) = input_shape, output_shape
            strides = -(-H // OH), -(-W // OW)  # ceil(H / OH), ceil(W / OW)
            shortcut = Conv2D(F, 1, strides)
            if shortcut.compute_output_shape(input_shape) == output_shape:
                return shortcut
        raise ValueError(
            f"Residual: its layers turn {input_shape} into {output_shape}, which no shortcut "
            'joins; use padding="same" in convolutions'
        )
