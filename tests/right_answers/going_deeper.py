"""Other right answers: activations, optimizers and a layer class (lesson 09)."""

import numpy as np

from scratchcnn import Layer


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


def adam_with_means_corrected(
    params, grads, m, v, step, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-7
):
    for w, g, mean, square in zip(params, grads, m, v, strict=True):
        mean += (1 - beta1) * (g - mean)
        square += (1 - beta2) * (g**2 - square)
        correction = np.sqrt(1 - beta2**step)  # on epsilon as well, so that it is Keras's formula
        root = np.sqrt(square / (1 - beta2**step)) + epsilon / correction
        w[...] = w - learning_rate * mean / (1 - beta1**step) / root


def adam_number_by_number(p, g, m, v, step, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-7):
    rate = learning_rate / (1 - beta1**step) * (1 - beta2**step) ** 0.5
    for w, slope, mean, square in zip(p, g, m, v, strict=True):
        for place in np.ndindex(w.shape):
            mean[place] = beta1 * mean[place] + (1 - beta1) * slope[place]
            square[place] = beta2 * square[place] + (1 - beta2) * slope[place] ** 2
            w[place] -= rate * mean[place] / (square[place] ** 0.5 + epsilon)
    return p


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
    "relu": [lambda x: np.where(x > 0, x, 0), lambda x: x * (x > 0), lambda x: (x + abs(x)) / 2],
    "relu_backward": [
        lambda dy, x: dy * (x > 0),
        lambda dy, x: dy * np.heaviside(x, 0),
        lambda dy, x: np.where(x <= 0, 0.0, dy),
    ],
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
    "adam_step": [adam_in_two_steps, adam_with_means_corrected, adam_number_by_number],
    "LeakyReLU": [LeakyByMask, LeakyByFactors, LeakyLikeOurs],
}
