"""Learning-rate schedules: functions of the number of updates so far (lesson 09)."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from scratchcnn._utils.validation import check_count, check_number


def step_decay(initial: float, every: int, factor: float = 0.5) -> Callable[[int], float]:
    """Return a schedule that multiplies the learning rate by ``factor`` after ``every`` updates."""
    return _StepDecay(
        check_number(initial, "initial"),
        check_count(every, "every"),
        check_number(factor, "factor"),
    )


def cosine_decay(initial: float, updates: int, final: float = 0.0) -> Callable[[int], float]:
    """Return a schedule that falls from ``initial`` to ``final`` along half a cosine.

    Source: Loshchilov and Hutter, "SGDR", ICLR 2017, without restarts.
    """
    return _CosineDecay(
        check_number(initial, "initial"),
        check_count(updates, "updates"),
        check_number(final, "final"),
    )


# Objects rather than nested functions, so that an optimizer with a schedule can be pickled.


@dataclass(frozen=True)
class _StepDecay:
    initial: float
    every: int
    factor: float

    def __call__(self, iteration: int) -> float:
        return self.initial * self.factor ** (iteration // self.every)

    def __repr__(self) -> str:
        return f"step_decay({self.initial}, {self.every}, {self.factor})"


@dataclass(frozen=True)
class _CosineDecay:
    initial: float
    updates: int
    final: float

    def __call__(self, iteration: int) -> float:
        progress = min(iteration / self.updates, 1.0)
        fall = (1 + math.cos(math.pi * progress)) / 2
        return self.final + (self.initial - self.final) * fall

    def __repr__(self) -> str:
        return f"cosine_decay({self.initial}, {self.updates}, {self.final})"
