"""Keras models as users write them become networks of the library, with equal answers."""

import warnings

import numpy as np
import pytest
from drawn import examples, numbers, seeds
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from keras_models import written

from scratchcnn import from_keras, keras_bridge, load_mnist, load_model, to_keras

# Keras's own way to read its variables, under NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


options = st.fixed_dictionaries


booleans = st.booleans()


sizes = st.integers(1, 3) | st.tuples(st.integers(1, 3), st.integers(1, 3))


paddings = st.sampled_from(["valid", "same"])


activations = st.sampled_from([None, "linear", "relu"])


poolings = st.tuples(
    st.sampled_from(["MaxPooling2D", "AveragePooling2D"]),
    options({"pool_size": sizes, "strides": st.none() | sizes, "padding": paddings}),
)


# Layers that may stand at any place among the feature maps: their name in Keras, their arguments.
ANYWHERE = st.one_of(
    st.tuples(
        st.just("Conv2D"),
        options(
            {
                "filters": st.integers(1, 4),
                "kernel_size": sizes,
                "strides": sizes,
                "padding": paddings,
                "use_bias": booleans,
                "activation": activations,
            }
        ),
    ),
    poolings,
    st.tuples(
        st.just("BatchNormalization"),
        options(
            {
                "axis": st.sampled_from([-1, 3]),
                "epsilon": st.sampled_from([1e-3, 0.1]),
                "center": booleans,
                "scale": booleans,
            }
        ),
    ),
    st.tuples(st.just("Dropout"), options({"rate": st.sampled_from([0.0, 0.4])})),
    st.tuples(st.just("ReLU"), st.just({})),
    st.tuples(st.just("Activation"), options({"activation": st.sampled_from(["relu", "linear"])})),
    st.tuples(st.just("Rescaling"), options({"scale": st.just(0.5), "offset": st.just(0.25)})),
)


# What may come first, and the shape of an image before it.
STARTS = st.sampled_from(
    [
        ((28, 28, 1), [("Rescaling", {"scale": 1 / 255})]),
        ((28, 28), [("Reshape", {"target_shape": (28, 28, 1)})]),
        ((784,), [("Reshape", {"target_shape": (28, -1, 1)}), ("Rescaling", {"scale": 1 / 255})]),
        (
            (28, 28),
            [
                ("Rescaling", {"scale": 1 / 255, "offset": -0.5}),
                ("Reshape", {"target_shape": (28, 28, 1)}),
            ],
        ),
        ((28, 28, 1), []),
    ]
)


ENDS = st.sampled_from(
    [
        [("Dense", {"units": 10, "activation": "softmax"})],
        [("Dense", {"units": 10}), ("Softmax", {})],
        [("Dense", {"units": 10}), ("Activation", {"activation": "softmax"})],
        [
            ("Dense", {"units": 8, "activation": "relu", "use_bias": False}),
            ("Dense", {"units": 10}),
        ],
    ]
)


@st.composite
def models(draw):
    """The shape of an image, layers by name, how to join them, and if a softmax comes last."""
    shape, layers = draw(STARTS)
    layers = [*layers, *draw(st.lists(ANYWHERE, min_size=1, max_size=4))]
    layers.append((draw(st.sampled_from(["Flatten", "GlobalAveragePooling2D"])), {}))
    end = draw(ENDS)
    joined = draw(st.sampled_from(["sequential", "functional", "nested"]))
    return shape, [*layers, *end], joined, "softmax" in str(end).lower()


def join(keras, shape, layers, joined):
    """Return a Keras model of these layers, written in one of three ways."""
    if joined == "functional":
        image = output = keras.Input(shape)
        for layer in layers:
            output = layer(output)
        return keras.Model(image, output)
    if joined == "nested":
        half = len(layers) // 2
        layers = [keras.Sequential(layers[:half]), *layers[half:]]
    return keras.Sequential([keras.Input(shape), *layers])


def randomize(keras_model, seed=0):
    """Give a Keras model random weights, biases and averages; variances are positive."""
    rng = np.random.default_rng(seed)
    weights = [
        rng.standard_normal(weight.shape) / np.sqrt(np.prod(weight.shape[:-1]))
        for weight in keras_model.weights
    ]
    names = [weight.name for weight in keras_model.weights]
    keras_model.set_weights(
        [
            np.abs(w) + 0.5 if n == "moving_variance" else w
            for n, w in zip(names, weights, strict=True)
        ]
    )


def softmax(logits):
    exps = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exps / exps.sum(axis=1, keepdims=True)


