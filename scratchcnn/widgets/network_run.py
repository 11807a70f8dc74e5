"""A network run layer by layer, with parts of it switched off, for the network explorer."""

import copy
import math

import numpy as np

from scratchcnn.losses import softmax
from scratchcnn.network import Sequential
from scratchcnn.widgets.network_state import (
    NetworkState,
    Off,
    Sum,
    activations,
    as_maps,
    steps_of,
    sum_of,
)

# The accuracy is that of so many images at most; of fewer, if they become so many numbers.
SCORED, NUMBERS = 200, 15_000_000
ALL_ON: Off = frozenset()


class NetworkRun:
    """What each layer of a network makes of an image, and what falls if something is off.

    Parameters
    ----------
    model : Sequential
        It is copied.
    images, labels : ndarray (N, H, W, C), (N,)

    Attributes
    ----------
    shapes : list of (H, W, C)
        Of the image, and of the output of each step; a row of D numbers is (1, 1, D).
    titles : list of str
        The short names of the same.
    last : int
        The number of the last step, whose numbers are the scores of the classes.
    scored : int
        How many images the accuracy is measured on.
    """

    def __init__(self, model: Sequential, images: np.ndarray, labels: np.ndarray) -> None:
        self.images, self.labels = images, labels
        self.steps = steps_of(copy.deepcopy(model))
        self.shapes = [as_maps(model.input_shape), *(step.shape for step in self.steps)]
        self.titles = ["image", *(step.label for step in self.steps)]
        self.last = len(self.steps)
        self.scored = min(len(images), SCORED, 1 + NUMBERS // sum(map(math.prod, self.shapes)))
        self._remembered: dict[tuple[int, Off], list[np.ndarray]] = {}
        self._accuracies: dict[Off, float] = {}

    def activations(self, image: int, off: Off) -> list[np.ndarray]:
        """Return the image and the output of each step, each (1, ...); the last two are kept."""
        if (image, off) not in self._remembered:
            if len(self._remembered) > 1:
                self._remembered.pop(next(iter(self._remembered)))
            one = self.images[image : image + 1]
            self._remembered[image, off] = activations(self.steps, one, off)
        return self._remembered[image, off]

    def maps(self, state: NetworkState, layer: int) -> np.ndarray:
        """Return a layer's output (H, W, C)."""
        return self.activations(state.image, state.off)[layer].reshape(self.shapes[layer])

    def sum(self, state: NetworkState) -> Sum | None:
        """Return what the chosen number is made of; None for a pixel of the image."""
        if state.layer == 0:
            return None
        before = self.activations(state.image, state.off)[state.layer - 1]
        return sum_of(self.steps[state.layer - 1], before, state.channel, state.pixel)

    def probabilities(self, state: NetworkState) -> tuple[np.ndarray, np.ndarray]:
        """Return the probabilities (K,) as things are switched, and with everything on."""
        now, before = (
            softmax(self.activations(state.image, off)[-1])[0] for off in (state.off, ALL_ON)
        )
        return now, before

    def accuracy(self, off: Off) -> float:
        """Return the accuracy on the first images; computed once for each choice."""
        if off not in self._accuracies:
            images, labels = self.images[: self.scored], self.labels[: self.scored]
            answers = activations(self.steps, images, off)[-1].argmax(axis=1)
            self._accuracies[off] = float((answers == labels).mean())
        return self._accuracies[off]

    def opening(self) -> NetworkState:
        """Return the first state: at the strongest pixel of the first layer."""
        first = self.maps(NetworkState(), 1)
        row, column, channel = np.unravel_index(first.argmax(), first.shape)
        return NetworkState(channel=int(channel), pixel=(int(row), int(column)))
