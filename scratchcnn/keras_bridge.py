"""The equivalent Keras model, and weights across in both directions (notebook 05).

Needs the ``keras`` extra. Set the environment variable ``KERAS_BACKEND`` (the course
uses ``jax``) before Keras is imported for the first time.
"""

from typing import TYPE_CHECKING

from scratchcnn.activations import Dropout, ReLU
from scratchcnn.convolution import Conv2D
from scratchcnn.dense import Dense, Flatten
from scratchcnn.layer import Layer
from scratchcnn.network import Sequential
from scratchcnn.pooling import AvgPool2D, MaxPool2D

if TYPE_CHECKING:
    import keras


def to_keras(model: Sequential) -> "keras.Sequential":
    """Return a Keras model with the same layers, the same weights, and softmax at its end.

    Parameters
    ----------
    model : Sequential
        Any stack of this library's own layers.

    Returns
    -------
    keras.Sequential
        Not compiled. Its output is probabilities, like that of `Sequential.predict`.
    """
    import keras

    layers = [keras.Input(model.input_shape), *map(_keras_layer, model.layers)]
    keras_model = keras.Sequential([*layers, keras.layers.Softmax()])
    weights_to_keras(model, keras_model)
    return keras_model


def weights_to_keras(model: Sequential, keras_model: "keras.Model") -> None:
    """Copy our weights into a Keras model; shapes and order are the same in both."""
    keras_model.set_weights(model.get_weights())


def weights_from_keras(keras_model: "keras.Model", model: Sequential) -> None:
    """Copy a Keras model's weights into ours."""
    model.set_weights(keras_model.get_weights())


def _keras_layer(layer: Layer) -> "keras.layers.Layer":
    from keras import layers as k

    match layer:
        case Conv2D():
            return k.Conv2D(
                layer.filters,
                layer.kernel_size,
                strides=layer.strides,
                padding=layer.padding,
                use_bias=layer.use_bias,
                dtype=str(layer.dtype),
            )
        case MaxPool2D():
            return k.MaxPooling2D(layer.pool_size, layer.strides, padding=layer.padding)
        case AvgPool2D():
            return k.AveragePooling2D(layer.pool_size, layer.strides, padding=layer.padding)
        case Dense():
            return k.Dense(layer.units, use_bias=layer.use_bias, dtype=str(layer.dtype))
        case Flatten():
            return k.Flatten()
        case ReLU():
            return k.ReLU()
        case Dropout():
            return k.Dropout(layer.rate)
    raise TypeError(f"no Keras layer is known for {type(layer).__name__}")
