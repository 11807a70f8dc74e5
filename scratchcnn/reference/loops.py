"""Every layer once more as plain loops: slow, and obviously right.

The notebooks start from these functions, and the tests hold the fast layers to them.
Nothing is clever here: an index is a place in an array, ``+=`` is a sum. Images are
(N, H, W, C) and results come back in float64. Arrays that do not fit together are refused
with a ``ValueError``: a loop would overlook what is too large.
"""

import math

import numpy as np

from scratchcnn._utils.validation import as_numbers, check_axes, check_labels, pair
from scratchcnn.layers.convolution import check_padding, pad_widths, window_counts

IMAGES = ("N", "H", "W", "C")


def conv2d_forward(x, kernel, bias=None, strides=1, padding="valid"):
    """Slide ``kernel`` (KH, KW, C, F) over ``x`` (N, H, W, C): -> (N, OH, OW, F)."""
    x, kernel, (SH, SW), (OH, OW) = _conv_sizes(x, kernel, strides, padding)
    KH, KW, C, F = kernel.shape
    bias = np.zeros(F) if bias is None else check_axes(bias, (F,), "bias")
    padded, _ = _pad(x, (KH, KW), (SH, SW), padding, 0.0)
    y = np.zeros((len(x), OH, OW, F))
    for n, oh, ow, f in np.ndindex(y.shape):
        total = bias[f]
        for i, j, c in np.ndindex(KH, KW, C):
            total += padded[n, oh * SH + i, ow * SW + j, c] * kernel[i, j, c, f]
        y[n, oh, ow, f] = total
    return y


def conv2d_backward(dy, x, kernel, strides=1, padding="valid"):
    """Return dL/dx, dL/dkernel and dL/dbias, given ``dy`` = dL/dy (N, OH, OW, F)."""
    x, kernel, (SH, SW), (OH, OW) = _conv_sizes(x, kernel, strides, padding)
    KH, KW, C, F = kernel.shape
    dy = check_axes(dy, (len(x), OH, OW, F), "dy")
    padded, (top, left) = _pad(x, (KH, KW), (SH, SW), padding, 0.0)
    dpadded, dkernel, dbias = np.zeros(padded.shape), np.zeros(kernel.shape), np.zeros(F)
    for n, oh, ow, f in np.ndindex(dy.shape):
        dbias[f] += dy[n, oh, ow, f]
        for i, j, c in np.ndindex(KH, KW, C):
            # y[n, oh, ow, f] holds the product padded[...] * kernel[...]: each factor's
            # gradient is the other factor times dy.
            dkernel[i, j, c, f] += padded[n, oh * SH + i, ow * SW + j, c] * dy[n, oh, ow, f]
            dpadded[n, oh * SH + i, ow * SW + j, c] += kernel[i, j, c, f] * dy[n, oh, ow, f]
    return dpadded[:, top : top + x.shape[1], left : left + x.shape[2]], dkernel, dbias


def max_pool2d_forward(x, pool_size=2, strides=None, padding="valid"):
    """Keep the largest value of each window of ``x`` (N, H, W, C): -> (N, OH, OW, C)."""
    x, (PH, PW), (SH, SW), (OH, OW) = _pool_sizes(x, pool_size, strides, padding)
    padded, _ = _pad(x, (PH, PW), (SH, SW), padding, -math.inf)
    y = np.zeros((len(x), OH, OW, x.shape[3]))
    for n, oh, ow, c in np.ndindex(y.shape):
        i, j = _first_maximum(padded, n, oh * SH, ow * SW, c, (PH, PW))
        y[n, oh, ow, c] = padded[n, i, j, c]
    return y


def max_pool2d_backward(dy, x, pool_size=2, strides=None, padding="valid"):
    """Return dL/dx: the first maximum of each window receives the window's whole gradient."""
    x, (PH, PW), (SH, SW), (OH, OW) = _pool_sizes(x, pool_size, strides, padding)
    dy = check_axes(dy, (len(x), OH, OW, x.shape[3]), "dy")
    padded, (top, left) = _pad(x, (PH, PW), (SH, SW), padding, -math.inf)
    dpadded = np.zeros(padded.shape)
    for n, oh, ow, c in np.ndindex(dy.shape):
        i, j = _first_maximum(padded, n, oh * SH, ow * SW, c, (PH, PW))
        dpadded[n, i, j, c] += dy[n, oh, ow, c]
    return dpadded[:, top : top + x.shape[1], left : left + x.shape[2]]


