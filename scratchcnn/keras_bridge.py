"""The equivalent Keras model, and weights across in both directions (notebook 05).

Needs the ``keras`` extra. Set the environment variable ``KERAS_BACKEND`` (the course uses
``jax``) before Keras is imported for the first time. Weights need no transposing: layouts
are the same in both.
"""

import inspect
from typing import TYPE_CHECKING

from scratchcnn.layers.base import Layer
from scratchcnn.network import Sequential

if TYPE_CHECKING:
    import keras


def to_keras(model: Sequential, softmax: bool = True) -> "keras.Sequential":
    """Return a Keras model with the same layers, layer names and weights.

    Parameters
    ----------
    model : Sequential
        Any stack of this library's own layers.
    softmax : bool
        True: a softmax layer comes last, and the output is probabilities, like that of
        `Sequential.predict`. False: the output is logits, like that of
        `Sequential.forward`; compile such a model with a loss that has
        ``from_logits=True``.

    Returns
    -------
    keras.Sequential
        Not compiled, and in the dtype of ``model``. Keras still rounds images to
        ``keras.config.floatx()`` on their way in, and computes its losses in it: for
        float64 from end to end, call ``keras.config.set_floatx("float64")`` first.

    Raises
    ------
    TypeError
        If ``model`` is no `Sequential`, or holds a layer that Keras does not have.
    ValueError
        If ``model`` does not end in one row of scores an image and ``softmax`` is True, or
        if it computes in float64, which JAX has not been told to allow.
    """
    import keras

    _check_type(model, Sequential, "model")
    for layer in model.layers:
        if vars(type(layer)).get("keras_class") is None:  # a subclass may compute something else
            raise TypeError(f"no Keras layer is known for {type(layer).__name__}")
    if softmax and len(model.output_shape) != 1:
        raise ValueError(
            f"the last layer of model gives {model.output_shape}, expected one row of scores an "
            "image: end it with Flatten() and Dense(classes), or use softmax=False"
        )
    dtype = str(model.dtype)
    if dtype == "float64" and not _float64_is_allowed():
        raise ValueError(
            "the model computes in float64, which JAX turns into float32 unless told otherwise: "
            'call jax.config.update("jax_enable_x64", True) before'
        )
    layers = [keras.Input(model.input_shape, dtype=dtype)]
    layers += [_keras_layer(layer) for layer in model.layers]
    if softmax:
        layers.append(keras.layers.Softmax(name="softmax", dtype=dtype))
    keras_model = keras.Sequential(layers)
    weights_to_keras(model, keras_model)
    return keras_model


def weights_to_keras(model: Sequential, keras_model: "keras.Model") -> None:
    """Copy the weights of ``model`` into ``keras_model``.

    Raises
    ------
    TypeError
        If either is not what its name says.
    ValueError
        If the weights differ in number or shape; nothing has been copied then.
    """
    _check_pair(model, keras_model)
    keras_model.set_weights(model.get_weights())


def weights_from_keras(keras_model: "keras.Model", model: Sequential) -> None:
    """Copy the weights of ``keras_model`` into ``model``.

    Raises
    ------
    TypeError, ValueError
        As for `weights_to_keras`.
    """
    _check_pair(model, keras_model)
    model.set_weights(keras_model.get_weights())


def _keras_layer(layer: Layer) -> "keras.layers.Layer":
    """Return the Keras layer of the same kind, with the same arguments."""
    import keras

    keras_class = getattr(keras.layers, type(layer).keras_class)
    arguments = layer.get_config()
    if "data_format" in inspect.signature(keras_class).parameters:
        arguments["data_format"] = "channels_last"  # whatever the user's Keras prefers
    return keras_class(**arguments, name=layer.name, dtype=str(layer.dtype))


def _float64_is_allowed() -> bool:
    """Return whether the arrays of Keras's backend can be float64 just now."""
    import keras

    if keras.config.backend() != "jax":
        return True
    import jax

    return bool(jax.config.jax_enable_x64)


def _check_type(value: object, expected: type, name: str) -> None:
    """Raise a TypeError that tells Keras's models from ours, which are easily swapped."""
    if not isinstance(value, expected):
        ours, theirs = (kind.__module__.partition(".")[0] for kind in (expected, type(value)))
        raise TypeError(
            f"{name} is a {theirs}.{type(value).__name__}, expected a {ours}.{expected.__name__}"
        )


def _check_pair(model: Sequential, keras_model: "keras.Model") -> None:
    """Raise an error unless both have weights of the same shapes in the same order."""
    import keras

    _check_type(model, Sequential, "model")
    _check_type(keras_model, keras.Model, "keras_model")
    ours = [param.shape for param in model.weights.values()]
    theirs = [tuple(weight.shape) for weight in keras_model.weights]
    if ours != theirs:
        hint = "" if theirs else ": begin it with keras.Input, so that its layers are built"
        raise ValueError(f"the weights of keras_model have shapes {theirs}, expected {ours}{hint}")
