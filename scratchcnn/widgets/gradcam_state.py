"""What the Grad-CAM explorer shows, and how covering squares changes it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

KINDS = ("Grad-CAM", "early Grad-CAM", "occlusion", "saliency")

Square = tuple[int, int]


@dataclass(frozen=True)
class GradCamState:
    """What the Grad-CAM explorer shows.

    Attributes
    ----------
    image, label : int
        Which image, and the class that the map is for.
    kind : one of `KINDS`
    covered : frozenset of (row, column)
        The squares of the grid that are covered.
    cursor : (row, column)
        Where the keyboard or the pointer is.
    covering : bool
        Whether the drag that is going on covers squares; otherwise it uncovers them.
    """

    image: int = 0
    label: int = 0
    kind: str = "Grad-CAM"
    covered: frozenset[Square] = frozenset()
    cursor: Square = (0, 0)
    covering: bool = True


def class_names(names: Sequence[str] | None, count: int) -> tuple[str, ...]:
    """Return a name for each class, or raise an error."""
    found = tuple(map(str, range(count) if names is None else names))
    if len(found) != count:
        raise ValueError(
            f"names has {len(found)} entries, expected one for each of {count} classes"
        )
    return found


def painted(state: GradCamState, square: Square) -> GradCamState:
    """Cover or uncover all squares on the way from the cursor to ``square``."""
    start, end = np.array(state.cursor), np.array(square)
    steps = int(np.abs(end - start).max()) + 1
    way = np.rint(np.linspace(start, end, steps)).astype(int)
    squares = {(row, column) for row, column in way.tolist()}
    squares.add(square)
    covered = state.covered | squares if state.covering else state.covered - squares
    return replace(state, covered=covered, cursor=square)
