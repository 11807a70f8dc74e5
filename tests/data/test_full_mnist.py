"""The course's training run on full MNIST, ten times; only where the official files are."""

import os

import numpy as np
import pytest

from scratchcnn import SGD, Conv2D, Dense, Flatten, MaxPool2D, Sequential, load_mnist

pytestmark = pytest.mark.skipif(
    not os.environ.get("SCRATCHCNN_DATA"),
    reason="SCRATCHCNN_DATA names no folder with the official MNIST files",
)


def scaled(images):
    """(N, 28, 28) of 0 .. 255 -> (N, 28, 28, 1) of -0.5 .. 0.5."""
    return (images[..., None] / 255 - 0.5).astype("float32")


@pytest.fixture(scope="module")
def runs():
    """Return, for seeds 0 to 9: accuracy in epoch 5, on 100 and on 10,000 test images."""
    (x_train, y_train), (x_test, y_test) = load_mnist(full=True)
    assert (len(x_train), len(x_test)) == (60_000, 10_000)
    x_train, y_train, x_test = scaled(x_train[:1000]), y_train[:1000], scaled(x_test)
    results = []
    for seed in range(10):
        layers = [Conv2D(8, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)]
        model = Sequential(layers, input_shape=(28, 28, 1), seed=seed)
        history = model.fit(
            x_train, y_train, epochs=5, batch_size=1, optimizer=SGD(0.01), verbose=False
        )
        right = model.predict(x_test).argmax(axis=1) == y_test
        results.append((history.history["accuracy"][-1], right[:100].mean(), right.mean()))
    return np.array(results)


@pytest.mark.parametrize(
    ("column", "least"),
    [(0, 0.945), (1, 0.86), (2, 0.868)],
    ids=["training, epoch 5", "first 100 test images", "all 10,000 test images"],
)
def test_the_mean_accuracy_over_ten_seeds_is_that_of_the_protocol(runs, column, least):
    assert runs[:, column].mean() >= least
