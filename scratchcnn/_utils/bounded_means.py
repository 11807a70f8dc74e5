"""Means over equal stretches of a series of any length, in bounded memory."""

import numpy as np


class BoundedMeans:
    """Condense a long series of numbers into at most ``limit`` means.

    Each mean stands for the same number of consecutive values. When the list of means is
    full, neighbors are merged in pairs, and each mean then stands for twice as many values.

    Parameters
    ----------
    limit : int
        The largest number of means to keep; must be even.
    values_per_mean : int
        How many values a mean stands for at first.

    Attributes
    ----------
    values_per_mean : int
        How many values a mean stands for now.
    count : int
        How many values have been added.
    """

    def __init__(self, limit: int, values_per_mean: int = 1) -> None:
        self.limit, self.values_per_mean, self.count = limit, values_per_mean, 0
        self._means: list[float] = []
        self._sum = 0.0

    def append(self, value: float) -> None:
        """Add a value to the series."""
        self._sum += value
        self.count += 1
        if self.count % self.values_per_mean:
            return
        self._means.append(self._sum / self.values_per_mean)
        self._sum = 0.0
        if len(self._means) == self.limit:
            pairs = np.reshape(self._means, (-1, 2))  # (limit,) -> (limit / 2, 2)
            self._means = pairs.mean(axis=1).tolist()
            self.values_per_mean *= 2

    @property
    def points(self) -> tuple[np.ndarray, np.ndarray]:
        """For each mean, the middle of the positions it stands for (from 1), and the mean."""
        starts = self.values_per_mean * np.arange(len(self._means))
        return starts + (self.values_per_mean + 1) / 2, np.array(self._means)
