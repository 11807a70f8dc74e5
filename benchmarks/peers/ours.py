"""This library."""

import numpy as np

import models


class Peer:
    """See the package's docstring."""

    def __init__(self, model, weights, dropout):
        self.model = models.build(model, dropout)
        self.model.set_weights(weights)
        self.optimizer = models.optimizer(model)

    def epoch(self, x, y, batch_size):
        history = self.model.fit(
            x, y, batch_size=batch_size, optimizer=self.optimizer, shuffle=False, verbose=False
        )
        return history.history["loss"][0]

    def predict(self, x):
        return self.model.predict(x)

    def weights(self):
        return self.model.get_weights()


def version():
    """Return the version to print."""
    return f"NumPy {np.__version__}"
