"""Convert a Keras model into a network of this library, including its weights.

Layers are matched by ``keras_class``, an attribute of each layer in this library, and arguments
by their names, which are the same. All other arguments of a Keras layer must have their default
values; anything that would be computed differently here is rejected by name.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchcnn import preprocessing as preprocessing  # Keras has its layers, too
from scratchcnn._utils.calls import snake_case
from scratchcnn._utils.keras_models import check_in_a_row, import_keras, layers_in_a_row
from scratchcnn._utils.validation import check_shape
from scratchcnn.initializers import INITIALIZERS
from scratchcnn.layers.activations import ReLU
from scratchcnn.layers.base import LAYER_CLASSES, Layer, Shape
from scratchcnn.network import Sequential

if TYPE_CHECKING:
    import keras

ACTIVATIONS = ("linear", "relu", "softmax")
# Endings of Keras arguments that do not change the output of a trained layer.
WITHOUT_INFLUENCE = (
    *("name", "trainable", "dtype", "seed", "synchronized", "activation"),
    *("_initializer", "_regularizer", "_constraint"),
)


def from_keras(
    keras_model: keras.Model, input_shape: Shape | None = None, dtype: str | np.dtype | None = None
) -> Sequential:
    """Return a network with the layers and weights of a Keras model.

    Networks in this library end in logits, and `Sequential.predict` applies the softmax. A softmax
    at the end of the Keras model is therefore left out, and predictions are equal. A Keras
    model without a softmax returns logits: compare them with `Sequential.forward`;
    `Sequential.predict` returns their softmax.

    Parameters
    ----------
    keras_model : keras.Sequential or keras.Model
        A single sequence of layers: Conv2D, Dense, MaxPooling2D, AveragePooling2D,
        GlobalAveragePooling2D, BatchNormalization, Dropout, Flatten, Rescaling, Reshape and models
        made of them; ReLU, as a layer or as ``activation=``; and a softmax at the end.
    input_shape : tuple of int, optional
        Shape of one image, if the model leaves sizes open: ``keras.Input((None, None, 1))``.
    dtype : {"float32", "float64"}, optional
        Type of all arithmetic; by default float64 if a layer of ``keras_model`` uses it, otherwise
        float32. Weights in float16 or bfloat16 are converted as well, but Keras rounds more in
        such a model, so predictions agree only approximately.

    Returns
    -------
    Sequential
        With copies of the weights, and ``trainable`` set for each layer as in Keras.

    Raises
    ------
    TypeError
        If ``keras_model`` is not such a model, or has a layer without a counterpart here.
    ValueError
        If a layer has an option without a counterpart, the layers do not form a single sequence,
        or the model has not been built.
    """
    keras = import_keras()
    chain, translated, weights = [], [], []
    shape = shape_now = _input_shape(keras, keras_model, input_shape)
    softmax: str | None = None  # the layer that had one
    for theirs in layers_in_a_row(keras, keras_model):
        chain.append(theirs)
        for ours in _translate(keras, theirs):
            if softmax:
                raise ValueError(f"{softmax}: a softmax is allowed only at the end of a model")
            if ours is None:
                softmax = theirs.name
                continue
            try:
                shape_now = ours.compute_output_shape(shape_now)
            except ValueError as error:
                raise ValueError(f"{theirs.name}: {error}") from None
            translated.append(ours)
        _check_axis(theirs, len(shape_now))
        weights += [as_floats(weight) for weight in theirs.get_weights()]
    if shape_now == (1,):
        raise ValueError(
            f"{chain[-1].name}: keras_model returns a single number for an image, expected a score "
            "for each class: networks in this library are classifiers"
        )
    if dtype is None:
        dtype = "float64" if any(t.compute_dtype == "float64" for t in chain) else "float32"
    model = Sequential(translated, shape, dtype=dtype)
    model.set_weights(weights)
    return model


def counterpart(keras: Any, layer: Any) -> type[Layer] | None:
    """Return our layer class for a Keras layer, or None; None for subclasses, which may differ."""
    kind = type(layer).__name__
    if getattr(keras.layers, kind, None) is not type(layer):
        return None
    return _classes_in_both().get(kind)


def our_arguments(layer: Any, cls: type[Layer]) -> dict[str, Any]:
    """Return the arguments with which ``cls`` computes the same as a Keras layer.

    Raises a ValueError that names the first option without a counterpart.
    """
    config = layer.get_config()
    names = inspect.signature(cls).parameters
    arguments = {name: config[name] for name in names if name in config}
    theirs = dict(arguments)
    if "data_format" in config:
        theirs["data_format"] = "channels_last"
    plain = type(layer)(**theirs).get_config()
    for name, value in config.items():
        if name.endswith(WITHOUT_INFLUENCE) or name in (*names, "axis"):
            continue
        if value != plain.get(name):
            raise ValueError(
                f"{layer.name}: {type(layer).__name__} with {name}={value!r} has no "
                f"counterpart here, only {name}={plain.get(name)!r}"
            )
    if getattr(layer, "quantization_mode", None):
        raise ValueError(f"{layer.name}: quantized weights have no counterpart here")
    if "kernel_initializer" in arguments:  # matters only for training from scratch
        initializer = snake_case(arguments.pop("kernel_initializer")["class_name"])
        if initializer in INITIALIZERS:
            arguments["kernel_initializer"] = initializer
    return arguments


def _translate(keras: Any, layer: Any) -> Iterator[Layer | None]:
    """Yield our layers for one Keras layer, and None for a softmax."""
    cls = counterpart(keras, layer)
    if cls is not None:
        arguments = our_arguments(layer, cls)
        try:
            ours = cls(**arguments)
        except (TypeError, ValueError) as error:  # Keras allows more values for some arguments
            raise ValueError(f"{layer.name}: {error}") from None
        ours.trainable = layer.trainable
        yield ours
    elif type(layer) is keras.layers.Softmax:
        yield None
    elif type(layer) is not keras.layers.Activation:
        raise TypeError(
            f"{layer.name}: {type(layer).__name__} has no counterpart here; supported are "
            f"{', '.join(sorted(_possible()))}, and Activation or Softmax"
        )
    if hasattr(layer, "activation"):
        yield from _activation(keras, layer)


def _activation(keras: Any, layer: Any) -> Iterator[Layer | None]:
    """Yield what ``activation=`` adds to a Keras layer: a ReLU, None for a softmax, or nothing."""
    if isinstance(layer.activation, keras.layers.Layer):
        yield from _translate(keras, layer.activation)
    elif layer.activation in (keras.activations.relu, keras.ops.relu):
        yield ReLU()
    elif layer.activation in (keras.activations.softmax, keras.ops.softmax):
        yield None
    elif layer.activation is not keras.activations.linear:
        name = getattr(layer.activation, "__name__", layer.activation)
        raise ValueError(
            f"{layer.name}: activation={name!r} has no counterpart here, only Keras's own "
            '"linear", "relu" and, at the end, "softmax"'
        )


def _possible() -> list[str]:
    return list(_classes_in_both())


def _classes_in_both() -> dict[str, type[Layer]]:
    """Return this library's layers that Keras has as well, by their Keras names."""
    classes = [
        cls for (module, _), cls in LAYER_CLASSES.items() if module.startswith("scratchcnn.")
    ]
    return {cls.keras_class: cls for cls in classes if cls.keras_class}


