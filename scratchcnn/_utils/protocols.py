"""What other modules may expect of a network; `Sequential` itself is in network.py."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, Self

import numpy as np

from scratchcnn._utils.parameters import Parameters


class Network(Protocol):
    """A sequence of layers."""

    input_shape: tuple[int, ...]
    dtype: np.dtype
    seed: int
    rng: np.random.Generator
    history: Any
    stop_training: bool

    @property
    def layers(self) -> tuple[Any, ...]:
        """The layers, first to last."""

    @property
    def params(self) -> Parameters:
        """The trainable arrays, by layer and name."""

    @property
    def grads(self) -> dict[str, np.ndarray]:
        """The gradients of the last `backward`."""

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """All arrays, trained or not."""

    @property
    def num_classes(self) -> int:
        """Number of classes."""

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the logits (N, classes)."""

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Fill `grads` and return dL/dx."""

    def get_weights(self) -> list[np.ndarray]:
        """Return copies of `weights`."""

    def set_weights(self, weights: Sequence[np.ndarray]) -> None:
        """Copy ``weights`` into the network."""

    def walk(self) -> Iterator[tuple[str, Any]]:
        """Yield the network and all of its layers."""

    def forget(self) -> None:
        """Forget the last batch."""

    def replica(self) -> Self:
        """Return a network that shares the parameters but keeps its own last batch."""


class Executor(Protocol):
    """Runs a network: the plain executor of training.py, or a faster one."""

    def loss_and_gradients(self, x: np.ndarray, labels: np.ndarray) -> tuple[float, int]:
        """Fill the layers' `grads`; return the mean loss and the number of correct answers."""

    def logits(self, x: np.ndarray) -> np.ndarray:
        """Return the scores (N, classes) without changing the layers."""
