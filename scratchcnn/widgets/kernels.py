"""Kernels to start from: the classics, and kernels learned by a network."""

from functools import lru_cache

import numpy as np

from scratchcnn.data.mnist import load_mnist
from scratchcnn.layers.convolution import Conv2D
from scratchcnn.layers.dense import Dense, Flatten
from scratchcnn.layers.pooling import MaxPool2D
from scratchcnn.network import Sequential
from scratchcnn.optimizers import SGD

Kernel = tuple[tuple[float, ...], ...]

CUSTOM = "custom"

# The kernels of lesson 01. The edge kernels are Sobel's, a quarter as large, so that the step from
# black to white gives 1; they are positive where the image gets lighter to the right or downward.
PRESETS: dict[str, Kernel] = {
    "identity": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
    "vertical edges": ((-0.25, 0, 0.25), (-0.5, 0, 0.5), (-0.25, 0, 0.25)),
    "horizontal edges": ((-0.25, -0.5, -0.25), (0, 0, 0), (0.25, 0.5, 0.25)),
    "blur": ((1 / 9,) * 3,) * 3,
    "sharpen": ((0, -0.25, 0), (-0.25, 2, -0.25), (0, -0.25, 0)),
    "emboss": ((-0.5, -0.25, 0), (-0.25, 0, 0.25), (0, 0.25, 0.5)),
    "diagonal": ((-0.25, -0.25, 0.5), (-0.25, 0.5, -0.25), (0.5, -0.25, -0.25)),
    "ring": ((-0.25, -0.25, -0.25), (-0.25, 2, -0.25), (-0.25, -0.25, -0.25)),
}
FIRST = "vertical edges"


def as_kernel(weights: object) -> Kernel:
    """Return 3x3 numbers as a tuple of tuples, or raise an error."""
    array = np.asarray(weights, float)
    if array.shape != (3, 3) or not np.isfinite(array).all():
        raise ValueError(f"kernel has shape {array.shape}, expected 3 rows of 3 finite numbers")
    return tuple(tuple(float(weight) for weight in row) for row in array)


def as_kernel_list(kernels: np.ndarray) -> list[Kernel]:
    """Return the kernels of a convolution (3, 3, 1, F) one by one, or raise an error."""
    kernels = np.asarray(kernels)
    if kernels.ndim != 4 or kernels.shape[:3] != (3, 3, 1):
        raise ValueError(f"learned has shape {kernels.shape}, expected (3, 3, 1, F)")
    return [as_kernel(kernels[:, :, 0, k]) for k in range(kernels.shape[3])]


@lru_cache(maxsize=1)
def learned_kernels() -> np.ndarray:
    """Train the course's network on the sample; return its kernels (3, 3, 1, 8)."""
    (x, y), _ = load_mnist()
    model = Sequential(
        [Conv2D(8, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)], input_shape=(28, 28, 1)
    )
    x = x[:1000, :, :, None] / np.float32(255) - np.float32(0.5)  # (N, 28, 28) -> (N, 28, 28, 1)
    model.fit(x, y[:1000], epochs=2, batch_size=1, optimizer=SGD(0.01), verbose=False)
    return model.layers[0].params["kernel"].copy()
