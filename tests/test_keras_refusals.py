"""Keras models that have no counterpart here are refused; the error names what is in the way."""

import numpy as np
import pytest
from drawn import numbers
from keras_models import written

from scratchcnn import Flatten, Sequential, from_keras

# Keras's own way to read its variables, under NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


# What has no counterpart, and what the error must name: the layer, and what is wrong with it.
REFUSED = {
    "dilation": (
        lambda L: [L.Conv2D(2, 3, dilation_rate=2, name="it")],
        "it: Conv2D.*dilation_rate",
    ),
    "groups": (lambda L: [L.Conv2D(2, 3, groups=2, name="it")], "it: Conv2D.*groups=2"),
    "channels first": (
        lambda L: [L.Flatten(data_format="channels_first", name="it")],
        "it: Flatten.*data_format='channels_first'.*'channels_last'",
    ),
    "tanh inside": (lambda L: [L.Conv2D(2, 3, activation="tanh", name="it")], "it: .*'tanh'.*relu"),
    "tanh beside": (lambda L: [L.Activation("tanh", name="it")], "it: .*'tanh'"),
    "own function": (
        lambda L: [L.Activation(lambda x: x + 1, name="it")],
        "it: activation='<lambda>'",
    ),
    "layer as activation": (
        lambda L: [L.Conv2D(2, 3, activation=L.LeakyReLU(name="it"))],
        "it: LeakyReLU has no",
    ),
    "unknown layer": (lambda L: [L.ZeroPadding2D(name="it")], "it: ZeroPadding2D has no.*Conv2D"),
    "LSTM": (lambda L: [L.Reshape((8, 16)), L.LSTM(3, name="it")], "it: LSTM has no.*Conv2D"),
    "ReLU6": (lambda L: [L.ReLU(max_value=6, name="it")], "it: ReLU.*max_value"),
    "leaky": (lambda L: [L.ReLU(negative_slope=0.1, name="it")], "it: ReLU.*negative_slope"),
    "threshold": (lambda L: [L.ReLU(threshold=0.5, name="it")], "it: ReLU.*threshold"),
    "axis": (lambda L: [L.BatchNormalization(axis=1, name="it")], "it: BatchNorm.*axis=1.*axis=-1"),
    "kept axes": (lambda L: [L.GlobalAveragePooling2D(keepdims=True, name="it")], "it: .*keepdims"),
    "noise shape": (
        lambda L: [L.Dropout(0.2, noise_shape=(1, 8, 8, 2), name="it")],
        "it: Dropout.*noise_shape",
    ),
    "nothing left": (lambda L: [L.Dropout(1.0, name="it")], r"it: rate must be in \[0, 1\)"),
    "scale by channel": (lambda L: [L.Rescaling([1.0, 2.0], name="it")], "it: scale is"),
    "dense of maps": (lambda L: [L.Dense(3, name="it")], r"it: Dense needs rows.*Flatten\(\)"),
    "early softmax": (lambda L: [L.Softmax(name="it"), L.Flatten()], "it: .*only at the end"),
    "two softmaxes": (
        lambda L: [L.Flatten(), L.Dense(3, "softmax", name="it"), L.Softmax()],
        "it: .*end of a model",
    ),
    "softmax of rows": (lambda L: [L.Softmax(axis=1, name="it")], "it: Softmax.*axis=1"),
    "one number": (lambda L: [L.Flatten(), L.Dense(1, name="it")], "it: .*score for each class"),
    "low rank": (None, "it: Dense with lora_rank=1"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_counterpart_is_named(keras, case):
    make_layers, message = REFUSED[case]
    if make_layers is None:
        dense = keras.layers.Dense(3, name="it")
        keras_model = written(keras, keras.layers.Flatten(), dense)
        dense.enable_lora(1)
    else:
        keras_model = written(keras, *make_layers(keras.layers))
    with pytest.raises((TypeError, ValueError), match=f"^{message}"):
        from_keras(keras_model)


def test_a_subclass_of_a_keras_layer_is_refused(keras):
    class Doubled(keras.layers.Flatten):
        def call(self, x):
            return 2 * super().call(x)

    for name in ("Doubled", "Flatten"):  # even one of the same name
        Doubled.__name__ = name
        with pytest.raises(TypeError, match=f"^it: {name} has no counterpart"):
            from_keras(written(keras, Doubled(name="it")))


def test_layers_that_are_not_one_after_the_other_are_refused(keras):
    layers = keras.layers
    image = keras.Input((4,))
    first = layers.Dense(4, name="first")
    hidden = first(image)
    refused = {
        "first: the layer is shared": keras.Model(image, first(first(image))),
        "add: Add has no counterpart": keras.Model(image, layers.Add(name="add")([hidden, image])),
        "forked: .*one output, got 1 and 2": keras.Model(
            image, [hidden, layers.ReLU()(hidden)], name="forked"
        ),
        "true_divide: TrueDivide has no counterpart": keras.Model(image, hidden / 2),
    }
    for message, keras_model in refused.items():
        with pytest.raises((TypeError, ValueError), match=message):
            from_keras(keras_model)


def test_a_part_of_a_model_is_a_model_of_its_own(keras):
    """Layers that are used elsewhere too are fine, if this model uses each of them once."""
    image = keras.Input((4,))
    hidden = keras.layers.Dense(5, activation="relu")(image)
    whole = keras.Model(image, keras.layers.Dense(3)(hidden))
    outer = keras.Sequential([keras.Input((4,)), whole])
    x = numbers((2, 4), 0).astype(np.float32)
    for keras_model in (keras.Model(image, hidden), whole, outer):
        assert np.abs(from_keras(keras_model)(x) - np.asarray(keras_model(x))).max() < 1e-5


def test_a_model_with_a_call_of_its_own_is_refused(keras):
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(3)

        def call(self, x):
            return 2 * self.dense(x)

    class OwnSequential(keras.Sequential):
        def call(self, x):
            return 2 * super().call(x)

    own = OwnSequential([keras.Input((4, 4, 1)), keras.layers.Flatten()])
    for keras_model in (Own(), own):
        with pytest.raises(TypeError, match=r"is a custom class.*keras\.Model\(inputs, outputs\)"):
            from_keras(keras_model)


def test_a_model_that_has_not_been_built_gets_advice(keras):
    unbuilt = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(3)])
    with pytest.raises(ValueError, match=r"not been built.*keras\.Input.*keras_model\.build"):
        from_keras(unbuilt)


@pytest.mark.parametrize("thing", [Sequential([Flatten()], (4, 4, 1)), "model.keras", [1, 2]])
def test_what_is_no_keras_model_is_refused(keras, thing):
    with pytest.raises(TypeError, match=r"keras_model is a .*, expected a keras\.Model"):
        from_keras(thing)
