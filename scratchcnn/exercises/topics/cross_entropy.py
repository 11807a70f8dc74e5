"""Exercises: from scores to a loss, and its gradient (lesson 04)."""

import numpy as np

from scratchcnn.exercises.declaration import Case, Exercise, Mistake, decimals
from scratchcnn.exercises.topics.softmax import LARGE, SCORES, softmax, softmax_unshifted


def cross_entropy(z, t):
    """Return the mean surprise at the correct classes: -log of their probabilities.

    Parameters
    ----------
    z : array (N, C)
        Scores, before softmax.
    t : array (N,) of int
        The correct class of each example.

    Returns
    -------
    loss : float
        The mean over the N examples.
    """
    shifted = z - z.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(t)), t].mean()


def log_probabilities(z):
    """Return the logarithm of softmax (N, C), for the wrong answers below."""
    shifted = z - z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


LABELS = np.array([0, 2, 6, 6, 3])


def bounded(smallest):
    """Return the wrong answer that keeps probabilities away from zero."""
    return Mistake(
        f"{smallest:.0e} added",
        f"It is right for small scores. But {smallest:.0e} puts a limit on the loss, and for large "
        "scores the true loss is larger. Compute log p without p: as z minus the logarithm of the "
        "sum of exp(z), shifted by the largest score of the row.",
        lambda z, t: -np.log(softmax(z)[np.arange(len(t)), t] + smallest).mean(),
    )


Exercise(
    cross_entropy,
    lesson=4,
    returns=("loss",),
    cases=[
        Case(np.array([[0.0, 0.0]]), np.array([1])),
        Case(SCORES, np.array([0])),
        Case(np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0]]), np.array([2, 1])),
        Case(np.array([[0, 3], [2, 1], [1, 1]]), np.array([0, 0, 1])),
        Case(np.array([[1000.0, 0.0], [1000.0, 1000.0]]), np.array([1, 1])),
        Case(2 * decimals(61, 5, 7), LABELS),
    ],
    mistakes=[
        Mistake(
            "sum instead of mean",
            "You add up over the examples. Take the mean, so that the loss does not grow with the "
            "number of examples.",
            lambda z, t: cross_entropy(z, t) * len(t),
        ),
        Mistake(
            "divided by all numbers",
            "You divide by the number of all scores, N * C. There are N examples: divide by N.",
            lambda z, t: cross_entropy(z, t) / z.shape[1],
        ),
        Mistake(
            "minus forgotten",
            "The sign is wrong. The logarithm of a probability is negative; the loss is -log.",
            lambda z, t: -cross_entropy(z, t),
        ),
        Mistake(
            "logarithm of zero",
            "It is right for small scores. For large ones, a probability is rounded to 0, and its "
            "logarithm is minus infinity. Compute log p as z minus the logarithm of the sum of "
            "exp(z), shifted by the largest score of the row.",
            lambda z, t: -np.log(softmax(z)[np.arange(len(t)), t]).mean(),
        ),
        Mistake(
            "not shifted",
            "It is right for small scores, but exp(1000) overflows. Subtract the largest score of "
            "each row first: that does not change the probabilities.",
            lambda z, t: -np.log(softmax_unshifted(z)[np.arange(len(t)), t]).mean(),
        ),
        Mistake(
            "shifted only in the sum",
            "You shift the scores in the sum of exp, but not the score of the correct class. Both "
            "have to be shifted by the same number.",
            lambda z, t: cross_entropy(z, t) - z.max(axis=1).mean(),
        ),
        Mistake(
            "divided by all numbers, and logarithm of zero",
            "mean() over a table of N rows and C columns divides by N * C. Add up over the classes "
            "first, with axis=1, and then take the mean.",
            lambda z, t: -(np.eye(z.shape[1])[t] * np.log(softmax(z))).mean(),
        ),
        Mistake(
            "probability instead of surprise",
            "The logarithm is missing: the surprise is -log p, not 1 - p.",
            lambda z, t: 1 - softmax(z)[np.arange(len(t)), t].mean(),
        ),
        Mistake(
            "softmax forgotten",
            "You take the scores for probabilities. Turn them into probabilities with softmax.",
            lambda z, t: -np.log(z[np.arange(len(t)), t]).mean(),
        ),
        Mistake(
            "all classes",
            "You take the surprise at every class. Only the correct one counts: "
            "p[np.arange(len(t)), t].",
            lambda z, t: -log_probabilities(z).sum(axis=1).mean(),
        ),
        Mistake(
            "columns instead of one number in each row",
            "p[:, t] picks the columns t in every row. p[np.arange(len(t)), t] picks one number in "
            "each row.",
            lambda z, t: -log_probabilities(z)[:, t].mean(),
        ),
        Mistake(
            "one loss for each example",
            "You return a loss for each example. Return their mean, one number.",
            lambda z, t: -log_probabilities(z)[np.arange(len(t)), t],
        ),
        Mistake(
            "logarithm to the base 10",
            "np.log10 is the logarithm to the base 10. np.log is the natural one.",
            lambda z, t: -np.log10(softmax(z)[np.arange(len(t)), t]).mean(),
        ),
        Mistake(
            "logarithm to the base 2",
            "You use another logarithm. np.log is the natural one.",
            lambda z, t: cross_entropy(z, t) / np.log(2),
        ),
        Mistake(
            "sum, and logarithm of zero",
            "You add up over the examples. Take the mean. After that, think about large scores.",
            lambda z, t: -np.log(softmax(z)[np.arange(len(t)), t]).sum(),
        ),
        Mistake(
            "columns, and logarithm of zero",
            "p[:, t] picks the columns t in every row. In row n, pick only the number in column "
            "t[n]: p[np.arange(len(t)), t].",
            lambda z, t: -np.log(softmax(z)[:, t]).mean(),
        ),
        Mistake(
            "rows instead of columns",
            "p[t] picks whole rows. Pick one number of each row: in row n, the one in column t[n].",
            lambda z, t: -np.log(softmax(z)[t]).mean(),
        ),
        Mistake(
            "largest probability",
            "You take the largest probability of each row. Take that of the correct class, however "
            "small it is.",
            lambda z, t: -np.log(softmax(z).max(axis=1)).mean(),
        ),
        *(bounded(smallest) for smallest in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)),
    ],
    hints=(
        "For one example: the surprise is -log of the probability of the correct class. With two "
        "equal scores it is -log(1/2), about 0.69.",
        "p[np.arange(len(t)), t] picks the probability of the correct class in each row. Take "
        "-np.log of it, and then the mean.",
        "So that no logarithm of 0 comes up: shifted = z - z.max(axis=1, keepdims=True), and "
        "log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)).",
    ),
)


