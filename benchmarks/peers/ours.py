"""The library of this course."""

import models
import numpy as np


class Peer:
    """See the package's docstring."""

    def __init__(self, model, weights, dropout, optimizer):
        self.model = models.build(model, dropout)
        self.model.set_weights(weights)
        self.optimizer = models.make_optimizer(optimizer)

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
