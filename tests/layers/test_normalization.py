"""BatchNorm by hand, and against plain loops, central differences and JAX."""

import numpy as np
import pytest
from drawn import assert_close, build, examples, make, normalizations, numbers, seeds, spec
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchcnn import BatchNorm, Dense, Sequential, check_gradients, load_model
from scratchcnn.reference import normalization

ROWS = np.array([[1.0, 10], [3, 10]])  # means 2 and 10, variances 1 and 0


def normalizer(**arguments):
    return build(spec(BatchNorm, **arguments), ROWS.shape)


def fresh(shape=(4,), dtype="float64", **arguments):
    """A BatchNorm with the parameters it starts with."""
    layer = BatchNorm(**arguments)
    layer.build(shape, np.random.default_rng(0), dtype)
    return layer


def loop_arguments(layer, training):
    """What the loops have to know of a layer: gamma, beta, and the averages in prediction."""
    C = layer.input_shape[-1]
    gamma, beta = layer.params.get("gamma", np.ones(C)), layer.params.get("beta", np.zeros(C))
    moments = {} if training else {"mean": 1, "variance": 1}
    moments = {name: layer.state[f"moving_{name}"].copy() for name in moments}
    return gamma, beta, moments | {"epsilon": layer.epsilon}


def test_in_training_a_channel_is_normalized_over_the_batch():
    layer = fresh((2,), epsilon=0.21)
    y = layer.forward(ROWS, training=True)
    assert_close(y, [[-1 / 1.1, 0], [1 / 1.1, 0]])  # sqrt(1 + 0.21) is 1.1


def test_gamma_stretches_and_beta_shifts():
    layer = fresh((2,), epsilon=0)
    layer.params["gamma"], layer.params["beta"] = [3, 1], [10, 20]
    assert_close(
        layer.forward(ROWS + np.array([[0, 1], [0, 0]]), training=True), [[7, 21], [13, 19]]
    )


def test_moving_averages_go_a_hundredth_of_the_way_at_each_batch():
    layer = fresh((2,))
    layer.forward(ROWS, training=True)
    assert_close(layer.state["moving_mean"], [0.02, 0.1])
    assert_close(layer.state["moving_variance"], [1, 0.99])
    layer.forward(ROWS, training=True)
    assert_close(layer.state["moving_mean"], [0.02 * 0.99 + 0.02, 0.1 * 0.99 + 0.1])


def test_prediction_uses_the_moving_averages_and_leaves_them_alone():
    layer = fresh((2,), epsilon=0)
    layer.state["moving_mean"][...], layer.state["moving_variance"][...] = [1, 8], [4, 1]
    assert_close(layer.forward(ROWS), [[0, 2], [1, 2]])
    assert_close(layer.state["moving_mean"], [1, 8])
    assert_close(layer.state["moving_variance"], [4, 1])


def test_a_frozen_layer_predicts_even_while_the_network_is_trained():
    layer, x = normalizer(), numbers((5, 2), 0)
    before = {name: array.copy() for name, array in layer.state.items()}
    layer.trainable = False
    y, dy = layer.forward(x, training=True), numbers((5, 2), 1)
    dx = layer.backward(dy)
    assert np.array_equal(y, layer.forward(x))
    assert np.array_equal(dx, layer.backward(dy))
    for name, array in layer.state.items():
        assert np.array_equal(array, before[name])


def test_the_gradient_of_training_is_blind_to_a_shift_and_to_a_stretch_of_the_channel():
    layer, x = fresh((3,), epsilon=0), numbers((50, 3), 0)
    layer.forward(x, training=True)
    dx = layer.backward(numbers((50, 3), 1))
    assert_close(dx.sum(axis=0), np.zeros(3))
    assert_close((dx * x).sum(axis=0), np.zeros(3))


@given(case=normalizations(), seed=seeds, training=st.booleans())
def test_it_agrees_with_plain_loops_forward_and_backward(case, seed, training):
    drawn, shape = case
    layer, x, dy = build(drawn, shape, seed), numbers(shape, seed + 1), numbers(shape, seed + 2)
    gamma, beta, moments = loop_arguments(layer, training)
    assert_close(
        layer.forward(x, training), normalization.batch_norm_forward(x, gamma, beta, **moments)
    )
    dx, dgamma, dbeta = normalization.batch_norm_backward(dy, x, gamma, **moments)
    assert_close(layer.backward(dy), dx, 1e-9)
    expected = {"gamma": dgamma, "beta": dbeta}
    assert layer.grads.keys() == layer.params.keys()
    for name, grad in layer.grads.items():
        assert_close(grad, expected[name])


