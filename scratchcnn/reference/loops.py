"""Every layer again as plain loops: slow, but obviously correct.

The lessons start from these functions, and the tests compare the layers with them. Nothing here
is clever: an index is a place in an array, ``+=`` is a sum. Images are (N, H, W, C), and results
are float64. Arrays whose shapes do not match raise a ``ValueError``: a loop would silently ignore
whatever is too large.
"""

import math

import numpy as np

from scratchcnn._utils.validation import as_numbers, check_axes, check_labels
from scratchcnn.reference.windows import Pair, Windows, as_pair

IMAGES = ("N", "H", "W", "C")


def conv2d_forward(
    x: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray | None = None,
    strides: int | Pair = 1,
    padding: str = "valid",
) -> np.ndarray:
    """Slide ``kernel`` (KH, KW, C, F) over ``x`` (N, H, W, C): -> (N, OH, OW, F)."""
    x, kernel, windows = _conv_arguments(x, kernel, strides, padding)
    KH, KW, C, F = kernel.shape
    bias = np.zeros(F) if bias is None else check_axes(bias, (F,), "bias")
    y = np.zeros((len(x), *windows.counts, F))
    for n, i, j, f in np.ndindex(y.shape):
        total = bias[f]
        for a, b, c in np.ndindex(KH, KW, C):
            row, column = windows.pixel(i, j, a, b)
            total += windows.padded[n, row, column, c] * kernel[a, b, c, f]
        y[n, i, j, f] = total
    return y


