"""ArrayHolder: an object with named arrays and possibly other holders inside it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MethodType
from typing import Any, Self

import numpy as np

from scratchcnn._utils.parameters import Gradients, Parameters
from scratchcnn._utils.validation import check_flag


class ArrayHolder:
    """Holds parameters, their gradients and other state; the base of layers and networks.

    Attributes
    ----------
    params, grads, state : dict of str to ndarray
        Those of inner holders are included, prefixed with the inner holder's name.
    sublayers : tuple of ArrayHolder
        The inner holders.
    trainable : bool
        Setting it also sets it for all inner holders.
    """

    cache: Any = None  # what `forward` keeps for `backward`
    batch_size: int | None = None  # of the last batch
    name: str
    dtype: np.dtype
    input_shape: tuple[int, ...]  # None before build
    sublayers: tuple[Any, ...]
    _params: Parameters
    _grads: dict[str, np.ndarray]
    _state: Parameters
    _trainable: bool

    def __new__(cls, *args: object, **options: object) -> Self:
        """Set the attributes here, in case a subclass's __init__ does not call super().__init__."""
        holder = super().__new__(cls)
        holder.name, holder.dtype = cls.__name__, np.dtype("float32")
        holder.sublayers, holder._trainable = (), True
        holder.reset()
        return holder

    def __init__(self) -> None:
        """Accept no arguments; without this, `__new__` would let a layer like ReLU take any."""

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the output for ``x``."""
        raise NotImplementedError

    def __call__(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return `forward` of ``x``."""
        return self.forward(x, training)

    def reset(self) -> None:
        """Remove all arrays."""
        self._params, self._grads = Parameters(self.name, self.dtype), Gradients()
        self._state = Parameters(self.name, self.dtype)

    @property
    def params(self) -> Parameters:
        """The parameters, including those of inner layers (``"conv2d/kernel"``)."""
        if not self.sublayers:
            return self._params
        return self._named("params")

    @params.setter
    def params(self, arrays: Mapping[str, np.ndarray]) -> None:
        params = self.params
        known = arrays.keys() if self.sublayers else arrays.keys() & params.keys()
        for name in known:  # all of them, before the first is changed
            params.check(name, arrays[name])
        for name in [] if self.sublayers else params.keys() - arrays.keys():
            del self._params[name]
        params.update(arrays)

    @property
    def grads(self) -> dict[str, np.ndarray]:
        """The gradients of the last `backward`, under the keys of `params`."""
        return self._named("grads") if self.sublayers else self._grads

    @grads.setter
    def grads(self, arrays: dict[str, np.ndarray]) -> None:
        self._grads = arrays

    @property
    def state(self) -> Parameters:
        """The arrays that are kept from batch to batch but not trained."""
        return self._named("state") if self.sublayers else self._state

    @property
    def weights(self) -> Parameters:
        """Parameters and state together, in Keras's order."""
        return self._named("params", "state")

    def get_weights(self) -> list[np.ndarray]:
        """Return copies of all weights in Keras's order: layer by layer, kernel then bias."""
        return [weight.copy() for weight in self.weights.values()]

    def set_weights(self, weights: Sequence[np.ndarray]) -> None:
        """Copy in ``weights``, in the order of `get_weights`: all of them, or on error none."""
        if not isinstance(weights, list | tuple):
            raise TypeError(f"weights is {type(weights).__name__}, expected a list of arrays")
        ours = self.weights
        if len(weights) != len(ours):
            raise ValueError(f"weights has {len(weights)} arrays, expected {len(ours)}")
        checked = {
            name: ours.check(name, weight) for name, weight in zip(ours, weights, strict=True)
        }
        for name, weight in checked.items():
            if not np.isfinite(weight).all():
                raise ValueError(f"the weight {name} holds NaN or infinity")
        ours.update(checked)

    def count_params(self) -> int:
        """Return how many numbers `params` and `state` hold."""
        return sum(array.size for array in self.weights.values())

    def _named(self, *kinds: str) -> Parameters:
        """Return the arrays of all holders by full name; assigning changes the array itself."""
        return Parameters(self.name, self.dtype, named_arrays(self.walk(), *kinds), fixed=True)

    def walk(self, path: str = "") -> Iterator[tuple[str, Any]]:
        """Yield this holder and all inner ones, each with the prefix of its names."""
        yield path, self
        for inside in self.sublayers:
            yield from inside.walk(f"{path}{inside.name}/")

    @property
    def trainable(self) -> bool:
        """Whether `fit` changes the parameters."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = check_flag(value, "trainable")
        for inside in self.sublayers:
            inside.trainable = value

    def clear_gradients(self) -> None:
        """Delete all gradients, so that none from an earlier step can be used by mistake."""
        for _, holder in self.walk():
            holder._grads = Gradients()

    def forget(self) -> None:
        """Forget the last batch; `backward` then needs a new `forward` first."""
        for _, holder in self.walk():
            holder.batch_size = holder.cache = None

    def replica(self) -> Self:
        """Return a replica that shares the parameters but has separate gradients.

        Inner layers are replicated as well. All other attributes are shared, so `forward`
        and `backward` may replace them but must not modify them in place.
        """
        replica = copy.copy(self)
        replica._grads = Gradients()
        known: dict[int, ArrayHolder] = {}  # a layer in two attributes gets one replica
        for name, value in vars(self).items():
            if isinstance(value, ArrayHolder):
                setattr(replica, name, _replica(value, known))
            elif isinstance(value, MethodType) and value.__self__ is self:
                setattr(replica, name, MethodType(value.__func__, replica))
            elif isinstance(value, list | tuple) and any(isinstance(v, ArrayHolder) for v in value):
                setattr(replica, name, type(value)([_replica(v, known) for v in value]))
        return replica


def named_arrays(walk: Iterable[tuple[str, ArrayHolder]], *kinds: str) -> dict[str, np.ndarray]:
    """Return the holders' arrays of the given kinds ("params", "grads", "state") by full name."""
    return {
        path + name: array
        for path, holder in walk
        for kind in kinds
        for name, array in getattr(holder, f"_{kind}").items()
    }