def cross_entropy_backward(z, t):
    """Return the gradient of cross_entropy(z, t) with respect to the scores.

    Parameters
    ----------
    z : array (N, C)
        Scores, before softmax.
    t : array (N,) of int
        The correct class of each example.

    Returns
    -------
    dz : array (N, C)
        (p - t) / N, where t is 1 for the correct class and 0 for the others.
    """
    e = np.exp(z - z.max(axis=1, keepdims=True))
    dz = e / e.sum(axis=1, keepdims=True)
    dz[np.arange(len(t)), t] -= 1
    return dz / len(t)


def minus_one_everywhere(z, t):
    """Subtract 1 in the columns of all labels."""
    p = softmax(z)
    p[:, t] -= 1
    return p / len(t)


Exercise(
    cross_entropy_backward,
    lesson=4,
    returns=("dz",),
    cases=[
        Case(np.array([[0.0, 0.0]]), np.array([1])),
        Case(SCORES, np.array([0])),
        Case(np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0]]), np.array([2, 1])),
        Case(np.array([[0, 3], [2, 1], [1, 1]]), np.array([0, 0, 1])),
        Case(LARGE, np.array([1, 1])),
        Case(2 * decimals(62, 5, 7), LABELS),
    ],
    mistakes=[
        Mistake(
            "mean forgotten",
            "The loss is a mean over N examples, so each gradient has to be divided by N.",
            lambda z, t: cross_entropy_backward(z, t) * len(t),
        ),
        Mistake(
            "t - p",
            "The sign is wrong: the gradient is p - t, not t - p.",
            lambda z, t: -cross_entropy_backward(z, t),
        ),
        Mistake(
            "t forgotten",
            "That is p / N. Subtract 1 at the correct class of each row: p - t.",
            lambda z, t: softmax(z) / len(t),
        ),
        Mistake(
            "divided by all numbers",
            "You divide by N * C. The loss is a mean over the N examples: divide by N.",
            lambda z, t: cross_entropy_backward(z, t) / z.shape[1],
        ),
        Mistake(
            "1 subtracted in every row",
            "p[:, t] picks the columns t in every row. p[np.arange(len(t)), t] picks one number in "
            "each row.",
            minus_one_everywhere,
        ),
        Mistake(
            "gradient of the logarithm only",
            "That is -1/p, the gradient with respect to the probabilities. Softmax comes before: "
            "with respect to the scores, the gradient is p - t.",
            lambda z, t: -np.eye(z.shape[1])[t] / softmax(z) / len(t),
        ),
        Mistake(
            "not shifted",
            "It is right for small scores, but exp(1000) overflows. Subtract the largest score of "
            "each row first.",
            lambda z, t: (softmax_unshifted(z) - np.eye(z.shape[1])[t]) / len(t),
        ),
        Mistake(
            "numbers of classes subtracted",
            "You subtract the numbers of the classes. In p - t, t is one-hot: 1 at the correct "
            "class and 0 at the others.",
            lambda z, t: (softmax(z) - t[:, None]) / len(t),
        ),
        Mistake(
            "numbers of classes subtracted from columns",
            "You subtract t itself, the numbers of the classes. t has to be one-hot: 1 at the "
            "correct class of each row, 0 at the others.",
            lambda z, t: (softmax(z) - t) / len(t),
        ),
        Mistake(
            "only the correct class",
            "Only the correct class has a gradient. The other scores matter, too: they are in the "
            "sum that softmax divides by. Their gradient is p - 0.",
            lambda z, t: np.eye(z.shape[1])[t] * (softmax(z) - 1) / len(t),
        ),
        Mistake(
            "scores instead of probabilities",
            "You take the scores for probabilities: that is z - t. Compute p with softmax first.",
            lambda z, t: (z - np.eye(z.shape[1])[t]) / len(t),
        ),
    ],
    hints=(
        "Lesson 04 ends with a short formula: the gradient of the loss with respect to the scores "
        "is p - t. For the scores [0, 0] and the correct class 1, what are p and t?",
        "Compute p as in softmax. t is 1 for the correct class and 0 for the others, so it is "
        "enough to subtract 1 from one number of each row.",
        "dz = p, then dz[np.arange(len(t)), t] -= 1, and at the end divide by len(t).",
    ),
)
