"""The bridge to Keras: the same predictions, weights both ways, training in lockstep."""

import numpy as np
import pytest
from drawn import assert_close, examples, make, numbers, pairs, randomize, seeds, spec, windows
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from scratchcnn import (
    SGD,
    Adam,
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    ReLU,
    Rescaling,
    Reshape,
    Residual,
    Sequential,
    keras_bridge,
    load_mnist,
)
from scratchcnn._utils.windows import output_size
from scratchcnn.layers.base import Layer

# Keras's own way to read its variables, under NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@st.composite
def networks(draw):
    """A network for three classes, as a list of specs, and the shape of its input."""
    shape = draw(st.tuples(*[st.integers(5, 9)] * 2, st.integers(1, 2)))
    layers, size = draw(st.sampled_from([[], [spec(Rescaling, scale=2.0, offset=-0.5)]])), shape[:2]
    layers = list(layers)
    norm = spec(
        BatchNorm,
        momentum=0.9,
        epsilon=draw(st.sampled_from([1e-3, 0.1])),
        center=draw(st.booleans()),
        scale=draw(st.booleans()),
    )

    def sliding(layer, window, **arguments):
        nonlocal size
        fits = all(extent <= pixels for extent, pixels in zip(window, size, strict=True))
        padding = draw(st.sampled_from(["valid", "same"])) if fits else "same"
        layers.append(spec(layer, **arguments, padding=padding))
        strides = arguments["strides"] or window
        size = output_size(size, window, strides, padding, "test")

    for _ in range(draw(st.integers(1, 2))):
        window = draw(windows)
        sliding(
            Conv2D,
            window,
            filters=draw(st.integers(1, 3)),
            kernel_size=window,
            strides=draw(pairs),
            use_bias=draw(st.booleans()),
        )
        layers += draw(st.sampled_from([[], [spec(ReLU)], [spec(Dropout, rate=0.3)]]))
        layers += draw(st.sampled_from([[], [norm], [norm, spec(ReLU)]]))
        pooling = draw(st.sampled_from([None, MaxPool2D, AvgPool2D]))
        if pooling is not None:
            window = draw(pairs)
            sliding(pooling, window, pool_size=window, strides=draw(st.none() | pairs))
    layers.append(draw(st.sampled_from([spec(Flatten), spec(GlobalAvgPool2D)])))
    if draw(st.booleans()):
        layers += [spec(Dense, units=4, use_bias=draw(st.booleans())), spec(ReLU)]
    return [*layers, spec(Dense, units=3, use_bias=draw(st.booleans()))], shape


def network(layers, shape, seed=0, dtype="float64"):
    """Return the network of these specs, with random weights, biases and averages too."""
    model = Sequential([make(drawn) for drawn in layers], shape, dtype=dtype)
    randomize(model.weights, np.random.default_rng(seed))
    keep_variances_positive(model)
    return model


def keep_variances_positive(model):
    for name, weight in model.weights.items():
        if name.endswith("variance"):
            np.abs(weight, out=weight)


def layer_names(model):
    return [layer.name for layer in model.layers]


def small(dtype="float64", seed=0):
    layers = [Conv2D(2, 3), MaxPool2D(2), Flatten(), Dense(3)]
    return Sequential(layers, (8, 8, 1), seed=seed, dtype=dtype)


def course(dtype="float64"):
    layers = [Conv2D(8, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)]
    return Sequential(layers, (28, 28, 1), dtype=dtype)


def deeper():
    layers = [
        Conv2D(4, 5, strides=2, padding="same"),
        ReLU(),
        MaxPool2D(3, strides=2, padding="same"),
        Conv2D(6, (2, 3), use_bias=False),
        ReLU(),
        AvgPool2D(2),
        Flatten(),
        Dense(10),
    ]
    return Sequential(layers, (28, 28, 1), dtype="float64")


def normalized():
    layers = [
        Conv2D(4, 3, strides=2, use_bias=False),
        BatchNorm(momentum=0.9),
        ReLU(),
        Dropout(0.0),
        Conv2D(8, 3),
        BatchNorm(scale=False),
        ReLU(),
        GlobalAvgPool2D(),
        Dense(10),
    ]
    return Sequential(layers, (28, 28, 1), dtype="float64")


