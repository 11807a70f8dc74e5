"""Exercise: momentum (lesson 09)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals


def momentum_step(params, grads, velocities, learning_rate, beta):
    """Make one update with momentum.

    Parameters
    ----------
    params, grads : list of arrays
        The weights and their gradients.
    velocities : list of arrays
        For each array of params a velocity, with the same shape.
    learning_rate : float
        The size of the step.
    beta : float
        How much of a velocity is kept from one step to the next.

    Notes
    -----
    First velocity = beta * velocity - learning_rate * grad, then param = param + velocity.
    The arrays in params and velocities are changed, in place.
    """
    for param, grad, velocity in zip(params, grads, velocities, strict=True):
        velocity *= beta
        velocity -= learning_rate * grad
        param += velocity


def momentum_forgotten(params, grads, velocities, learning_rate, beta):
    """Begin with a new velocity at every step."""
    for velocity in velocities:
        velocity[:] = 0
    momentum_step(params, grads, velocities, learning_rate, beta)


def momentum_moved_first(params, grads, velocities, learning_rate, beta):
    """Move with the old velocity."""
    for param, velocity in zip(params, velocities, strict=True):
        param += velocity
    still = [param.copy() for param in params]
    momentum_step(still, grads, velocities, learning_rate, beta)


def momentum_averaged(params, grads, velocities, learning_rate, beta):
    """Weigh the gradient with 1 - beta."""
    momentum_step(params, grads, velocities, learning_rate * (1 - beta), beta)


def momentum_rate_in_the_end(params, grads, velocities, learning_rate, beta):
    """Multiply the whole velocity by the learning rate."""
    for param, grad, velocity in zip(params, grads, velocities, strict=True):
        velocity[:] = beta * velocity - grad
        param += learning_rate * velocity


def momentum_not_kept(params, grads, velocities, learning_rate, beta):
    """Compute new velocities, and leave those in the list alone."""
    for param, grad, velocity in zip(params, grads, velocities, strict=True):
        param += beta * velocity - learning_rate * grad


def some(seed):
    """Return arrays of two shapes in a list."""
    return [decimals(seed, 3, 2), decimals(seed + 1, 2)]


Exercise(
    momentum_step,
    lesson=9,
    returns=("params", "velocities"),
    changes=("params", "velocities"),
    cases=[
        Case([np.array([1.0])], [np.array([10.0])], [np.array([0.0])], 0.1, 0.9),
        Case([np.array([1.0, 2.0])], [np.array([10.0, 0.0])], [np.array([4.0, -4.0])], 0.1, 0.5),
        Case(some(120), some(122), some(124), 0.3, 0.9),
        Case(some(126), some(128), some(130), 0.01, 0.0),
    ],
    mistakes=[
        Mistake(
            "up instead of down",
            "The step goes uphill: subtract learning_rate * grad from the velocity.",
            lambda params, grads, velocities, learning_rate, beta: momentum_step(
                params, grads, velocities, -learning_rate, beta
            ),
        ),
        Mistake(
            "velocity forgotten",
            "The old velocity is lost. Keep beta times the old velocity: that is the momentum.",
            momentum_forgotten,
        ),
        Mistake(
            "moved with the old velocity",
            "You move with the old velocity. First change the velocity, then add it to param.",
            momentum_moved_first,
        ),
        Mistake(
            "gradient times 1 - beta",
            "You multiply the gradient by 1 - beta. That is another form; in ours, the gradient "
            "counts in full.",
            momentum_averaged,
        ),
        Mistake(
            "velocity times learning rate",
            "You multiply the whole velocity by the learning rate. Only the gradient is "
            "multiplied by it.",
            momentum_rate_in_the_end,
        ),
        Mistake(
            "arrays not changed",
            "None of the arrays has changed. param = param + ... makes a new array, even if you "
            "put it into the list. param += ... and param[:] = ... change it.",
            lambda params, grads, velocities, learning_rate, beta: None,
        ),
        Mistake(
            "velocities not changed",
            "The arrays in velocities have not changed, so that the next step does not know them. "
            "Change them in place: velocity *= beta.",
            momentum_not_kept,
        ),
    ],
    hints=(
        "A ball that rolls downhill keeps some of its speed. What is its new velocity, and where "
        "is it then?",
        "Visit the three lists together. First change the velocity, in place, then the weight.",
        "In the loop: velocity *= beta; velocity -= learning_rate * grad; param += velocity.",
    ),
)
