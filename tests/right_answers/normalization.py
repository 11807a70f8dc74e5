"""Other right answers: batch normalization and shortcuts (lesson 10)."""

import numpy as np

from right_answers.convolution import slope


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


def norm_backward_in_two_steps(dy, x, gamma, epsilon=1e-3):
    c = x - x.mean(axis=0)
    std = np.sqrt((c**2).mean(axis=0) + epsilon)
    dc = scale_by_columns(gamma * dy, c, epsilon)
    return dc - dc.mean(axis=0), (dy * c / std).sum(axis=0), dy.sum(axis=0)


def norm_backward_by_columns(dy, x, gamma, epsilon=1e-3):
    N, D = x.shape
    dx, dgamma, dbeta = np.zeros((N, D)), np.zeros(D), np.zeros(D)
    for d in range(D):
        variance = np.var(x[:, d])
        n = (x[:, d] - np.mean(x[:, d])) / (variance + epsilon) ** 0.5
        own = np.eye(N) - 1 / N - np.outer(n, n) / N  # how each normalized number changes with x
        dx[:, d] = gamma[d] * (variance + epsilon) ** -0.5 * own @ dy[:, d]
        dgamma[d], dbeta[d] = n @ dy[:, d], sum(dy[:, d])
    return [dx, dgamma, dbeta]


def norm_backward_as_in_the_paper(dy, x, gamma, epsilon=1e-3):
    m, mean, var = len(x), x.mean(axis=0), x.var(axis=0)
    dnormal = dy * gamma
    dvar = (dnormal * (x - mean)).sum(axis=0) * -0.5 * (var + epsilon) ** -1.5
    dmean = -dnormal.sum(axis=0) / np.sqrt(var + epsilon) - dvar * 2 * (x - mean).mean(axis=0)
    dx = dnormal / np.sqrt(var + epsilon) + dvar * 2 * (x - mean) / m + dmean / m
    normal = (x - mean) / np.sqrt(var + epsilon)
    return dx, (dy * normal).sum(axis=0), dy.sum(axis=0)


def scale_in_one_formula(dy, c, epsilon=1e-3):
    std = np.sqrt(c.var(axis=0) + epsilon)
    y = c / std
    return (dy - y * (dy * y).mean(axis=0)) / std


def scale_by_columns(dy, c, epsilon=1e-3):
    dc = np.zeros(c.shape)
    for d in range(c.shape[1]):
        std = (sum(c[:, d] ** 2) / len(c) + epsilon) ** 0.5
        dstd = sum(-dy[:, d] * c[:, d] / std**2)
        for n in range(len(c)):
            dc[n, d] = dy[n, d] / std + dstd * c[n, d] / len(c) / std
    return dc


def scale_by_slope(dy, c, epsilon=1e-3):
    return slope(lambda c: (dy * c / np.sqrt((c**2).mean(axis=0) + epsilon)).sum(), c)


def residual_by_rows(dy, x, w):
    dx, dw = dy.astype(float), np.zeros(w.shape)
    for n, row in enumerate(x):
        for o, value in enumerate(row @ w):
            if value > 0:
                dx[n] += dy[n, o] * w[:, o]
                dw[:, o] += dy[n, o] * row
    return dx, dw


RIGHT = {
    "batch_norm": [
        norm_by_columns,
        lambda x, gamma, beta, epsilon=1e-3: (
            (x - x.mean(0)) * (gamma / np.sqrt((x**2).mean(0) - x.mean(0) ** 2 + epsilon)) + beta
        ),
        lambda x, gamma, beta, epsilon=1e-3: norm_by_columns(x, gamma, beta, epsilon).tolist(),
    ],
    "center_backward": [
        lambda dy: dy - np.mean(dy, axis=0, keepdims=True),
        lambda dy: (np.eye(len(dy)) - 1 / len(dy)) @ dy,
        lambda dy: [[value - sum(dy[:, d]) / len(dy) for d, value in enumerate(row)] for row in dy],
    ],
    "scale_backward": [scale_in_one_formula, scale_by_columns, scale_by_slope],
    "batch_norm_backward": [
        norm_backward_by_slope,
        norm_backward_in_two_steps,
        norm_backward_by_columns,
        norm_backward_as_in_the_paper,
    ],
    "moving_average": [
        lambda moving, batch, momentum=0.99: moving - (1 - momentum) * (moving - batch),
        lambda moving, batch, momentum=0.99: [
            momentum * old + (1 - momentum) * new for old, new in zip(moving, batch, strict=True)
        ],
        lambda moving, batch, momentum=0.99: np.average(
            [moving, batch], axis=0, weights=[momentum, 1 - momentum]
        ),
    ],
    "batch_norm_inference": [
        lambda x, mean, variance, gamma, beta, epsilon=1e-3: (
            x * (factor := gamma / np.sqrt(variance + epsilon)) + beta - mean * factor
        ),
        lambda x, mean, variance, gamma, beta, epsilon=1e-3: (
            np.divide(x - mean, (variance + epsilon) ** 0.5) * gamma + beta
        ),
        lambda x, mean, variance, gamma, beta, epsilon=1e-3: [
            (row - mean) * gamma * (epsilon + variance) ** -0.5 + beta for row in x
        ],
    ],
    "residual": [
        lambda x, w: x + (z := np.dot(x, w)) * (z > 0),
        lambda x, w: np.where(x @ w > 0, x + x @ w, x),
        lambda x, w: [row + np.maximum(row @ w, 0) for row in x],
    ],
    "residual_backward": [
        residual_by_rows,
        lambda dy, x, w: (
            dy + np.einsum("no,io->ni", np.where(x @ w > 0, dy, 0), w),
            np.einsum("ni,no->io", x, np.where(x @ w > 0, dy, 0)),
        ),
        lambda dy, x, w: [
            (w @ (np.heaviside(x @ w, 0) * dy).T).T + dy,
            ((np.heaviside(x @ w, 0) * dy).T @ x).T,
        ],
    ],
}
