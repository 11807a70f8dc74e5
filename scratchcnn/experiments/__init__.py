"""The experiments of lessons 07 to 11: one run of each, and the stored figures of many.

All the runs together take longer than a lesson. ``benchmarks/experiments.py`` makes them and stores
their figures in ``notebooks/results``. A lesson draws what is stored (`stored`) and makes a few of
the runs once more (`repeat`).

Two runs with the same settings on the same computer give the same figures, except for the seconds.
Other computers round sums differently. The figures of the course's network hardly change; those of
deeper networks, trained for longer, may differ by a few tenths of a percent.
"""

from scratchcnn._utils.extras import needs_extra
from scratchcnn.experiments.networks import CASES, INGREDIENTS, OPTIMIZERS, new_network
from scratchcnn.experiments.other_images import garments, shapes, transfer
from scratchcnn.experiments.results import EXPERIMENTS, paired_t_test, repeat, settings_of, stored
from scratchcnn.experiments.runs import (
    ablation,
    frozen_kernels,
    keras_seeds,
    optimizers,
    rates_and_batches,
    train_with,
)
from scratchcnn.experiments.stacks import DEPTHS, STACKS, deep_stacks, gray_shapes, stack

__all__ = [
    "CASES",
    "DEPTHS",
    "EXPERIMENTS",
    "INGREDIENTS",
    "OPTIMIZERS",
    "STACKS",
    "ablation",
    "deep_stacks",
    "frozen_kernels",
    "garments",
    "gray_shapes",
    "keras_seeds",
    "needs_extra",
    "new_network",
    "optimizers",
    "paired_t_test",
    "rates_and_batches",
    "repeat",
    "settings_of",
    "shapes",
    "stack",
    "stored",
    "train_with",
    "transfer",
]
