"""Layer: the contract that every layer keeps.

To write a layer, derive `Layer` and override `forward`, and either `backward` or its two parts,
`parameter_gradients` and `input_gradient`. A layer with parameters draws them in `build`; one
whose output has another shape than its input says so in `compute_output_shape`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np

from scratchcnn._utils.calls import arguments_of, shortest_call
from scratchcnn._utils.parameters import Gradients, Parameters
from scratchcnn._utils.validation import (
    as_numbers,
    axes_hint,
    check_dtype,
    check_flag,
    check_shape,
    shape_text,
)

Shape = tuple[int, ...]

# Every class of layers by module and name: loading a network looks them up here.
LAYER_CLASSES: dict[tuple[str, str], type[Layer]] = {}


class Layer:
    """The base of all layers; as it stands, it passes its input through.

    Shapes never include the batch axis unless they are written with an ``N``.

    Attributes
    ----------
    params, grads : dict of str to ndarray
        Parameters and their gradients, under the same keys (``"kernel"``, ``"bias"``).
        Assigning to a parameter copies the numbers into its array.
    state : dict of str to ndarray
        What a layer keeps from batch to batch and does not learn by its gradient, such as the
        moving averages of `BatchNorm`.
    input_shape, output_shape : tuple of int
        Shapes of one image, set by `build`.
    name : str
        What Keras would call the layer; a network makes it unique (``conv2d_1``).
    trainable : bool
        False: `fit` leaves the parameters alone.
    sublayers : tuple of Layer
        The layers inside this one, if any. Their parameters are its parameters.
    """

    # Whether the output for an image depends on that image alone. If not, a batch is never
    # divided: see BatchNorm.
    per_example = True
    # What Keras calls this class, where it calls it something else, and None for a layer
    # that Keras does not have.
    keras_class: str | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        LAYER_CLASSES.pop((cls.__module__, cls.__name__), None)  # the newest comes last
        LAYER_CLASSES[cls.__module__, cls.__name__] = cls

    def __new__(cls, *args: object, **options: object) -> Self:
        """Set the attributes of every layer here, in case an __init__ forgets to call ours."""
        layer = super().__new__(cls)
        layer.name = snake_case(cls.keras_class or cls.__name__)
        layer.input_shape = layer.output_shape = None  # type: ignore[assignment]
        layer.batch_size = layer.cache = None
        layer.dtype = np.dtype("float32")
        layer._params, layer._grads, layer._state = Parameters(layer.name), Gradients(), {}
        layer._trainable = True
        layer.sublayers = ()
        return layer

    def __init__(self) -> None:
        """Take no arguments; a layer that has some keeps each in the attribute of its name."""

    name: str
    input_shape: Shape  # both None before build
    output_shape: Shape
    batch_size: int | None  # of the last batch
    cache: Any  # what `forward` keeps for `backward`
    dtype: np.dtype
    sublayers: tuple[Layer, ...]
    _params: Parameters
    _grads: dict[str, np.ndarray]
    _state: dict[str, np.ndarray]
    _trainable: bool

    # What a layer computes.

    def build(
        self, input_shape: Shape, rng: np.random.Generator, dtype: str | np.dtype = "float32"
    ) -> None:
        """Fix the shapes and draw the initial parameters.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of one input, without the batch axis.
        rng : numpy.random.Generator
            Source of the initial parameters.
        dtype : {"float32", "float64"}
            Type of the parameters and of all arithmetic.
        """
        if not isinstance(rng, np.random.Generator):
            raise TypeError(f"rng is {rng!r}, expected one such as np.random.default_rng(0)")
        self.dtype = check_dtype(dtype)
        self.input_shape = check_shape(input_shape)
        self.output_shape = self.compute_output_shape(self.input_shape)
        self._params, self._grads = Parameters(self.name, self.dtype), Gradients()
        self._state = {}
        self.forget()

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of the output for an input of ``input_shape``, or raise ValueError."""
        return input_shape

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the output for ``x`` (N, *input_shape), and keep what `backward` needs."""
        return self.check_input(x)

    def __call__(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return `forward` of ``x``."""
        return self.forward(x, training)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Fill `grads` and return dL/dx, given ``dy`` = dL/dy of the last `forward`.

        Parameters
        ----------
        dy : ndarray (N, *output_shape)
            Gradient of the loss with respect to this layer's output.

        Returns
        -------
        dx : ndarray (N, *input_shape)
            Gradient of the loss with respect to this layer's input.
        """
        dy = self.check_gradient(dy)
        self.parameter_gradients(dy)
        return self.input_gradient(dy)

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """Fill `grads`."""

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return dL/dx."""
        return dy

    # What a layer holds.

    @property
    def params(self) -> Parameters:
        """The parameters, those of the layers inside included (``"conv2d/kernel"``)."""
        if not self.sublayers:
            return self._params
        return Parameters(self.name, self.dtype, self._named("params"), fixed=True)

    @params.setter
    def params(self, arrays: Mapping[str, np.ndarray]) -> None:
        for name in [name for name in self._params if name not in arrays]:
            del self._params[name]
        self._params.update(arrays)

    @property
    def grads(self) -> dict[str, np.ndarray]:
        """The gradients of the last `backward`, under the keys of `params`."""
        return self._named("grads") if self.sublayers else self._grads

    @grads.setter
    def grads(self, arrays: dict[str, np.ndarray]) -> None:
        self._grads = arrays

    @property
    def state(self) -> dict[str, np.ndarray]:
        """The arrays that are kept from batch to batch without being learned."""
        return self._named("state") if self.sublayers else self._state

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """Parameters and state together, in Keras's order."""
        return self._named("params", "state")

    def _named(self, *kinds: str) -> dict[str, np.ndarray]:
        return named_arrays(self.walk(), *kinds)

    def walk(self, path: str = "") -> Iterator[tuple[str, Layer]]:
        """Yield this layer and all layers inside it, each with what comes before its names."""
        yield path, self
        for layer in self.sublayers:
            yield from layer.walk(f"{path}{layer.name}/")

    @property
    def trainable(self) -> bool:
        """Whether `fit` changes the parameters; setting it sets it for all layers inside."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = check_flag(value, "trainable")
        for layer in self.sublayers:
            layer.trainable = value

    def clear_gradients(self) -> None:
        """Forget all gradients, so that none of an earlier step can be taken for a new one."""
        for _, layer in self.walk():
            layer._grads = Gradients()

    def forget(self) -> None:
        """Forget the last batch; `backward` then needs another `forward` first."""
        for _, layer in self.walk():
            layer.batch_size = layer.cache = None

    def recall(self) -> Any:
        """Return what `forward` has put into `cache`, or raise RuntimeError if there is nothing."""
        if self.cache is None:
            raise RuntimeError(f"{self.name}: call forward before backward")
        return self.cache

    # What a layer says of itself.

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer; saving a network relies on it.

        Each argument of ``__init__`` is looked up in the attribute of the same name.
        """
        return arguments_of(self)

    def param_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Return the shapes of `params` and `state` before they are made, as far as it is known."""
        return {}

    def count_params(self) -> int:
        """Return how many numbers `params` and `state` hold."""
        return sum(array.size for array in (*self.params.values(), *self.state.values()))

    def __repr__(self) -> str:
        """Write the shortest call that makes this layer."""
        try:
            return shortest_call(self, self.get_config())
        except Exception:  # an __init__ with arguments that it does not keep
            return f"<{type(self).__name__}>"

    # What the layers of this library check.

    def check_input(self, x: np.ndarray) -> np.ndarray:
        """Return ``x`` in this layer's dtype, or raise an error that says how to fix it."""
        if self.input_shape is None:
            raise RuntimeError(
                f"{self.name} has no shape yet: put it in a Sequential, or call "
                "layer.build(input_shape, np.random.default_rng(0)) first"
            )
        if type(x) is not np.ndarray or x.dtype != self.dtype:
            x = as_numbers(x, self.dtype, "x")
        if x.shape[1:] != self.input_shape or len(x) == 0:
            raise ValueError(
                f"{self.name}: x has shape {x.shape}, expected "
                f"{shape_text(self.input_shape)}{axes_hint(x.shape, self.input_shape)}"
            )
        self.batch_size = len(x)
        return x

    def check_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return ``dy`` in this layer's dtype if it fits the output of the last `forward`."""
        if type(dy) is not np.ndarray or dy.dtype != self.dtype:
            dy = as_numbers(dy, self.dtype, "dy")
        # A forward that does not call check_input leaves the batch size unknown.
        if self.batch_size is not None and dy.shape != (self.batch_size, *self.output_shape):
            raise ValueError(
                f"{self.name}: dy has shape {dy.shape}, expected that of the last output, "
                f"{(self.batch_size, *self.output_shape)}"
            )
        return dy

    # Copies.

    def __getstate__(self) -> dict[str, Any]:
        """Leave the last batch out of copies and pickles."""
        return self.__dict__ | {"cache": None, "batch_size": None}

    def replica(self) -> Self:
        """Return a layer that shares this one's parameters and has a last batch of its own.

        Layers inside this one get replicas as well. All other attributes are shared, so `forward`
        and `backward` may replace them, but not write into them.
        """
        replica = copy.copy(self)
        replica._grads = Gradients()
        for name, value in vars(self).items():
            if isinstance(value, Layer):
                setattr(replica, name, value.replica())
            elif isinstance(value, list | tuple) and any(isinstance(v, Layer) for v in value):
                setattr(replica, name, _replicas(value))
        return replica


def walk(layers: Iterable[Layer]) -> Iterator[tuple[str, Layer]]:
    """Yield all layers of a network, also those inside others: ``("residual/conv2d/", layer)``."""
    for layer in layers:
        yield from layer.walk(f"{layer.name}/")


def named_arrays(walk: Iterable[tuple[str, Layer]], *kinds: str) -> dict[str, np.ndarray]:
    """Return each layer's own arrays of some kinds ("params", "grads", "state") by full name."""
    return {
        path + name: array
        for path, layer in walk
        for kind in kinds
        for name, array in getattr(layer, f"_{kind}").items()
    }


def param_places(layers: Iterable[Layer]) -> list[tuple[str, Layer, str]]:
    """Return, for each parameter of a network, its name, its layer, and its name there."""
    return [(path + key, layer, key) for path, layer in walk(layers) for key in layer._params]


def snake_case(name: str) -> str:
    """Return a class name in Keras's spelling for layers: ``MaxPooling2D`` -> max_pooling2d."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _replicas(values: Sequence[object]) -> Sequence[object]:
    return type(values)([v.replica() if isinstance(v, Layer) else v for v in values])  # type: ignore[call-arg]
