"""Other right answers: convolution, its gradients, and pooling (lessons 01 to 03)."""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


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


RIGHT = {
    "one_output": [
        lambda x, k, i, j: float(np.vdot(x[i : i + k.shape[0], j : j + k.shape[1]], k)),
        lambda x, k, i, j: sum(x[i + a][j + b] * k[a, b] for a, b in np.ndindex(k.shape)),
        lambda x, k, i, j: window_view(x, k)[i, j],
    ],
    "correlate": [
        window_view,
        by_fourier,
        lambda x, k: np.einsum("ijab,ab->ij", sliding_window_view(x, k.shape), k),
        lambda x, k: np.tensordot(sliding_window_view(x, k.shape), k, axes=2),
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
}
