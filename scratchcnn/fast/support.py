"""Which networks can be computed faster, and whether they still mean what they meant."""

from __future__ import annotations

from types import FunctionType

from scratchcnn.layers.activations import Dropout, ReLU
from scratchcnn.layers.base import Layer, walk
from scratchcnn.layers.convolution import Conv2D
from scratchcnn.layers.dense import Dense, Flatten
from scratchcnn.layers.pooling import AvgPool2D, GlobalAvgPool2D, MaxPool2D
from scratchcnn.layers.preprocessing import Rescaling, Reshape
from scratchcnn.layers.residual import Residual
from scratchcnn.layers.stack import Network
from scratchcnn.losses import SoftmaxCrossEntropy

SUPPORTED = (
    *(Conv2D, ReLU, MaxPool2D, AvgPool2D, GlobalAvgPool2D, Flatten, Dense, Dropout, Residual),
    *(Rescaling, Reshape),
)


def is_supported(model: Network) -> bool:
    """Say whether all layers are known here, and treat each image by itself.

    A subclass, of the network or of a layer, may compute something else.
    """
    layers = [layer for _, layer in walk(model.layers)]
    inside = [layer for layer in layers if not any(layer is outer for outer in model.layers)]
    return (
        type(model).__module__ == "scratchcnn.network"
        and all(type(layer) in SUPPORTED and layer.per_example for layer in layers)
        # Masks are drawn for the whole batch (executor.py), which is done at the top only.
        and not any(isinstance(layer, Dropout) for layer in inside)
        and len(model.layers[-1].output_shape) == 1
    )


def edited_method(model: Network) -> str | None:
    """Return the name of a method that is not the library's own, of a layer or of the network."""
    for thing in [model, *(layer for _, layer in walk(model.layers))]:
        for name, value in vars(thing).items():
            if name in dir(type(thing)) and callable(value):
                return f"{type(thing).__name__}.{name} of one object"
    classes = {cls for _, layer in walk(model.layers) for cls in type(layer).__mro__}
    for cls in {*classes, *type(model).__mro__, SoftmaxCrossEntropy, Layer}:
        if cls.__module__.startswith("scratchcnn."):
            for name, value in vars(cls).items():
                computes = isinstance(value, FunctionType) and not name.startswith("__")
                if computes and not _is_own(value, cls):
                    return f"{cls.__name__}.{name}"
    return None


def _is_own(function: FunctionType, cls: type) -> bool:
    """Say whether a function was defined where its class was."""
    return function.__module__ == cls.__module__ and function.__qualname__.startswith(
        f"{cls.__qualname__}."
    )
