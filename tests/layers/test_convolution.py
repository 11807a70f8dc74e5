"""Conv2D against a number worked out by hand, plain loops, finite differences and JAX."""

import numpy as np
import pytest
from drawn import assert_close, build, convolutions, examples, make, numbers, seeds, spec
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchcnn import Conv2D, check_gradients
from scratchcnn.reference import loops


def built(input_shape, *arguments, **options):
    layer = Conv2D(*arguments, **options)
    layer.build(input_shape, np.random.default_rng(0), "float64")
    return layer


def test_an_output_pixel_is_the_sum_of_window_times_kernel():
    layer = built((3, 3, 1), 1, 2, use_bias=False)
    layer.params["kernel"][:, :, 0, 0] = [[0, 1], [2, 3]]
    y = layer.forward(np.arange(9.0).reshape(1, 3, 3, 1))
    assert y[0, 0, 0, 0] == 0 * 0 + 1 * 1 + 3 * 2 + 4 * 3 == 19
    assert y[0, :, :, 0].tolist() == [[19, 25], [37, 43]]


def test_the_kernel_is_not_flipped():
    layer = built((1, 2, 1), 1, (1, 2), use_bias=False)
    layer.params["kernel"][0, :, 0, 0] = [1, 10]
    assert layer.forward(np.array([[[[3.0], [4.0]]]])).item() == 3 * 1 + 4 * 10


def test_the_bias_is_added_to_its_own_channel():
    layer = built((2, 2, 1), 2, 1)
    layer.params["kernel"][...] = 0
    layer.params["bias"][...] = [5, 7]
    assert (layer.forward(np.ones((1, 2, 2, 1))) == [5, 7]).all()


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "expected"),
    [
        (28, 3, 1, "valid", 26),
        (28, 3, 2, "valid", 13),
        (28, 28, 1, "valid", 1),
        (28, 3, 1, "same", 28),
        (28, 3, 3, "same", 10),
        (5, 2, 2, "same", 3),
        (1, 5, 1, "same", 1),
        (7, 3, 5, "valid", 1),
    ],
)
def test_the_output_size_follows_the_formula(size, kernel, stride, padding, expected):
    layer = built((size, size + 1, 2), 4, kernel, stride, padding)
    assert layer.output_shape[0] == expected
    assert layer.output_shape[2] == 4
    assert layer.forward(np.zeros((3, size, size + 1, 2))).shape == (3, *layer.output_shape)


def test_same_padding_puts_an_odd_zero_at_the_bottom_and_right():
    layer = built((2, 2, 1), 1, 2, padding="same", use_bias=False)
    layer.params["kernel"][...] = 1
    y = layer.forward(np.array([[1.0, 2], [3, 4]])[None, ..., None])
    assert y[0, :, :, 0].tolist() == [[1 + 2 + 3 + 4, 2 + 4], [3 + 4, 4]]


def test_pixels_that_no_window_sees_receive_no_gradient():
    layer = built((5, 5, 1), 1, 1, strides=2)
    layer.forward(np.ones((1, 5, 5, 1)))
    dx = layer.backward(np.ones((1, 3, 3, 1)))[0, :, :, 0]
    assert (dx[::2, ::2] == layer.params["kernel"].item()).all()
    assert not dx[1::2].any()
    assert not dx[:, 1::2].any()


@given(case=convolutions(), seed=seeds)
def test_it_agrees_with_plain_loops_forward_and_backward(case, seed):
    drawn, shape = case
    layer, x = build(drawn, shape, seed), numbers(shape, seed + 1)
    kernel, bias = layer.params["kernel"], layer.params.get("bias")
    arguments = dict(drawn[1])
    sliding = arguments["strides"], arguments["padding"]
    y = layer.forward(x)
    assert_close(y, loops.conv2d_forward(x, kernel, bias, *sliding))
    dy = numbers(y.shape, seed + 2)
    dx, dkernel, dbias = loops.conv2d_backward(dy, x, kernel, *sliding)
    assert_close(layer.backward(dy), dx)
    assert_close(layer.grads["kernel"], dkernel)
    if bias is not None:
        assert_close(layer.grads["bias"], dbias)


@settings(max_examples=examples(30, 600))
@given(case=convolutions(), seed=seeds)
def test_it_agrees_with_jax_forward_and_backward(jax, case, seed):
    from jax_reference import layer_gradients

    drawn, shape = case
    for k in range(17):  # 30 configurations, 510 drawings; JAX compiles once a configuration
        layer, x = build(drawn, shape, seed + k), numbers(shape, seed + k + 1)
        y = layer.forward(x)
        dy = numbers(y.shape, seed + k + 2)
        expected_y, expected_grads, expected_dx = layer_gradients(drawn, dict(layer.params), x, dy)
        assert_close(y, expected_y)
        assert_close(layer.backward(dy), expected_dx)
        assert layer.grads.keys() == expected_grads.keys()
        for key, expected in expected_grads.items():
            assert_close(layer.grads[key], expected)


@settings(max_examples=examples(20, 200))
@given(case=convolutions(), seed=seeds)
def test_its_gradients_agree_with_central_differences(case, seed):
    drawn, shape = case
    errors = check_gradients(build(drawn, shape, seed), numbers(shape, seed), samples=30)
    assert max(errors.values()) < 1e-6


@given(case=convolutions(), seed=seeds, batch=st.integers(2, 40))
def test_a_batch_equals_its_images_one_by_one(case, seed, batch):
    drawn, (_, *image) = case
    layer, x = build(drawn, (1, *image), seed), numbers((batch, *image), seed)
    y = layer.forward(x)
    dy = numbers(y.shape, seed + 1)
    dx, dkernel = layer.backward(dy), layer.grads["kernel"].copy()
    total = np.zeros_like(dkernel)
    for n in range(batch):
        assert_close(layer.forward(x[n : n + 1]), y[n : n + 1])
        assert_close(layer.backward(dy[n : n + 1]), dx[n : n + 1])
        total += layer.grads["kernel"]
    assert_close(dkernel, total)


def test_a_kernel_too_large_for_the_image_is_refused_with_both_sizes():
    with pytest.raises(ValueError, match=r"\(5, 5\).*\(4, 6\).*same"):
        built((4, 6, 1), 2, 5)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("filters", {"filters": 0}),
        ("filters", {"filters": "8"}),
        ("filters", {"filters": 2.5}),
        ("kernel_size", {"kernel_size": 0}),
        ("kernel_size", {"kernel_size": (3, -1)}),
        ("kernel_size", {"kernel_size": (3, 3, 3)}),
        ("kernel_size", {"kernel_size": 3.0}),
        ("strides", {"strides": 0}),
        ("strides", {"strides": "two"}),
        ("padding", {"padding": "full"}),
        ("padding", {"padding": 1}),
        ("kernel_initializer", {"kernel_initializer": "glorot"}),
    ],
)
def test_a_bad_argument_is_refused_by_name(name, arguments):
    with pytest.raises((TypeError, ValueError), match=name):
        make(spec(Conv2D, **({"filters": 8, "kernel_size": 3} | arguments)))


def test_an_input_that_is_no_image_is_refused():
    with pytest.raises(ValueError, match="Conv2D needs images"):
        built((28, 28), 8, 3)
