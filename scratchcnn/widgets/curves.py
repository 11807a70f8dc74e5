"""Curve: a list of numbers that may grow forever in bounded memory."""

import numpy as np


class Curve:
    """Means of equally many values each; when there are too many means, two become one.

    Parameters
    ----------
    limit : int
        Keep at most so many means; an even number.
    each : int
        How many values one mean stands for at first.

    Attributes
    ----------
    each : int
        How many values one mean stands for now.
    count : int
        Values so far.
    """

    def __init__(self, limit: int, each: int = 1) -> None:
        self.limit, self.each, self.count = limit, each, 0
        self._means: list[float] = []
        self._sum = 0.0

    def append(self, value: float) -> None:
        """Add a value."""
        self._sum += value
        self.count += 1
        if self.count % self.each:
            return
        self._means.append(self._sum / self.each)
        self._sum = 0.0
        if len(self._means) == self.limit:
            pairs = np.reshape(self._means, (-1, 2))  # (limit,) -> (limit / 2, 2)
            self._means = pairs.mean(axis=1).tolist()
            self.each *= 2

    @property
    def points(self) -> tuple[np.ndarray, np.ndarray]:
        """The middle of each finished stretch, counted from 1, and its mean."""
        starts = self.each * np.arange(len(self._means))
        return starts + (self.each + 1) / 2, np.array(self._means)
