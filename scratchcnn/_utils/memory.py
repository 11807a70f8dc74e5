"""Memory: what an optimizer remembers of each parameter from update to update."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from scratchcnn._utils.parameters import Parameters

Arrays = Mapping[str, np.ndarray]


class Memory:
    """Arrays for each parameter, by its name, and the number of updates.

    Parameters
    ----------
    new_arrays : callable
        Returns, for a parameter, the list of arrays to begin with.
    """

    def __init__(self, new_arrays: Callable[[np.ndarray], list[np.ndarray]]) -> None:
        self.new_arrays = new_arrays
        self.iterations = 0
        self.arrays: dict[str, list[np.ndarray]] = {}
        # The parameters of the last update; None for each in a copy, whose model is not known.
        self.params: dict[str, np.ndarray | None] = {}

    def bind(self, params: Arrays) -> None:
        """Make room for parameters that are new; start afresh with those of another model."""
        if all(self.params.get(name) is param for name, param in params.items()):
            return
        for name in self.params.keys() & params.keys():
            ours, theirs = self.params[name], params[name]
            fits = all(array.shape == theirs.shape for array in self.arrays[name])
            if (ours is not None and ours is not theirs) or not fits:
                self.params, self.arrays, self.iterations = {}, {}, 0
                break
        new = params.keys() - self.arrays.keys()
        self.arrays |= {name: self.new_arrays(params[name]) for name in new}
        self.params |= params

    def get_state(self, params: Arrays) -> dict[str, np.ndarray]:
        """Return copies of all arrays by name and number, and ``"iterations"``."""
        self.bind(params)
        arrays = {
            f"{name}/{k}": a.copy() for name in params for k, a in enumerate(self.arrays[name])
        }
        return {"iterations": np.array(self.iterations), **arrays}

    def set_state(self, params: Arrays, state: Arrays) -> None:
        """Take over what `get_state` has returned, or raise a ValueError and change nothing."""
        arrays = {name: self.new_arrays(param) for name, param in params.items()}
        flat = {f"{name}/{k}": a for name in arrays for k, a in enumerate(arrays[name])}
        if state.keys() != {"iterations", *flat}:
            raise ValueError(
                f"the optimizer's state holds {sorted(state)}, expected "
                f"{sorted(['iterations', *flat])}: is it that of another kind of optimizer?"
            )
        iterations = np.asarray(state["iterations"])
        if iterations.shape != () or iterations.dtype.kind not in "iu" or iterations < 0:
            raise ValueError(f"iterations is {iterations!r}, expected a number of updates")
        remembered = Parameters("the optimizer's state", arrays=flat, fixed=True)
        for name in flat:
            remembered[name] = state[name]
            if not np.isfinite(flat[name]).all():
                raise ValueError(f"the optimizer's state {name!r} holds NaN or infinity")
        self.params, self.arrays, self.iterations = dict(params), arrays, int(iterations)

    def __getstate__(self) -> dict[str, Any]:
        """Copy what is remembered, and not the parameters, which belong to the model."""
        return self.__dict__ | {"params": dict.fromkeys(self.params)}
