"""Parameters: the arrays of a layer or network, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping

import numpy as np

from scratchcnn._utils.validation import as_numbers

Arrays = Mapping[str, np.ndarray]


class Parameters(MutableMapping[str, np.ndarray]):
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
        Whether a new name is an error, as in ``model.params``.
    """

    def __init__(
        self,
        owner: str,
        dtype: np.dtype | str = "float32",
        arrays: Arrays | None = None,
        fixed: bool = False,
    ) -> None:
        self._owner, self._dtype, self._fixed = owner, dtype, fixed
        self._arrays: dict[str, np.ndarray] = dict(arrays or {})

    def __getitem__(self, name: str) -> np.ndarray:
        return self._arrays[name]

    def __setitem__(self, name: str, value: object) -> None:
        array = self._arrays.get(name)
        if array is None and not self._fixed:
            what = f"{self._owner}: the parameter {name!r}"
            # order="K" keeps the memory layout that the layer has chosen.
            self._arrays[name] = np.array(as_numbers(value, self._dtype, what), order="K")
        elif array is None or value is not array:  # `params[name] -= step` assigns the array itself
            checked = self.check(name, value)
            self[name][...] = checked

    def check(self, name: str, value: object) -> np.ndarray:
        """Return ``value`` as an array in the dtype of ``name``, if it can be assigned to it."""
        if name not in self:
            raise KeyError(f"{self._owner} has no parameter {name!r}, only {list(self)}")
        what = f"{self._owner}: the parameter {name!r}"
        numbers = as_numbers(value, self[name].dtype, what)
        if numbers.shape != self[name].shape:
            raise ValueError(f"{what} has shape {self[name].shape}, got {numbers.shape}")
        return numbers

    def __delitem__(self, name: str) -> None:
        if self._fixed:
            raise KeyError(f"{self._owner}: parameters cannot be removed")
        del self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def __repr__(self) -> str:
        return repr(self._arrays)


class Gradients(dict[str, np.ndarray]):
    """The gradients of a layer's parameters, empty at the start of each backward pass."""

    def __missing__(self, name: str) -> np.ndarray:
        raise KeyError(
            f"there is no gradient {name!r} yet. Every backward pass starts without gradients: "
            f"assign a new one, as in self.grads[{name!r}] = ..."
        )
