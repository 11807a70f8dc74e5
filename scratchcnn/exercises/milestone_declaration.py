"""Milestone: what a network of the student's own functions has to reach.

A milestone is declared once, in a file of ``scratchcnn/exercises/milestones``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

MILESTONES: dict[str, Milestone] = {}  # by name


class Trained(NamedTuple):
    """A network after training."""

    scores: Callable[[np.ndarray], np.ndarray]  # of images (N, 28, 28), 0 to 255: (N, 10)
    learned: np.ndarray  # what `Milestone.draw` shows


@dataclass(frozen=True)
class Milestone:
    """A network, the accuracy that it has to reach, and the functions that it is made of.

    Attributes
    ----------
    name : str
        What students call it: ``milestone("templates", ...)``.
    yours, helped : str
        What is reached if all the functions are the student's, and if some are ours.
    lesson : int
        The workbook that it stands in. The functions of this workbook have to be the student's.
    goal : float
        The fraction of the 1,000 bundled official test images that must be read correctly.
    needs : tuple of str
        The exercises whose functions do the work.
    library : str
        What else does: parts of the library, which students do not write. Empty if none.
    updates : int
        How many updates the training makes.
    train : callable
        ``train(own, step)`` returns `Trained`. ``own.dense`` and so on are the functions; after
        each update it calls ``step()``.
    draw : callable
        ``draw(learned)`` returns a figure.
    """

    name: str
    yours: str
    helped: str
    lesson: int
    goal: float
    needs: tuple[str, ...]
    library: str
    updates: int
    train: Callable[[SimpleNamespace, Callable[[], None]], Trained]
    draw: Callable[[np.ndarray], Any]

    def __post_init__(self) -> None:
        if self.name in MILESTONES:
            raise ValueError(f"there are two milestones called {self.name!r}")
        MILESTONES[self.name] = self


def in_order() -> list[Milestone]:
    """Return all milestones, in the order of their workbooks."""
    return sorted(MILESTONES.values(), key=lambda one: one.lesson)
