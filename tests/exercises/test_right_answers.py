"""Right answers that look different from ours are never refused."""

import inspect
import math

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from scratchcnn import Layer
from scratchcnn.exercises.checking import examine
from scratchcnn.exercises.declaration import EXERCISES

RETURNING = [name for name, exercise in EXERCISES.items() if not exercise.changes]


def changed(value, change):
    """Change each result."""
    return tuple(map(change, value)) if isinstance(value, tuple) else change(value)


def converted(function, result=lambda y: y, argument=lambda x: x):
    """Return ``function``, or class, with its arguments and its results converted."""
    if inspect.isclass(function):
        methods = {
            name: lambda self, x, name=name, **options: result(
                getattr(function, name)(self, argument(x), **options)
            )
            for name in ("forward", "backward")
        }
        return type(function.__name__, (function,), methods)
    return lambda *arguments, **options: changed(
        function(*map(argument, arguments), **options), result
    )


def as_float32(value):
    floats = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    return value.astype("float32") if floats else value


@pytest.mark.parametrize("name", RETURNING)
@pytest.mark.parametrize(
    "conversion",
    [
        {"result": lambda y: np.asarray(y).tolist()},
        {"result": lambda y: np.asarray(y, "float32")},
        {"argument": as_float32},
        {"result": lambda y: np.asfortranarray(y) if np.ndim(y) else y},
        {"result": lambda y: np.asarray(y)[..., None][..., 0]},
    ],
    ids=["lists", "float32", "float32 inside", "columns in memory", "views"],
)
def test_types_do_not_matter(name, conversion):
    exercise = EXERCISES[name]
    result = examine(converted(exercise.reference, **conversion), exercise)
    assert result.passed, result.message


def window_view(x, k):
    return (sliding_window_view(x, k.shape) * k).sum(axis=(2, 3))


def by_fourier(x, k):
    shape = [a + b - 1 for a, b in zip(x.shape, k.shape, strict=True)]
    spectrum = np.fft.fft2(x, shape) * np.fft.fft2(k[::-1, ::-1], shape)
    full = np.fft.ifft2(spectrum).real
    return full[k.shape[0] - 1 : x.shape[0], k.shape[1] - 1 : x.shape[1]]


def slope(loss, x, step=1e-6):
    """Return the gradient of ``loss`` by its definition."""
    x, gradient = x.astype(float), np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        values = []
        for sign in (1, -1):
            moved = x.copy()
            moved[place] += sign * step
            values.append(loss(moved))
        gradient[place] = (values[0] - values[1]) / (2 * step)
    return gradient


def backward_by_slope(dy, x, k):
    return (
        slope(lambda x: (window_view(x, k) * dy).sum(), x),
        slope(lambda k: (window_view(x, k) * dy).sum(), k),
    )


def backward_by_windows(dy, x, k):
    padded = np.pad(dy, [(n - 1, n - 1) for n in k.shape])
    return [window_view(padded, k[::-1, ::-1]), window_view(x, dy)]


def stamped(dy, x, k):
    dx = np.zeros(x.shape)
    for (i, j), value in np.ndenumerate(dy):
        dx[i : i + k.shape[0], j : j + k.shape[1]] += value * k
    return dx, np.einsum("ijab,ij->ab", sliding_window_view(x, k.shape), dy)


def strided_view(x, k, stride=1, padding=0):
    return window_view(np.pad(x, padding), k)[::stride, ::stride]


def conv2d_in_loops(x, kernel, bias):
    (K, _, C, F), (H, W, _) = kernel.shape, x.shape
    y = np.zeros((H - K + 1, W - K + 1, F))
    for i, j, f in np.ndindex(y.shape):
        y[i, j, f] = bias[f]
        for a, b, c in np.ndindex(K, K, C):
            y[i, j, f] += x[i + a, j + b, c] * kernel[a, b, c, f]
    return y


def tiles(x, size=2):
    H, W = x.shape[0] // size, x.shape[1] // size
    return x[: H * size, : W * size].reshape(H, size, W, size)


def pooled_by_hand(x, size=2):
    rows = []
    for i in range(0, len(x) - size + 1, size):
        rows.append([])
        for j in range(0, len(x[0]) - size + 1, size):
            best = -math.inf
            for a in range(size):
                for b in range(size):
                    best = max(best, x[i + a][j + b])
            rows[-1].append(best)
    return rows


