"""Exercises: an epoch of updates (lesson 06)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake
from scratchcnn.exercises.topics.sgd import sgd_step


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
        The number of examples in a batch. The last one is smaller if this does not divide N.
    """
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        grads = gradients(params, x[batch], t[batch])
        for param, grad in zip(params, grads, strict=True):
            param -= learning_rate * grad


def epoch_with_one_gradient(params, gradients, x, t, order, learning_rate, batch_size):
    """Compute the gradients of all examples before the first update, and use them in all."""
    grads = gradients(params, x, t)
    for _ in range(0, len(order), batch_size):
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
        Mistake(
            "gradients computed once",
            "You compute the gradients once, of all examples. Compute them in the loop: for each "
            "batch, and with the weights that the update before has left.",
            epoch_with_one_gradient,
        ),
        Mistake(
            "gradients of all examples",
            "You compute the gradients of all examples for every update. Give gradients only the "
            "batch: x[batch] and t[batch].",
            epoch_of(lambda order, batch_size: [(order, order) for _ in cut(order, batch_size)]),
        ),
        Mistake(
            "one example at a time",
            "You make an update for each example. Take batch_size examples together.",
            epoch_of(lambda order, batch_size: [([n], [n]) for n in order]),
        ),
        Mistake(
            "end of the slice",
            "From the second batch on, order[start : batch_size] is empty. A batch that begins at "
            "start ends at start + batch_size.",
            epoch_of(
                lambda order, batch_size: [
                    (order[start:batch_size],) * 2 for start in range(0, len(order), batch_size)
                ]
            ),
        ),
        Mistake(
            "number of the batch as its start",
            "You count the batches 0, 1, 2, and let them begin at examples 0, 1, 2. Batch i begins "
            "at i * batch_size. And len(order) // batch_size forgets a last, smaller batch.",
            epoch_of(
                lambda order, batch_size: [
                    (batch, batch)
                    for batch in cut(order, batch_size, 1)[: len(order) // batch_size]
                ]
            ),
        ),
        Mistake(
            "divided by the batch size",
            "The gradients are divided by batch_size. They are already means over the batch.",
            lambda params, gradients, x, t, order, learning_rate, batch_size: train_epoch(
                params, gradients, x, t, order, learning_rate / batch_size, batch_size
            ),
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
