"""What Sequential joins for speed equals the layers one after the other, gradients included."""

import numpy as np
import pytest
from drawn import assert_close, examples, numbers, paddings, pairs, randomize, seeds, windows
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchcnn import Conv2D, Dense, Flatten, MaxPool2D, ReLU, Sequential, check_gradients


def one_after_the_other(layers, x, dy_of, training=False):
    """Return y and dL/dx of the layers called singly; their `grads` are filled as well."""
    for layer in layers:
        x = layer.forward(x, training)
    y, dy = x, dy_of(x)
    for layer in reversed(layers):
        dy = layer.backward(dy)
    return y, dy


def compare(model, x, seed, tolerance=1e-11):
    """Hold the model's forward and backward pass to those of its layers called singly."""

    def dy_of(y):
        return numbers(y.shape, seed).astype(model.dtype)

    expected_y, expected_dx = one_after_the_other(model.layers, x, dy_of)
    expected = {key: grad.copy() for key, grad in model.grads.items()}
    y = model.forward(x)
    dx = model.backward(dy_of(y))
    assert_close(y, expected_y, tolerance)
    assert_close(dx, expected_dx, tolerance)
    assert model.grads.keys() == expected.keys()
    for key, grad in model.grads.items():
        assert_close(grad, expected[key], tolerance)
    return y


@st.composite
def blocks(draw):
    """A Conv2D, perhaps a ReLU, a MaxPool2D on an image of any size, and the batch's shape."""
    kernel_size, strides, padding = draw(windows), draw(pairs), draw(paddings)
    pool_size = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    # The smallest image that gives one whole pooling window, and up to five pixels more.
    size = [
        ((pool - 1) * stride + 1 if padding == "same" else (pool - 1) * stride + kernel)
        + draw(st.integers(0, 5))
        for kernel, stride, pool in zip(kernel_size, strides, pool_size, strict=True)
    ]
    shape = (draw(st.integers(1, 4)), *size, draw(st.integers(1, 3)))
    conv = Conv2D(draw(st.integers(1, 3)), kernel_size, strides, padding, draw(st.booleans()))
    relu = [ReLU()] if draw(st.booleans()) else []
    return [conv, *relu, MaxPool2D(pool_size)], shape


@settings(max_examples=examples(200, 2000))
@given(block=blocks(), seed=seeds)
def test_a_block_equals_its_layers_on_random_numbers(block, seed):
    layers, shape = block
    model = Sequential(layers, shape[1:], dtype="float64")
    randomize(model.params, np.random.default_rng(seed))
    compare(model, numbers(shape, seed), seed)


@settings(max_examples=examples(200, 2000))
@given(block=blocks(), seed=seeds)
def test_a_block_equals_its_layers_where_pixels_tie(block, seed):
    layers, shape = block
    model = Sequential(layers, shape[1:], dtype="float64")
    for k, param in enumerate(model.params.values()):  # whole numbers: sums are exact
        param[...] = numbers(param.shape, seed + k, ties=True)
    compare(model, numbers(shape, seed, ties=True), seed)


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("bias", [-1.0, 0.0, 1.0])
@pytest.mark.parametrize("pixel", [0.0, -0.5, 1.0])
def test_a_flat_image_gives_each_windows_gradient_to_one_pixel(relu, bias, pixel):
    conv, pool = Conv2D(2, 3), MaxPool2D(2)
    model = Sequential([conv, ReLU(), pool] if relu else [conv, pool], (9, 8, 1), dtype="float64")
    model.params["conv2d/kernel"][...] = 0.25
    model.params["conv2d/bias"][...] = bias
    x = np.full((2, 9, 8, 1), pixel)
    y = compare(model, x, seed=0)
    model.forward(x)
    model.backward(np.ones_like(y))
    alive = bool(y.flat[0] > 0) or not relu
    assert model.grads["conv2d/bias"].tolist() == [2 * 3 * 3 * alive] * 2


def test_a_stack_of_blocks_equals_its_layers():
    block = [Conv2D(4, 3, padding="same"), ReLU(), MaxPool2D(2)]
    rest = [Conv2D(5, 3), MaxPool2D((2, 3)), Conv2D(3, 2), ReLU(), Flatten(), Dense(3)]
    model = Sequential([*block, *rest], (13, 17, 2), dtype="float64")
    compare(model, numbers((3, 13, 17, 2), 0), seed=1)


