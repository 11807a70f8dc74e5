"""The layers once more in JAX, and the gradients that JAX finds for them.

Import this only in a test that has the `jax` fixture.
"""

import functools
import itertools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from scratchcnn import AvgPool2D, Conv2D, Dense, Flatten, MaxPool2D, ReLU

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


def forward(drawn, params, x):
    """Return the output of the layer ``drawn`` in JAX."""
    layer, arguments = drawn[0], dict(drawn[1])
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
def _layer_function(drawn):
    def value_and_gradients(params, x, dy):
        y, backward = jax.vjp(functools.partial(forward, drawn), params, x)
        return y, *backward(dy)

    return value_and_gradients


def layer_gradients(drawn, params, x, dy):
    """Return y, the gradients of the parameters, and dL/dx, for dL/dy = ``dy``."""
    return call(_layer_function(drawn), params, x, dy)


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
