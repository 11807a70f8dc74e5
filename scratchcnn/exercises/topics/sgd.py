"""Exercises: one update of stochastic gradient descent (lesson 06)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals, integers


def sgd_step(params, grads, learning_rate):
    """Make one update with stochastic gradient descent.

    Parameters
    ----------
    params : list of arrays
        The weights. The arrays themselves are changed, in place.
    grads : list of arrays
        For each array of params its gradient, with the same shape.
    learning_rate : float
        The size of the step.
    """
    for param, grad in zip(params, grads, strict=True):
        param -= learning_rate * grad


def sgd_first_only(params, grads, learning_rate):
    """Return after the first array."""
    params[0] -= learning_rate * grads[0]


def sgd_new_arrays(params, grads, learning_rate):
    """Compute new arrays and leave the old ones alone."""
    for param, grad in zip(params, grads, strict=True):
        param = param - learning_rate * grad


def sgd_replaced(params, grads, learning_rate):
    """Put the step where the weights were."""
    for param, grad in zip(params, grads, strict=True):
        param[:] = -learning_rate * grad


Exercise(
    sgd_step,
    lesson=6,
    returns=("params",),
    changes=("params",),
    cases=[
        Case([np.array([1.0, 2.0])], [np.array([10.0, -10.0])], 0.1),
        Case(
            [np.array([[1.0, 2.0]]), np.array([3.0])],
            [np.array([[4.0, 5.0]]), np.array([6.0])],
            0.5,
        ),
        Case([integers(90, 2, 3), integers(91, 3)], [integers(92, 2, 3), integers(93, 3)], 0.01),
        Case(
            [decimals(94, 3, 2), decimals(95, 2), decimals(96, 1, 2, 2)],
            [decimals(97, 3, 2), decimals(98, 2), decimals(99, 1, 2, 2)],
            0.3,
        ),
    ],
    mistakes=[
        Mistake(
            "up instead of down",
            "The step goes uphill. The gradient points to where the loss grows, so subtract it.",
            lambda params, grads, learning_rate: sgd_step(params, grads, -learning_rate),
        ),
        Mistake(
            "arrays not changed",
            "The arrays in params have not changed. param = param - ... makes a new array, and the "
            "network still holds the old one. Write param -= ... instead.",
            sgd_new_arrays,
        ),
        Mistake(
            "learning rate forgotten",
            "The learning rate is missing: subtract learning_rate * grad.",
            lambda params, grads, learning_rate: sgd_step(params, grads, 1),
        ),
        Mistake(
            "only the first array",
            "Only the first array has changed. Visit all of them. Is there a return inside the "
            "loop?",
            sgd_first_only,
        ),
        Mistake(
            "weights replaced",
            "The weights are replaced by the step. Subtract the step from what they were.",
            sgd_replaced,
        ),
    ],
    hints=(
        "The loss should go down. The gradient says in which direction it goes up.",
        "Visit both lists together: for param, grad in zip(params, grads). From each weight, "
        "subtract its gradient times the learning rate.",
        "In the loop: param -= learning_rate * grad. With -= the array itself changes.",
    ),
)
