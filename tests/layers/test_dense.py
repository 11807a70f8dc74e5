"""Dense and Flatten by hand, against plain loops, finite differences and JAX."""

import numpy as np
import pytest
from drawn import assert_close, build, dense_layers, examples, make, numbers, seeds, spec
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchcnn import Dense, Flatten, check_gradients
from scratchcnn.reference import loops


def test_a_score_is_the_sum_of_inputs_times_weights_plus_bias():
    layer = build(spec(Dense, units=2), (1, 3))
    layer.params["kernel"][...] = [[1, 4], [2, 5], [3, 6]]
    layer.params["bias"][...] = [10, 20]
    y = layer.forward(np.array([[1.0, 0, 2]]))
    assert y.tolist() == [[1 * 1 + 0 * 2 + 2 * 3 + 10, 1 * 4 + 0 * 5 + 2 * 6 + 20]]


def test_the_backward_pass_by_hand():
    layer = build(spec(Dense, units=2), (2, 3))
    layer.params["kernel"][...] = [[1, 4], [2, 5], [3, 6]]
    layer.forward(np.array([[1.0, 0, 2], [0, 1, 0]]))
    dx = layer.backward(np.array([[1.0, 10], [100, 0]]))
    assert dx.tolist() == [[1 + 40, 2 + 50, 3 + 60], [100, 200, 300]]
    assert layer.grads["kernel"].tolist() == [[1, 10], [100, 0], [2, 20]]
    assert layer.grads["bias"].tolist() == [1 + 100, 10]


def test_flatten_lays_rows_one_after_the_other_with_channels_fastest():
    layer = build(spec(Flatten), (1, 2, 2, 2))
    image = np.array([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
    assert layer.output_shape == (8,)
    assert layer.forward(image[None]).tolist() == [[1, 2, 3, 4, 5, 6, 7, 8]]


@given(case=dense_layers(), seed=seeds)
def test_dense_agrees_with_plain_loops_forward_and_backward(case, seed):
    drawn, shape = case
    layer, x = build(drawn, shape, seed), numbers(shape, seed + 1)
    kernel = layer.params["kernel"]
    bias = layer.params.get("bias", np.zeros(kernel.shape[1]))
    y = layer.forward(x)
    assert_close(y, loops.dense_forward(x, kernel, bias))
    dy = numbers(y.shape, seed + 2)
    dx, dkernel, dbias = loops.dense_backward(dy, x, kernel)
    assert_close(layer.backward(dy), dx)
    assert_close(layer.grads["kernel"], dkernel)
    assert layer.grads.keys() == layer.params.keys()
    if "bias" in layer.params:
        assert_close(layer.grads["bias"], dbias)


@settings(max_examples=examples(15, 600))
@given(case=dense_layers(), seed=seeds)
def test_dense_agrees_with_jax_forward_and_backward(jax, case, seed):
    from jax_reference import layer_gradients

    drawn, shape = case
    for k in range(34):  # 15 configurations, 510 drawings; JAX compiles once a configuration
        layer, x = build(drawn, shape, seed + k), numbers(shape, seed + k + 1)
        y = layer.forward(x)
        dy = numbers(y.shape, seed + k + 2)
        expected_y, expected_grads, expected_dx = layer_gradients(drawn, dict(layer.params), x, dy)
        assert_close(y, expected_y)
        assert_close(layer.backward(dy), expected_dx)
        for key, expected in expected_grads.items():
            assert_close(layer.grads[key], expected)


@settings(max_examples=examples(20, 200))
@given(case=dense_layers(), seed=seeds)
def test_the_gradients_of_dense_agree_with_central_differences(case, seed):
    drawn, shape = case
    errors = check_gradients(build(drawn, shape, seed), numbers(shape, seed))
    assert max(errors.values()) < 1e-6


@given(shape=st.tuples(*[st.integers(1, 4)] * 4), seed=seeds)
def test_flatten_agrees_with_plain_loops_forward_and_backward(shape, seed):
    layer, x = build(spec(Flatten), shape), numbers(shape, seed)
    y = layer.forward(x)
    assert_close(y, loops.flatten_forward(x))
    dy = numbers(y.shape, seed + 1)
    assert_close(layer.backward(dy), loops.flatten_backward(dy, x))


def test_without_a_bias_there_is_none_and_no_gradient_of_it():
    layer = build(spec(Dense, units=2, use_bias=False), (1, 3))
    layer.backward(layer.forward(np.ones((1, 3))))
    assert list(layer.params) == list(layer.grads) == ["kernel"]


@pytest.mark.parametrize("units", [0, -3, 2.5, "ten"])
def test_a_bad_number_of_units_is_refused_by_name(units):
    with pytest.raises((TypeError, ValueError), match="units"):
        make(spec(Dense, units=units))


def test_images_are_refused_with_the_cure():
    with pytest.raises(ValueError, match=r"Flatten\(\)"):
        build(spec(Dense, units=10), (1, 28, 28, 1))


def test_rows_of_another_length_are_refused_with_both_shapes():
    layer = build(spec(Dense, units=10), (1, 5))
    with pytest.raises(ValueError, match=r"\(2, 6\).*\(N, 5\)"):
        layer.forward(np.ones((2, 6)))