def param_places(holder: Any) -> list[tuple[str, Any, str]]:
    """Return each parameter's name in ``holder``, the layer it belongs to, and its name there."""
    return [(path + key, layer, key) for path, layer in holder.walk() for key in layer._params]


def check_as_built(model: Any) -> None:
    """Reject a network in which a layer's output shape has changed since it was built.

    Also reject two layers with one name: `params` would hold the parameters of only one of them.
    """
    seen: set[str] = set()
    for path, layer in model.walk():
        if path in seen:
            raise ValueError(f"two layers are called {layer.name!r}: give each its own name")
        seen.add(path)
        if layer is model or layer.input_shape is None:  # a layer need not build the ones inside
            continue
        shape = layer.compute_output_shape(layer.input_shape)
        if shape != layer.output_shape:
            raise ValueError(
                f"{layer.name} was built for outputs of shape {layer.output_shape}, but its "
                f"compute_output_shape says {shape}: if you have changed the layer, make a new "
                "network with it"
            )


def check_layers(layers: object) -> tuple[Any, ...]:
    """Return ``layers`` as a tuple; reject anything that is not a layer or already in use."""
    if not isinstance(layers, list | tuple):
        raise TypeError(f"layers is {layers!r}, expected a list of layers")
    if not layers:
        raise ValueError("layers is empty, expected at least one layer")
    for k, layer in enumerate(layers):
        if not isinstance(layer, ArrayHolder):
            hint = ": put parentheses after its name" if isinstance(layer, type) else ""
            raise TypeError(f"layers holds {layer!r}, which is not a Layer{hint}")
        if layer.input_shape is not None or any(layer is other for other in layers[:k]):
            raise ValueError(
                f"a {type(layer).__name__} in layers is already in use: make a new one for each "
                "place, or two networks would share its parameters"
            )
    return tuple(layers)


def _replica(value: object, known: dict[int, ArrayHolder]) -> object:
    if isinstance(value, ArrayHolder) and id(value) not in known:
        known[id(value)] = value.replica()
    return known.get(id(value), value)
