"""Layer: the interface that every layer implements.

To write a layer, subclass `Layer` and override `forward`, and either `backward` or its two parts,
`parameter_gradients` and `input_gradient`. A layer with parameters creates them in `build`; a
layer that changes the shape overrides `compute_output_shape`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchcnn._utils.calls import arguments_of, shortest_call, snake_case
from scratchcnn._utils.last_batch import LastBatch
from scratchcnn._utils.validation import check_dtype, check_rng, check_shape
from scratchcnn.initializers import get_initializer

Shape = tuple[int, ...]
DType = str | np.dtype

# Every layer class by module and name: loading a network looks them up here.
LAYER_CLASSES: dict[tuple[str, str], type[Layer]] = {}


class Layer(LastBatch):
    """The base class of all layers. On its own, it passes its input through unchanged.

    Shapes have no batch axis unless they begin with ``N``.

    Attributes
    ----------
    params, grads : dict of str to ndarray
        Parameters and their gradients, under the same keys (``"kernel"``, ``"bias"``).
        Assigning to a parameter copies the numbers into its array.
    state : dict of str to ndarray
        Arrays that are kept but not trained, such as the moving averages of `BatchNorm`.
    input_shape, output_shape : tuple of int
        Shapes of one image, set by `build`.
    name : str
        The name Keras would give the layer; a network makes it unique (``conv2d_1``).
    trainable : bool
        If False, `fit` does not change the parameters.
    """

    # Whether each image's output depends on that image alone; if not, batches are never split.
    per_example = True
    # Keras's name for this class; None if Keras has no such layer.
    keras_class: str | None = None
    kernel_initializer = "glorot_uniform"

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        LAYER_CLASSES.pop((cls.__module__, cls.__name__), None)  # the newest comes last
        LAYER_CLASSES[cls.__module__, cls.__name__] = cls

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: DType = "float32") -> None:
        """Fix the shapes, and draw the initial parameters from ``rng``, in float32 or float64."""
        self.rng = check_rng(rng)
        self.dtype, shape = check_dtype(dtype), check_shape(input_shape)
        self.output_shape, self.input_shape = self.compute_output_shape(shape), shape
        self.reset()
        self.forget()
        for name, shape in self.param_shapes(self.input_shape).items():
            self._params[name] = self.initial_values(name, shape, rng)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of the output for an input of ``input_shape``, or raise ValueError."""
        return input_shape

    def param_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Return the shapes of the parameters that `build` makes."""
        return {}

    def initial_values(self, name: str, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        """Return a parameter's initial values: random for a kernel, zero for anything else."""
        if name != "kernel":
            return np.zeros(shape)
        return get_initializer(self.kernel_initializer)(shape, rng)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the output for ``x`` (N, *input_shape), and keep what `backward` needs."""
        return self.check_input(x)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Fill `grads` and return dL/dx, given ``dy`` = dL/dy of the last `forward`.

        ``dy`` (N, *output_shape) is the gradient of the loss with respect to the layer's output;
        the returned array (N, *input_shape) is the gradient with respect to its input.
        """
        dy = self.check_gradient(dy)
        self.parameter_gradients(dy)
        return self.input_gradient(dy)

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """Fill `grads`."""

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return dL/dx."""
        return dy

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of ``__init__``, read from attributes of the same names, to save."""
        return arguments_of(self)

    def __repr__(self) -> str:
        """Write the shortest call that makes this layer."""
        return shortest_call(self, self.get_config)


def keras_name(layer: Layer) -> str:
    """Return the name Keras would give the first layer of this class: ``max_pooling2d``."""
    cls = type(layer)  # a subclass goes by its own name, as in Keras
    return snake_case(vars(cls).get("keras_class") or cls.__name__)
