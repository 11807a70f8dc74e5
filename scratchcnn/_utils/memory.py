"""Memory: the state that an optimizer keeps for each parameter between updates."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from scratchcnn._utils.parameters import Parameters

Arrays = Mapping[str, np.ndarray]


class Memory:
    """Arrays for each parameter, by name, and the number of updates.

    Attributes
    ----------
    iterations : int
        The number of updates so far.
    """

    iterations: int
    memory: dict[str, list[np.ndarray]]
    # The parameters of the last update; None in a copy, whose model is not known.
    params: dict[str, np.ndarray | None]
    # Parameters that others of the same name have replaced.
    replaced: list[weakref.ref[np.ndarray]]
    learning_rate: Any = None  # until __init__ sets it
    weight_decay = 0.0

    def __new__(cls, *args: object, **options: object) -> Self:
        """Set the attributes here, in case a subclass's __init__ does not call super().__init__."""
        new = super().__new__(cls)
        new.iterations = 0
        new.memory = {}
        new.params = {}
        new.replaced = []
        return new

    def new_memory(self, param: np.ndarray) -> list[np.ndarray]:
        """Return the initial arrays to remember for one parameter."""
        return []

    def bind(self, params: Arrays) -> None:
        """Add arrays for new parameters; start over if they belong to another model.

        Raises a ValueError if they take turns with others of the same names: the memory of both
        would be lost each time.
        """
        for name, param in params.items():
            if self.params.get(name) is not param:
                break
        else:
            return  # the usual case; all() with a generator expression takes three times as long
        for name in self.params.keys() & params.keys():
            ours, theirs = self.params[name], params[name]
            fits = all(array.shape == theirs.shape for array in self.memory[name])
            if (ours is not None and ours is not theirs) or not fits:
                self._start_over(params)
                break
        new = params.keys() - self.memory.keys()
        self.memory |= {name: self.new_memory(params[name]) for name in new}
        self.params |= params

    def _start_over(self, params: Arrays) -> None:
        """Forget all parameters so far."""
        # A plain step remembers nothing, so several sets of parameters may take turns.
        if any(self.memory.values()) or callable(self.learning_rate):
            before = [array for ref in self.replaced if (array := ref()) is not None]
            for name, param in params.items():
                if any(param is array for array in before):
                    raise ValueError(
                        f"{name!r} of one layer or model takes turns with {name!r} of another, and "
                        "the optimizer would start over each time: update all layers together with "
                        "optimizer.update(model.params, model.grads), and give each model its own "
                        "optimizer"
                    )
            lost = [array for array in self.params.values() if array is not None]
            self.replaced = [weakref.ref(array) for array in before + lost]
        self.params, self.memory, self.iterations = {}, {}, 0

    def get_state(self, params: Arrays) -> dict[str, np.ndarray]:
        """Return copies of all arrays kept for ``params``, to resume training later.

        The key of each array is its parameter's name and a number (``"dense/kernel/0"``); the
        number of updates is under ``"iterations"``.
        """
        self.bind(params)
        for name, param in params.items():
            fresh = self.new_memory(param)
            if len(fresh) != len(self.memory[name]):  # momentum has been switched on or off
                self.memory[name] = fresh
        arrays = {
            f"{name}/{k}": a.copy() for name in params for k, a in enumerate(self.memory[name])
        }
        return {"iterations": np.array(self.iterations), **arrays}

    def set_state(self, params: Arrays, state: Arrays) -> None:
        """Restore a state that `get_state` returned for parameters like these.

        Raises a ValueError, and changes nothing, if it is for other parameters or another rule.
        """
        arrays = {name: self.new_memory(param) for name, param in params.items()}
        flat = {f"{name}/{k}": a for name in arrays for k, a in enumerate(arrays[name])}
        if state.keys() != {"iterations", *flat}:
            raise ValueError(
                f"the optimizer's state holds {sorted(state)}, expected "
                f"{sorted(['iterations', *flat])}: is it from another kind of optimizer?"
            )
        iterations = np.asarray(state["iterations"])
        if iterations.shape != () or iterations.dtype.kind not in "iu" or iterations < 0:
            raise ValueError(f"iterations is {iterations!r}, expected a number of updates")
        remembered = Parameters("the optimizer's state", arrays=flat, fixed=True)
        for name in flat:
            remembered[name] = state[name]
            if not np.isfinite(flat[name]).all():
                raise ValueError(f"the optimizer's state {name!r} holds NaN or infinity")
        self.params, self.memory, self.iterations = dict(params), arrays, int(iterations)
        self.replaced = []

    def __getstate__(self) -> dict[str, Any]:
        """Copy the optimizer's arrays but not the parameters, which belong to the model."""
        memory = {name: [array.copy() for array in kept] for name, kept in self.memory.items()}
        known = {"params": dict.fromkeys(self.params), "memory": memory, "replaced": []}
        return self.__dict__ | known
