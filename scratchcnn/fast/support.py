"""Which networks can run faster, and whether their methods are still the library's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FunctionType

import numpy as np

from scratchcnn._utils.protocols import Network
from scratchcnn.layers.activations import Dropout, ReLU
from scratchcnn.layers.convolution import Conv2D
from scratchcnn.layers.dense import Dense, Flatten
from scratchcnn.layers.pooling import AvgPool2D, GlobalAvgPool2D, MaxPool2D
from scratchcnn.layers.residual import Residual
from scratchcnn.losses import SoftmaxCrossEntropy
from scratchcnn.preprocessing import Rescaling, Reshape

SUPPORTED = (
    *(Conv2D, ReLU, MaxPool2D, AvgPool2D, GlobalAvgPool2D, Flatten, Dense, Dropout, Residual),
    *(Rescaling, Reshape),
)


def is_supported(model: Network) -> bool:
    """Return whether all layers are known here and process each image independently.

    Subclasses of the network or of a layer do not count: they may compute something else.
    """
    layers = [layer for top in model.layers for _, layer in top.walk()]
    inside = [layer for layer in layers if not any(layer is outer for outer in model.layers)]
    return (
        type(model).__module__ == "scratchcnn.network"
        and all(type(layer) in SUPPORTED and layer.per_example for layer in layers)
        # If one of our classes was replaced before this module was imported, SUPPORTED holds
        # the replacement.
        and all(_is_ours(type(layer)) for layer in layers)
        # Masks are drawn for the whole batch (executor.py), but only for top-level layers.
        and not any(isinstance(layer, Dropout) for layer in inside)
        and len(model.layers[-1].output_shape) == 1
    )


def edited_method(model: Network, *others: object) -> str | None:
    """Return the name of a method that is not the library's own, or None if all of them are.

    Checks the network, its layers, the loss, all their classes, and the functions that their
    modules call.

    Parameters
    ----------
    model : Sequential
    others
        More classes to check.
    """
    things = [layer for _, layer in model.walk()]
    for thing in things:
        cls = type(thing)
        for name, value in vars(thing).items():
            if callable(value) and hasattr(cls, name):
                return f"{cls.__name__}.{name} of one object"
    looked_at = [*map(type, things), SoftmaxCrossEntropy]
    classes = {base: None for cls in looked_at for base in cls.__mro__ if _is_ours(base)}
    classes |= {cls: None for cls in others if isinstance(cls, type)}
    for cls in classes:
        for name, value in vars(cls).items():
            if not name.startswith("__") and not all(_is_own(f, cls, name) for f in _parts(value)):
                return f"{cls.__name__}.{name}"
    for module in {cls.__module__: None for cls in looked_at}:
        for name, value in vars(sys.modules[module]).items():
            foreign = isinstance(value, FunctionType) and not _is_ours(value)
            if foreign or (name == "np" and value is not np):
                return f"{module}.{name}"
    return None


def _parts(value: object) -> Iterator[object]:
    """Yield the functions behind an attribute of a class: a property has up to three."""
    if isinstance(value, property):
        yield from (part for part in (value.fget, value.fset, value.fdel) if part is not None)
    elif isinstance(value, staticmethod | classmethod):
        yield value.__func__
    elif callable(value) or hasattr(value, "__get__"):
        yield value


def _is_own(function: object, cls: type, name: str) -> bool:
    """Return whether a function was defined as ``name`` in the body of its class.

    A decorator can copy the names of the function it wraps, but not its code or its module's
    globals.
    """
    return (
        isinstance(function, FunctionType)
        and function.__globals__ is vars(sys.modules[cls.__module__])
        and function.__code__.co_qualname == f"{cls.__qualname__}.{name}"
    )


def _is_ours(thing: type | FunctionType) -> bool:
    """Return whether a class or function was defined in this library."""
    names = thing.__globals__ if isinstance(thing, FunctionType) else vars(thing)
    module = names.get("__name__" if isinstance(thing, FunctionType) else "__module__", "")
    return str(module).startswith("scratchcnn.")
