"""Metamorphic tests: how outputs must change when inputs or parameters do, with no reference."""

import numpy as np
import pytest
from drawn import (
    assert_close,
    build,
    convolutions,
    make,
    numbers,
    poolings,
    randomize,
    seeds,
    spec,
    stacks,
)
from hypothesis import assume, given
from hypothesis import strategies as st

from scratchcnn import AvgPool2D, Conv2D, Dense, Flatten, MaxPool2D, ReLU, Sequential, softmax

both_poolings = pytest.mark.parametrize("pooling", [MaxPool2D, AvgPool2D])


def kernel_only(drawn, shape, seed):
    """Build a convolution whose bias, if any, is zero: a linear map of its input."""
    layer = build(drawn, shape, seed)
    if "bias" in layer.params:
        layer.params["bias"][...] = 0
    return layer


def network(case, seed):
    layers, shape = case
    model = Sequential(list(map(make, layers)), shape[1:], dtype="float64")
    randomize(model.params, np.random.default_rng(seed))
    return model


@given(case=convolutions(), seed=seeds, down=st.integers(0, 2), right=st.integers(0, 2))
def test_shifting_the_input_by_strides_shifts_the_feature_map(case, seed, down, right):
    drawn, shape = case
    assume(dict(drawn[1])["padding"] == "valid")
    SH, SW = dict(drawn[1])["strides"]
    # A larger image, and the same image seen from `down` and `right` windows further on.
    large = (shape[0], shape[1] + down * SH, shape[2] + right * SW, shape[3])
    x = numbers(large, seed)
    y = build(drawn, large, seed).forward(x)
    shifted = build(drawn, shape, seed).forward(x[:, down * SH :, right * SW :])
    assert_close(shifted, y[:, down:, right:])


@both_poolings
@given(data=st.data(), seed=seeds, down=st.integers(0, 2), right=st.integers(0, 2))
def test_shifting_the_input_by_strides_shifts_the_pooled_map(pooling, data, seed, down, right):
    drawn, shape = data.draw(poolings(pooling))
    assume(dict(drawn[1])["padding"] == "valid")
    SH, SW = make(drawn).strides
    large = (shape[0], shape[1] + down * SH, shape[2] + right * SW, shape[3])
    x = numbers(large, seed)
    y = build(drawn, large).forward(x)
    shifted = build(drawn, shape).forward(x[:, down * SH :, right * SW :])
    assert_close(shifted, y[:, down:, right:])


@given(case=convolutions(), seed=seeds, a=st.floats(-3, 3), b=st.floats(-3, 3))
def test_convolution_is_linear_in_its_input(case, seed, a, b):
    drawn, shape = case
    layer = kernel_only(drawn, shape, seed)
    one, other = numbers(shape, seed + 1), numbers(shape, seed + 2)
    y = layer.forward(a * one + b * other)
    assert_close(y, a * layer.forward(one) + b * layer.forward(other))


@given(case=convolutions(), seed=seeds, factor=st.floats(-3, 3))
def test_scaling_the_kernel_scales_the_feature_map(case, seed, factor):
    drawn, shape = case
    layer, x = kernel_only(drawn, shape, seed), numbers(shape, seed + 1)
    y = layer.forward(x)
    layer.params["kernel"][...] *= factor
    assert_close(layer.forward(x), factor * y)


@both_poolings
@given(data=st.data(), seed=seeds, scale=st.floats(0.01, 100), shift=st.floats(-10, 10))
def test_pooling_follows_a_positive_scale_and_a_shift(pooling, data, seed, scale, shift):
    drawn, shape = data.draw(poolings(pooling))
    layer, x = build(drawn, shape), numbers(shape, seed)
    assert_close(layer.forward(scale * x + shift), scale * layer.forward(x) + shift)


@given(case=convolutions(), seed=seeds)
def test_permuting_filters_permutes_feature_maps_and_gradients(case, seed):
    drawn, shape = case
    layer, x = build(drawn, shape, seed), numbers(shape, seed + 1)
    order = np.random.default_rng(seed).permutation(layer.filters)
    y = layer.forward(x)
    dy = numbers(y.shape, seed + 2)
    dx, grads = layer.backward(dy), {key: grad.copy() for key, grad in layer.grads.items()}
    for param in layer.params.values():
        param[...] = param[..., order]
    assert_close(layer.forward(x), y[..., order])
    assert_close(layer.backward(dy[..., order]), dx)
    for key, grad in layer.grads.items():
        assert_close(grad, grads[key][..., order])


@given(case=convolutions(), seed=seeds)
def test_permuting_channels_of_image_and_kernel_changes_nothing(case, seed):
    drawn, shape = case
    layer, x = build(drawn, shape, seed), numbers(shape, seed + 1)
    order = np.random.default_rng(seed).permutation(shape[3])
    y = layer.forward(x)
    layer.params["kernel"][...] = layer.params["kernel"][:, :, order]
    assert_close(layer.forward(x[..., order]), y)


