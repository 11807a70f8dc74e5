"""Weights across to Keras and back: only where they mean the same."""

import os
import subprocess
import sys

import numpy as np
import pytest
from drawn import assert_close, numbers

from scratchcnn import (
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
    keras_bridge,
)

# Keras's own way to read its variables, under NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def small(dtype="float64", seed=0):
    layers = [Conv2D(2, 3), MaxPool2D(2), Flatten(), Dense(3)]
    return Sequential(layers, (8, 8, 1), seed=seed, dtype=dtype)


def test_swapped_arguments_are_noticed(keras64):
    model = small()
    keras_model = keras_bridge.to_keras(model)
    message = r"model is a keras\.Sequential, expected a scratchcnn\.Sequential"
    for swapped in (
        lambda: keras_bridge.to_keras(keras_model),
        lambda: keras_bridge.weights_to_keras(keras_model, model),
        lambda: keras_bridge.weights_from_keras(model, keras_model),
    ):
        with pytest.raises(TypeError, match=message):
            swapped()
    with pytest.raises(TypeError, match=r"keras_model is a .*list, expected a keras\.Model"):
        keras_bridge.weights_to_keras(model, keras_model.get_weights())


def test_weights_of_another_network_are_refused_and_nothing_is_copied(keras64):
    # The first two weights would fit; the dense layers differ.
    wider = Sequential([Conv2D(2, 3), MaxPool2D(2), Flatten(), Dense(4)], (8, 8, 1), seed=1)
    model = small()
    keras_model = keras_bridge.to_keras(model)
    before, theirs_before = wider.get_weights(), keras_model.get_weights()
    message = r"keras_model have shapes .*\(18, 3\).*, expected .*\(18, 4\)"
    with pytest.raises(ValueError, match=message):
        keras_bridge.weights_to_keras(wider, keras_model)
    with pytest.raises(ValueError, match=message):
        keras_bridge.weights_from_keras(keras_model, wider)
    assert all(map(np.array_equal, wider.get_weights(), before))
    assert all(map(np.array_equal, keras_model.get_weights(), theirs_before))


def test_a_keras_model_that_is_not_built_yet_gets_advice(keras64):
    unbuilt = keras64.Sequential([keras64.layers.Flatten(), keras64.layers.Dense(3)])
    with pytest.raises(ValueError, match=r"shapes \[\], .*begin it with keras\.Input"):
        keras_bridge.weights_to_keras(small(), unbuilt)


def written(keras, *layers, shape=(8, 8, 2)):
    """Return a Keras model as users write it."""
    return keras.Sequential([keras.Input(shape), *layers])


def test_moving_averages_come_across_in_keras_order(keras64):
    keras_model = written(keras64, keras64.layers.BatchNormalization(dtype="float64"))
    names = ["gamma", "beta", "moving_mean", "moving_variance"]
    assert [weight.name for weight in keras_model.weights] == names
    model = Sequential([BatchNorm()], (8, 8, 2), dtype="float64")
    averages = [np.array([k + 1.0, k + 2.0]) for k in range(4)]
    keras_model.set_weights(averages)
    keras_bridge.weights_from_keras(keras_model, model)
    assert [name.removeprefix("batch_normalization/") for name in model.weights] == names
    assert all(map(np.array_equal, model.get_weights(), averages))


def test_channels_first_is_refused_by_name(keras64):
    L = keras64.layers
    flatten = L.Flatten(data_format="channels_first", name="planes")
    keras_model = written(keras64, flatten, L.Dense(3))
    model = Sequential([Flatten(), Dense(3)], (8, 8, 2))
    for copy_weights in (
        lambda: keras_bridge.weights_from_keras(keras_model, model),
        lambda: keras_bridge.weights_to_keras(model, keras_model),
    ):
        with pytest.raises(ValueError, match=r"planes of keras_model has data_format='channels_f"):
            copy_weights()


@pytest.mark.parametrize(
    "options",
    [{"dilation_rate": 2}, {"dilation_rate": (1, 2)}, {"strides": 2}, {"padding": "same"}],
)
def test_a_convolution_that_computes_something_else_is_refused(keras64, options):
    keras_model = written(keras64, keras64.layers.Conv2D(2, 3, **options))
    model = Sequential([Conv2D(2, 3)], (8, 8, 2))
    before = model.get_weights()
    with pytest.raises(ValueError, match=next(iter(options))):
        keras_bridge.weights_from_keras(keras_model, model)
    assert all(map(np.array_equal, model.get_weights(), before))