def assert_same_weights(ours, theirs):
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.array_equal(mine, other)


@hypothesis_settings(max_examples=examples(12, 200))
@given(drawn=networks(), seed=seeds)
def test_random_stacks_predict_the_same_in_keras_and_weights_return(keras64, drawn, seed):
    layers, shape = drawn
    model = network(layers, shape, seed)
    keras_model = keras_bridge.to_keras(model)
    x = numbers((3, *shape), seed)

    assert [layer.name for layer in keras_model.layers] == [*layer_names(model), "softmax"]
    assert_same_weights(model, keras_model)
    assert_close(model.predict(x), keras_model(x))

    # Other weights come from Keras into a network that has never seen them.
    keras_model.set_weights(network(layers, shape, seed + 1).get_weights())
    other = network(layers, shape, seed + 2)
    keras_bridge.weights_from_keras(keras_model, other)
    assert_same_weights(other, keras_model)
    assert_close(other.predict(x), keras_model(x))

    # And back into the first Keras model's place.
    keras_bridge.weights_to_keras(model, keras_model)
    assert_close(model.predict(x), keras_model(x))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_keras_model_computes_in_our_dtype_in_every_layer(keras64, dtype):
    keras_model = keras_bridge.to_keras(small(dtype))
    assert {layer.compute_dtype for layer in keras_model.layers} == {dtype}
    assert {weight.dtype for weight in keras_model.get_weights()} == {np.dtype(dtype)}
    assert str(keras_model(np.zeros((1, 8, 8, 1), dtype)).dtype) == dtype


def test_float32_predictions_agree_up_to_rounding(keras):
    model, x = small("float32"), numbers((5, 8, 8, 1), 0)
    predicted = keras_bridge.to_keras(model).predict(x, verbose=0)
    assert np.abs(predicted - model.predict(x)).max() < 1e-6


def test_without_softmax_the_output_is_logits(keras64):
    model, x = small(), numbers((2, 8, 8, 1), 0)
    keras_model = keras_bridge.to_keras(model, softmax=False)
    assert [layer.name for layer in keras_model.layers] == layer_names(model)
    assert_close(model.forward(x), keras_model(x))


def test_the_bridge_builds_what_keras_users_write(keras64):
    layers = keras64.layers
    written = keras64.Sequential(
        [
            keras64.Input((28, 28, 1)),
            layers.Conv2D(8, 3, use_bias=False, dtype="float64"),
            layers.MaxPooling2D(2, dtype="float64"),
            layers.Flatten(dtype="float64"),
            layers.Dense(10, activation="softmax", dtype="float64"),
        ]
    )
    model, x = course(), digits(20)[0]
    keras_bridge.weights_to_keras(model, written)
    assert_close(written(x), model.predict(x))
    assert_close(written(x), keras_bridge.to_keras(model)(x))


def test_names_do_not_depend_on_what_was_built_before(keras64):
    for _ in range(2):
        names = [layer.name for layer in keras_bridge.to_keras(small()).layers]
        assert names == ["conv2d", "max_pooling2d", "flatten", "dense", "softmax"]


def test_arguments_without_influence_on_predictions_are_carried_over(keras64):
    dense = Dense(3, kernel_initializer="he_normal")
    keras_model = keras_bridge.to_keras(Sequential([Flatten(), Dropout(0.25), dense], (4, 4, 1)))
    assert keras_model.get_layer("dropout").rate == 0.25
    initializer = keras_model.get_layer("dense").kernel_initializer
    assert type(initializer) is keras64.initializers.HeNormal


def test_images_stay_channels_last_whatever_keras_prefers(keras64):
    model, x = small(), numbers((2, 8, 8, 1), 0)
    before = keras64.config.image_data_format()
    keras64.config.set_image_data_format("channels_first")
    try:
        keras_model = keras_bridge.to_keras(model)
        assert_close(model.predict(x), keras_model(x))
    finally:
        keras64.config.set_image_data_format(before)


def digits(count):
    (x, y), _ = load_mnist()
    return x[:count, ..., None] / 255 - 0.5, y[:count]