@given(case=convolutions(), seed=seeds)
def test_transposing_image_and_kernel_transposes_the_feature_map(case, seed):
    drawn, shape = case
    arguments = dict(drawn[1])
    turned = {name: arguments[name][::-1] for name in ("kernel_size", "strides")}
    layer, x = build(drawn, shape, seed), numbers(shape, seed + 1)
    other = build(spec(Conv2D, **(arguments | turned)), tuple(np.array(shape)[[0, 2, 1, 3]]))
    other.params["kernel"][...] = layer.params["kernel"].swapaxes(0, 1)
    if "bias" in layer.params:
        other.params["bias"][...] = layer.params["bias"]
    assert_close(other.forward(x.swapaxes(1, 2)).swapaxes(1, 2), layer.forward(x))


def test_a_kernel_of_one_pixel_is_a_dense_layer_on_every_pixel():
    x = numbers((2, 4, 5, 3), 0)
    conv = build(spec(Conv2D, filters=6, kernel_size=1), x.shape)
    dense = build(spec(Dense, units=6), (1, 3))
    dense.params["kernel"][...] = conv.params["kernel"][0, 0]
    dense.params["bias"][...] = conv.params["bias"]
    # (N, H, W, C) -> (N * H * W, C), and back
    assert_close(conv.forward(x), dense.forward(x.reshape(-1, 3)).reshape(2, 4, 5, 6))


def test_a_kernel_as_large_as_the_image_is_a_dense_layer_on_the_image():
    x = numbers((2, 4, 5, 3), 0)
    conv = build(spec(Conv2D, filters=6, kernel_size=(4, 5)), x.shape)
    dense = build(spec(Dense, units=6), (1, 60))
    dense.params["kernel"][...] = conv.params["kernel"].reshape(60, 6)
    dense.params["bias"][...] = conv.params["bias"]
    rows = build(spec(Flatten), x.shape).forward(x)
    assert_close(conv.forward(x).reshape(2, 6), dense.forward(rows))


def test_average_pooling_is_a_convolution_with_equal_weights():
    x = numbers((2, 7, 6, 1), 0)
    conv = build(spec(Conv2D, filters=1, kernel_size=2, strides=2, use_bias=False), x.shape)
    conv.params["kernel"][...] = 1 / 4
    assert_close(build(spec(AvgPool2D), x.shape).forward(x), conv.forward(x))


@given(case=stacks(), seed=seeds)
def test_a_batch_through_a_network_is_its_images_one_by_one(case, seed):
    model, shape = network(case, seed), (7, *case[1][1:])
    x = numbers(shape, seed + 1)
    dy = numbers((7, 3), seed + 2)
    y = model.forward(x)
    dx, whole = model.backward(dy), {key: grad.copy() for key, grad in model.grads.items()}
    total = {key: np.zeros_like(grad) for key, grad in whole.items()}
    for n in range(7):
        one = slice(n, n + 1)
        assert_close(model.forward(x[one]), y[one])
        assert_close(model.backward(dy[one]), dx[one])
        for key, grad in model.grads.items():
            total[key] += grad
    for key, grad in whole.items():
        assert_close(grad, total[key])


@given(case=stacks(), seed=seeds)
def test_the_order_of_a_batch_is_the_order_of_its_outputs(case, seed):
    model, x = network(case, seed), numbers((5, *case[1][1:]), seed + 1)
    order = np.random.default_rng(seed).permutation(5)
    assert_close(model.forward(x[order]), model.forward(x)[order])


@given(case=stacks(), seed=seeds)
def test_the_backward_pass_of_a_sum_is_the_sum_of_backward_passes(case, seed):
    model, x = network(case, seed), numbers(case[1], seed + 1)
    y = model.forward(x)
    one, other = numbers(y.shape, seed + 2), numbers(y.shape, seed + 3)
    results = []
    for dy in (one, other, 2 * one - 3 * other):
        dx = model.backward(dy)
        results.append([dx, *(grad.copy() for grad in model.grads.values())])
    for first, second, combined in zip(*results, strict=True):
        assert_close(combined, 2 * first - 3 * second)


@given(seed=seeds, factor=st.floats(0.01, 100))
def test_relu_between_two_layers_passes_a_positive_scale_on(seed, factor):
    model = Sequential([Dense(5, False), ReLU(), Dense(3, False)], (4,), seed, "float64")
    x = numbers((2, 4), seed)
    y = model.forward(x)
    first = model.get_weights()
    model.set_weights([first[0] * factor, first[1] / factor])
    assert_close(model.forward(x), y)
    assert_close(softmax(model.forward(factor * x)), softmax(factor * y))
