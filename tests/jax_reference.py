"""The layers once more in JAX, and the gradients that JAX finds for them.

Import this only in a test that has the `jax` fixture.
"""

import functools
import itertools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from scratchcnn import (
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    ReLU,
    Residual,
)

# Compiling takes most of the time, and there is little to optimize in a few small arrays.
QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}

compilations = itertools.count(1)


def both(value):
    """Return a size for height and width."""
    return (value, value) if isinstance(value, int) else tuple(value)


def pool(x, start, operation, arguments):
    """Reduce every window of ``x`` (N, H, W, C)."""
    size = both(arguments.get("pool_size", 2))
    strides = arguments.get("strides")
    strides = size if strides is None else both(strides)
    padding = arguments.get("padding", "valid").upper()
    return lax.reduce_window(x, start, operation, (1, *size, 1), (1, *strides, 1), padding)


def tree(layer, kind="weights"):
    """Return the arrays of ``layer`` as JAX is to see them: those of layers inside in lists."""
    if not isinstance(layer, Residual):
        return dict(getattr(layer, kind))
    inside = [tree(sublayer, kind) for sublayer in layer.layers]
    return {"layers": inside, "shortcut": tree(layer.shortcut, kind) if layer.shortcut else None}


def normalize(x, weights, arguments, training):
    """Return what BatchNorm makes of ``x`` (N, ..., C)."""
    mean, variance = weights["moving_mean"], weights["moving_variance"]
    if training:
        rows = x.reshape(-1, x.shape[-1])
        mean, variance = rows.mean(axis=0), ((rows - rows.mean(axis=0)) ** 2).mean(axis=0)
    y = (x - mean) / jnp.sqrt(variance + arguments.get("epsilon", 1e-3))
    return y * weights.get("gamma", 1.0) + weights.get("beta", 0.0)


def around(x, weights, layers, training):
    """Return what Residual makes of ``x``."""
    y = x
    for drawn, own in zip(layers, weights["layers"], strict=True):
        y = forward(drawn, own, y, training)
    if weights["shortcut"] is None:
        return y + x
    # The 1x1 convolution as a matrix product, at every k-th pixel.
    rows, columns = -(-x.shape[1] // y.shape[1]), -(-x.shape[2] // y.shape[2])
    kernel = weights["shortcut"]["kernel"][0, 0]
    return y + x[:, ::rows, ::columns] @ kernel + weights["shortcut"]["bias"]


def forward(drawn, params, x, training=False):
    """Return the output of the layer ``drawn`` in JAX."""
    layer, arguments = drawn[0], dict(drawn[1])
    if layer is BatchNorm:
        return normalize(x, params, arguments, training)
    if layer is Residual:
        return around(x, params, arguments["layers"], training)
    if layer is GlobalAvgPool2D:
        return x.sum(axis=(1, 2)) / (x.shape[1] * x.shape[2])
    if layer is Conv2D:
        strides, padding = both(arguments.get("strides", 1)), arguments.get("padding", "valid")
        axes = ("NHWC", "HWIO", "NHWC")
        y = lax.conv_general_dilated(
            x, params["kernel"], strides, padding.upper(), dimension_numbers=axes
        )
        return y + params["bias"] if "bias" in params else y
    if layer is MaxPool2D:
        return pool(x, -jnp.inf, lax.max, arguments)
    if layer is AvgPool2D:
        return pool(x, 0.0, lax.add, arguments) / pool(jnp.ones_like(x), 0.0, lax.add, arguments)
    if layer is ReLU:
        return jax.nn.relu(x)
    if layer is Flatten:
        return x.reshape(len(x), -1)
    assert layer is Dense
    return x @ params["kernel"] + params.get("bias", 0.0)


@functools.lru_cache(maxsize=64)
def _compiled(function, *layouts):
    """Return ``function`` compiled for arguments of these shapes."""
    if next(compilations) % 50 == 0:
        # Compiled code takes memory maps, and Linux gives a process some 65,000: thousands of
        # configurations, all kept by JAX, would crash it.
        jax.clear_caches()
    arguments = [jax.tree.unflatten(tree, shapes) for tree, shapes in layouts]
    return jax.jit(function).lower(*arguments).compile(compiler_options=QUICK)


def call(function, *arguments):
    """Call ``function``, compiled once for each layout of the arguments; NumPy in and out."""
    layouts = []
    for argument in arguments:
        leaves, tree = jax.tree.flatten(argument)
        layouts.append((tree, tuple(jax.ShapeDtypeStruct(a.shape, a.dtype) for a in leaves)))
    return jax.tree.map(np.asarray, _compiled(function, *layouts)(*arguments))


@functools.lru_cache(maxsize=64)
def _layer_function(drawn, training):
    def value_and_gradients(params, x, dy):
        layer = functools.partial(forward, drawn, training=training)
        y, backward = jax.vjp(layer, params, x)
        return y, *backward(dy)

    return value_and_gradients


def layer_gradients(drawn, params, x, dy, training=False):
    """Return y, the gradients of the parameters, and dL/dx, for dL/dy = ``dy``.

    ``params`` are a dictionary, or a `tree`; the gradients come in the same form.
    """
    return call(_layer_function(drawn, training), params, x, dy)


@functools.lru_cache(maxsize=64)
def _network_function(layers):
    def loss(params, x, labels):
        for drawn, own in zip(layers, params, strict=True):
            x = forward(drawn, own, x)
        return -jnp.mean(jax.nn.log_softmax(x)[jnp.arange(len(x)), labels])

    return jax.value_and_grad(loss, argnums=(0, 1))


def network_gradients(layers, params, x, labels):
    """Return the mean cross-entropy of a stack, and its gradients by `jax.grad`."""
    return call(_network_function(layers), params, x, labels)