def unpooled_by_hand(dy, x, size=2):
    dx = [[0] * x.shape[1] for _ in x]
    for i, row in enumerate(dy):
        for j, value in enumerate(row):
            best, place = -math.inf, None
            for a in range(i * size, i * size + size):
                for b in range(j * size, j * size + size):
                    if x[a, b] > best:
                        best, place = x[a, b], (a, b)
            dx[place[0]][place[1]] += value
    return dx


def unpooled_by_comparing(dy, x, size=2):
    dx = np.zeros_like(x, dtype=float)
    for i, j in np.ndindex(dy.shape):
        window = x[i * size : (i + 1) * size, j * size : (j + 1) * size]
        a, b = np.argwhere(window == window.max())[0]
        dx[i * size + a, j * size + b] += dy[i, j]
    return dx


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


def momentum_by_copy(params, grads, velocities, learning_rate, beta):
    for i, g in enumerate(grads):
        velocities[i][:] = beta * velocities[i] - learning_rate * g
        params[i][:] = params[i] + velocities[i]


def adam_in_two_steps(p, g, m, v, step, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-7):
    for i in range(len(p)):
        m[i][:] = m[i] + (1 - beta1) * (g[i] - m[i])
        v[i][:] = beta2 * v[i] + (1 - beta2) * g[i] * g[i]
        rate = learning_rate * (1 - beta2**step) ** 0.5 / (1 - beta1**step)
        np.subtract(p[i], rate * m[i] / (v[i] ** 0.5 + epsilon), out=p[i])


def norm_by_columns(x, gamma, beta, epsilon=1e-3):
    y = np.empty(x.shape)
    for d in range(x.shape[1]):
        column = x[:, d] - sum(x[:, d]) / len(x)
        y[:, d] = gamma[d] * column * (np.mean(column**2) + epsilon) ** -0.5 + beta[d]
    return y


def norm_backward_by_slope(dy, x, gamma, epsilon=1e-3):
    def loss(x, gamma):
        return (dy * norm_by_columns(x, gamma, np.zeros(len(gamma)), epsilon)).sum()

    return slope(lambda x: loss(x, gamma), x), slope(lambda g: loss(x, g), gamma), sum(dy)


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


def drop_by_uniform(x, rate, rng):
    kept = rng.uniform(size=x.shape) < 1 - rate
    y = np.zeros(x.shape)
    y[kept] = x[kept] / (1 - rate)
    return y, kept.astype(int)


class LeakyByMask(Layer):
    def __init__(self, slope=0.1):
        super().__init__()
        self.slope = slope

    def forward(self, x, training=False):
        y = x.copy()
        self.low = x <= 0
        y[self.low] *= self.slope
        return y

    def backward(self, dy):
        dx = dy.copy()
        dx[self.low] = self.slope * dy[self.low]
        return dx


class LeakyByFactors(LeakyByMask):
    def forward(self, x, training=False):
        self.factors = (x > 0) + self.slope * (x <= 0)
        return x * self.factors

    def backward(self, dy):
        return self.factors * dy


class LeakyLikeOurs(LeakyByMask):
    def forward(self, x, training=False):
        x = self.check_input(x)
        self.cache = x > 0
        return np.maximum(x, 0) + self.slope * np.minimum(x, 0)

    def input_gradient(self, dy):
        return np.where(self.recall(), dy, self.slope * dy)

    def backward(self, dy):
        return self.input_gradient(self.check_gradient(dy))


