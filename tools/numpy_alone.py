"""Use the library with NumPy alone: build, train, predict, check, save and load.

python tools/numpy_alone.py

Runs after `pip install scratchcnn` without any extra. In this repository, a test runs it with
every other package hidden.
"""

import tempfile
from pathlib import Path

import numpy as np

import scratchcnn
from scratchcnn import *  # noqa: F403
from scratchcnn import (
    SGD,
    Conv2D,
    Dense,
    Flatten,
    MaxPool2D,
    Sequential,
    check_gradients,
    load_mnist,
)


def main() -> None:
    """Go through everything once, and fail if anything else is needed."""
    (x_train, y_train), (x_test, y_test) = load_mnist()
    x_train, x_test = (x[..., None] / 255 - 0.5 for x in (x_train, x_test))
    layers = [Conv2D(4, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)]
    model = Sequential(layers, input_shape=(28, 28, 1), seed=0)
    model.fit(x_train[:200], y_train[:200], epochs=1, batch_size=1, optimizer=SGD(0.01))
    model.fit(x_train[:200], y_train[:200], epochs=1, batch_size=32, verbose=True)
    probabilities = model.predict(x_test)
    loss, accuracy = model.evaluate(x_test, y_test)
    assert probabilities.shape == (1000, 10)
    assert loss < np.log(10), "no better than guessing"
    assert accuracy > 0.5, "fewer than half of the digits correct"
    print(model.summary())
    check_gradients(
        Sequential([Conv2D(2, 3), Flatten(), Dense(3)], (5, 5, 1), seed=0, dtype="float64"),
        np.random.default_rng(0).standard_normal((2, 5, 5, 1)),
        np.array([0, 2]),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.npz"
        model.save(path)
        assert np.array_equal(Sequential.load(path).predict(x_test), probabilities)
    print(f"scratchcnn {scratchcnn.__version__} with NumPy {np.__version__} alone: all well")


if __name__ == "__main__":
    main()
