"""Stored runs: read them, make one of them once more, compare two lists of figures."""

from __future__ import annotations

import inspect
import json
import math
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from scratchcnn.experiments.other_images import garments, shapes, transfer
from scratchcnn.experiments.runs import (
    Run,
    ablation,
    frozen_kernels,
    keras_seeds,
    optimizers,
    rates_and_batches,
)
from scratchcnn.experiments.stacks import deep_stacks

EXPERIMENTS: dict[str, Callable[..., Run]] = {
    "frozen_kernels": frozen_kernels,
    "rates_and_batches": rates_and_batches,
    "keras_seeds": keras_seeds,
    "optimizer_rates": optimizers,
    "optimizers": optimizers,
    "ablation_rates": ablation,
    "ablation": ablation,
    "deep_stack_rates": deep_stacks,
    "deep_stacks": deep_stacks,
    "shapes": shapes,
    "garments": garments,
    "transfer": transfer,
}


def stored(name: str, folder: str | os.PathLike[str] = "results") -> list[Run]:
    """Return the stored runs of an experiment, each with its settings and its figures.

    Parameters
    ----------
    name : str
        One of `EXPERIMENTS`.
    folder : path
        Where the files are; by default beside the notebook.
    """
    path = Path(folder) / f"{name}.json"
    if name not in EXPERIMENTS:
        raise ValueError(f"name is {name!r}, expected one of {list(EXPERIMENTS)}")
    if not path.exists():
        raise FileNotFoundError(
            f"{path} does not exist: `python benchmarks/experiments.py {name}` makes it in "
            "notebooks/results"
        )
    content = json.loads(path.read_text(encoding="utf-8"))
    return [content["settings"] | run for run in content["runs"]]


def settings_of(name: str, run: Run) -> Run:
    """Return the part of a run that is settings: the arguments of its function."""
    return {key: run[key] for key in inspect.signature(EXPERIMENTS[name]).parameters if key in run}


def repeat(name: str, run: Run) -> Run:
    """Make a stored run once more; return the same settings with the figures of now."""
    settings = settings_of(name, run)
    return settings | EXPERIMENTS[name](**settings)


def paired_t_test(a: np.ndarray, b: np.ndarray) -> tuple[float, float, float, float]:
    """Compare two lists of figures, pair by pair.

    Parameters
    ----------
    a, b : array-like (n,)
        Figures of n pairs, in the same order.

    Returns
    -------
    difference : float
        The mean of ``a - b``.
    standard_error : float
        Of that mean.
    t : float
        How many standard errors the mean is away from zero.
    p : float
        How often chance alone would take it so far from zero, in either direction.

    Source: Student, "The probable error of a mean", Biometrika 6, 1908.
    """
    differences = np.subtract(a, b)
    n = len(differences)
    difference = differences.mean()
    standard_error = differences.std(ddof=1) / np.sqrt(n)
    t = difference / standard_error
    # The density of t with n - 1 degrees of freedom, between -|t| and |t|.
    ts = np.linspace(-abs(t), abs(t), 20_001)
    log_constant = math.lgamma(n / 2) - math.lgamma((n - 1) / 2)
    density = math.exp(log_constant) / np.sqrt((n - 1) * np.pi) * (1 + ts**2 / (n - 1)) ** (-n / 2)
    within = np.trapezoid(density, ts)
    return float(difference), float(standard_error), float(t), max(0.0, float(1 - within))
