"""ReLU and Dropout: what passes, what does not, and how much of it."""

import numpy as np
import pytest
from drawn import assert_close, build, examples, numbers, seeds, spec
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchcnn import Dense, Dropout, Flatten, ReLU, Sequential, check_gradients
from scratchcnn.reference import loops

shapes = st.lists(st.integers(1, 4), min_size=2, max_size=4).map(tuple)


def dropout(rate, shape=(100, 100), seed=0):
    return build(spec(Dropout, rate=rate), (1, *shape), seed)


def test_relu_keeps_what_is_positive():
    layer = build(spec(ReLU), (1, 5))
    assert layer.forward(np.array([[-2, -0.5, 0, 0.5, 2]])).tolist() == [[0, 0, 0, 0.5, 2]]


def test_relu_passes_the_gradient_where_the_input_was_positive_and_not_at_zero():
    layer = build(spec(ReLU), (1, 5))
    layer.forward(np.array([[-2, -0.0, 0, 1e-300, 2]]))
    assert layer.backward(np.full((1, 5), 7.0)).tolist() == [[0, 0, 0, 7, 7]]


@given(shape=shapes, seed=seeds, ties=st.booleans())
def test_relu_agrees_with_plain_loops_forward_and_backward(shape, seed, ties):
    layer, x, dy = build(spec(ReLU), shape), numbers(shape, seed, ties), numbers(shape, seed + 1)
    assert_close(layer.forward(x), loops.relu_forward(x))
    assert_close(layer.backward(dy), loops.relu_backward(dy, x))


@settings(max_examples=examples(15, 600))
@given(shape=shapes, seed=seeds)
def test_relu_agrees_with_jax_forward_and_backward(jax, shape, seed):
    from jax_reference import layer_gradients

    layer = build(spec(ReLU), shape)
    for k in range(34):  # 15 shapes, 510 drawings, every second with zeros
        x, dy = numbers(shape, seed + k, ties=k % 2 == 1), numbers(shape, seed + k + 1)
        expected_y, _, expected_dx = layer_gradients(spec(ReLU), {}, x, dy)
        assert_close(layer.forward(x), expected_y)
        assert_close(layer.backward(dy), expected_dx)


@given(shape=shapes, seed=seeds)
def test_the_gradient_of_relu_agrees_with_central_differences(shape, seed):
    x = numbers(shape, seed)
    x += np.sign(x) * 1e-3  # away from the kink
    assert check_gradients(build(spec(ReLU), shape), x)["x"] < 1e-6


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_drops_the_share_it_is_told_to_and_enlarges_the_rest(rate):
    y = dropout(rate).forward(np.ones((1, 100, 100)), training=True)
    dropped = (y == 0).mean()
    assert abs(dropped - rate) < 5 * np.sqrt(rate * (1 - rate) / y.size)  # five deviations
    assert_close(y[y != 0], np.full((y != 0).sum(), 1 / (1 - rate)), 1e-6)


def test_dropout_keeps_the_expected_value():
    layer = dropout(0.3, (1000,))
    mean = np.mean([layer.forward(np.ones((1, 1000)), training=True) for _ in range(100)])
    assert abs(mean - 1) < 0.01  # 100,000 draws: one deviation is 0.002


def test_dropout_is_off_at_prediction():
    x = numbers((3, 100, 100), 0)
    layer = dropout(0.5)
    assert np.array_equal(layer.forward(x), x)
    dy = numbers(x.shape, 1)
    assert np.array_equal(layer.backward(dy), dy)


def test_dropout_passes_the_gradient_through_what_it_kept_enlarged_alike():
    layer = dropout(0.5)
    y = layer.forward(np.ones((2, 100, 100)), training=True)
    assert np.array_equal(layer.backward(np.ones_like(y)), y)


def test_a_prediction_after_a_training_step_forgets_what_was_dropped():
    layer, x = dropout(0.5), np.ones((1, 100, 100))
    layer.forward(x, training=True)
    layer.forward(x)
    assert np.array_equal(layer.backward(x), x)


def test_a_rate_of_zero_drops_nothing():
    x = numbers((1, 100, 100), 0)
    assert np.array_equal(dropout(0).forward(x, training=True), x)


def test_dropout_drops_anew_each_time_and_apart_in_each_layer():
    model = Sequential(
        [Dropout(0.5), Dropout(0.5), Flatten(), Dense(2)], (50, 50, 1), dtype="float64"
    )
    first, second, *_ = model.layers
    x = np.ones((1, 50, 50, 1))
    draws = [layer.forward(x, training=True) for layer in (first, first, second, second)]
    for k, draw in enumerate(draws):
        assert not any(np.array_equal(draw, other) for other in draws[:k])


def test_the_same_seed_drops_the_same():
    x = np.ones((1, 100, 100))
    one, other, another = (dropout(0.5, seed=s).forward(x, training=True) for s in (3, 3, 4))
    assert np.array_equal(one, other)
    assert not np.array_equal(one, another)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dropout_and_relu_keep_the_type_of_numbers(dtype):
    for drawn in (spec(ReLU), spec(Dropout, rate=0.5)):
        layer = build(drawn, (2, 3), dtype=dtype)
        y = layer.forward(np.ones((2, 3)), training=True)
        assert y.dtype == layer.backward(y).dtype == dtype


@pytest.mark.parametrize("rate", [-0.1, 1, 1.5, float("nan")])
def test_a_rate_outside_zero_to_one_is_refused_by_name(rate):
    with pytest.raises(ValueError, match="rate"):
        Dropout(rate)


@pytest.mark.parametrize("rate", ["half", None, True])
def test_a_rate_that_is_no_number_is_refused_by_name(rate):
    with pytest.raises(TypeError, match="rate"):
        Dropout(rate)
