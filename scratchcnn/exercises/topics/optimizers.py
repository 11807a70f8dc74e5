"""Exercises: momentum and Adam (lesson 09)."""

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


def positive(seed):
    """Return arrays without negative numbers, for the mean squares of Adam."""
    return [np.abs(array) for array in some(seed)]


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
            "The old velocity is lost. Keep beta times of it: that is the momentum.",
            momentum_forgotten,
        ),
        Mistake(
            "moved before the velocity is new",
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


def adam_step(params, grads, m, v, step, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-7):
    """Make one update with Adam, by Keras's formula.

    Parameters
    ----------
    params, grads : list of arrays
        The weights and their gradients.
    m, v : list of arrays
        For each array of params the running mean of its gradients, and of their squares.
    step : int
        The number of this update; the first is 1.
    learning_rate, beta1, beta2, epsilon : float

    Notes
    -----
    First m = beta1 * m + (1 - beta1) * grad and v = beta2 * v + (1 - beta2) * grad**2. Then
    rate = learning_rate * sqrt(1 - beta2**step) / (1 - beta1**step), and
    param = param - rate * m / (sqrt(v) + epsilon).
    The arrays in params, m and v are changed, in place.
    """
    rate = learning_rate * np.sqrt(1 - beta2**step) / (1 - beta1**step)
    for param, grad, mean, square in zip(params, grads, m, v, strict=True):
        mean *= beta1
        mean += (1 - beta1) * grad
        square *= beta2
        square += (1 - beta2) * grad**2
        param -= rate * mean / (np.sqrt(square) + epsilon)


def adam_with(rate, root=lambda v, epsilon: np.sqrt(v) + epsilon, power=2, sign=1):
    """Return a wrong answer: Adam with another rate, root, power of the gradient or sign."""

    def wrong(params, grads, m, v, step, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-7):
        for param, grad, mean, square in zip(params, grads, m, v, strict=True):
            mean[:] = beta1 * mean + (1 - beta1) * grad
            square[:] = beta2 * square + (1 - beta2) * grad**power
            change = rate(step, beta1, beta2) * mean / root(square, epsilon)
            param -= sign * learning_rate * change

    return wrong


def adam_as_in_the_paper(
    params, grads, m, v, step, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-7
):
    """Correct both means, and add epsilon to the root of the corrected one."""
    for param, grad, mean, square in zip(params, grads, m, v, strict=True):
        mean[:] = beta1 * mean + (1 - beta1) * grad
        square[:] = beta2 * square + (1 - beta2) * grad**2
        root = np.sqrt(square / (1 - beta2**step))
        param -= learning_rate * mean / (1 - beta1**step) / (root + epsilon)


def adam_not_kept(params, grads, m, v, step, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-7):
    """Compute new means, and leave those in the lists alone."""
    copies = [mean.copy() for mean in m], [square.copy() for square in v]
    adam_step(params, grads, *copies, step, learning_rate, beta1, beta2, epsilon)


def corrected(step, beta1, beta2):
    """Return the factor that corrects for means that begin at zero."""
    return np.sqrt(1 - beta2**step) / (1 - beta1**step)


Exercise(
    adam_step,
    lesson=9,
    returns=("params", "m", "v"),
    changes=("params", "m", "v"),
    cases=[
        Case([np.array([1.0])], [np.array([2.0])], [np.zeros(1)], [np.zeros(1)], 1, 0.1),
        Case([np.array([1.0, 1.0])], [np.array([2.0, -3.0])], [np.ones(2)], [np.ones(2)], 2, 0.1),
        Case([np.array([1.0])], [np.array([1e-6])], [np.zeros(1)], [np.zeros(1)], 1, 0.1),
        Case(some(140), some(142), some(144), positive(146), 5, 0.01),
        Case(some(150), some(152), some(154), positive(156), 3, 0.3, 0.5, 0.8, 0.01),
    ],
    mistakes=[
        Mistake(
            "not corrected",
            "The correction is missing. m and v begin at zero, so in the first steps they are too "
            "small: multiply the learning rate by sqrt(1 - beta2**step) / (1 - beta1**step).",
            adam_with(lambda step, beta1, beta2: 1),
        ),
        Mistake(
            "root in the correction forgotten",
            "The correction is not quite right. v is a mean of squares, so its part of it stands "
            "under a root: sqrt(1 - beta2**step).",
            adam_with(lambda step, beta1, beta2: (1 - beta2**step) / (1 - beta1**step)),
        ),
        Mistake(
            "correction upside down",
            "The correction is upside down: sqrt(1 - beta2**step) is above, and 1 - beta1**step "
            "below.",
            adam_with(lambda step, beta1, beta2: 1 / corrected(step, beta1, beta2)),
        ),
        Mistake(
            "arrays not changed",
            "None of the arrays has changed. param = param - ... makes a new array, even if you "
            "put it into the list. param -= ... and param[:] = ... change it.",
            lambda params, grads, m, v, step, learning_rate, beta1=0, beta2=0, epsilon=0: None,
        ),
        Mistake(
            "means not kept",
            "The arrays in m and v have not changed, so that the next step does not know them. "
            "Change them in place: with *= and +=, or with mean[:] = ... in the loop.",
            adam_not_kept,
        ),
        Mistake(
            "root forgotten",
            "You divide by v. Divide by its square root.",
            adam_with(corrected, root=lambda v, epsilon: v + epsilon),
        ),
        Mistake(
            "epsilon under the root",
            "epsilon stands under the root. In Keras's formula it is added to the root.",
            adam_with(corrected, root=lambda v, epsilon: np.sqrt(v + epsilon)),
        ),
        Mistake(
            "epsilon after the correction",
            "You correct m and v, and then add epsilon, as in the paper. Keras, and this course, "
            "correct the learning rate instead, so epsilon is added to the root of v as it is.",
            adam_as_in_the_paper,
        ),
        Mistake(
            "gradient not squared",
            "v is the mean of the squared gradients: grad**2.",
            adam_with(corrected, power=1),
        ),
        Mistake(
            "up instead of down",
            "The step goes uphill: subtract it from param.",
            adam_with(corrected, sign=-1),
        ),
        Mistake(
            "steps counted from zero",
            "Your powers are one too small: the first update has step = 1, so take beta1**step.",
            adam_with(lambda step, beta1, beta2: corrected(step - 1, beta1, beta2)),
        ),
    ],
    hints=(
        "Adam keeps two running means: of the gradients, and of their squares. Write these two "
        "lines first, in place.",
        "The means begin at zero, so the first ones are too small. One factor corrects both: "
        "sqrt(1 - beta2**step) / (1 - beta1**step). Multiply the learning rate by it.",
        "In the loop over the four lists, after both means: "
        "param -= rate * mean / (np.sqrt(square) + epsilon).",
    ),
)
