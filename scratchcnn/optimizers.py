"""SGD and Adam: update parameters using their gradients (lessons 06 and 09)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scratchcnn._utils.calls import arguments_of, shortest_call
from scratchcnn._utils.memory import Arrays, Memory
from scratchcnn._utils.validation import check_number

Array = np.ndarray
LearningRate = float | Callable[[int], float]


class Optimizer(Memory):
    """Moves parameters against their gradients, in place.

    Parameters
    ----------
    learning_rate : float or callable
        Step size, or a schedule: a function of the number of updates so far (schedules.py).
    weight_decay : float
        How strongly every parameter shrinks at each update, before its gradient is applied
        (Keras's rule: `p -= learning_rate * weight_decay * p`).
    """

    def __init__(self, learning_rate: LearningRate, weight_decay: float = 0.0) -> None:
        self.learning_rate = learning_rate
        if not callable(learning_rate):
            self.learning_rate = check_number(learning_rate, "learning_rate")
        self.weight_decay = check_number(weight_decay, "weight_decay")

    def update(self, params: Arrays, grads: Arrays) -> None:
        """Take one step: update the arrays in ``params`` with those in ``grads``, key by key.

        New parameters are added. If a known key comes with a different array, that of a new
        model, the optimizer starts over.
        """
        self.bind(params)
        for key, param in params.items():  # all of them, before the first is changed
            if getattr(grads.get(key), "shape", None) != param.shape:
                came = np.shape(grads[key]) if key in grads else "nothing"
                raise ValueError(f"grads: got {came} for {key}, expected shape {param.shape}")
        rate = self.current_learning_rate
        self.iterations += 1
        for key, param in params.items():
            if self.weight_decay:
                param *= 1 - rate * self.weight_decay
            self.step(param, grads[key], self.memory[key], rate)

    @property
    def current_learning_rate(self) -> float:
        """The learning rate for the next update."""
        rate = self.learning_rate
        if type(rate) is float:  # as nearly always; but anything can be assigned to it
            return rate
        if rate is None:
            cls = type(self).__name__
            raise AttributeError(f"{cls}.__init__ must call super().__init__(learning_rate)")
        return check_number(rate(self.iterations) if callable(rate) else rate, "learning_rate")

    def step(self, param: Array, grad: Array, memory: list[Array], rate: float) -> None:
        """Change ``param`` in place."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return shortest_call(self, lambda: arguments_of(self), always="learning_rate")


class SGD(Optimizer):
    """Stochastic gradient descent: ``p -= learning_rate * gradient``.

    Parameters
    ----------
    learning_rate, weight_decay
        As in `Optimizer`.
    momentum : float
        In [0, 1). Above zero, steps follow a velocity that keeps this fraction of itself:
        ``v = momentum * v - learning_rate * gradient;  p += v``.
    """

    def __init__(
        self, learning_rate: LearningRate = 0.01, momentum: float = 0.0, weight_decay: float = 0.0
    ) -> None:
        super().__init__(learning_rate, weight_decay)
        self.momentum = check_number(momentum, "momentum", below=1)

    def new_memory(self, param: Array) -> list[Array]:
        """Return the velocity, initially zero."""
        return [np.zeros_like(param)] if self.momentum else []

    def step(self, param: Array, grad: Array, memory: list[Array], rate: float) -> None:
        """Follow the velocity, or without momentum the gradient itself."""
        if self.momentum:
            memory[:] = memory or self.new_memory(param)  # momentum may have been 0 until now
            (velocity,) = memory
            velocity *= self.momentum
            velocity -= rate * grad
            param += velocity
        else:
            param -= rate * grad


class Adam(Optimizer):
    """Momentum, with a separate step size for every element of a parameter.

    Parameters
    ----------
    learning_rate, weight_decay
        As in `Optimizer`.
    beta_1, beta_2 : float
        The fractions kept of the running means of the gradient and of its square.
    epsilon : float
        Avoids division by zero.

    Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(learning_rate, weight_decay)
        self.beta_1 = check_number(beta_1, "beta_1", below=1)
        self.beta_2 = check_number(beta_2, "beta_2", below=1)
        self.epsilon = check_number(epsilon, "epsilon")

    def new_memory(self, param: Array) -> list[Array]:
        """Return both running means, initially zero."""
        return [np.zeros_like(param), np.zeros_like(param)]

    def step(self, param: Array, grad: Array, memory: list[Array], rate: float) -> None:
        """Step along the mean gradient divided by the root mean square."""
        mean, mean_square = memory
        mean += (1 - self.beta_1) * (grad - mean)
        mean_square += (1 - self.beta_2) * (grad * grad - mean_square)
        # Both means start at zero; this factor corrects the bias in the first steps.
        t = self.iterations
        rate *= (1 - self.beta_2**t) ** 0.5 / (1 - self.beta_1**t)
        param -= rate * mean / (np.sqrt(mean_square) + self.epsilon)