def test_groups_are_refused_even_where_the_kernels_fit(keras64):
    # Two groups of one channel each have kernels like those of a picture of one channel.
    keras_model = written(keras64, keras64.layers.Conv2D(2, 3, groups=2))
    with pytest.raises(ValueError, match="groups=2"):
        keras_bridge.weights_from_keras(keras_model, Sequential([Conv2D(2, 3)], (8, 8, 1)))


def test_another_epsilon_is_refused_and_another_momentum_is_not(keras64):
    layers = keras64.layers
    model = Sequential([BatchNorm(momentum=0.9)], (8, 8, 2))
    with pytest.raises(ValueError, match=r"epsilon=0\.001, but batch_norm.* has 0\.1"):
        keras_bridge.weights_to_keras(
            model, written(keras64, layers.BatchNormalization(epsilon=0.1))
        )
    keras_bridge.weights_to_keras(model, written(keras64, layers.BatchNormalization()))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_weights_of_16_bits_are_converted(keras64, dtype):
    keras_model = written(keras64, keras64.layers.Flatten(), keras64.layers.Dense(3, dtype=dtype))
    model = Sequential([Flatten(), Dense(3)], (8, 8, 2))
    keras_bridge.weights_from_keras(keras_model, model)
    (kernel, _), theirs = model.get_weights(), keras_model.get_weights()
    assert kernel.dtype == np.float32
    assert np.array_equal(kernel, theirs[0].astype(np.float32))


def test_layers_inside_others_are_looked_at_too(keras64):
    L = keras64.layers
    inner = keras64.Sequential([L.Conv2D(2, 3, strides=2), L.ReLU()])
    with pytest.raises(ValueError, match=r"conv2d has strides=\(1, 1\), but conv2d.* has \(2, 2\)"):
        keras_bridge.weights_from_keras(
            written(keras64, inner), Sequential([Conv2D(2, 3), ReLU()], (8, 8, 2))
        )


def test_a_residual_written_by_hand_takes_our_weights(keras64):
    model = Sequential(
        [Residual([Conv2D(2, 3, padding="same"), ReLU()])], (8, 8, 2), dtype="float64"
    )
    image = keras64.Input((8, 8, 2))
    inner = keras64.layers.Conv2D(2, 3, padding="same", activation="relu", dtype="float64")(image)
    keras_model = keras64.Model(image, keras64.layers.Add(dtype="float64")([inner, image]))
    keras_bridge.weights_to_keras(model, keras_model)
    x = numbers((2, 8, 8, 2), 0)
    assert_close(model.forward(x), keras_model(x))


def test_importing_the_bridge_does_not_import_keras():
    code = "import sys, scratchcnn.keras_bridge; print({'keras', 'jax'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


WITHOUT_BACKEND = """
import os, sys
os.environ.pop("KERAS_BACKEND", None)
class Without:
    def __init__(self, finder):
        self.finder = finder
    def find_spec(self, name, *rest):
        is_missing = name.partition(".")[0] in {missing!r}
        return None if is_missing else self.finder.find_spec(name, *rest)
sys.meta_path[:] = map(Without, sys.meta_path)
from scratchcnn import Flatten, Sequential, to_keras
model = Sequential([Flatten()], (2, 2))
try:
    to_keras(model)
except ImportError as error:
    print(error)
"""


def message_without(tmp_path, *missing, then=""):
    """Return what `to_keras` says in a new Python that lacks some packages."""
    code = WITHOUT_BACKEND.format(missing=missing) + then
    home = {"KERAS_HOME": str(tmp_path), "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **home},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_without_a_backend_set_the_cure_is_named_and_works_at_once(keras64, tmp_path):
    cure = 'os.environ["KERAS_BACKEND"] = "jax"'
    then = f"{cure}\nprint('then', to_keras(model).layers[0].name)"
    said = message_without(tmp_path, "tensorflow", "torch", then=then)
    assert "tensorflow, which is not installed, but jax is" in said
    assert cure in said
    assert "then flatten" in said


@pytest.mark.parametrize("missing", [["keras"], ["tensorflow", "torch", "jax"]])
def test_without_keras_or_any_backend_the_extra_is_named(keras64, tmp_path, missing):
    said = message_without(tmp_path, *missing)
    assert 'pip install "scratchcnn[keras]"' in said
