"""check_gradients: hold a backward pass to central differences (notebook 01)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scratchcnn._utils.validation import check_count, check_images, check_number, check_seed
from scratchcnn.layers.base import Layer
from scratchcnn.losses import SoftmaxCrossEntropy
from scratchcnn.network import Sequential


def check_gradients(
    model: Layer,
    x: np.ndarray,
    labels: np.ndarray | None = None,
    samples: int = 100,
    step: float = 1e-5,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> dict[str, float]:
    """Compare every gradient of a layer or network with a numerical one.

    A number of the input or of a parameter is moved by ``+step`` and ``-step``; the
    difference of the two losses over ``2 * step`` approximates dL/d(number) with an error
    of the order ``step**2``. For a layer the loss is ``sum(y * dy)`` with a random ``dy``;
    for a network with ``labels`` it is the mean cross-entropy.

    Forward passes are those of prediction: what a layer draws at random while it learns
    (`Dropout`) is switched off and not checked.

    Keep away from kinks: where a ReLU's input is within ``step`` of 0, or a maximum within
    ``step`` of being beaten, the two sides differ and no gradient is right.

    Parameters
    ----------
    model : Layer or Sequential
        Built with ``dtype="float64"``.
    x : ndarray (N, *input_shape)
        Input; random numbers do well.
    labels : ndarray of int (N,), optional
        Classes, for a network.
    samples : int
        Numbers of each array to move, drawn with ``seed``; all of an array no larger.
    step : float
        How far each is moved.
    tolerance : float
        Largest relative error that passes.

    Returns
    -------
    errors : dict of str to float
        For ``"x"`` and each parameter, the largest difference between the two gradients
        over the largest gradient.

    Raises
    ------
    AssertionError
        When an error exceeds ``tolerance``; the message says where, with both values.
    TypeError, ValueError
        When an argument is not as described.
    """
    if not isinstance(model, Layer | Sequential):
        raise TypeError(f"model is {model!r}, expected a layer or a Sequential")
    if model.dtype != np.float64:
        raise TypeError(f'model computes in {model.dtype}; build it with dtype="float64"')
    if model.input_shape is None:
        raise ValueError("model has no shape yet, expected a layer that has been built")
    x = check_images(x, model.input_shape, model.dtype).astype("float64")  # a copy, to be moved
    samples, tolerance = check_count(samples, "samples"), check_number(tolerance, "tolerance")
    if not check_number(step, "step"):
        raise ValueError("step must be above 0, got 0")
    rng = np.random.default_rng(check_seed(seed))
    loss_function = SoftmaxCrossEntropy()
    dy = None if labels is not None else rng.standard_normal(model.forward(x).shape)

    def loss() -> float:
        y = model.forward(x)
        return np.sum(y * dy) if labels is None else loss_function.forward(y, labels)

    loss()
    dx = model.backward(loss_function.backward() if dy is None else dy)
    checks = {"x": (x, dx)}
    checks |= {key: (param, model.grads[key]) for key, param in model.params.items()}
    errors = {}
    for name, (array, gradient) in checks.items():
        places = _sample(array.shape, samples, rng)
        analytic = np.array([gradient[place] for place in places])
        numeric = np.array([_central_difference(loss, array, place, step) for place in places])
        scale = max(np.abs(analytic).max(), np.abs(numeric).max(), np.finfo(float).tiny)
        differences = np.abs(analytic - numeric) / scale
        errors[name] = float(differences.max())
        if not errors[name] <= tolerance:  # "not <=" so that NaN fails too
            worst = int(differences.argmax())
            raise AssertionError(
                f"{type(model).__name__}: dL/d{name}{list(map(int, places[worst]))} is "
                f"{analytic[worst]:.9g} by backward, {numeric[worst]:.9g} by central differences "
                f"(relative error {errors[name]:.1e}, tolerance {tolerance:.0e})"
            )
    return errors


def _central_difference(
    loss: Callable[[], float], array: np.ndarray, place: tuple[int, ...], step: float
) -> float:
    """Return the slope of ``loss`` when ``array[place]`` changes; put its value back."""
    value = array[place]
    try:
        array[place] = value + step
        above = loss()
        array[place] = value - step
        below = loss()
    finally:
        array[place] = value
    return (above - below) / (2 * step)


def _sample(shape: tuple[int, ...], samples: int, rng: np.random.Generator) -> list[tuple]:
    """Return all places of an array, or ``samples`` of them drawn without repetition."""
    size = int(np.prod(shape))
    chosen = range(size) if size <= samples else np.sort(rng.permutation(size)[:samples])
    return [np.unravel_index(k, shape) for k in chosen]