def avg_pool2d_forward(x, pool_size=2, strides=None, padding="valid"):
    """Keep the mean of each window of ``x``, padding not counted: -> (N, OH, OW, C)."""
    x, (PH, PW), (SH, SW), (OH, OW) = _pool_sizes(x, pool_size, strides, padding)
    padded, _ = _pad(x, (PH, PW), (SH, SW), padding, math.nan)
    y = np.zeros((len(x), OH, OW, x.shape[3]))
    for n, oh, ow, c in np.ndindex(y.shape):
        total = count = 0
        for i, j in np.ndindex(PH, PW):
            value = padded[n, oh * SH + i, ow * SW + j, c]
            if not math.isnan(value):
                total += value
                count += 1
        y[n, oh, ow, c] = total / count
    return y


def avg_pool2d_backward(dy, x, pool_size=2, strides=None, padding="valid"):
    """Return dL/dx: every pixel of a window receives an equal share of its gradient."""
    x, (PH, PW), (SH, SW), (OH, OW) = _pool_sizes(x, pool_size, strides, padding)
    dy = check_axes(dy, (len(x), OH, OW, x.shape[3]), "dy")
    padded, (top, left) = _pad(x, (PH, PW), (SH, SW), padding, math.nan)
    dpadded = np.zeros(padded.shape)
    for n, oh, ow, c in np.ndindex(dy.shape):
        inside = [
            (oh * SH + i, ow * SW + j)
            for i, j in np.ndindex(PH, PW)
            if not math.isnan(padded[n, oh * SH + i, ow * SW + j, c])
        ]
        for i, j in inside:
            dpadded[n, i, j, c] += dy[n, oh, ow, c] / len(inside)
    return dpadded[:, top : top + x.shape[1], left : left + x.shape[2]]


def relu_forward(x):
    """Return max(x, 0), number by number."""
    x = as_numbers(x, "float64", "x")
    y = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        y[place] = x[place] if x[place] > 0 else 0.0
    return y


def relu_backward(dy, x):
    """Return dL/dx: the gradient passes where the input was positive."""
    x = as_numbers(x, "float64", "x")
    dy = check_axes(dy, x.shape, "dy")
    dx = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        dx[place] = dy[place] if x[place] > 0 else 0.0
    return dx


def flatten_forward(x):
    """Lay each image (H, W, C) out as a row, channels fastest: -> (N, H * W * C)."""
    x = check_axes(x, IMAGES, "x")
    N, H, W, C = x.shape
    y = np.zeros((N, H * W * C))
    for n, h, w, c in np.ndindex(x.shape):
        y[n, (h * W + w) * C + c] = x[n, h, w, c]
    return y


def flatten_backward(dy, x):
    """Return dL/dx (N, H, W, C): each number goes back to where it came from."""
    x = check_axes(x, IMAGES, "x")
    N, H, W, C = x.shape
    dy = check_axes(dy, (N, H * W * C), "dy")
    dx = np.zeros(x.shape)
    for n, h, w, c in np.ndindex(x.shape):
        dx[n, h, w, c] = dy[n, (h * W + w) * C + c]
    return dx


def dense_forward(x, kernel, bias):
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


def dense_backward(dy, x, kernel):
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


def softmax_cross_entropy(logits, labels):
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


def _pad(x, window, strides, padding, value):
    """Return ``x`` framed by ``value``, in float64, and how much came above and to the left."""
    (top, bottom), (left, right) = pad_widths(x.shape[1:3], window, strides, padding)
    N, H, W, C = x.shape
    padded = np.full((N, top + H + bottom, left + W + right, C), value)
    padded[:, top : top + H, left : left + W] = x
    return padded, (top, left)


def _conv_sizes(x, kernel, strides, padding):
    """Return both arrays checked, then strides and output size, each as (height, width)."""
    x = check_axes(x, IMAGES, "x")
    kernel = check_axes(kernel, ("KH", "KW", x.shape[3], "F"), "kernel")
    sizes = x.shape[1:3], kernel.shape[:2], pair(strides, "strides"), check_padding(padding)
    return x, kernel, sizes[2], window_counts(*sizes, "conv2d")


def _pool_sizes(x, pool_size, strides, padding):
    """Return ``x`` checked, then pool size, strides and output size as (height, width)."""
    x = check_axes(x, IMAGES, "x")
    pool_size = pair(pool_size, "pool_size")
    strides = pool_size if strides is None else pair(strides, "strides")
    sizes = x.shape[1:3], pool_size, strides, check_padding(padding)
    return x, pool_size, strides, window_counts(*sizes, "pooling")


def _first_maximum(padded, n, top, left, c, window):
    """Return (row, column) of the first largest value of a window, row by row."""
    best, place = -math.inf, None
    for i, j in np.ndindex(window):
        value = padded[n, top + i, left + j, c]
        if place is None or value > best:
            best, place = value, (top + i, left + j)
    return place