def conv2d_backward(
    dy: np.ndarray,
    x: np.ndarray,
    kernel: np.ndarray,
    strides: int | Pair = 1,
    padding: str = "valid",
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return dL/dx, dL/dkernel and dL/dbias, given ``dy`` = dL/dy (N, OH, OW, F)."""
    x, kernel, windows = _conv_arguments(x, kernel, strides, padding)
    KH, KW, C, F = kernel.shape
    dy = check_axes(dy, (len(x), *windows.counts, F), "dy")
    dpadded, dkernel, dbias = np.zeros(windows.padded.shape), np.zeros(kernel.shape), np.zeros(F)
    for n, i, j, f in np.ndindex(dy.shape):
        dbias[f] += dy[n, i, j, f]
        for a, b, c in np.ndindex(KH, KW, C):
            row, column = windows.pixel(i, j, a, b)
            # y[n, i, j, f] holds the product padded[...] * kernel[...]: the gradient of each
            # factor is the other factor times dy.
            dkernel[a, b, c, f] += windows.padded[n, row, column, c] * dy[n, i, j, f]
            dpadded[n, row, column, c] += kernel[a, b, c, f] * dy[n, i, j, f]
    return windows.without_padding(dpadded), dkernel, dbias


def max_pool2d_forward(
    x: np.ndarray,
    pool_size: int | Pair = 2,
    strides: int | Pair | None = None,
    padding: str = "valid",
) -> np.ndarray:
    """Keep the largest value of each window of ``x`` (N, H, W, C): -> (N, OH, OW, C)."""
    x, windows = _pool_arguments(x, pool_size, strides, padding, -math.inf)
    y = np.zeros((len(x), *windows.counts, x.shape[3]))
    for n, i, j, c in np.ndindex(y.shape):
        row, column = _first_maximum(windows, n, i, j, c)
        y[n, i, j, c] = windows.padded[n, row, column, c]
    return y


def max_pool2d_backward(
    dy: np.ndarray,
    x: np.ndarray,
    pool_size: int | Pair = 2,
    strides: int | Pair | None = None,
    padding: str = "valid",
) -> np.ndarray:
    """Return dL/dx: the first maximum of each window receives the window's entire gradient."""
    x, windows = _pool_arguments(x, pool_size, strides, padding, -math.inf)
    dy = check_axes(dy, (len(x), *windows.counts, x.shape[3]), "dy")
    dpadded = np.zeros(windows.padded.shape)
    for n, i, j, c in np.ndindex(dy.shape):
        row, column = _first_maximum(windows, n, i, j, c)
        dpadded[n, row, column, c] += dy[n, i, j, c]
    return windows.without_padding(dpadded)


def avg_pool2d_forward(
    x: np.ndarray,
    pool_size: int | Pair = 2,
    strides: int | Pair | None = None,
    padding: str = "valid",
) -> np.ndarray:
    """Keep the mean of each window of ``x``, without padding: -> (N, OH, OW, C)."""
    x, windows = _pool_arguments(x, pool_size, strides, padding, math.nan)
    y = np.zeros((len(x), *windows.counts, x.shape[3]))
    for n, i, j, c in np.ndindex(y.shape):
        inside = _real_pixels(windows, n, i, j, c)
        total = 0.0
        for row, column in inside:
            total += windows.padded[n, row, column, c]
        y[n, i, j, c] = total / len(inside)
    return y


def avg_pool2d_backward(
    dy: np.ndarray,
    x: np.ndarray,
    pool_size: int | Pair = 2,
    strides: int | Pair | None = None,
    padding: str = "valid",
) -> np.ndarray:
    """Return dL/dx: every pixel of a window receives an equal share of its gradient."""
    x, windows = _pool_arguments(x, pool_size, strides, padding, math.nan)
    dy = check_axes(dy, (len(x), *windows.counts, x.shape[3]), "dy")
    dpadded = np.zeros(windows.padded.shape)
    for n, i, j, c in np.ndindex(dy.shape):
        inside = _real_pixels(windows, n, i, j, c)
        for row, column in inside:
            dpadded[n, row, column, c] += dy[n, i, j, c] / len(inside)
    return windows.without_padding(dpadded)


def global_avg_pool2d_forward(x: np.ndarray) -> np.ndarray:
    """Keep the mean of each feature map of ``x`` (N, H, W, C): -> (N, C)."""
    x = check_axes(x, IMAGES, "x")
    N, H, W, C = x.shape
    y = np.zeros((N, C))
    for n, h, w, c in np.ndindex(x.shape):
        y[n, c] += x[n, h, w, c] / (H * W)
    return y


def global_avg_pool2d_backward(dy: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return dL/dx: every pixel of a feature map receives an equal share of its gradient."""
    x = check_axes(x, IMAGES, "x")
    N, H, W, C = x.shape
    dy = check_axes(dy, (N, C), "dy")
    dx = np.zeros(x.shape)
    for n, h, w, c in np.ndindex(x.shape):
        dx[n, h, w, c] = dy[n, c] / (H * W)
    return dx


def relu_forward(x: np.ndarray) -> np.ndarray:
    """Return max(x, 0), number by number."""
    x = as_numbers(x, "float64", "x")
    y = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        y[place] = x[place] if x[place] > 0 else 0.0
    return y


def relu_backward(dy: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return dL/dx: the gradient passes where the input was positive."""
    x = as_numbers(x, "float64", "x")
    dy = check_axes(dy, x.shape, "dy")
    dx = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        dx[place] = dy[place] if x[place] > 0 else 0.0
    return dx


def flatten_forward(x: np.ndarray) -> np.ndarray:
    """Flatten each image (H, W, C) into a row, channels varying fastest: -> (N, H * W * C)."""
    x = check_axes(x, IMAGES, "x")
    N, H, W, C = x.shape
    y = np.zeros((N, H * W * C))
    for n, h, w, c in np.ndindex(x.shape):
        y[n, (h * W + w) * C + c] = x[n, h, w, c]
    return y


def flatten_backward(dy: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return dL/dx (N, H, W, C): each number goes back to where it came from."""
    x = check_axes(x, IMAGES, "x")
    N, H, W, C = x.shape
    dy = check_axes(dy, (N, H * W * C), "dy")
    dx = np.zeros(x.shape)
    for n, h, w, c in np.ndindex(x.shape):
        dx[n, h, w, c] = dy[n, (h * W + w) * C + c]
    return dx


def dense_forward(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Score the rows ``x`` (N, in) with ``kernel`` (in, out): -> (N, out)."""
    kernel = check_axes(kernel, ("in", "out"), "kernel")
    x = check_axes(x, ("N", kernel.shape[0]), "x")
    bias = check_axes(bias, (kernel.shape[1],), "bias")
    y = np.zeros((len(x), kernel.shape[1]))
    for n, k in np.ndindex(y.shape):
        y[n, k] = bias[k]
        for i in range(kernel.shape[0]):
            y[n, k] += x[n, i] * kernel[i, k]
    return y


def dense_backward(
    dy: np.ndarray, x: np.ndarray, kernel: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return dL/dx, dL/dkernel and dL/dbias, given ``dy`` = dL/dy (N, out)."""
    kernel = check_axes(kernel, ("in", "out"), "kernel")
    x = check_axes(x, ("N", kernel.shape[0]), "x")
    dy = check_axes(dy, (len(x), kernel.shape[1]), "dy")
    dx, dkernel, dbias = np.zeros(x.shape), np.zeros(kernel.shape), np.zeros(kernel.shape[1])
    for n, k in np.ndindex(dy.shape):
        dbias[k] += dy[n, k]
        for i in range(kernel.shape[0]):
            dkernel[i, k] += x[n, i] * dy[n, k]
            dx[n, i] += kernel[i, k] * dy[n, k]
    return dx, dkernel, dbias


def softmax_cross_entropy(logits: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the mean loss and dL/dlogits (N, K): ``(p - onehot) / N``."""
    logits = check_axes(logits, ("N", "K"), "logits")
    N, K = logits.shape
    labels = check_labels(labels, N, K)
    loss, dlogits = 0.0, np.zeros((N, K))
    for n in range(N):
        largest = max(logits[n])
        exps = [math.exp(score - largest) for score in logits[n]]
        loss += math.log(sum(exps)) - (logits[n, labels[n]] - largest)
        for k in range(K):
            onehot = 1.0 if k == labels[n] else 0.0
            dlogits[n, k] = (exps[k] / sum(exps) - onehot) / N
    return loss / N, dlogits


def _conv_arguments(
    x: np.ndarray, kernel: np.ndarray, strides: int | Pair, padding: str
) -> tuple[np.ndarray, np.ndarray, Windows]:
    """Check both arrays; return them and the windows of the padded images."""
    x = check_axes(x, IMAGES, "x")
    kernel = check_axes(kernel, ("KH", "KW", x.shape[3], "F"), "kernel")
    return x, kernel, Windows(x, kernel.shape[:2], as_pair(strides, "strides"), padding, 0.0)


def _pool_arguments(
    x: np.ndarray, pool_size: int | Pair, strides: int | Pair | None, padding: str, value: float
) -> tuple[np.ndarray, Windows]:
    """Check ``x``; return it and the windows of the images padded with ``value``."""
    x = check_axes(x, IMAGES, "x")
    pool_size = as_pair(pool_size, "pool_size")
    strides = pool_size if strides is None else as_pair(strides, "strides")
    return x, Windows(x, pool_size, strides, padding, value)


def _first_maximum(windows: Windows, n: int, i: int, j: int, c: int) -> Pair:
    """Return (row, column) of a window's largest value, the first one in row-major order."""
    place = windows.pixel(i, j, 0, 0)
    best = windows.padded[n, *place, c]
    for a, b in np.ndindex(windows.size):
        row, column = windows.pixel(i, j, a, b)
        value = windows.padded[n, row, column, c]
        if value > best:
            best, place = value, (row, column)
    return place


def _real_pixels(windows: Windows, n: int, i: int, j: int, c: int) -> list[Pair]:
    """Return the (row, column) of all pixels in a window that are not padding."""
    pixels = [windows.pixel(i, j, a, b) for a, b in np.ndindex(windows.size)]
    return [pixel for pixel in pixels if not math.isnan(windows.padded[n, *pixel, c])]
