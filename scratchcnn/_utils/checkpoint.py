"""Checkpoint: weights and optimizer state that training can be rolled back to."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from scratchcnn._utils.protocols import Network


class DivergenceError(ArithmeticError):
    """The loss became infinite or NaN; weights and optimizer were rolled back by an epoch."""


class Checkpoint:
    """Remembers the last good state of a model and its optimizer.

    Parameters
    ----------
    model : Sequential
    optimizer : Optimizer
    """

    def __init__(self, model: Network, optimizer: Any) -> None:
        self.model, self.optimizer = model, optimizer
        self.weights = model.get_weights()
        self.memory = optimizer.get_state(model.params)

    def renew(self, loss: float, updates: int) -> None:
        """Remember the current state if the weights and the loss are finite; else restore."""
        weights = self.model.get_weights()
        if not (math.isfinite(loss) and all(np.isfinite(weight).all() for weight in weights)):
            self.restore(loss, updates)
        self.weights, self.memory = weights, self.optimizer.get_state(self.model.params)

    def restore(self, loss: float, updates: int) -> None:
        """Go back to the last good state, and raise an error that says what to do."""
        rate = self.optimizer.current_learning_rate
        self.model.set_weights(self.weights)
        self.optimizer.set_state(self.model.params, self.memory)
        raise DivergenceError(
            f"training has diverged: after {updates} updates the loss is {loss}. Usually "
            f"the learning rate ({rate:g}) is too large, or the pixels are not scaled (use "
            "x / 255 - 0.5). The weights have been reset to those at the start of the epoch."
        )
