"""Networks whose methods are edited, what they answer, and which methods they call."""

import functools
import inspect
import sys
import warnings
from contextlib import nullcontext
from types import FunctionType, GeneratorType
from unittest import mock

import numpy as np

from scratchcnn import (
    SGD,
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    Layer,
    MaxPool2D,
    ReLU,
    Rescaling,
    Reshape,
    Residual,
    Sequential,
    SoftmaxCrossEntropy,
    training,
)
from scratchcnn.layers.base import LAYER_CLASSES

IMAGE = (7, 8, 2)
MANY = 70  # images, enough for the faster way of predicting

# What these return is a look-up or a way through the layers, not a number of the network: they
# are replaced by what does the same.
SAME_NUMBERS = {
    "walk",
    "replica",
    "_named",
    "clear_gradients",
    "params",
    "grads",
    "state",
    "trainable",
    "layers",
    "reset",
    "window",
    "pads",
}
# Every layer of the library stands in one of these, alone and before and behind what it is
# joined with; the last is always computed layer by layer.
NETWORKS = {
    "conv": lambda: [Conv2D(3, 3, 2, "same")],
    "conv, pool": lambda: [Conv2D(3, 3), MaxPool2D(2)],
    "conv, relu, pool": lambda: [Conv2D(3, 3), ReLU(), MaxPool2D(2)],
    "conv without bias, pool": lambda: [Conv2D(3, (2, 3), use_bias=False), MaxPool2D((2, 3))],
    "same conv without bias, relu, pool": lambda: [
        Conv2D(3, 3, padding="same", use_bias=False),
        ReLU(),
        MaxPool2D(2),
    ],
    "two of them": lambda: [Conv2D(8, 2), ReLU(), MaxPool2D(2), Conv2D(3, 2), MaxPool2D(2)],
    "relu, overlapping pool": lambda: [Conv2D(2, 2), ReLU(), MaxPool2D(3, 2, "same")],
    "mean pool": lambda: [Conv2D(2, 2), AvgPool2D(3, 2, "same"), ReLU()],
    "global pool": lambda: [Conv2D(4, 3), ReLU(), GlobalAvgPool2D()],
    "dropout": lambda: [Conv2D(2, 3), Dropout(0.3), ReLU(), MaxPool2D(2), Dropout(0.5)],
    "residual": lambda: [Conv2D(2, 2), Residual([Conv2D(2, 3, 1, "same"), ReLU()])],
    "residual with a shortcut": lambda: [
        Residual([Conv2D(3, 3, padding="same"), ReLU(), MaxPool2D(2, padding="same")]),
        ReLU(),
    ],
    "rescaled and reshaped": lambda: [Conv2D(2, 3), Rescaling(2, 0.5), Reshape((6, 5, 2)), ReLU()],
    "batch norm": lambda: [Conv2D(2, 3), BatchNorm(), ReLU(), MaxPool2D(2)],
}


def network(name, make=Sequential, change=lambda layers: None):
    """Return a new network of this name, with three classes; ``change`` gets its layers first."""
    layers = NETWORKS[name]()
    change(layers)
    flat = [] if isinstance(layers[-1], GlobalAvgPool2D) else [Flatten()]
    return make([*layers, *flat, Dense(3)], IMAGE, seed=1, dtype="float64")


def data(count):
    """Return images and labels."""
    rng = np.random.default_rng(count)
    return rng.standard_normal((count, *IMAGE)), rng.integers(0, 3, count)


def answers(model, batch_size=32):
    """Return all numbers that fit, predict and evaluate give, for many images and for few."""
    x, y = data({1: 3, 32: 33, 128: 130}[batch_size])
    history = model.fit(x, y, batch_size=batch_size, optimizer=SGD(0.02), verbose=False).history
    many, labels = data(MANY)
    numbers = [*history.values(), *model.get_weights(), model.predict(many), model.predict(x[:3])]
    return np.concatenate([np.ravel(n) for n in (*numbers, *model.evaluate(many, labels))])


def in_the_plain_way(function, *arguments):
    """Call a function while there is no faster way."""
    with mock.patch.object(
        training, "executor", lambda model, *_: nullcontext(training.PlainExecutor(model))
    ):
        return function(*arguments)


def with_warnings(function, *arguments):
    """Return what a function returns, and the messages of its RuntimeWarnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = function(*arguments)
    return result, [str(w.message) for w in caught if w.category is RuntimeWarning]


def equal(ours, theirs, tolerance=1e-12):
    """Say whether two rows of numbers are the same, NaN included."""
    return ours.shape == theirs.shape and np.allclose(ours, theirs, tolerance, 1e-12, True)


def classes():
    """Return all classes that compute: every layer of the library, the loss and the network."""
    workbook = "scratchcnn.exercises."  # its layers are answers to an exercise, also wrong ones
    ours = [
        cls
        for (module, _), cls in LAYER_CLASSES.items()
        if module.startswith("scratchcnn.") and not module.startswith(workbook)
    ]
    bases = {base: None for cls in (*ours, Sequential) for base in cls.__mro__}
    return [cls for cls in (*bases, SoftmaxCrossEntropy) if cls.__module__.startswith("scratchcnn")]


def methods_called(name):
    """Return the methods that learning and predicting call in a network: (class, name) -> value.

    The values are what each has returned last; they say how its result can be edited.
    """
    places = {
        code: (cls, attribute)
        for cls in classes()
        for attribute, value in vars(cls).items()
        if not attribute.startswith("__")
        for code in _codes(value)
    }
    called = {}

    def note(frame, event, value):
        if event == "return" and frame.f_code in places:
            generator = frame.f_code.co_flags & inspect.CO_GENERATOR
            called[places[frame.f_code]] = GeneratorType if generator else value

    model = network(name)
    with nullcontext(training.PlainExecutor(model)) as plain:
        sys.setprofile(note)
        try:
            plain.loss_and_gradients(*data(4))
            plain.logits(data(4)[0])
        finally:
            sys.setprofile(None)
    return called


def _codes(value):
    if isinstance(value, FunctionType):
        return [value.__code__]
    return [value.fget.__code__] if isinstance(value, property) else []


def edited(original, name):
    """Return a method, or a property, that gives something else than ``original``."""
    if isinstance(original, property):
        return property(edited(original.fget, name), original.fset)

    @functools.wraps(original)  # it even has the original's name
    def method(self, *arguments, **options):
        return changed(self, name, original(self, *arguments, **options))

    return method


def changed(layer, name, result):
    if name in SAME_NUMBERS:
        return result
    if name in ("backward", "parameter_gradients", "_update") and hasattr(layer, "layers"):
        for _, inside in (pair for top in layer.layers for pair in top.walk()):
            changed(inside, name, None)
    elif name in ("backward", "parameter_gradients", "_update") and isinstance(layer, Layer):
        for key, gradient in layer._grads.items():
            layer._grads[key] = gradient * 1.5
        for average in layer._state.values():
            average += 0.1
    if isinstance(result, GeneratorType):
        return iter(list(result)[:-1])
    if isinstance(result, list):
        return result[:-1]
    if isinstance(result, tuple):
        return tuple(changed(layer, name, item) for item in result)
    return result * 1.5 if isinstance(result, np.ndarray | float) else result
