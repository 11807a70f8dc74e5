"""A network that trains in a moment, on shards: what the tests of `distributed` share."""

import os

import numpy as np

from scratchcnn import (
    Adam,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    ReLU,
    Sequential,
    distributed,
)


def images(count=96):
    rng = np.random.default_rng(0)
    return rng.standard_normal((count, 10, 10, 1)).astype("float32"), rng.integers(0, 3, count)


def network(rate=0.5, dtype="float32"):
    layers = [Conv2D(4, 3), ReLU(), MaxPool2D(2), Conv2D(6, 3), ReLU(), Flatten(), Dropout(rate)]
    return Sequential([*layers, Dense(3)], input_shape=(10, 10, 1), dtype=dtype)


def train(cluster=None, model=None, epochs=2, optimizer=None, **options):
    """Train a network, two batches of 48 in an epoch, and return its weights as bytes."""
    model = network() if model is None else model
    distributed.fit(
        model,
        *images(),
        epochs=epochs,
        batch_size=48,
        optimizer=Adam(0.003) if optimizer is None else optimizer,
        verbose=False,
        cluster=cluster,
        **options,
    )
    return as_bytes(model)


def as_bytes(model):
    return b"".join(weight.tobytes() for weight in model.get_weights())


def processes(cluster):
    """Return the process number of each worker, by its address; there are at least two."""
    cluster.restore()
    cluster.client.wait_for_workers(min(2, cluster.started), timeout=60)
    return cluster.client.run(os.getpid)


def at_step(step, action):
    """Return a callback that acts after one of the updates."""
    return lambda end: action() if end.step == step else None


def weights_after(model, seen):
    """Return a callback that appends a network's weights to a list after each update."""
    return lambda end: seen.append(as_bytes(model))
