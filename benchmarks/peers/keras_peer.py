"""Keras, on the backend that the environment variable KERAS_BACKEND names."""

import importlib

import keras
import models

from scratchcnn.fast.workers import cores
from scratchcnn.keras_bridge import to_keras


class Peer:
    """See the package's docstring."""

    def __init__(self, model, weights, dropout, optimizer):
        ours = models.build(model, dropout)
        ours.set_weights(weights)
        self.model = to_keras(ours)
        make = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}[optimizer]
        self.model.compile(
            make(models.LEARNING_RATE[optimizer]),
            "sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )

    def fit(self, x, y, batch_size, epochs):
        history = self.model.fit(
            x, y, epochs=epochs, batch_size=batch_size, shuffle=False, verbose=0
        )
        return history.history["loss"][-1]

    def predict(self, x):
        return self.model.predict(x, batch_size=128, verbose=0)

    def weights(self):
        return self.model.get_weights()


def version():
    """Return the version to print."""
    backend = importlib.import_module(keras.backend.backend())
    return f"Keras {keras.__version__} on {backend.__name__} {backend.__version__}"


def threads():
    """Return how many threads the backend uses, in words."""
    name = keras.backend.backend()
    backend = importlib.import_module(name)
    if name == "torch":
        return f"{backend.get_num_threads()}"
    if name == "tensorflow":
        chosen = backend.config.threading.get_intra_op_parallelism_threads()
        return f"{chosen or cores()}"  # 0: one for each core
    return f"XLA's pool, one thread for each of {cores()} cores"
