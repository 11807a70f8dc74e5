"""JAX with a whole epoch compiled into one program (`lax.scan`): the most that XLA can do."""

from functools import partial

import jax
import jax.numpy as jnp
import models
import numpy as np
from jax import lax

from scratchcnn.fast.workers import cores

LAYOUT = ("NHWC", "HWIO", "NHWC")


def pool(x):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def convolve(x, kernel):
    return lax.conv_general_dilated(x, kernel, (1, 1), "VALID", dimension_numbers=LAYOUT)


def logits(weights, x, model, dropout, key=None):
    if model == "course":
        conv, kernel, bias = weights
        x = pool(convolve(x, conv))
    else:
        conv_1, bias_1, conv_2, bias_2, kernel, bias = weights
        x = pool(jax.nn.relu(convolve(x, conv_1) + bias_1))
        x = pool(jax.nn.relu(convolve(x, conv_2) + bias_2))
    x = x.reshape(len(x), -1)
    if key is not None and dropout:
        x = jnp.where(jax.random.bernoulli(key, 1 - dropout, x.shape), x / (1 - dropout), 0)
    return x @ kernel + bias


def mean_loss(weights, x, y, model, dropout, key):
    scores = jax.nn.log_softmax(logits(weights, x, model, dropout, key))
    return -scores[jnp.arange(len(y)), y].mean()


@partial(jax.jit, static_argnames=("model", "dropout", "optimizer"), donate_argnums=0)
def run_epoch(state, x, y, model, dropout, optimizer):
    """Scan over batches (steps, batch, ...); ``state`` is (weights, means, squares, t, key)."""

    def step(state, batch):
        weights, means, squares, t, key = state
        key, mine = jax.random.split(key)
        loss, grads = jax.value_and_grad(mean_loss)(weights, *batch, model, dropout, mine)
        rate, t = models.LEARNING_RATE[optimizer], t + 1
        if optimizer == "sgd":
            weights = jax.tree.map(lambda w, g: w - rate * g, weights, grads)
        else:
            means = jax.tree.map(lambda m, g: m + 0.1 * (g - m), means, grads)
            squares = jax.tree.map(lambda v, g: v + 0.001 * (g * g - v), squares, grads)
            rate = rate * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
            weights = jax.tree.map(
                lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), weights, means, squares
            )
        return (weights, means, squares, t, key), loss

    state, losses = lax.scan(step, state, (x, y))
    return state, losses.mean()


class Peer:
    """See the package's docstring."""

    def __init__(self, model, weights, dropout, optimizer):
        self.model, self.optimizer = model, optimizer
        self.dropout = dropout if model == "deep" else 0.0
        weights = [jnp.asarray(weight) for weight in weights]
        zeros = [jnp.zeros_like(weight) for weight in weights]
        key = jax.random.key(0)
        self.state = (weights, zeros, [zero.copy() for zero in zeros], jnp.float32(0), key)
        scores = partial(logits, model=model, dropout=0.0)
        self._predict = jax.jit(lambda weights, x: jax.nn.softmax(scores(weights, x)))

    def fit(self, x, y, batch_size, epochs):
        steps = len(x) // batch_size  # scan takes whole batches only
        x = x[: steps * batch_size].reshape(steps, batch_size, *x.shape[1:])
        y = y[: steps * batch_size].reshape(steps, batch_size)
        for _ in range(epochs):
            self.state, loss = run_epoch(self.state, x, y, self.model, self.dropout, self.optimizer)
        return float(loss)

    def predict(self, x):
        parts = [self._predict(self.state[0], x[i : i + 128]) for i in range(0, len(x), 128)]
        return np.concatenate(parts)

    def weights(self):
        return [np.asarray(weight) for weight in self.state[0]]


def version():
    """Return the version to print."""
    return f"JAX {jax.__version__}, the epoch compiled with lax.scan"


def threads():
    """Return how many threads it uses, in words."""
    return f"XLA's pool, one thread for each of {cores()} cores"
