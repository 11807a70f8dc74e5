"""Build the bundled samples from the official files. Kept for reproducibility.

    SCRATCHCNN_DATA=a/folder python tools/build_samples.py [where/to/write]

Writes mnist_sample.npz, mnist_test_sample.npz and fashion_sample.npz, by default into
scratchcnn/data. The official files are found, or downloaded, by load_mnist and
load_fashion_mnist, which check each of them. The result is the same every time.
"""

import sys
from pathlib import Path

import numpy as np

from scratchcnn import load_fashion_mnist, load_mnist
from scratchcnn.data import fashion, mnist

IMAGES_PER_DIGIT = 500


def save(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    """Write one sample."""
    np.savez_compressed(path, images=images, labels=labels.astype(np.uint8))
    print(f"{path}: {len(images):,} images, {path.stat().st_size:,} bytes")


def main(folder: Path) -> None:
    """Write all samples into ``folder``."""
    (x_train, y_train), (x_test, y_test) = load_mnist(full=True)
    # The first 500 of each digit, in MNIST's order.
    firsts = [np.flatnonzero(y_train == digit)[:IMAGES_PER_DIGIT] for digit in range(10)]
    chosen = np.sort(np.concatenate(firsts))
    save(folder / mnist.SAMPLE.name, x_train[chosen], y_train[chosen])
    count = mnist.TEST_IMAGES
    save(folder / mnist.TEST_SAMPLE.name, x_test[:count], y_test[:count])

    (x_train, y_train), (x_test, y_test) = load_fashion_mnist(full=True)
    train, test = fashion.SAMPLE_TRAIN, fashion.SAMPLE_TEST
    images = np.concatenate([x_train[:train], x_test[:test]])
    labels = np.concatenate([y_train[:train], y_test[:test]])
    save(folder / fashion.SAMPLE.name, images, labels)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else mnist.SAMPLE.parent)
