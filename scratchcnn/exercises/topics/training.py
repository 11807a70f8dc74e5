"""Exercises: an update, and an epoch of updates (lesson 06)."""

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


def train_epoch(params, gradients, x, t, order, learning_rate, batch_size):
    """Train on every example once, with one update for each batch.

    Parameters
    ----------
    params : list of arrays
        The weights. The arrays themselves are changed, in place.
    gradients : function
        gradients(params, x, t) returns a list: for each array of params its gradient.
    x : array (N, ...)
        The examples.
    t : array (N,)
        The right answers.
    order : array (N,) of int
        The order of the examples. The first batch is x[order[:batch_size]].
    learning_rate : float
        The size of the steps.
    batch_size : int
        The number of examples in a batch. The last batch is smaller if N cannot be divided.
    """
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        grads = gradients(params, x[batch], t[batch])
        for param, grad in zip(params, grads, strict=True):
            param -= learning_rate * grad


class SquaredError:
    """The gradient of half the mean squared error of w * x, for the weight w."""

    def __call__(self, params, x, t):
        """Return the gradients of a list with one weight."""
        return [np.array([np.mean((params[0] * x - t) * x)])]

    def __repr__(self):
        return "a function that returns [mean of (params[0] * x - t) * x]"


class LineError:
    """The gradients of half the mean squared error of w * x + b, for w and b."""

    def __call__(self, params, x, t):
        """Return the gradients of a list with a weight and a bias."""
        error = params[0] * x + params[1] - t
        return [np.array([np.mean(error * x)]), np.array([np.mean(error)])]

    def __repr__(self):
        return (
            "a function that returns [mean of e * x, mean of e], "
            "where e = params[0] * x + params[1] - t"
        )


def epoch_of(batches):
    """Return a wrong answer: an epoch whose batches are ``batches(order, batch_size)``.

    Each batch is a pair: the places of the examples, and the places of their right answers.
    """

    def wrong(params, gradients, x, t, order, learning_rate, batch_size):
        for examples, answers in batches(order, batch_size):
            sgd_step(params, gradients(params, x[examples], t[answers]), learning_rate)

    return wrong


def cut(order, batch_size, step=None):
    """Cut an order into batches, which begin every ``step`` examples."""
    starts = range(0, len(order), step or batch_size)
    return [order[start : start + batch_size] for start in starts]


def epoch_on_copies(params, gradients, x, t, order, learning_rate, batch_size):
    """Compute new arrays in every update."""
    for batch in cut(order, batch_size):
        grads = gradients(params, x[batch], t[batch])
        params = [p - learning_rate * g for p, g in zip(params, grads, strict=True)]


def epoch_with_old_gradients(params, gradients, x, t, order, learning_rate, batch_size):
    """Compute all gradients before the first update."""
    grads = [gradients(params, x[batch], t[batch]) for batch in cut(order, batch_size)]
    for grad in grads:
        sgd_step(params, grad, learning_rate)


FIVE = np.array([1.0, 2.0, -1.0, 3.0, 0.0]), np.array([2.0, 3.0, 1.0, -1.0, 4.0])

Exercise(
    train_epoch,
    lesson=6,
    returns=("params",),
    changes=("params",),
    cases=[
        Case(
            [np.array([1.0])],
            SquaredError(),
            np.array([1.0, 2.0]),
            np.array([3.0, 5.0]),
            np.array([0, 1]),
            0.5,
            1,
        ),
        Case([np.array([1.0])], SquaredError(), *FIVE, np.array([3, 0, 4, 1, 2]), 0.1, 2),
        Case(
            [np.array([1.0]), np.array([0.0])],
            LineError(),
            *FIVE,
            np.array([2, 4, 1, 0, 3]),
            0.1,
            3,
        ),
        Case(
            [np.array([0.5]), np.array([0.2])],
            LineError(),
            *FIVE,
            np.array([1, 0, 2, 4, 3]),
            0.2,
            8,
        ),
    ],
    mistakes=[
        Mistake(
            "one update for all examples",
            "You make a single update with all examples. Make one for each batch: "
            "order[start : start + batch_size], where start goes from 0 in steps of batch_size.",
            epoch_of(lambda order, batch_size: [(order, order)]),
        ),
        Mistake(
            "only the first batch",
            "Only the first batch is used. Is there a return inside the loop?",
            epoch_of(lambda order, batch_size: [(order[:batch_size],) * 2]),
        ),
        Mistake(
            "last batch left out",
            "The last batch is missing where it is smaller than the others. "
            "range(0, len(order), batch_size) reaches it, and a slice may run past the end.",
            epoch_of(
                lambda order, batch_size: [
                    (batch, batch) for batch in cut(order, batch_size) if len(batch) == batch_size
                ]
            ),
        ),
        Mistake(
            "order ignored",
            "You take the examples as they come. Take them in the given order: x[batch], where "
            "batch is a piece of order.",
            epoch_of(
                lambda order, batch_size: [
                    (batch, batch) for batch in cut(np.arange(len(order)), batch_size)
                ]
            ),
        ),
        Mistake(
            "answers in another order",
            "The examples come in the given order, but their right answers do not: take x[batch] "
            "and t[batch].",
            epoch_of(
                lambda order, batch_size: zip(
                    cut(order, batch_size), cut(np.arange(len(order)), batch_size), strict=True
                )
            ),
        ),
        Mistake(
            "batches overlap",
            "The batches overlap. Each begins where the one before it ends, so start grows by "
            "batch_size.",
            epoch_of(
                lambda order, batch_size: [(batch, batch) for batch in cut(order, batch_size, 1)]
            ),
        ),
        Mistake(
            "up instead of down",
            "The steps go uphill. Subtract the gradients.",
            lambda params, gradients, x, t, order, learning_rate, batch_size: train_epoch(
                params, gradients, x, t, order, -learning_rate, batch_size
            ),
        ),
        Mistake(
            "arrays not changed",
            "The arrays in params have not changed. Change the arrays themselves, as in sgd_step.",
            epoch_on_copies,
        ),
        Mistake(
            "gradients computed too early",
            "All gradients are computed with the weights from the beginning. Each batch must see "
            "the weights as the update before has left them.",
            epoch_with_old_gradients,
        ),
    ],
    hints=(
        "Let start be 0, batch_size, 2 * batch_size, and so on, as long as it is less than N: "
        "range(0, len(order), batch_size). What happens to one batch?",
        "batch = order[start : start + batch_size] holds the places of its examples. They are "
        "x[batch], and their right answers are t[batch].",
        "In the loop: grads = gradients(params, x[batch], t[batch]), and then "
        "sgd_step(params, grads, learning_rate).",
    ),
)
