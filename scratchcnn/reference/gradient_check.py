"""check_gradients: compare a backward pass with central differences (lesson 02)."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable

import numpy as np

from scratchcnn._utils.validation import (
    as_numbers,
    check_count,
    check_flag,
    check_number,
    check_seed,
)
from scratchcnn.layers.base import Layer
from scratchcnn.losses import SoftmaxCrossEntropy
from scratchcnn.network import Sequential

Place = tuple[int, ...]
Arrays = dict[str, np.ndarray]

NEARBY = 0.01  # how far from a kink the gradients are checked instead
TRIES = 3  # more than one, because there may be another kink nearby


class GradientErrors(dict[str, float]):
    """For ``"x"`` and each parameter, the largest relative error of its gradient.

    Attributes
    ----------
    kinks : dict of str to int
        How many of the numbers were at a kink, where there is no gradient; they were checked
        close to it instead.
    """

    def __init__(self) -> None:
        super().__init__()
        self.kinks: dict[str, int] = {}

    def __repr__(self) -> str:
        at_kinks = {name: f" ({count} at kinks)" for name, count in self.kinks.items()}
        items = (f"{name}: {error:.1e}{at_kinks.get(name, '')}" for name, error in self.items())
        return f"<GradientErrors {', '.join(items)}>"


def check_gradients(
    model: Layer | Sequential,
    x: np.ndarray,
    labels: np.ndarray | None = None,
    samples: int = 100,
    step: float = 1e-5,
    tolerance: float = 1e-6,
    seed: int = 0,
    training: bool = False,
) -> GradientErrors:
    """Compare every gradient of a layer or network with a numerical one.

    Each number of the input or of a parameter is changed by ``+step`` and ``-step``; the
    difference of the two losses divided by ``2 * step`` approximates dL/d(number) with an
    error of order ``step**2``. For a layer the loss is ``sum(y * dy)`` with a random ``dy``;
    for a network with ``labels`` it is the mean cross-entropy.

    If two pixels of a pooling window are equal, or the input of a ReLU is 0, the loss has a
    kink: its slopes to the left and right differ, and no gradient is correct. Such numbers are
    counted, and checked close to the kink; real digits, with their flat background, have many.

    Parameters
    ----------
    model : Layer or Sequential
        Built with ``dtype="float64"``.
    x : ndarray (N, *input_shape)
        Input; random numbers work well.
    labels : ndarray of int (N,), optional
        Classes, for a network.
    samples : int
        How many numbers of each array to check, drawn with ``seed``; in a smaller array, all.
    step : float
        How far each number is changed.
    tolerance : float
        The largest relative error allowed.
    training : bool
        False: forward passes run as in prediction, so anything that a layer does only in
        training is off. True: they run as in training (`BatchNorm` with the batch's own mean
        and variance, `Dropout` with the same random numbers each time).

    Returns
    -------
    errors : GradientErrors
        A dictionary: for ``"x"`` and each parameter, the largest difference between the two
        gradients divided by the largest gradient.

    Raises
    ------
    AssertionError
        If an error exceeds ``tolerance``; the message says where and gives both values.
    TypeError, ValueError
        If an argument is not as described.

    Warns
    -----
    RuntimeWarning
        If all numbers of an array are at kinks.
    """
    if not isinstance(model, Layer | Sequential):
        raise TypeError(f"model is {model!r}, expected a layer or a Sequential")
    if model.dtype != np.float64:
        raise TypeError(f'model computes in {model.dtype}; build it with dtype="float64"')
    if model.input_shape is None:
        raise ValueError("model has no shape yet, expected a layer that has been built")
    x = np.array(as_numbers(x, "float64", "x"))  # a copy, because it is changed below
    if not np.isfinite(x).all():
        raise ValueError("x holds NaN or infinity, expected finite numbers")
    samples, tolerance = check_count(samples, "samples"), check_number(tolerance, "tolerance")
    if not check_number(step, "step"):
        raise ValueError("step must be above 0, got 0")
    training = check_flag(training, "training")
    rng = np.random.default_rng(check_seed(seed))
    loss_function = SoftmaxCrossEntropy()

    def forward() -> np.ndarray:
        # In training, use a copy, so that averages and random numbers start the same each time.
        return (copy.deepcopy(model) if training else model).forward(x, training)

    dy = None if labels is not None else rng.standard_normal(forward().shape)

    def loss() -> float:
        y = forward()
        return float(np.sum(y * dy)) if labels is None else loss_function.forward(y, labels)

    def gradients() -> Arrays:
        loss()
        worker = copy.deepcopy(model) if training else model
        worker.forward(x, training)
        worker.clear_gradients()
        dx = worker.backward(loss_function.backward() if dy is None else dy)
        if missing := [name for name in model.params if name not in worker.grads]:
            raise RuntimeError(f"{type(model).__name__}.backward did not set grads for {missing}")
        return {"x": dx} | {name: worker.grads[name] for name in model.params}

    arrays, found = {"x": x} | dict(model.params), gradients()
    # If all gradients of an array are 0 up to rounding, judge it by the scale of the others.
    floor = 1e-4 * max(np.abs(gradient).max() for gradient in found.values())
    errors = GradientErrors()
    for name, array in arrays.items():
        places = _sample(array.shape, samples, rng)
        analytic = np.array([found[name][place] for place in places])
        numeric = np.array([np.mean(_slopes(loss, array, place, step)) for place in places])
        scale = max(np.abs(analytic).max(), np.abs(numeric).max(), floor, np.finfo(float).tiny)
        bends = np.zeros(len(places), bool)
        for k in np.flatnonzero(~(np.abs(analytic - numeric) <= tolerance * scale)):
            # With a ten times smaller step, a smooth curve looks straight; a kink does not.
            left, right = _slopes(loss, array, places[k], step / 10)
            numeric[k] = (left + right) / 2
            bends[k] = abs(left - right) > 10 * tolerance * scale
        bends &= ~(np.abs(analytic - numeric) <= tolerance * scale)
        suspects = [places[k] for k in np.flatnonzero(bends)]
        kinks = _right_nearby(loss, gradients, arrays, name, suspects, step / 10, tolerance * scale)
        at_kink = np.array([place in kinks for place in places])
        if kinks:
            errors.kinks[name] = len(kinks)
        if at_kink.all():
            warnings.warn(
                f"d{name} could only be checked near x: all {len(places)} numbers are at "
                "kinks; try random numbers for x",
                RuntimeWarning,
                stacklevel=2,
            )
        differences = np.where(at_kink, 0, np.abs(analytic - numeric)) / scale
        errors[name] = float(differences.max())
        if not errors[name] <= tolerance:  # "not <=" so that NaN fails too
            worst = int(differences.argmax())
            raise AssertionError(
                f"{type(model).__name__}: dL/d{name}{list(map(int, places[worst]))} is "
                f"{analytic[worst]:.9g} by backward, {numeric[worst]:.9g} by central differences "
                f"(relative error {errors[name]:.1e}, tolerance {tolerance:.0e})"
            )
    return errors


def _right_nearby(
    loss: Callable[[], float],
    gradients: Callable[[], Arrays],
    arrays: Arrays,
    name: str,
    places: list[Place],
    step: float,
    tolerance: float,
) -> set[Place]:
    """Return those of ``places`` in an array near which the gradient is correct.

    Input and parameters are changed slightly at random, so that no two numbers stay equal. If the
    gradient is correct there, only the kink made it differ; wrong code is wrong nearby as well.
    """
    right: set[Place] = set()
    kept = {key: array.copy() for key, array in arrays.items()}
    rng = np.random.default_rng(0)
    try:
        for _ in range(TRIES if places else 0):
            for key, array in arrays.items():
                array[...] = kept[key] + rng.uniform(-NEARBY, NEARBY, array.shape)
            gradient = gradients()[name]
            for place in set(places) - right:
                numeric = np.mean(_slopes(loss, arrays[name], place, step))
                if abs(gradient[place] - numeric) <= tolerance:
                    right.add(place)
    finally:
        for key, array in arrays.items():
            array[...] = kept[key]
    return right


def _slopes(
    loss: Callable[[], float], array: np.ndarray, place: Place, step: float
) -> tuple[float, float]:
    """Return the slopes of ``loss`` left and right of ``array[place]``, then restore it."""
    value, here = array[place], loss()
    try:
        array[place] = value + step
        above = loss()
        array[place] = value - step
        below = loss()
    finally:
        array[place] = value
    return (here - below) / step, (above - here) / step


def _sample(shape: tuple[int, ...], samples: int, rng: np.random.Generator) -> list[Place]:
    """Return all places in an array, or ``samples`` of them drawn without replacement."""
    size = int(np.prod(shape))
    chosen = range(size) if size <= samples else np.sort(rng.permutation(size)[:samples])
    return [tuple(map(int, np.unravel_index(k, shape))) for k in chosen]