@pytest.mark.parametrize(
    ("make_model", "optimizer", "keras_optimizer", "batch_size"),
    [
        (course, SGD(0.01), ("SGD", {"learning_rate": 0.01}), 1),
        (deeper, SGD(0.05, momentum=0.9), ("SGD", {"learning_rate": 0.05, "momentum": 0.9}), 5),
        (deeper, Adam(0.002), ("Adam", {"learning_rate": 0.002}), 5),
        (normalized, SGD(0.3), ("SGD", {"learning_rate": 0.3}), 5),
    ],
    ids=["course, SGD", "deeper, momentum", "deeper, Adam", "normalized, SGD"],
)
def test_training_goes_in_lockstep(keras64, make_model, optimizer, keras_optimizer, batch_size):
    """Losses and weights after each of 200 updates, on real digits with all their ties."""
    model = make_model()
    keras_model = keras_bridge.to_keras(model)
    name, arguments = keras_optimizer
    keras_model.compile(
        optimizer=getattr(keras64.optimizers, name)(**arguments),
        loss="sparse_categorical_crossentropy",
    )
    x, y = digits(200 * batch_size)
    steps = []

    def follow(step):
        batch = slice((step.step - 1) * batch_size, step.step * batch_size)
        keras_model.reset_metrics()  # older releases of Keras return a running mean
        assert abs(float(keras_model.train_on_batch(x[batch], y[batch])) - step.loss) < 1e-9
        for (key, ours), theirs in zip(model.weights.items(), keras_model.weights, strict=True):
            difference = np.abs(ours - np.asarray(theirs.value)).max()
            assert difference < 1e-9, f"{key} differs by {difference:.1e} at update {step.step}"
        steps.append(step.loss)

    options = {"batch_size": batch_size, "shuffle": False, "verbose": False}
    model.fit(x, y, optimizer=optimizer, callbacks=[follow], **options)
    assert len(steps) == 200
    assert np.mean(steps[-50:]) < 0.97 * np.mean(steps[:20])  # it did learn something


class Doubled(ReLU):
    """A subclass that computes something else."""

    def forward(self, x, training=False):
        return 2 * super().forward(x, training)


@pytest.mark.parametrize("make_layer", [Doubled, Layer, lambda: Residual([ReLU()])])
def test_a_layer_that_keras_cannot_say_is_refused_by_name(keras64, make_layer):
    layer = make_layer()
    model = Sequential([Flatten(), layer, Dense(3)], (4, 4, 1))
    message = f"^{layer.name}: .*computes what a {type(layer).__name__} does.*weights_to_keras"
    with pytest.raises(TypeError, match=message):
        keras_bridge.to_keras(model)


def test_float64_is_refused_while_jax_would_turn_it_into_float32(jax, keras64):
    if keras64.config.backend() != "jax":
        pytest.skip("only JAX has to be told to allow float64")
    jax.config.update("jax_enable_x64", False)
    try:
        with pytest.raises(ValueError, match=r"float64.*jax_enable_x64"):
            keras_bridge.to_keras(small())
        keras_bridge.to_keras(small("float32"))
    finally:
        jax.config.update("jax_enable_x64", True)


def test_a_network_without_a_row_of_scores_gets_no_softmax(keras64):
    model = Sequential([Conv2D(2, 3)], (8, 8, 1))
    with pytest.raises(ValueError, match=r"\(6, 6, 2\), expected one row of scores"):
        keras_bridge.to_keras(model)
    assert keras_bridge.to_keras(model, softmax=False).output_shape == (None, 6, 6, 2)


def test_frozen_layers_stay_frozen_in_keras(keras64):
    frozen = Conv2D(2, 3)
    frozen.trainable = False
    keras_model = keras_bridge.to_keras(Sequential([frozen, Flatten(), Dense(3)], (8, 8, 1)))
    assert [layer.trainable for layer in keras_model.layers] == [False, True, True, True]


def test_rows_of_pixels_are_scaled_and_folded_in_keras_too(keras64):
    layers = [Rescaling(1 / 255, offset=-0.5), Reshape((8, 8, 1)), Conv2D(2, 3), Flatten()]
    model = Sequential(layers, (64,), dtype="float64")
    x = 255 * np.abs(numbers((2, 64), 0))
    assert_close(model.forward(x), keras_bridge.to_keras(model, softmax=False)(x))
