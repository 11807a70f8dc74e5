"""The bridge to Keras: the same predictions, weights both ways, training in lockstep."""

import subprocess
import sys

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
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    ReLU,
    Sequential,
    keras_bridge,
    load_mnist,
)
from scratchcnn._utils.windows import output_size
from scratchcnn.layers.base import Layer

# Keras's own way to read its variables, under NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def keras64(jax, keras):
    """Keras, computing in float64 from end to end; skipped where it is not installed."""
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    yield keras
    keras.config.set_floatx(before)


@st.composite
def networks(draw):
    """A network for three classes, as a list of specs, and the shape of its input."""
    shape = draw(st.tuples(*[st.integers(5, 9)] * 2, st.integers(1, 2)))
    layers, size = [], shape[:2]

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
        pooling = draw(st.sampled_from([None, MaxPool2D, AvgPool2D]))
        if pooling is not None:
            window = draw(pairs)
            sliding(pooling, window, pool_size=window, strides=draw(st.none() | pairs))
    layers.append(spec(Flatten))
    if draw(st.booleans()):
        layers += [spec(Dense, units=4, use_bias=draw(st.booleans())), spec(ReLU)]
    return [*layers, spec(Dense, units=3, use_bias=draw(st.booleans()))], shape


def network(layers, shape, seed=0, dtype="float64"):
    """Return the network of these specs, with random weights, biases too."""
    model = Sequential([make(drawn) for drawn in layers], shape, dtype=dtype)
    randomize(model.params, np.random.default_rng(seed))
    return model


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


@hypothesis_settings(max_examples=examples(12, 200))
@given(drawn=networks(), seed=seeds)
def test_random_stacks_predict_the_same_in_keras_and_weights_return(keras64, drawn, seed):
    layers, shape = drawn
    model = network(layers, shape, seed)
    twin = keras_bridge.to_keras(model)
    x = numbers((3, *shape), seed)

    assert [layer.name for layer in twin.layers] == [*model.names, "softmax"]
    for ours, theirs in zip(model.get_weights(), twin.get_weights(), strict=True):
        assert np.array_equal(ours, theirs)
    assert_close(model.predict(x), twin(x))

    # Other weights come from Keras into a network that has never seen them.
    twin.set_weights([numbers(weight.shape, seed + 1) for weight in twin.get_weights()])
    other = network(layers, shape, seed + 2)
    keras_bridge.weights_from_keras(twin, other)
    for ours, theirs in zip(other.get_weights(), twin.get_weights(), strict=True):
        assert np.array_equal(ours, theirs)
    assert_close(other.predict(x), twin(x))

    # And back into the first twin's place.
    keras_bridge.weights_to_keras(model, twin)
    assert_close(model.predict(x), twin(x))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_keras_model_computes_in_our_dtype_in_every_layer(keras64, dtype):
    twin = keras_bridge.to_keras(small(dtype))
    assert {layer.compute_dtype for layer in twin.layers} == {dtype}
    assert {weight.dtype for weight in twin.get_weights()} == {np.dtype(dtype)}
    assert str(twin(np.zeros((1, 8, 8, 1), dtype)).dtype) == dtype


def test_float32_predictions_agree_up_to_rounding(keras):
    model, x = small("float32"), numbers((5, 8, 8, 1), 0)
    predicted = keras_bridge.to_keras(model).predict(x, verbose=0)
    assert np.abs(predicted - model.predict(x)).max() < 1e-6


def test_without_softmax_the_output_is_logits(keras64):
    model, x = small(), numbers((2, 8, 8, 1), 0)
    twin = keras_bridge.to_keras(model, softmax=False)
    assert [layer.name for layer in twin.layers] == model.names
    assert_close(model.forward(x), twin(x))


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
    twin = keras_bridge.to_keras(Sequential([Flatten(), Dropout(0.25), dense], (4, 4, 1)))
    assert twin.get_layer("dropout").rate == 0.25
    initializer = twin.get_layer("dense").kernel_initializer
    assert type(initializer) is keras64.initializers.HeNormal


