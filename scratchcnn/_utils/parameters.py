"""Parameters: the arrays of a layer or of a network, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from scratchcnn._utils.validation import as_numbers

Arrays = Mapping[str, np.ndarray]


class Parameters(dict[str, np.ndarray]):
    """A dictionary of arrays in which an assignment changes the array that is there.

    ``params["kernel"] = sobel`` copies the numbers of ``sobel`` into the kernel, in the kernel's
    dtype, after checking the shape. The array itself stays the same one, so everything that
    holds it (the layer, the network, the optimizer) sees the change.

    Parameters
    ----------
    owner : str
        Whose arrays they are, for error messages.
    dtype : numpy.dtype
        The dtype of arrays that are added.
    arrays : dict of str to ndarray, optional
        The arrays to begin with. They are shared, not copied.
    fixed : bool
        Whether the names stay as they are, as in ``model.params``.
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
        """Return ``value`` if it can be assigned to ``name``, as an array of its dtype."""
        if name not in self:
            raise KeyError(f"{self._owner} has no array {name!r}, only {list(self)}")
        what = f"{self._owner}: the parameter {name!r}"
        numbers = as_numbers(value, self[name].dtype, what)
        if numbers.shape != self[name].shape:
            raise ValueError(f"{what} has shape {self[name].shape}, got {numbers.shape}")
        return numbers

    # A dictionary's other methods would go past the assignment above.

    def update(self, *arrays: Any, **more: Any) -> None:
        """Assign to each name."""
        for name, value in dict(*arrays, **more).items():
            self[name] = value

    def __ior__(self, arrays: Any) -> Self:  # type: ignore[override, misc]
        self.update(arrays)
        return self

    def setdefault(self, name: str, default: Any = None) -> np.ndarray:
        """Return the array of that name, which is ``default`` if there was none."""
        if name not in self:
            self[name] = default
        return self[name]

    def __delitem__(self, name: str) -> None:
        self.pop(name)

    def pop(self, name: str, *default: Any) -> Any:
        """Remove an array, unless the names are fixed."""
        if self._fixed:
            raise KeyError(f"{self._owner}: its parameters cannot be removed")
        return super().pop(name, *default)

    def __reduce__(self) -> tuple[Any, ...]:
        return Parameters, (self._owner, self._dtype, dict(self), self._fixed)


class Gradients(dict[str, np.ndarray]):
    """The gradients of a layer's parameters, empty at the start of each backward pass."""

    def __missing__(self, name: str) -> np.ndarray:
        raise KeyError(
            f"there is no gradient {name!r} yet. Every backward pass starts without gradients: "
            f"assign it anew, as in self.grads[{name!r}] = ..."
        )
