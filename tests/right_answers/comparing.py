"""Other right answers: what lesson 08 compares."""

import math
import statistics

import numpy as np


def paired_in_plain_python(a, b):
    d = [float(x) - float(y) for x, y in zip(a, b, strict=True)]
    error = statistics.stdev(d) / math.sqrt(len(d))
    return statistics.mean(d), error, statistics.mean(d) / error


def paired_by_sums(a, b):
    n, d = a.size, np.subtract(a, b)
    mean = d.sum() / n
    error = (((d - mean) ** 2).sum() / (n - 1) / n) ** 0.5
    return [mean, error, mean / error]


def paired_by_covariance(a, b):
    (aa, ab), (_, bb) = np.cov(a, b)
    error = np.sqrt((aa + bb - 2 * ab) / len(a))
    mean = a.mean() - b.mean()
    return mean, error, mean / error


def limit_by_cases(shape):
    if len(shape) == 2:
        fan_in, fan_out = shape
    else:
        KH, KW, C, F = shape
        fan_in, fan_out = KH * KW * C, KH * KW * F
    return math.sqrt(6 / (fan_in + fan_out))


def limit_in_a_loop(shape):
    fans = shape[-2] + shape[-1]
    for side in shape[:-2]:
        fans *= side
    return float((6 / fans) ** 0.5)


def kernels_in_loops(kernel):
    F, C, KH, KW = kernel.shape
    moved = np.zeros((KH, KW, C, F))
    for f, c, a, b in np.ndindex(kernel.shape):
        moved[a, b, c, f] = kernel[f, c, a, b]
    return moved


def dense_in_loops(w, shape):
    (C, H, W), out = shape, len(w)
    moved = []
    for i in range(H):
        for j in range(W):
            moved += [[w[o, c * H * W + i * W + j] for o in range(out)] for c in range(C)]
    return moved


def dense_by_numbers(w, shape):
    places = np.arange(w.shape[1]).reshape(shape)
    return w[:, np.moveaxis(places, 0, -1).ravel()].T


def steps_in_a_loop(a, b):
    most = 0.0
    for x, y in zip(a.ravel().tolist(), b.ravel().tolist(), strict=True):
        most = max(most, abs(x - y) / float(np.spacing(np.float32(max(abs(x), abs(y))))))
    return most


def steps_to_the_next(a, b):
    larger = np.maximum(abs(a), abs(b)).astype(np.float32)
    step = np.nextafter(larger, np.float32(np.inf)).astype(float) - larger
    return np.max(np.abs(a - b) / step)


def steps_by_exponent(a, b):
    _, exponent = np.frexp(np.fmax(np.abs(a), np.abs(b)))
    return np.max(np.abs(np.ldexp(a - b, 24 - exponent)))


RIGHT = {
    "paired_difference": [paired_in_plain_python, paired_by_sums, paired_by_covariance],
    "glorot_limit": [
        limit_by_cases,
        limit_in_a_loop,
        lambda shape: np.sqrt(6 / (np.prod(shape) * (1 / shape[-1] + 1 / shape[-2]))),
    ],
    "kernel_to_keras": [
        kernels_in_loops,
        lambda kernel: np.einsum("fcab->abcf", kernel),
        lambda kernel: np.moveaxis(kernel, (0, 1), (3, 2)),
        lambda kernel: kernel.T.swapaxes(0, 1),
    ],
    "dense_to_keras": [
        dense_in_loops,
        dense_by_numbers,
        lambda w, shape: np.einsum("ochw->hwco", w.reshape(-1, *shape)).reshape(-1, len(w)),
    ],
    "float32_steps": [steps_in_a_loop, steps_to_the_next, steps_by_exponent],
}
