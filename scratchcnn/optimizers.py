"""SGD and Adam: what to do with a gradient (lessons 06 and 09)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from scratchcnn._utils.calls import arguments_of, shortest_call
from scratchcnn._utils.validation import as_numbers, check_number

Arrays = Mapping[str, np.ndarray]
LearningRate = float | Callable[[int], float]


class Optimizer:
    """Walks parameters down their gradients, in place.

    Parameters
    ----------
    learning_rate : float or callable
        Step size, or a schedule: a function of the number of updates so far (schedules.py).
    weight_decay : float
        Share of ``learning_rate`` by which every parameter shrinks at each update, before
        its gradient is applied (Keras's rule: `p -= learning_rate * weight_decay * p`).
    """

    def __init__(self, learning_rate: LearningRate, weight_decay: float = 0.0) -> None:
        if not callable(learning_rate):
            learning_rate = check_number(learning_rate, "learning_rate")
        self.learning_rate = learning_rate
        self.weight_decay = check_number(weight_decay, "weight_decay")
        self.iterations = 0
        # The arrays that were updated last; None for each in a copy, whose arrays are not known.
        self._params: dict[str, np.ndarray | None] = {}
        self._memory: dict[str, list[np.ndarray]] = {}

    def update(self, params: Arrays, grads: Arrays) -> None:
        """Make one step: change the arrays of ``params`` by those of ``grads``.

        Parameters
        ----------
        params, grads : dict of str to ndarray
            Parameters and gradients, under the same keys. Parameters that are new are added.
            Where other arrays come under known keys (a new model), the optimizer starts afresh.
        """
        self._bind(params)
        for key, param in params.items():  # all of them, before the first is changed
            if key not in grads or np.shape(grads[key]) != param.shape:
                came = np.shape(grads[key]) if key in grads else "nothing"
                raise ValueError(f"grads: {came} came for {key}, expected shape {param.shape}")
        rate = self.current_learning_rate
        self.iterations += 1
        for key, param in params.items():
            if self.weight_decay:
                param *= 1 - rate * self.weight_decay
            self._step(param, grads[key], self._memory[key], rate)

    @property
    def current_learning_rate(self) -> float:
        """The learning rate of the next update."""
        rate = self.learning_rate
        return check_number(rate(self.iterations), "learning_rate") if callable(rate) else rate

    def get_state(self, params: Arrays) -> dict[str, np.ndarray]:
        """Return copies of all that is remembered of ``params``: what resuming needs.

        Returns
        -------
        dict of str to ndarray
            ``"iterations"``, the number of updates so far, and the memory of each parameter
            under its key and a number: ``"dense/kernel/0"`` ...
        """
        self._bind(params)
        state = {"iterations": np.array(self.iterations)}
        for key in params:
            state |= {f"{key}/{k}": array.copy() for k, array in enumerate(self._memory[key])}
        return state

    def set_state(self, params: Arrays, state: Arrays) -> None:
        """Continue as the optimizer would whose state, for parameters like these, this is.

        Raises
        ------
        ValueError
            If ``state`` is that of other parameters or of another rule; nothing has been
            changed then.
        """
        memory = {key: self._new_memory(param) for key, param in params.items()}
        arrays = {f"{key}/{k}": array for key in memory for k, array in enumerate(memory[key])}
        if state.keys() != {"iterations", *arrays}:
            raise ValueError(
                f"the optimizer's state holds {sorted(state)}, expected "
                f"{sorted(['iterations', *arrays])}: is it that of another kind of optimizer?"
            )
        iterations = state["iterations"]
        if iterations.shape != () or iterations.dtype.kind not in "iu" or iterations < 0:
            raise ValueError(f"iterations is {iterations!r}, expected a number of updates")
        for key, array in arrays.items():
            remembered = as_numbers(state[key], array.dtype, f"the memory {key}")
            if remembered.shape != array.shape or not np.isfinite(remembered).all():
                raise ValueError(
                    f"the memory {key} has shape {remembered.shape}, expected finite numbers of "
                    f"shape {array.shape}"
                )
            array[...] = remembered
        self._params, self._memory, self.iterations = dict(params), memory, int(iterations)

    def _bind(self, params: Arrays) -> None:
        """Make room in memory for parameters that are new; start afresh with another model's."""
        if all(self._params.get(key) is param for key, param in params.items()):
            return
        for key in self._params.keys() & params.keys():
            ours, theirs = self._params[key], params[key]
            fits = all(array.shape == theirs.shape for array in self._memory[key])
            if (ours is not None and ours is not theirs) or not fits:
                self._params, self._memory, self.iterations = {}, {}, 0
                break
        new = {key: self._new_memory(params[key]) for key in params if key not in self._memory}
        self._params, self._memory = self._params | dict(params), self._memory | new

    def __getstate__(self) -> dict[str, Any]:
        """Copy what is remembered, and not the parameters, which belong to the model."""
        memory = {key: [array.copy() for array in kept] for key, kept in self._memory.items()}
        return self.__dict__ | {"_params": dict.fromkeys(self._params), "_memory": memory}

    def __repr__(self) -> str:
        return shortest_call(self, arguments_of(self))

    def _new_memory(self, param: np.ndarray) -> list[np.ndarray]:
        """Return the arrays that this rule remembers for one parameter."""
        return []

    def _step(
        self, param: np.ndarray, grad: np.ndarray, memory: list[np.ndarray], rate: float
    ) -> None:
        """Change ``param`` in place."""
        raise NotImplementedError


class SGD(Optimizer):
    """Stochastic gradient descent: ``p -= learning_rate * gradient``.

    Parameters
    ----------
    learning_rate, weight_decay
        As in `Optimizer`.
    momentum : float
        In [0, 1). Above zero, steps follow a velocity that keeps this share of itself:
        ``v = momentum * v - learning_rate * gradient;  p += v``.
    """

    def __init__(
        self, learning_rate: LearningRate = 0.01, momentum: float = 0.0, weight_decay: float = 0.0
    ) -> None:
        super().__init__(learning_rate, weight_decay)
        self.momentum = check_number(momentum, "momentum", below=1)

    def _new_memory(self, param: np.ndarray) -> list[np.ndarray]:
        return [np.zeros_like(param)] if self.momentum else []

    def _step(
        self, param: np.ndarray, grad: np.ndarray, memory: list[np.ndarray], rate: float
    ) -> None:
        if self.momentum:
            (velocity,) = memory
            velocity *= self.momentum
            velocity -= rate * grad
            param += velocity
        else:
            param -= rate * grad


class Adam(Optimizer):
    """Momentum, with a step size of its own for each parameter.

    Parameters
    ----------
    learning_rate, weight_decay
        As in `Optimizer`.
    beta_1, beta_2 : float
        How much of the running means of the gradient and of its square is kept.
    epsilon : float
        Keeps the division finite.

    References
    ----------
    Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.
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

    def _new_memory(self, param: np.ndarray) -> list[np.ndarray]:
        return [np.zeros_like(param), np.zeros_like(param)]

    def _step(
        self, param: np.ndarray, grad: np.ndarray, memory: list[np.ndarray], rate: float
    ) -> None:
        mean, mean_square = memory
        mean += (1 - self.beta_1) * (grad - mean)
        mean_square += (1 - self.beta_2) * (grad * grad - mean_square)
        # Both means start at zero; this factor makes up for it in the first steps.
        t = self.iterations
        rate *= (1 - self.beta_2**t) ** 0.5 / (1 - self.beta_1**t)
        param -= rate * mean / (np.sqrt(mean_square) + self.epsilon)
