"""BatchNorm and Residual learn what Keras's layers learn, update by update."""

import numpy as np
import pytest

from scratchcnn import (
    SGD,
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    ReLU,
    Residual,
    Sequential,
    keras_bridge,
    load_mnist,
)

# Keras's own way to read its variables, under NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

UPDATES, BATCH = 500, 32


@pytest.fixture
def keras64(jax, keras, monkeypatch):
    """Keras, computing in float64 from end to end.

    On JAX its BatchNormalization rounds to float32, whatever its dtype: the rule by which it
    chooses is told of float64 here.
    """
    from keras.src import backend

    rule = backend.result_type

    def with_float64(*dtypes):
        return "float64" if "float64" in dtypes else rule(*dtypes)

    monkeypatch.setattr(backend, "result_type", with_float64)
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    yield keras
    keras.config.set_floatx(before)


def digits(count):
    """Every second row and column, to be quick."""
    (x, y), _ = load_mnist()
    return x[:count, ::2, ::2, None] / 255 - 0.5, y[:count]


def network(frozen=False):
    layers = [
        Conv2D(4, 3, strides=2, use_bias=False),
        BatchNorm(),
        ReLU(),
        Conv2D(6, 3),
        BatchNorm(momentum=0.9, epsilon=0.01, center=False),
        ReLU(),
        Flatten(),  # Keras's means over feature maps are in float32 as well
        Dense(10),
    ]
    layers[4].trainable = not frozen
    return Sequential(layers, (14, 14, 1), dtype="float64")


def test_defaults_are_those_of_keras(keras):
    theirs, ours = keras.layers.BatchNormalization(), BatchNorm()
    for name, value in ours.get_config().items():
        assert getattr(theirs, name) == value


def differences(keras, model, updates):
    """Train ``model`` and its twin in Keras, and yield how far losses and weights are apart."""
    twin = keras_bridge.to_keras(model)
    for ours, theirs in zip(model.layers, twin.layers, strict=False):  # softmax has none of ours
        theirs.trainable = ours.trainable
    optimizer = keras.optimizers.SGD(learning_rate=0.01, momentum=0.9)
    twin.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy")
    x, y = digits(100 * BATCH)
    losses, apart = [], {}

    def follow(end):
        place = (end.step - 1) % 100
        batch = slice(place * BATCH, (place + 1) * BATCH)
        twin.reset_metrics()  # older releases of Keras return a running mean
        difference = abs(float(twin.train_on_batch(x[batch], y[batch])) - end.loss)
        apart["loss"] = max(apart.get("loss", 0), difference)
        losses.append(end.loss)
        if end.step % 20 == 0:
            for (name, ours), theirs in zip(model.weights.items(), twin.weights, strict=True):
                difference = np.abs(ours - np.asarray(theirs.value)).max()
                apart[name] = max(apart.get(name, 0), difference)

    options = {"batch_size": BATCH, "shuffle": False, "verbose": False, "callbacks": [follow]}
    model.fit(x, y, epochs=updates // 100, optimizer=SGD(0.01, momentum=0.9), **options)
    assert len(losses) == updates
    assert np.mean(losses[-20:]) < 0.75 * np.mean(losses[:20])  # it did learn something
    predicted = np.asarray(twin(x[:200].astype(model.dtype)))
    return apart | {"prediction": np.abs(model.predict(x[:200]) - predicted).max()}


# A difference in the last digit can bring a number to the other side of a ReLU, and grows fast
# from there on: the learning rate is one with which that does not happen.
def test_500_updates_go_in_lockstep_with_moving_averages(keras64):
    apart = differences(keras64, network(), UPDATES)
    assert len(apart) == 2 + len(network().weights)
    assert max(apart.values()) < 1e-9, apart


def test_a_frozen_layer_goes_in_lockstep_too(keras64):
    model = network(frozen=True)
    assert max(differences(keras64, model, 100).values()) < 1e-9
    assert not model.layers[4].state["moving_mean"].any()


def test_a_residual_network_of_keras_gives_the_same_output_and_the_same_gradients(keras64, jax):
    """Keras has no Residual: the same block in its functional style, with our weights."""
    block = Residual(
        [Conv2D(3, 3, strides=2, padding="same"), BatchNorm(), ReLU(), Conv2D(3, 2, padding="same")]
    )
    block.build((7, 6, 2), np.random.default_rng(0), "float64")
    layers, own = keras64.layers, {"dtype": "float64"}
    x = inputs = keras64.Input((7, 6, 2), **own)
    for theirs in (
        layers.Conv2D(3, 3, strides=2, padding="same", **own),
        layers.BatchNormalization(**own),
        layers.ReLU(**own),
        layers.Conv2D(3, 2, padding="same", **own),
    ):
        x = theirs(x)
    output = layers.Add(**own)([x, layers.Conv2D(3, 1, strides=2, name="shortcut", **own)(inputs)])
    twin = keras64.Model(inputs, output)
    inside = [layer for layer in twin.layers if layer.weights]
    ours = [layer for layer in block.sublayers if layer.weights]
    assert len(inside) == len(ours) == 4
    rng, x = np.random.default_rng(1), np.random.default_rng(2).standard_normal((4, 7, 6, 2))
    for layer, theirs in zip(
        ours, sorted(inside, key=lambda kept: kept.name == "shortcut"), strict=True
    ):
        for array in layer.weights.values():
            array[...] = rng.uniform(0.5, 1.5, array.shape)
        theirs.set_weights(list(layer.weights.values()))
    y = np.asarray(twin(x))
    assert np.abs(block.forward(x) - y).max() < 1e-12 * np.abs(y).max()
    dy = rng.standard_normal(y.shape)
    dx = jax.grad(lambda x: (twin(x) * dy).sum())(jax.numpy.asarray(x))
    assert np.abs(block.backward(dy) - np.asarray(dx)).max() < 1e-11 * np.abs(dx).max()
