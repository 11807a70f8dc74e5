"""The two models that every peer builds, and the weights that they all start from."""

import numpy as np

from scratchcnn import SGD, Adam, Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU, Sequential

SHAPE = (28, 28, 1)
LEARNING_RATE = {"sgd": 0.01, "adam": 0.001}
OPTIMIZER = {"course": "sgd", "deep": "adam"}


def build(model: str, dropout: float = 0.5) -> Sequential:
    """Return the course's network (Conv 8, SGD) or the Keras simple convnet (32, 64, Adam)."""
    if model == "course":
        layers = [Conv2D(8, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)]
    else:
        layers = [Conv2D(32, 3), ReLU(), MaxPool2D(2), Conv2D(64, 3), ReLU(), MaxPool2D(2)]
        layers += [Flatten(), Dropout(dropout), Dense(10)]
    return Sequential(layers, input_shape=SHAPE, seed=0)


def make_optimizer(name: str) -> SGD | Adam:
    """Return our optimizer called "sgd" or "adam"."""
    return {"sgd": SGD, "adam": Adam}[name](LEARNING_RATE[name])


def images(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return ``count`` scaled images from the bundled sample, repeated if there are too few."""
    from scratchcnn import load_mnist

    (x, y), _ = load_mnist()
    chosen = np.arange(count) % len(x)
    scaled = x[..., None] / np.float32(255) - np.float32(0.5)
    return scaled[chosen], y[chosen].astype(np.int32)
