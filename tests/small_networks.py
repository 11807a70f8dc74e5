"""A small network with random images for it: what tests of training, saving and copying use."""

import numpy as np

from scratchcnn import Conv2D, Dense, Flatten, MaxPool2D, ReLU, Sequential

IMAGE = (6, 6, 1)
CLASSES = 4


def network(*first, seed=0, dtype="float32"):
    """Return a network with a layer of each kind that every lesson has, behind those given."""
    layers = [*first, Conv2D(3, 3), ReLU(), MaxPool2D(2), Flatten(), Dense(CLASSES)]
    return Sequential(layers, IMAGE, seed=seed, dtype=dtype)


def data(count=20, seed=0):
    """Return ``count`` random images for `network`, and their labels."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((count, *IMAGE)).astype("float32"), rng.integers(0, CLASSES, count)


def same(one, other):
    """Return whether two lists of arrays are equal to the bit."""
    return all(np.array_equal(*pair) for pair in zip(one, other, strict=True))


def same_weights(one, other):
    """Return whether two networks have the same weights to the bit."""
    return same(one.get_weights(), other.get_weights())
