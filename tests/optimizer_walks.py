"""A parameter and its gradients, for optimizers to walk along."""

import numpy as np

STEPS = 20


def gradients(steps=STEPS, dtype="float64"):
    """Return a gradient for each update, of changing size."""
    rng = np.random.default_rng(7)
    return [
        (rng.standard_normal((4, 3)) * 10.0 ** rng.integers(-2, 2)).astype(dtype)
        for _ in range(steps)
    ]


def start(dtype="float64"):
    return np.random.default_rng(8).standard_normal((4, 3)).astype(dtype)


def walk(optimizer, dtype="float64"):
    """Return where the parameter is after each update."""
    params, places = {"w": start(dtype)}, []
    for grad in gradients(dtype=dtype):
        optimizer.update(params, {"w": grad})
        places.append(params["w"].copy())
    return places