RIGHT = {
    "correlate": [
        window_view,
        by_fourier,
        lambda x, k: np.einsum("ijab,ab->ij", sliding_window_view(x, k.shape), k),
        lambda x, k: np.tensordot(sliding_window_view(x, k.shape), k, axes=2),
    ],
    "one_output": [
        lambda x, k, i, j: float(np.vdot(x[i : i + k.shape[0], j : j + k.shape[1]], k)),
        lambda x, k, i, j: sum(x[i + a][j + b] * k[a, b] for a, b in np.ndindex(k.shape)),
        lambda x, k, i, j: window_view(x, k)[i, j],
    ],
    "output_size": [
        lambda size, kernel, stride=1, padding=0: len(
            range(0, size + 2 * padding - kernel + 1, stride)
        ),
        lambda size, kernel, stride=1, padding=0: float(
            (size + 2 * padding - kernel) // stride + 1
        ),
        lambda size, kernel, stride=1, padding=0: np.int64(
            np.floor((size + padding + padding - kernel) / stride) + 1
        ),
    ],
    "correlate_strided": [
        strided_view,
        lambda x, k, stride=1, padding=0: strided_view(x, k, stride, padding).tolist(),
        lambda x, k, stride=1, padding=0: by_fourier(np.pad(x, padding), k)[::stride, ::stride],
    ],
    "correlate_backward": [backward_by_slope, backward_by_windows, stamped],
    "conv2d": [
        lambda x, kernel, bias: (
            np.einsum("ijcab,abcf->ijf", sliding_window_view(x, kernel.shape[:2], (0, 1)), kernel)
            + bias
        ),
        conv2d_in_loops,
        lambda x, kernel, bias: np.stack(
            [
                sum(window_view(x[..., c], kernel[..., c, f]) for c in range(x.shape[2])) + bias[f]
                for f in range(len(bias))
            ],
            axis=-1,
        ),
    ],
    "im2col": [
        lambda x, size: sliding_window_view(x, (size, size)).reshape(-1, size * size),
        lambda x, size: [
            [x[i + a, j + b] for a in range(size) for b in range(size)]
            for i in range(len(x) - size + 1)
            for j in range(len(x[0]) - size + 1)
        ],
        lambda x, size: np.stack(
            [
                x[a : a + len(x) - size + 1, b : b + len(x[0]) - size + 1].ravel()
                for a in range(size)
                for b in range(size)
            ],
            axis=1,
        ),
    ],
    "max_pool": [
        pooled_by_hand,
        lambda x, size=2: tiles(x, size).max(axis=(1, 3)),
        lambda x, size=2: np.maximum.reduce(
            [tiles(x, size)[:, a, :, b] for a in range(size) for b in range(size)]
        ),
    ],
    "max_pool_backward": [
        unpooled_by_hand,
        unpooled_by_comparing,
        lambda dy, x, size=2: np.array(unpooled_by_hand(dy, x, size), "float32"),
    ],
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
    "saliency": [
        saliency_by_pixels,
        lambda x, k, w, c: stamped(map_gradient(x, k, w, c), x, k)[0],
        lambda x, k, w, c: backward_by_windows(map_gradient(x, k, w, c), x, k)[0],
    ],
    "relu": [lambda x: np.where(x > 0, x, 0), lambda x: x * (x > 0), lambda x: (x + abs(x)) / 2],
    "relu_backward": [
        lambda dy, x: dy * (x > 0),
        lambda dy, x: dy * np.heaviside(x, 0),
        lambda dy, x: np.where(x <= 0, 0.0, dy),
    ],
    "LeakyReLU": [LeakyByMask, LeakyByFactors, LeakyLikeOurs],
    "dropout": [
        drop_by_uniform,
        lambda x, rate, rng: (x * (m := rng.binomial(1, 1 - rate, x.shape)) / (1 - rate), m),
        lambda x, rate, rng: [np.where(m := rng.random(x.shape) > rate, x / (1 - rate), 0), m],
    ],
    "momentum_step": [
        momentum_by_copy,
        lambda p, g, v, rate, beta: [
            (np.copyto(a, beta * a - rate * b), np.copyto(c, c + a))
            for a, b, c in zip(v, g, p, strict=True)
        ],
        lambda p, g, v, rate, beta: [
            (a.__imul__(beta).__isub__(rate * b), c.__iadd__(a))
            for a, b, c in zip(v, g, p, strict=True)
        ],
    ],
    "adam_step": [adam_in_two_steps],
    "batch_norm": [
        norm_by_columns,
        lambda x, gamma, beta, epsilon=1e-3: (
            (x - x.mean(0)) * (gamma / np.sqrt((x**2).mean(0) - x.mean(0) ** 2 + epsilon)) + beta
        ),
        lambda x, gamma, beta, epsilon=1e-3: norm_by_columns(x, gamma, beta, epsilon).tolist(),
    ],
    "batch_norm_backward": [norm_backward_by_slope],
}


@pytest.mark.parametrize(
    ("name", "function"),
    [(name, function) for name, functions in RIGHT.items() for function in functions],
)
def test_other_ways_to_write_it_pass(name, function):
    result = examine(function, EXERCISES[name])
    assert result.passed, result.message


@pytest.mark.parametrize("name", EXERCISES)
def test_every_exercise_is_tried_in_at_least_three_other_ways(name):
    assert len(set(RIGHT[name])) >= 3