def test_pooling_that_does_not_tile_the_image_equals_its_layers_too():
    for pool in (MaxPool2D(2, 1), MaxPool2D(2, 3), MaxPool2D(2, padding="same")):
        model = Sequential([Conv2D(2, 3), ReLU(), pool], (8, 9, 1), dtype="float64")
        compare(model, numbers((2, 8, 9, 1), 0), seed=1)


def test_a_readers_own_convolution_is_not_replaced():
    class Doubled(Conv2D):
        def forward(self, x, training=False):
            return 2 * super().forward(x, training)

    plain = Sequential([Conv2D(2, 3), MaxPool2D(2)], (8, 8, 1))
    doubled = Sequential([Doubled(2, 3), MaxPool2D(2)], (8, 8, 1))
    x = numbers((2, 8, 8, 1), 0).astype("float32")
    assert_close(doubled.forward(x), 2 * plain.forward(x))


@settings(max_examples=examples(20, 200))
@given(block=blocks(), seed=seeds)
def test_the_gradients_of_a_block_agree_with_central_differences(block, seed):
    layers, shape = block
    model = Sequential([*layers, Flatten(), Dense(3)], shape[1:], seed=seed, dtype="float64")
    labels = np.random.default_rng(seed).integers(0, 3, shape[0])
    # Random numbers rarely lie within 1e-5 of a kink; such a drawing would fail here.
    errors = check_gradients(model, numbers(shape, seed), labels, samples=20)
    assert max(errors.values()) < 1e-6


@pytest.mark.parametrize("counts", [(16, 16, 4), (1, 3, 1), (40, 1, 40)])
def test_batches_of_changing_size_do_not_leak_into_each_other(counts):
    model = Sequential([Conv2D(3, 3), ReLU(), MaxPool2D(2)], (10, 10, 2), dtype="float64")
    for k, count in enumerate(counts):
        compare(model, numbers((count, 10, 10, 2), k), seed=k)


def test_results_handed_out_are_not_written_over_by_the_next_batch():
    model = Sequential([Conv2D(3, 3), ReLU(), MaxPool2D(2), Conv2D(2, 2)], (10, 10, 1))
    x = numbers((2, 4, 10, 10, 1), 0).astype("float32")
    y = model.forward(x[0])
    dx = model.backward(np.ones_like(y))
    handed_out = [y, dx, *model.grads.values()]
    before = [array.copy() for array in handed_out]
    model.backward(-model.forward(x[1]))
    assert all(np.array_equal(a, b) for a, b in zip(handed_out, before, strict=True))


def test_images_that_the_caller_changes_after_forward_do_not_change_the_gradient():
    model = Sequential([Conv2D(3, 3), ReLU(), MaxPool2D(2), Conv2D(2, 2)], (10, 10, 1))
    x = numbers((2, 10, 10, 1), 0).astype("float32")
    dy = np.ones_like(model.forward(x))
    model.backward(dy)
    expected = {key: grad.copy() for key, grad in model.grads.items()}
    model.forward(x)
    x[...] = 0
    model.backward(dy)
    assert all(np.array_equal(model.grads[key], expected[key]) for key in expected)


def test_single_precision_blocks_agree_to_its_rounding():
    model = Sequential([Conv2D(8, 3), ReLU(), MaxPool2D(2)], (28, 28, 1))
    compare(model, numbers((20, 28, 28, 1), 0).astype("float32"), seed=1, tolerance=1e-5)


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_who_receives_the_feature_maps_may_write_to_them(relu, bias):
    layers = [Conv2D(2, 3, use_bias=bias), *([ReLU()] if relu else []), MaxPool2D(2)]
    model = Sequential(layers, (8, 8, 1), seed=0)
    x = np.random.default_rng(0).standard_normal((3, 8, 8, 1))
    dy = np.ones_like(model.forward(x))
    model.backward(dy)
    expected = model.grads["conv2d/kernel"]
    y = model.forward(x)
    y -= 1
    model.backward(dy)
    assert np.array_equal(model.grads["conv2d/kernel"], expected)
