"""load_mnist: real handwritten digits, offline from the first minute."""

from pathlib import Path

import numpy as np

Pair = tuple[np.ndarray, np.ndarray]

SAMPLE = Path(__file__).parent / "data" / "mnist_sample.npz"
SAMPLE_TRAIN = 4_000


def load_mnist(full: bool = False) -> tuple[Pair, Pair]:
    """Return ``(x_train, y_train), (x_test, y_test)``."""
    with np.load(SAMPLE, allow_pickle=False) as sample:
        images, labels = sample["images"], sample["labels"]
    return (images[:SAMPLE_TRAIN], labels[:SAMPLE_TRAIN]), (
        images[SAMPLE_TRAIN:],
        labels[SAMPLE_TRAIN:],
    )
