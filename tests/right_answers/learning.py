"""Other right answers: classifying, training, and looking inside (lessons 04 to 07)."""

import math

import numpy as np

from right_answers.convolution import (
    backward_by_windows,
    slope,
    stamped,
    unpooled_by_hand,
    window_view,
)


def softmax_in_loops(z):
    rows = []
    for row in z.tolist():
        e = [math.exp(score - max(row)) for score in row]
        rows.append([value / sum(e) for value in e])
    return rows


def log_sum(z):
    return np.logaddexp.reduce(z, axis=1)


def one_hot(z, t):
    return np.eye(z.shape[1])[t]


def loss_in_loops(z, t):
    total = 0
    for row, right in zip(z.tolist(), t, strict=True):
        total += math.log(sum(math.exp(s - max(row)) for s in row)) + max(row) - row[right]
    return total / len(t)


def dense_in_loops(x, w, b):
    return [
        [sum(x[n, i] * w[i, o] for i in range(len(w))) + b[o] for o in range(len(b))]
        for n in range(len(x))
    ]


def count_in_place(predicted, t, classes=10):
    counts = np.zeros((classes, classes))
    np.add.at(counts, (t, predicted), 1)
    return counts


def sgd_by_index(params, grads, learning_rate):
    for i in range(len(params)):
        params[i][...] = params[i] - learning_rate * grads[i]
    return params


def epoch_while(params, gradients, x, t, order, learning_rate, batch_size):
    start = 0
    while start < len(x):
        places = [int(order[n]) for n in range(start, min(start + batch_size, len(x)))]
        sgd_by_index(params, gradients(params, x[places], t[places]), learning_rate)
        start += batch_size


def epoch_of_pieces(params, gradients, x, t, order, learning_rate, batch_size):
    for batch in np.split(order, range(batch_size, len(order), batch_size)):
        for param, grad in zip(params, gradients(params, x[batch], t[batch]), strict=True):
            np.subtract(param, learning_rate * grad, out=param)
    return params


def epoch_of_shuffled_arrays(params, gradients, x, t, order, learning_rate, batch_size):
    x, t = x[order], t[order]
    for n in range(math.ceil(len(x) / batch_size)):
        here = slice(n * batch_size, (n + 1) * batch_size)
        for i, grad in enumerate(gradients(params, x[here], t[here])):
            params[i] -= learning_rate * grad


def map_gradient(x, k, w, c):
    """Return the gradient of a score with respect to the feature map."""
    y = window_view(x, k)
    return np.array(unpooled_by_hand(w[:, c].reshape(y.shape[0] // 2, -1), y))


def saliency_by_pixels(x, k, w, c):
    dy, dx = map_gradient(x, k, w, c), np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        pixel = np.zeros(x.shape)
        pixel[place] = 1
        dx[place] = (window_view(pixel, k) * dy).sum()
    return dx


RIGHT = {
    "softmax": [
        softmax_in_loops,
        lambda z: np.exp(z - log_sum(z)[:, None]),
        lambda z: (np.exp(z.T - z.max(1)) / np.exp(z.T - z.max(1)).sum(0)).T,
    ],
    "cross_entropy": [
        loss_in_loops,
        lambda z, t: (log_sum(z) - z[np.arange(len(z)), t]).mean(),
        lambda z, t: np.mean(log_sum(z) - (z * one_hot(z, t)).sum(axis=1), keepdims=True),
    ],
    "cross_entropy_backward": [
        lambda z, t: (np.array(softmax_in_loops(z)) - one_hot(z, t)) / len(z),
        lambda z, t: (np.exp(z - log_sum(z)[:, None]) - one_hot(z, t)) / z.shape[0],
        lambda z, t: slope(lambda z: (log_sum(z) - z[np.arange(len(z)), t]).mean(), z, 1e-4),
    ],
    "dense": [
        dense_in_loops,
        lambda x, w, b: np.einsum("ni,io->no", x, w) + b,
        lambda x, w, b: np.dot(np.c_[x, np.ones(len(x))], np.r_[w, b[None]]),
    ],
    "dense_backward": [
        lambda dy, x, w: [np.dot(dy, w.T), np.dot(x.T, dy), sum(dy)],
        lambda dy, x, w: (
            np.einsum("no,io->ni", dy, w),
            np.einsum("ni,no->io", x, dy),
            np.einsum("no->o", dy),
        ),
        lambda dy, x, w: ((w @ dy.T).T, (dy.T @ x).T, np.ones(len(dy)) @ dy),
    ],
    "accuracy": [
        lambda z, t: sum(int(np.argmax(row)) == c for row, c in zip(z, t, strict=True)) / len(t),
        lambda z, t: np.mean([np.argmax(z, axis=1) == t]),
        lambda z, t: np.count_nonzero(z.argmax(1) == t) / t.size,
    ],
    "confusion_matrix": [
        count_in_place,
        lambda predicted, t, classes=10: np.bincount(
            t * classes + predicted, minlength=classes**2
        ).reshape(classes, classes),
        lambda predicted, t, classes=10: np.eye(classes)[t].T @ np.eye(classes)[predicted],
    ],
    "sgd_step": [
        sgd_by_index,
        lambda params, grads, learning_rate: [
            np.add(p, -learning_rate * g, out=p) for p, g in zip(params, grads, strict=True)
        ],
        lambda params, grads, learning_rate: [
            p.__isub__(learning_rate * g) for p, g in zip(params, grads, strict=True)
        ],
    ],
    "train_epoch": [epoch_while, epoch_of_pieces, epoch_of_shuffled_arrays],
    "saliency": [
        saliency_by_pixels,
        lambda x, k, w, c: stamped(map_gradient(x, k, w, c), x, k)[0],
        lambda x, k, w, c: backward_by_windows(map_gradient(x, k, w, c), x, k)[0],
    ],
}
