"""Exercise: Adam (lesson 09)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake
from scratchcnn.exercises.topics.momentum import some


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


def adam_with_old_means(
    params, grads, m, v, step, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-7
):
    """Change the weights with the means of the step before."""
    rate = learning_rate * corrected(step, beta1, beta2)
    for param, mean, square in zip(params, m, v, strict=True):
        param -= rate * mean / (np.sqrt(square) + epsilon)
    copies = [param.copy() for param in params]
    adam_step(copies, grads, m, v, step, learning_rate, beta1, beta2, epsilon)


def corrected(step, beta1, beta2):
    """Return the factor that corrects for means that begin at zero."""
    return np.sqrt(1 - beta2**step) / (1 - beta1**step)


def positive(seed):
    """Return arrays without negative numbers, for the mean squares of Adam."""
    return [np.abs(array) for array in some(seed)]


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
            "The correction is not quite right. v is a mean of squares, so its factor needs a "
            "square root: sqrt(1 - beta2**step).",
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
            "You add epsilon under the root. In Keras's formula it comes after the root: "
            "np.sqrt(v) + epsilon.",
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
            "step ignored",
            "Your correction is always that of the first update. Take the powers beta1**step and "
            "beta2**step.",
            adam_with(lambda step, beta1, beta2: corrected(1, beta1, beta2)),
        ),
        Mistake(
            "epsilon forgotten",
            "epsilon is missing: add it to the root of v.",
            adam_with(corrected, root=lambda v, epsilon: np.sqrt(v)),
        ),
        Mistake(
            "weights before the means",
            "You change the weights with the old m and v. First change both means, then the "
            "weights.",
            adam_with_old_means,
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
