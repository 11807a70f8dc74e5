"""Keras, on the backend that the environment variable KERAS_BACKEND names."""

import keras
import models

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

    def epoch(self, x, y, batch_size):
        history = self.model.fit(x, y, batch_size=batch_size, shuffle=False, verbose=0)
        return history.history["loss"][0]

    def predict(self, x):
        return self.model.predict(x, batch_size=128, verbose=0)

    def weights(self):
        return self.model.get_weights()


def version():
    """Return the version to print."""
    backend = __import__(
        {"torch": "torch", "jax": "jax"}.get(keras.backend.backend(), "tensorflow")
    )
    return f"Keras {keras.__version__} on {backend.__name__} {backend.__version__}"