@hypothesis_settings(max_examples=examples(25, 300))
@given(drawn=models(), seed=seeds)
def test_predictions_on_real_digits_are_those_of_keras(keras, drawn, seed):
    shape, layers, joined, ends_in_softmax = drawn
    keras_layers = [getattr(keras.layers, name)(**arguments) for name, arguments in layers]
    try:
        keras_model = join(keras, shape, keras_layers, joined)
    except ValueError:  # a window larger than what is left of the image
        return
    randomize(keras_model, seed)
    (x, _), _ = load_mnist()
    x = x[:70].reshape(70, *shape)
    if not any(arguments.get("scale") == 1 / 255 for _, arguments in layers):
        x = x / np.float32(255)
    model = from_keras(keras_model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a Rescaling behind the convolution
        ours = model.predict(x)
    theirs = np.asarray(keras_model(x))
    assert np.abs(ours - (theirs if ends_in_softmax else softmax(theirs))).max() < 1e-5

    # And there and back again.
    again = to_keras(model)
    assert np.abs(np.asarray(again(x)) - ours).max() < 1e-5


def test_without_a_softmax_both_return_logits(keras64):
    layers = keras64.layers
    keras_model = written(
        keras64, layers.Flatten(dtype="float64"), layers.Dense(3, dtype="float64")
    )
    x = numbers((4, 8, 8, 2), 0)
    model = from_keras(keras_model)
    assert np.allclose(model(x), keras_model(x), rtol=0, atol=1e-12)
    assert np.allclose(model.predict(x), softmax(np.asarray(keras_model(x))), rtol=0, atol=1e-12)


def test_the_dtype_is_that_of_keras_unless_another_is_wanted(keras64):
    double = written(keras64, keras64.layers.Flatten(dtype="float64"))
    single = written(keras64, keras64.layers.Flatten(dtype="float32"))
    assert from_keras(double).dtype == np.float64
    assert from_keras(single).dtype == np.float32
    assert from_keras(double, dtype="float32").dtype == np.float32


@pytest.mark.parametrize("policy", ["float16", "bfloat16", "mixed_float16", "mixed_bfloat16"])
def test_weights_of_16_bits_become_float32(keras, policy):
    layers = keras.layers
    keras_model = written(keras, layers.Conv2D(2, 3, dtype=policy), layers.Flatten(dtype=policy))
    model = from_keras(keras_model)
    assert {weight.dtype for weight in model.get_weights()} == {np.dtype("float32")}
    for ours, theirs in zip(model.get_weights(), keras_model.get_weights(), strict=True):
        assert np.array_equal(ours, theirs.astype(np.float32))
    x = numbers((2, 8, 8, 2), 0).astype(np.float32)
    assert np.abs(model(x) - np.asarray(keras_model(x)).astype(np.float32)).max() < 0.05


def test_weights_are_copies(keras):
    keras_model = written(keras, keras.layers.Flatten(), keras.layers.Dense(3))
    before = keras_model.get_weights()
    from_keras(keras_model).params["dense/kernel"] = np.zeros((128, 3))
    assert all(map(np.array_equal, keras_model.get_weights(), before))


def test_frozen_layers_stay_frozen(keras):
    frozen = keras.layers.Conv2D(2, 3, activation="relu", trainable=False)
    inner = keras.Sequential([keras.layers.BatchNormalization()])
    inner.trainable = False
    keras_model = written(keras, frozen, inner, keras.layers.Flatten(), keras.layers.Dense(3))
    ours = {layer.name: layer.trainable for layer in from_keras(keras_model).layers}
    learning = [name for name, trainable in ours.items() if trainable]
    assert learning == ["re_lu", "flatten", "dense"]


def test_how_kernels_start_is_carried_over_where_it_has_a_name_here(keras):
    layers = keras.layers
    known = layers.Dense(4, kernel_initializer="he_normal")
    unknown = layers.Dense(3, kernel_initializer="orthogonal")
    _, first, second = from_keras(written(keras, layers.Flatten(), known, unknown)).layers
    assert first.kernel_initializer == "he_normal"
    assert second.kernel_initializer == "glorot_uniform"


def test_what_matters_for_training_only_is_no_obstacle(keras):
    regularized = keras.layers.Dense(
        3, kernel_regularizer="l2", activity_regularizer="l1", kernel_constraint="max_norm"
    )
    keras_model = written(
        keras, keras.layers.Flatten(), keras.layers.Dropout(0.2, seed=3), regularized
    )
    assert len(from_keras(keras_model).layers) == 3


def test_an_activation_may_be_a_layer_or_one_of_keras_operations(keras):
    layers = keras.layers
    with_layer = layers.Conv2D(2, 3, activation=layers.ReLU())
    with_operation = layers.Conv2D(2, 3, activation=keras.ops.relu)
    names = [layer.name for layer in from_keras(written(keras, with_layer, with_operation)).layers]
    assert names == ["conv2d", "re_lu", "conv2d_1", "re_lu_1"]


def test_open_sizes_are_taken_from_input_shape(keras):
    layers = keras.layers
    keras_model = written(
        keras, layers.Conv2D(3, 3), layers.GlobalAveragePooling2D(), shape=(None, None, 1)
    )
    with pytest.raises(
        ValueError, match=r"input_shape is \(None, None, 1\) in Keras.*from_keras\("
    ):
        from_keras(keras_model)
    with pytest.raises(ValueError, match=r"\(8, 8, 2\), but \(None, None, 1\) in keras_model"):
        from_keras(keras_model, input_shape=(8, 8, 2))
    x = numbers((2, 8, 9, 1), 0).astype(np.float32)
    model = from_keras(keras_model, input_shape=(8, 9, 1))
    assert np.abs(model(x) - np.asarray(keras_model(x))).max() < 1e-5


def test_a_model_that_was_built_by_calling_it_is_fine(keras):
    keras_model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(3)])
    x = numbers((5, 4, 4, 1), 0).astype(np.float32)
    theirs = np.asarray(keras_model(x))
    assert np.abs(from_keras(keras_model)(x) - theirs).max() < 1e-5


def test_an_imported_network_trains_is_saved_and_loaded(keras, tmp_path):
    layers = keras.layers
    keras_model = written(
        keras,
        layers.Rescaling(1 / 255, offset=-0.5),
        layers.Reshape((28, 28, 1)),
        layers.Conv2D(4, 3, strides=2, activation="relu"),
        layers.BatchNormalization(),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
        shape=(28, 28),
    )
    (x, y), _ = load_mnist()
    model = from_keras(keras_model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it scales raw pixels itself
        history = model.fit(x, y, epochs=5, verbose=False)
    assert history.history["accuracy"][-1] > 0.8
    model.save(tmp_path / "model.npz")
    assert np.array_equal(load_model(tmp_path / "model.npz").predict(x[:50]), model.predict(x[:50]))


def test_both_directions_are_in_the_bridge():
    assert keras_bridge.from_keras is from_keras
