"""Learning-rate schedules: functions of the number of updates so far (notebook 06)."""

import math
from collections.abc import Callable

from scratchcnn._utils.validation import check_count, check_number


def step_decay(initial: float, every: int, factor: float = 0.5) -> Callable[[int], float]:
    """Return a schedule that multiplies the learning rate by ``factor`` every so many updates."""
    check_number(initial, "initial")
    check_number(factor, "factor")
    check_count(every, "every")
    return lambda iteration: initial * factor ** (iteration // every)


def cosine_decay(initial: float, updates: int, final: float = 0.0) -> Callable[[int], float]:
    """Return a schedule that falls from ``initial`` to ``final`` along half a cosine.

    Source: Loshchilov and Hutter, "SGDR", ICLR 2017, without restarts.
    """
    check_number(initial, "initial")
    check_number(final, "final")
    check_count(updates, "updates")

    def schedule(iteration: int) -> float:
        progress = min(iteration / updates, 1.0)
        return final + (initial - final) * (1 + math.cos(math.pi * progress)) / 2

    return schedule
