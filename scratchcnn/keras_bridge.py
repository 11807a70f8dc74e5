"""Build the equivalent Keras model, and copy weights in both directions (lesson 08).

Needs the ``keras`` extra. Set the environment variable ``KERAS_BACKEND`` (the course uses
``jax``) before Keras is imported for the first time. Weights need no transposing: both
libraries use the same layouts. For the other direction, see `from_keras` in keras_import.py.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchcnn._utils.keras_models import check_keras_model, import_keras
from scratchcnn.keras_import import as_floats, counterpart, from_keras, our_arguments
from scratchcnn.layers.base import Layer
from scratchcnn.network import Sequential

if TYPE_CHECKING:
    import keras

__all__ = ["from_keras", "to_keras", "weights_from_keras", "weights_to_keras"]

# Arguments that matter only for training; weights may be copied even if they differ.
FOR_TRAINING = ("kernel_initializer", "momentum")
# Options without a counterpart here that change what a layer computes but not its weights.
ONLY: dict[str, Any] = {"data_format": "channels_last", "dilation_rate": 1, "groups": 1}


def to_keras(model: Sequential, softmax: bool = True) -> keras.Sequential:
    """Return a Keras model with the same layers, layer names and weights.

    Parameters
    ----------
    model : Sequential
        Any sequence of this library's layers that Keras also has.
    softmax : bool
        True: a softmax layer is added at the end, and the output is probabilities, as with
        `Sequential.predict`. False: the output is logits, as with `Sequential.forward`;
        compile such a model with a loss that has ``from_logits=True``.

    Returns
    -------
    keras.Sequential
        Not compiled, and in the dtype of ``model``. Keras still rounds input images to
        ``keras.config.floatx()`` and computes its losses in that type: for float64 from end to
        end, call ``keras.config.set_floatx("float64")`` first. (On JAX, Keras computes
        BatchNormalization and GlobalAveragePooling2D in float32 even then.)

    Raises
    ------
    ImportError
        If Keras or its backend is missing.
    TypeError
        If ``model`` is not a `Sequential`, or has a layer that Keras does not have.
    ValueError
        If ``softmax`` is True but ``model`` does not end in one row of scores for each image, or
        if ``model`` computes in float64 and JAX has not been configured to allow that.
    """
    keras = import_keras()
    _check_type(model)
    for layer in model.layers:
        if vars(type(layer)).get("keras_class") is None:  # a subclass may compute something else
            raise TypeError(
                f"{layer.name}: keras.Sequential has no layer that computes what a "
                f"{type(layer).__name__} does: build that model by hand, and copy the weights with "
                "scratchcnn.keras_bridge.weights_to_keras"
            )
    if softmax and len(model.output_shape) != 1:
        raise ValueError(
            f"the last layer of model gives {model.output_shape}, expected one row of scores for "
            "each image: end it with Flatten() and Dense(classes), or use softmax=False"
        )
    dtype = str(model.dtype)
    if dtype == "float64" and not _float64_is_allowed(keras):
        raise ValueError(
            "the model computes in float64, which JAX turns into float32 unless told otherwise: "
            'call jax.config.update("jax_enable_x64", True) first'
        )
    layers = [keras.Input(model.input_shape, dtype=dtype)]
    layers += [_keras_layer(keras, layer) for layer in model.layers]
    if softmax:
        layers.append(keras.layers.Softmax(name="softmax", dtype=dtype))
    keras_model = keras.Sequential(layers)
    weights_to_keras(model, keras_model)
    return keras_model


def weights_to_keras(model: Sequential, keras_model: keras.Model) -> None:
    """Copy the weights of ``model`` into ``keras_model``, including moving averages.

    Raises
    ------
    TypeError
        If either argument has the wrong type.
    ValueError
        If the weights differ in number or shape, or a layer of ``keras_model`` uses them
        differently (channels first, a dilation, another stride ...). Nothing is copied in that
        case.
    """
    _check_pair(model, keras_model)
    keras_model.set_weights(model.get_weights())


def weights_from_keras(keras_model: keras.Model, model: Sequential) -> None:
    """Copy the weights of ``keras_model`` into ``model``, converting 16-bit weights.

    Raises
    ------
    TypeError, ValueError
        As for `weights_to_keras`.
    """
    _check_pair(model, keras_model)
    model.set_weights([as_floats(weight) for weight in keras_model.get_weights()])


def _keras_layer(keras: Any, layer: Layer) -> Any:
    """Return the Keras layer of the same kind, with the same arguments."""
    keras_class = getattr(keras.layers, str(type(layer).keras_class))
    arguments = layer.get_config()
    if "data_format" in inspect.signature(keras_class).parameters:
        arguments["data_format"] = "channels_last"  # whatever the user's Keras default is
    theirs = keras_class(**arguments, name=layer.name, dtype=str(layer.dtype))
    theirs.trainable = layer.trainable
    return theirs


def _float64_is_allowed(keras: Any) -> bool:
    """Return whether Keras's backend can currently create float64 arrays."""
    if keras.config.backend() != "jax":
        return True
    import jax

    return bool(jax.dtypes.canonicalize_dtype("float64") == "float64")


def _check_type(model: object) -> None:
    """Raise a TypeError unless this is our model; Keras models are easily passed by mistake."""
    if not isinstance(model, Sequential):
        kind = f"{type(model).__module__.partition('.')[0]}.{type(model).__name__}"
        raise TypeError(f"model is a {kind}, expected a scratchcnn.Sequential")


def _check_pair(model: Sequential, keras_model: Any) -> None:
    """Raise an error unless the same weights, in the same order, mean the same in both models."""
    keras = import_keras()
    _check_type(model)
    check_keras_model(keras, keras_model)
    ours = [weight.shape for weight in model.weights.values()]
    theirs = [tuple(weight.shape) for weight in keras_model.weights]
    if ours != theirs:
        hint = "" if theirs else ": begin it with keras.Input, so that its layers are built"
        raise ValueError(f"the weights of keras_model have shapes {theirs}, expected {ours}{hint}")
    all_theirs = _leaves(keras, keras_model)
    for layer in all_theirs:
        for option, plain in ONLY.items():
            value = getattr(layer, option, plain)
            if not np.all(np.equal(value, plain)):
                raise ValueError(
                    f"{layer.name} of keras_model has {option}={value!r}: its weights mean "
                    f"something else there, expected {option}={plain!r}"
                )
    with_weights = [layer for _, layer in model.walk() if layer._params or layer._state]
    all_theirs = [layer for layer in all_theirs if layer.weights]
    for our_layer, layer in zip(with_weights, all_theirs, strict=False):
        cls = counterpart(keras, layer)
        if cls is not None and cls is type(our_layer):
            _check_arguments(our_layer, layer, cls)


def _check_arguments(layer: Layer, theirs: Any, cls: type[Layer]) -> None:
    """Raise a ValueError unless two layers of the same kind have the same arguments."""
    wanted = cls(**our_arguments(theirs, cls)).get_config()
    for name, value in layer.get_config().items():
        if name not in FOR_TRAINING and value != wanted[name]:
            raise ValueError(
                f"{layer.name} has {name}={value!r}, but {theirs.name} of keras_model has "
                f"{wanted[name]!r}"
            )


def _leaves(keras: Any, model: Any) -> list[Any]:
    """Return the layers of a Keras model, including those of nested models."""
    leaves = []
    for layer in model.layers:
        leaves += _leaves(keras, layer) if isinstance(layer, keras.Model) else [layer]
    return leaves
