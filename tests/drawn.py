"""Layers, stacks of layers and numbers drawn at random, for the tests of several modules."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from scratchcnn import AvgPool2D, BatchNorm, Conv2D, Dense, Flatten, MaxPool2D, ReLU, Residual

# A layer to be made: its class and its arguments. Hashable, so that work can be remembered.
Spec = tuple[type, tuple[tuple[str, object], ...]]

seeds = st.integers(0, 2**20)
sizes = st.integers(1, 8)
pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
windows = st.tuples(st.integers(1, 4), st.integers(1, 4))
paddings = st.sampled_from(["valid", "same"])


def examples(fast, thorough):
    """Return how many examples to draw: `pytest --hypothesis-profile=thorough` draws more."""
    return thorough if settings().max_examples > 100 else fast


def spec(layer, **arguments):
    """Write a layer to be made as a `Spec`."""
    return layer, tuple(arguments.items())


def make(drawn):
    """Return a new layer as ``drawn``, not built yet."""
    layer, arguments = drawn[0], dict(drawn[1])
    if layer is Residual:
        return Residual([make(inside) for inside in arguments["layers"]])
    return layer(**arguments)


def build(drawn, shape, seed=0, dtype="float64"):
    """Return the layer ``drawn`` for inputs of ``shape`` (N, ...), every parameter random."""
    layer = make(drawn)
    rng = np.random.default_rng(seed)
    layer.build(shape[1:], rng, dtype)
    randomize(layer.params, rng)
    for name, array in layer.state.items():
        spread = rng.uniform(0.5, 2, array.shape)
        array[...] = spread if name.endswith("variance") else rng.standard_normal(array.shape)
    return layer


def randomize(params, rng):
    """Fill parameters with random numbers, biases too."""
    for param in params.values():
        param[...] = rng.standard_normal(param.shape)


def numbers(shape, seed, ties=False):
    """Return random numbers; with ``ties`` only -1, 0 and 1, so that many are equal."""
    rng = np.random.default_rng(seed)
    return rng.integers(-1, 2, shape).astype(float) if ties else rng.standard_normal(shape)


def assert_close(actual, expected, tolerance=1e-11):
    """Hold two arrays to each other, relative to the largest number expected."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    error = np.abs(actual - expected) / max(1.0, np.abs(expected).max(initial=0))
    if not (error <= tolerance).all():  # "not <=", so that NaN fails too
        place = np.unravel_index(np.nanargmax(error), error.shape)
        raise AssertionError(f"at {place}: got {actual[place]}, expected {expected[place]}")


def image_shape(draw, window, padding):
    """Draw the shape (N, H, W, C) of a batch of images into which ``window`` fits."""
    least = window if padding == "valid" else (1, 1)
    height, width = (draw(st.integers(size, 8)) for size in least)
    return draw(st.integers(1, 3)), height, width, draw(st.integers(1, 3))


@st.composite
def convolutions(draw):
    """A Conv2D and the shape of its input."""
    kernel_size, padding = draw(windows), draw(paddings)
    drawn = spec(
        Conv2D,
        filters=draw(st.integers(1, 3)),
        kernel_size=kernel_size,
        strides=draw(pairs),
        padding=padding,
        use_bias=draw(st.booleans()),
    )
    return drawn, image_shape(draw, kernel_size, padding)


@st.composite
def poolings(draw, layer):
    """A pooling layer and the shape of its input; windows may overlap or leave gaps."""
    pool_size, padding = draw(windows), draw(paddings)
    strides = draw(st.none() | pairs)
    drawn = spec(layer, pool_size=pool_size, strides=strides, padding=padding)
    return drawn, image_shape(draw, pool_size, padding)


@st.composite
def dense_layers(draw):
    """A Dense and the shape of its input."""
    drawn = spec(Dense, units=draw(st.integers(1, 6)), use_bias=draw(st.booleans()))
    return drawn, (draw(st.integers(1, 4)), draw(st.integers(1, 9)))


@st.composite
def normalizations(draw):
    """A BatchNorm and the shape of its input: rows or images, not all numbers equal."""
    drawn = spec(
        BatchNorm,
        momentum=draw(st.sampled_from([0.0, 0.9, 0.99])),
        epsilon=draw(st.sampled_from([1e-3, 1e-2])),
        center=draw(st.booleans()),
        scale=draw(st.booleans()),
    )
    inner = draw(st.lists(st.integers(1, 4), min_size=0, max_size=2))
    return drawn, (draw(st.integers(3, 6)), *inner, draw(st.integers(1, 4)))


@st.composite
def residuals(draw, depth=1):
    """A Residual and the shape of its input: strides, channels, odd sizes, one inside another."""
    layers = []
    for _ in range(draw(st.integers(1, 2))):
        conv = spec(
            Conv2D,
            filters=draw(st.integers(1, 3)),
            kernel_size=draw(windows),
            strides=draw(pairs),
            padding="same",
        )
        layers += [conv, *draw(st.sampled_from([(), (spec(BatchNorm),), (spec(ReLU),)]))]
    if depth:
        layers.append(draw(residuals(depth - 1))[0])
    shape = draw(st.tuples(st.integers(2, 3), sizes, sizes, st.integers(1, 3)))
    return spec(Residual, layers=tuple(layers)), shape


@st.composite
def stacks(draw):
    """A whole network with three classes, as a tuple of specs, and the shape of its input.

    Often a convolution is followed by a pooling, with or without ReLU between.
    """
    shape = draw(st.tuples(st.integers(1, 3), st.integers(6, 9), st.integers(6, 9), pairs))
    shape = (*shape[:3], shape[3][0])
    layers = []
    for _ in range(draw(st.integers(1, 2))):
        same = {"padding": "same"}
        conv = spec(Conv2D, filters=draw(st.integers(1, 3)), kernel_size=draw(windows), **same)
        layers.append(conv)
        if draw(st.booleans()):
            layers.append(spec(ReLU))
        pooling = draw(st.sampled_from([None, MaxPool2D, AvgPool2D]))
        if pooling is not None:
            # At 6 pixels and more, two poolings by at most 2 leave at least one.
            layers.append(spec(pooling, pool_size=draw(st.sampled_from([2, (2, 1), (1, 2)]))))
    layers.append(spec(Flatten))
    if draw(st.booleans()):
        layers += [spec(Dense, units=4), spec(ReLU)]
    return (*layers, spec(Dense, units=3)), shape