def test_images_stay_channels_last_whatever_keras_prefers(keras64):
    model, x = small(), numbers((2, 8, 8, 1), 0)
    before = keras64.config.image_data_format()
    keras64.config.set_image_data_format("channels_first")
    try:
        twin = keras_bridge.to_keras(model)
        assert_close(model.predict(x), twin(x))
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
    ],
    ids=["course, SGD", "deeper, momentum", "deeper, Adam"],
)
def test_training_goes_in_lockstep(keras64, make_model, optimizer, keras_optimizer, batch_size):
    """Losses and weights after each of 200 updates, on real digits with all their ties."""
    model = make_model()
    twin = keras_bridge.to_keras(model)
    name, arguments = keras_optimizer
    twin.compile(
        optimizer=getattr(keras64.optimizers, name)(**arguments),
        loss="sparse_categorical_crossentropy",
    )
    x, y = digits(200 * batch_size)
    steps = []

    def follow(step):
        batch = slice((step.number - 1) * batch_size, step.number * batch_size)
        twin.reset_metrics()  # older releases of Keras return a running mean
        assert abs(float(twin.train_on_batch(x[batch], y[batch])) - step.loss) < 1e-9
        for (key, ours), theirs in zip(model.params.items(), twin.weights, strict=True):
            difference = np.abs(ours - np.asarray(theirs.value)).max()
            assert difference < 1e-9, f"{key} differs by {difference:.1e} at update {step.number}"
        steps.append(step.loss)

    options = {"batch_size": batch_size, "shuffle": False, "verbose": False}
    model.fit(x, y, optimizer=optimizer, callbacks=[follow], **options)
    assert len(steps) == 200
    assert np.mean(steps[-50:]) < 0.75 * np.mean(steps[:20])  # it did learn something


class Doubled(ReLU):
    """A subclass that computes something else."""

    def forward(self, x, training=False):
        return 2 * super().forward(x, training)


@pytest.mark.parametrize("layer", [Doubled, Layer])
def test_an_unknown_layer_is_refused(keras64, layer):
    model = Sequential([Flatten(), layer(), Dense(3)], (4, 4, 1))
    with pytest.raises(TypeError, match=f"no Keras layer is known for {layer.__name__}, only for"):
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


def test_swapped_arguments_are_noticed(keras64):
    model = small()
    twin = keras_bridge.to_keras(model)
    message = r"model is a keras\.Sequential, expected a scratchcnn\.Sequential"
    for swapped in (
        lambda: keras_bridge.to_keras(twin),
        lambda: keras_bridge.weights_to_keras(twin, model),
        lambda: keras_bridge.weights_from_keras(model, twin),
    ):
        with pytest.raises(TypeError, match=message):
            swapped()
    with pytest.raises(TypeError, match=r"keras_model is a .*list, expected a keras\.Model"):
        keras_bridge.weights_to_keras(model, twin.get_weights())


def test_weights_of_another_network_are_refused_and_nothing_is_copied(keras64):
    # The first two weights would fit; the dense layers differ.
    wider = Sequential([Conv2D(2, 3), MaxPool2D(2), Flatten(), Dense(4)], (8, 8, 1), seed=1)
    model = small()
    twin = keras_bridge.to_keras(model)
    before, twin_before = wider.get_weights(), twin.get_weights()
    message = r"keras_model have shapes .*\(18, 3\).*, expected .*\(18, 4\)"
    with pytest.raises(ValueError, match=message):
        keras_bridge.weights_to_keras(wider, twin)
    with pytest.raises(ValueError, match=message):
        keras_bridge.weights_from_keras(twin, wider)
    assert all(map(np.array_equal, wider.get_weights(), before))
    assert all(map(np.array_equal, twin.get_weights(), twin_before))


def test_a_keras_model_that_is_not_built_yet_gets_advice(keras64):
    unbuilt = keras64.Sequential([keras64.layers.Flatten(), keras64.layers.Dense(3)])
    with pytest.raises(ValueError, match=r"shapes \[\], .*begin it with keras\.Input"):
        keras_bridge.weights_to_keras(small(), unbuilt)


def test_importing_the_bridge_does_not_import_keras():
    code = "import sys, scratchcnn.keras_bridge; print({'keras', 'jax'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