@given(case=normalizations(), seed=seeds)
def test_moving_averages_agree_with_plain_loops(case, seed):
    drawn, shape = case
    layer, x = build(drawn, shape, seed), numbers(shape, seed + 1)
    before = {name: array.copy() for name, array in layer.state.items()}
    layer.forward(x, training=True)
    for name, of_batch in zip(before, normalization.channel_moments(x), strict=True):
        share = layer.momentum
        assert_close(layer.state[name], share * before[name] + (1 - share) * of_batch)


@pytest.mark.parametrize("training", [False, True])
@settings(max_examples=examples(20, 300))
@given(case=normalizations(), seed=seeds)
def test_it_agrees_with_jax_forward_and_backward(jax, training, case, seed):
    from jax_reference import layer_gradients, tree

    drawn, shape = case
    for k in range(5):
        layer, x = build(drawn, shape, seed + k), numbers(shape, seed + k + 1)
        dy, weights = numbers(shape, seed + k + 2), tree(layer)
        weights = {name: array.copy() for name, array in weights.items()}  # before they move
        expected_y, expected_grads, expected_dx = layer_gradients(drawn, weights, x, dy, training)
        assert_close(layer.forward(x, training), expected_y)
        assert_close(layer.backward(dy), expected_dx, 1e-9)
        for name, grad in layer.grads.items():
            assert_close(grad, expected_grads[name])


@pytest.mark.parametrize("training", [False, True])
@settings(max_examples=examples(20, 200))
@given(case=normalizations(), seed=seeds)
def test_its_gradients_agree_with_central_differences(training, case, seed):
    drawn, shape = case
    layer, x = build(drawn, shape, seed), numbers(shape, seed)
    before = {name: array.copy() for name, array in layer.state.items()}
    errors = check_gradients(layer, x, samples=30, training=training)
    assert max(errors.values()) < 1e-6
    assert not errors.kinks
    for name, array in layer.state.items():  # a check is no training
        assert np.array_equal(array, before[name])


def test_a_constant_channel_gives_finite_numbers():
    layer = fresh((2,))
    y = layer.forward(np.full((4, 2), 7.0), training=True)
    dx = layer.backward(numbers((4, 2), 0))
    assert_close(y, np.zeros((4, 2)))
    assert np.isfinite(dx).all()


def test_arguments_that_are_not_given_have_the_usual_values():
    flags = {"center": True, "scale": True}
    assert BatchNorm().get_config() == {"momentum": 0.99, "epsilon": 0.001} | flags


def test_a_batch_is_never_divided():
    """What a batch of 100 teaches is what a batch of 100 says, however many cores there are."""
    assert not BatchNorm.per_example
    model = Sequential([BatchNorm(), Dense(3)], (4,), dtype="float64")
    x, y = numbers((100, 4), 0) * 3 + 5, np.arange(100) % 3
    model.fit(x, y, batch_size=100, verbose=False)
    moments = [0.01 * x.mean(axis=0), 0.99 + 0.01 * x.var(axis=0)]
    for array, expected in zip(model.layers[0].state.values(), moments, strict=True):
        assert_close(array, expected)


def test_moving_averages_are_saved_and_loaded(tmp_path):
    model = Sequential([BatchNorm(0.9), Dense(3)], (4,))
    x, y = numbers((40, 4), 0) + 2, np.arange(40) % 3
    model.fit(x, y, epochs=3, verbose=False)
    model.save(tmp_path / "model.npz")
    loaded = load_model(tmp_path / "model.npz")
    assert model.layers[0].state["moving_mean"].min() > 0.1  # they have moved
    for name, array in model.layers[0].state.items():
        assert np.array_equal(loaded.layers[0].state[name], array)
    assert np.array_equal(loaded.predict(x), model.predict(x))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_training_keeps_the_type_of_numbers(dtype):
    layer = fresh((3,), dtype)
    y = layer.forward(np.ones((4, 3)), training=True)
    arrays = [y, layer.backward(y), *layer.weights.values(), *layer.grads.values()]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("momentum", {"momentum": 1}),
        ("momentum", {"momentum": -0.1}),
        ("momentum", {"momentum": None}),
        ("epsilon", {"epsilon": -1e-3}),
        ("epsilon", {"epsilon": "small"}),
        ("center", {"center": 1}),
        ("scale", {"scale": None}),
    ],
)
def test_a_bad_argument_is_refused_by_name(name, arguments):
    with pytest.raises((TypeError, ValueError), match=name):
        make(spec(BatchNorm, **arguments))
