"""The file of a small saved model, in parts, for tests that damage it and tests that forge it."""

import json

import numpy as np
import pytest

from scratchcnn import Adam, Conv2D, Dense, Flatten, MaxPool2D, Sequential


class Saved:
    """The bytes of a model's file, and what is in it."""

    def __init__(self, content, architecture, arrays):
        self.content, self.architecture, self.arrays = content, architecture, arrays


def save_small_model(path):
    """Return a small model's file and what is in it."""
    model = Sequential([Conv2D(1, 2), MaxPool2D(2), Flatten(), Dense(2)], (4, 4, 1))
    optimizer = Adam()
    x = np.random.default_rng(0).standard_normal((2, 4, 4, 1))
    model.fit(x, [0, 1], optimizer=optimizer, verbose=False)
    model.save(path, optimizer)
    with np.load(path, allow_pickle=False) as archive:
        arrays = dict(archive)
    return Saved(path.read_bytes(), json.loads(str(arrays.pop("architecture"))), arrays)


def write(path, arrays, architecture):
    np.savez(path, architecture=np.array(json.dumps(architecture)), **arrays)


def refused(path, optimizer=None, message=""):
    """Expect a ValueError that names the file, and perhaps says more."""
    with pytest.raises(ValueError, match=rf"model\.npz .*{message}"):
        Sequential.load(path, optimizer)