def _input_shape(keras: Any, keras_model: Any, wanted: Shape | None) -> Shape:
    """Return the shape of one image, filling open sizes from the caller's argument."""
    check_in_a_row(keras, keras_model)
    shape = tuple(keras_model.inputs[0].shape[1:])
    if wanted is None and None in shape:
        raise ValueError(
            f"{keras_model.name}: input_shape is {shape} in Keras: say which sizes to use, "
            "as in from_keras(keras_model, input_shape=(28, 28, 1))"
        )
    if wanted is None:
        return shape
    wanted = check_shape(wanted)
    if len(wanted) != len(shape) or any(
        size not in (None, ours) for size, ours in zip(shape, wanted, strict=True)
    ):
        raise ValueError(f"input_shape is {wanted}, but {shape} in keras_model")
    return wanted


def _check_axis(layer: Any, last: int) -> None:
    """Raise a ValueError unless a normalization or a softmax is along the last axis."""
    axis = getattr(layer, "axis", -1)
    if axis not in (-1, last):
        raise ValueError(
            f"{layer.name}: {type(layer).__name__} with axis={axis!r} has no counterpart here, "
            "only axis=-1"
        )


def as_floats(weight: np.ndarray) -> np.ndarray:
    """Return a weight as a native NumPy float type; NumPy has no bfloat16."""
    return weight if weight.dtype in (np.float32, np.float64) else weight.astype(np.float32)
