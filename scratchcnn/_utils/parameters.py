"""Parameters: the arrays of a layer or network, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from scratchcnn._utils.validation import as_numbers

Arrays = Mapping[str, np.ndarray]


class Parameters(dict[str, np.ndarray]):
    """A dictionary of arrays in which assignment changes the existing array.

    ``params["kernel"] = sobel`` checks the shape and copies the numbers of ``sobel`` into the
    kernel, in the kernel's dtype. The array object stays the same, so everything that refers to
    it (the layer, the network, the optimizer) sees the change.

    Parameters
    ----------
    owner : str
        The name of the owner, for error messages.
    dtype : numpy.dtype
        The dtype of added arrays.
    arrays : dict of str to ndarray, optional
        The initial arrays. They are shared, not copied.
    fixed : bool
        Whether adding or removing a name is an error, as in ``model.params``.
    """

    def __init__(
        self,
        owner: str,
        dtype: np.dtype | str = "float32",
        arrays: Arrays | None = None,
        fixed: bool = False,
    ) -> None:
        super().__init__(arrays or {})
        self._owner, self._dtype, self._fixed = owner, dtype, fixed

    def __setitem__(self, name: str, value: object) -> None:
        array = self.get(name)
        if array is None and not self._fixed:
            what = f"{self._owner}: the parameter {name!r}"
            # order="K" keeps the memory layout that the layer has chosen.
            super().__setitem__(name, np.array(as_numbers(value, self._dtype, what), order="K"))
        elif array is None or value is not array:  # `params[name] -= step` assigns the array itself
            checked = self.check(name, value)
            self[name][...] = checked

    def check(self, name: str, value: object) -> np.ndarray:
        """Return ``value`` as an array in the dtype of ``name``, if it can be assigned to it."""
        if name not in self:
            raise KeyError(f"{self._owner} has no array {name!r}, only {list(self)}")
        what = f"{self._owner}: the parameter {name!r}"
        numbers = as_numbers(value, self[name].dtype, what)
        if numbers.shape != self[name].shape:
            raise ValueError(f"{what} has shape {self[name].shape}, got {numbers.shape}")
        return numbers

    # A plain dictionary's other methods would bypass the assignment above.

    def update(self, *arrays: Any, **more: Any) -> None:
        """Assign to each name."""
        for name, value in dict(*arrays, **more).items():
            self[name] = value

    def __ior__(self, arrays: Any) -> Self:  # type: ignore[override, misc]
        self.update(arrays)
        return self

    def setdefault(self, name: str, default: Any = None) -> np.ndarray:
        """Return the array of that name; add ``default`` if there is none."""
        if name not in self:
            self[name] = default
        return self[name]

    def __delitem__(self, name: str) -> None:
        self.pop(name)

    def pop(self, name: str, *default: Any) -> Any:
        """Remove an array, unless the names are fixed."""
        if self._fixed:
            raise KeyError(f"{self._owner}: parameters cannot be removed")
        return super().pop(name, *default)

    def __reduce__(self) -> tuple[Any, ...]:
        return Parameters, (self._owner, self._dtype, dict(self), self._fixed)


class Gradients(dict[str, np.ndarray]):
    """The gradients of a layer's parameters, empty at the start of each backward pass."""

    def __missing__(self, name: str) -> np.ndarray:
        raise KeyError(
            f"there is no gradient {name!r} yet. Every backward pass starts without gradients: "
            f"assign a new one, as in self.grads[{name!r}] = ..."
        )
