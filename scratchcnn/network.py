"""Sequential: a stack of layers, and how to train it (notebook 04)."""

import copy
import math

import numpy as np

from scratchcnn import training
from scratchcnn._utils.validation import as_numbers, check_dtype, check_seed, check_shape
from scratchcnn.fast import executor as pieces
from scratchcnn.fast.fused import fuse
from scratchcnn.history import History
from scratchcnn.layers.base import Layer
from scratchcnn.saving import load_model, save_model
from scratchcnn.summary import Summary

# Numbers in the feature maps of a piece of a batch: 2**19 of 4 bytes each are 2 MB of cache.
NUMBERS_AT_ONCE = 2**19


class Sequential:
    """A network whose layers follow one after the other.

    Parameters
    ----------
    layers : list of Layer
        From the image to the logits. There is no softmax layer: the loss and `predict`
        apply it.
    input_shape : tuple of int
        Shape of one image, (H, W, C).
    seed : int
        Draws the initial parameters, the order of images and the dropout.
    dtype : {"float32", "float64"}
        Type of all arithmetic; float64 is for gradient checks.

    Attributes
    ----------
    layers : list of Layer
    stages : list of Layer
        What really runs: the same layers, some of them joined for speed.
    params, grads : dict of str to ndarray
        The layers' arrays themselves, under names such as ``"conv2d/kernel"``.
    history : History or None
        Of the last call of `fit`.
    """

    fit = training.fit
    evaluate = pieces.evaluate
    predict = pieces.predict
    save = save_model
    load = classmethod(load_model)

    def __init__(
        self,
        layers: list[Layer],
        input_shape: tuple[int, ...],
        seed: int = 0,
        dtype: str = "float32",
    ) -> None:
        self.layers = check_layers(layers)
        self.input_shape = check_shape(input_shape)
        self.dtype = check_dtype(dtype)
        self.history: History | None = None
        self.rng = np.random.default_rng(check_seed(seed))
        shape = self.input_shape
        try:
            for layer in self.layers:
                layer.build(shape, self.rng, self.dtype)
                shape = layer.output_shape
        except Exception:
            for layer in self.layers:
                layer.input_shape = None  # free again, for a second try with another shape
            raise
        self.output_shape = shape
        self.names = keras_names(self.layers)
        # How many images go through together, of however many: with more, the cache overflows,
        # with fewer, calling NumPy costs more than computing (notebook 07).
        numbers = sum(math.prod(layer.output_shape) for layer in self.layers)
        self.images_at_once = min(max(NUMBERS_AT_ONCE // numbers, 16), 64)
        self._arrange()

    def _arrange(self) -> None:
        """Join layers for speed, and note where parameters live."""
        self.stages = fuse(self.layers)
        # From the first stage with parameters on; those before it have nothing to learn.
        first = next((k for k, stage in enumerate(self.stages) if stage.params), 0)
        self._learning_stages = self.stages[first:]
        # Each parameter's name in the network, its layer, and its name there.
        self._homes = [
            (f"{name}/{key}", layer, key)
            for name, layer in zip(self.names, self.layers, strict=True)
            for key in layer.params
        ]

    @property
    def params(self) -> dict[str, np.ndarray]:
        """All parameters, by layer name and parameter name."""
        return {name: layer.params[key] for name, layer, key in self._homes}

    @property
    def grads(self) -> dict[str, np.ndarray]:
        """The gradients of the last `backward`, under the same keys as `params`."""
        return {name: layer.grads[key] for name, layer, key in self._homes if key in layer.grads}

    @grads.setter
    def grads(self, grads: dict[str, np.ndarray]) -> None:
        for name, layer, key in self._homes:
            layer.grads[key] = grads[name]

    @property
    def classes(self) -> int:
        """Number of classes that the network tells apart."""
        if len(self.output_shape) != 1:
            raise ValueError(
                f"the last layer gives {self.output_shape}, expected one row of scores an image: "
                "end the network with Flatten() and Dense(classes)"
            )
        return self.output_shape[0]

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the logits (N, classes) of the images ``x`` (N, H, W, C)."""
        for stage in self.stages:
            x = stage.forward(x, training)
        return x

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Fill the layers' `grads` and return dL/dx (N, H, W, C), given dL/dlogits."""
        for stage in reversed(self.stages):
            dy = stage.backward(dy)
        return dy

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """Fill the layers' `grads` only: all that training needs, and cheaper than dL/dx."""
        first, *others = self._learning_stages
        for stage in reversed(others):
            dy = stage.backward(dy)
        first.parameter_gradients(first.check_gradient(dy))

    def get_weights(self) -> list[np.ndarray]:
        """Return copies of all parameters in Keras's order: layer by layer, kernel then bias."""
        return [param.copy() for param in self.params.values()]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Copy ``weights``, ordered as `get_weights` returns them, into the network."""
        params = self.params
        if not isinstance(weights, list | tuple):
            raise TypeError(f"weights is {type(weights).__name__}, expected a list of arrays")
        if len(weights) != len(params):
            raise ValueError(f"weights has {len(weights)} arrays, expected {len(params)}")
        checked = []
        for (key, param), weight in zip(params.items(), weights, strict=True):
            weight = as_numbers(weight, self.dtype, f"the weight {key}")
            if weight.shape != param.shape:
                raise ValueError(
                    f"the weight {key} has shape {weight.shape}, expected {param.shape}"
                )
            if not np.isfinite(weight).all():
                raise ValueError(f"the weight {key} holds NaN or infinity")
            checked.append(weight)
        for param, weight in zip(params.values(), checked, strict=True):
            param[...] = weight

    def twin(self) -> "Sequential":
        """Return a network with the same parameters, not copies, that another thread can use."""
        twin = copy.copy(self)
        twin.layers = [layer.twin() for layer in self.layers]
        twin._arrange()
        return twin

    @property
    def draws(self) -> bool:
        """Whether a layer draws random numbers while it learns."""
        return any(type(layer).reseed is not Layer.reseed for layer in self.layers)

    def reseed(self, seed: int) -> None:
        """Let the layers that draw random numbers draw those of ``seed``."""
        for place, layer in enumerate(self.layers):
            layer.reseed((seed, place))

    def summary(self) -> Summary:
        """Return a table of layers, output shapes and parameter counts, to show or print."""
        return Summary(self)


def check_layers(layers: list[Layer]) -> list[Layer]:
    """Return ``layers`` as a list, or raise an error about what is no layer or there twice."""
    if not isinstance(layers, list | tuple):
        raise TypeError(f"layers is {layers!r}, expected a list of layers")
    layers = list(layers)
    if not layers:
        raise ValueError("layers is empty, expected at least one layer")
    for k, layer in enumerate(layers):
        if not isinstance(layer, Layer):
            hint = ": put brackets behind its name" if isinstance(layer, type) else ""
            raise TypeError(f"layers holds {layer!r}, which is no Layer{hint}")
        if layer.input_shape is not None or any(layer is other for other in layers[:k]):
            raise ValueError(
                f"a {type(layer).__name__} of layers is in use already: make a new one for each "
                "place, or two networks would share its parameters"
            )
    return layers


def keras_names(layers: list[Layer]) -> list[str]:
    """Name layers as Keras does: ``conv2d``, ``max_pooling2d``, ``conv2d_1`` ..."""
    names = []
    for layer in layers:
        name = getattr(layer, "keras_name", type(layer).__name__.lower())
        seen = sum(other.rpartition("_")[0] == name or other == name for other in names)
        names.append(f"{name}_{seen}" if seen else name)
    return names
