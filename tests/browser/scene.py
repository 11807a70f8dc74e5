"""The explorers of the browser tests: made alike in the notebook's kernel and in the tests.

A test sends the same events to both, and asks of the page what its own twin computes.
"""

from functools import lru_cache

import numpy as np

from scratchcnn import (
    SGD,
    SHAPE_CLASSES,
    Adam,
    Conv2D,
    Dense,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    ReLU,
    Sequential,
    load_mnist,
    make_shapes,
)
from scratchcnn.widgets import (
    AdversarialExplorer,
    ArchitectureExplorer,
    DigitPad,
    FilterExplorer,
    GradCamExplorer,
    GradientExplorer,
    LiveTraining,
    NetworkExplorer,
    PoolingExplorer,
    Recorder,
    SoftmaxExplorer,
    TrainingScrubber,
)

NAMES = ("filter", "pooling", "softmax", "gradient", "scrubber", "live", "pad")
NAMES += ("gradcam", "adversarial", "network", "bench")

# Ten digits as a pen would write them, x to the right and y down, from 0 to 1.
DIGITS = {
    0: [[(0.5 + 0.3 * np.sin(a), 0.5 - 0.48 * np.cos(a)) for a in np.linspace(0, 6.28, 30)]],
    1: [[(0.5, 0.02), (0.5, 0.98)]],
    2: [[(0.2, 0.25), (0.3, 0.08), (0.5, 0.02), (0.7, 0.1), (0.75, 0.28), (0.65, 0.5),
         (0.4, 0.75), (0.2, 0.95), (0.5, 0.95), (0.85, 0.93)]],
    3: [[(0.2, 0.12), (0.45, 0.02), (0.7, 0.1), (0.72, 0.3), (0.45, 0.46), (0.72, 0.55),
         (0.78, 0.78), (0.55, 0.97), (0.2, 0.9)]],
    4: [[(0.25, 0.05), (0.2, 0.5), (0.75, 0.5)], [(0.72, 0.05), (0.68, 0.98)]],
    7: [[(0.15, 0.05), (0.8, 0.05), (0.6, 0.5), (0.42, 0.98)]],
}  # fmt: skip


@lru_cache
def images():
    """The sample's training images, scaled, and their labels."""
    (x, y), _ = load_mnist()
    return x[:, :, :, None] / np.float32(255) - np.float32(0.5), y


def new_model():
    """The course's network, untrained."""
    layers = [Conv2D(8, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)]
    return Sequential(layers, input_shape=(28, 28, 1), seed=0)


@lru_cache
def recording():
    """The course's training run, recorded."""
    x, y = images()
    model = new_model()
    recorder = Recorder(model)
    options = {"epochs": 5, "batch_size": 1, "optimizer": SGD(0.01), "verbose": False}
    model.fit(x[:1000], y[:1000], callbacks=[recorder], **options)
    return recorder


@lru_cache
def shapes():
    """A network for shapes after little training, some pictures, their labels and boxes."""
    pictures, y, boxes = make_shapes(300, seed=0)
    x = pictures / np.float32(255) - np.float32(0.5)
    layers = [Conv2D(8, 5, 2, padding="same"), ReLU(), Conv2D(8, 3, 2, padding="same"), ReLU()]
    model = Sequential([*layers, GlobalAvgPool2D(), Dense(4)], input_shape=(32, 32, 3), seed=0)
    model.fit(x, y, epochs=8, optimizer=Adam(0.01), verbose=False)
    return model, x[:50], y[:50], boxes[:50]


def make(name):
    """Return one explorer of that name."""
    x, y = images()
    raw = np.rint((x[..., 0] + 0.5) * 255).astype(np.uint8)
    trained = recording().model
    makers = {
        "filter": lambda: FilterExplorer(raw[:100]),
        "pooling": lambda: PoolingExplorer(raw[:100]),
        "tiny": lambda: PoolingExplorer(raw[:1, 8:11, 8:11]),
        "softmax": lambda: SoftmaxExplorer(),
        "gradient": lambda: GradientExplorer(trained, x[1000:1100], y[1000:1100]),
        "scrubber": lambda: TrainingScrubber(recording(), x[1000:1200], y[1000:1200]),
        "live": lambda: LiveTraining(new_model(), x[:500], y[:500], epochs=4, batch_size=1),
        "gradcam": lambda: GradCamExplorer(*shapes()[:3], SHAPE_CLASSES, shapes()[3]),
        "adversarial": lambda: AdversarialExplorer(*shapes()[:3], SHAPE_CLASSES),
        "network": lambda: NetworkExplorer(trained, x[1000:1100], y[1000:1100]),
        "bench": lambda: ArchitectureExplorer(
            x[:500], y[:500], test_data=(x[1000:1100], y[1000:1100])
        ),
        "pad": lambda: DigitPad(trained, drawing=None),
    }
    return makers[name]()
