"""Explorers for images of any size, with networks and data to go with them."""

import numpy as np

from scratchcnn import Conv2D, Dense, Flatten, MaxPool2D, ReLU, Sequential
from scratchcnn.widgets import (
    AdversarialExplorer,
    ArchitectureExplorer,
    FilterExplorer,
    GradCamExplorer,
    GradientExplorer,
    LiveTraining,
    NetworkExplorer,
    PoolingExplorer,
    Recorder,
    TrainingScrubber,
)


def network(rows, columns, channels=1, classes=10):
    layers = [Conv2D(8, 3), ReLU(), *([MaxPool2D(2)] if rows > 3 else [])]
    if rows >= 64:
        layers += [Conv2D(8, 3, 2), ReLU(), MaxPool2D(2)]
    layers += [Flatten(), Dense(classes)]
    return Sequential(layers, input_shape=(rows, columns, channels), seed=0)


def pictures(*shape):
    return np.random.default_rng(0).random((4, *shape), dtype=np.float32) - np.float32(0.5)


def data(rows, columns, channels=1, classes=10):
    """Return four images, and labels from the first class to the last."""
    return pictures(rows, columns, channels), np.linspace(0, classes - 1, 4).astype(int)


# Of gray images alone, by height and width.
FILTERING = {
    "filter": lambda rows, columns: FilterExplorer(pictures(rows, columns)),
    "pooling": lambda rows, columns: PoolingExplorer(pictures(rows, columns)),
}
# Of a network, by height, width, channels and classes.
OF_A_NETWORK = {
    "gradient": lambda *size: GradientExplorer(network(*size), *data(*size)),
    "scrubber": lambda *size: TrainingScrubber(Recorder(network(*size)), *data(*size)),
    "live": lambda *size: LiveTraining(network(*size), *data(*size)),
    "gradcam": lambda *size: GradCamExplorer(network(*size), *data(*size)),
    "network": lambda *size: NetworkExplorer(network(*size), *data(*size)),
    "bench": lambda *size: ArchitectureExplorer(*data(*size), data(*size)),
    "adversarial": lambda *size: AdversarialExplorer(network(*size), *data(*size)),
}
