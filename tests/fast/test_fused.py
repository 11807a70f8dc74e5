"""Layers that are joined for speed equal the layers one after the other, gradients included."""

import numpy as np
import pytest
from drawn import assert_close, examples, numbers, paddings, pairs, randomize, seeds, windows
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchcnn import Conv2D, Dense, Flatten, MaxPool2D, ReLU, Sequential
from scratchcnn.fast.fused import fuse


def compare(model, x, seed, tolerance=1e-11):
    """Hold the joined layers' forward and backward pass to those of the layers called singly."""
    y, dx, grads = run(fuse(model.layers), model, x, seed)
    expected_y, expected_dx, expected = run(model.layers, model, x, seed)
    assert_close(y, expected_y, tolerance)
    assert_close(dx, expected_dx, tolerance)
    assert grads.keys() == expected.keys()
    for key, grad in grads.items():
        assert_close(grad, expected[key], tolerance)
    return y


def run(steps, model, x, seed):
    """Return y, dL/dx and all gradients of steps one after the other."""
    for layer in model.layers:
        layer.clear_gradients()
    for step in steps:
        x = step.forward(x, True)
    y, dy = x, numbers(x.shape, seed).astype(model.dtype)
    for step in reversed(steps):
        dy = step.backward(dy)
    return y, dy, {key: grad.copy() for key, grad in model.grads.items()}


def joined(*layers, shape, dtype="float32"):
    """Return a model, and its layers as one step."""
    model = Sequential(list(layers), shape, seed=0, dtype=dtype)
    (step,) = fuse(model.layers)
    return model, step


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
    (step,) = fuse(model.layers)
    step.forward(x)
    step.backward(np.ones_like(y))
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
        assert fuse(model.layers) == list(model.layers)
        compare(model, numbers((2, 8, 9, 1), 0), seed=1)


def test_pooling_whose_strides_are_written_out_is_joined_as_well():
    layers = [Conv2D(2, 3), MaxPool2D((2, 3), strides=(2, 3))]
    assert len(fuse(Sequential(layers, (8, 8, 1)).layers)) == 1


def test_a_readers_own_layers_are_not_joined():
    class MyConv(Conv2D):
        pass

    class MyReLU(ReLU):
        pass

    class MyPool(MaxPool2D):
        pass

    for layers in (
        [MyConv(2, 3), MaxPool2D(2)],
        [Conv2D(2, 3), MyPool(2)],
        [Conv2D(2, 3), MyReLU(), MaxPool2D(2)],
    ):
        model = Sequential(layers, (8, 8, 1))
        assert fuse(model.layers) == list(model.layers)


@pytest.mark.parametrize("counts", [(16, 16, 4), (1, 3, 1), (40, 1, 40)])
def test_batches_of_changing_size_do_not_leak_into_each_other(counts):
    model, step = joined(Conv2D(3, 3), ReLU(), MaxPool2D(2), shape=(10, 10, 2), dtype="float64")
    for k, count in enumerate(counts):
        x = numbers((count, 10, 10, 2), k)
        ours, theirs = run([step], model, x, seed=k), run(model.layers, model, x, seed=k)
        assert_close(ours[0], theirs[0])
        assert_close(ours[1], theirs[1])
        assert_close(ours[2]["conv2d/kernel"], theirs[2]["conv2d/kernel"])


def test_results_handed_out_are_not_written_over_by_the_next_batch():
    model, step = joined(Conv2D(3, 3), ReLU(), MaxPool2D(2), shape=(10, 10, 1))
    x = numbers((2, 4, 10, 10, 1), 0).astype("float32")
    y = step.forward(x[0])
    dx = step.backward(np.ones_like(y))
    handed_out = [y, dx, *model.grads.values()]
    before = [array.copy() for array in handed_out]
    step.backward(-step.forward(x[1]))
    assert all(np.array_equal(a, b) for a, b in zip(handed_out, before, strict=True))


def test_images_that_the_caller_changes_after_forward_do_not_change_the_gradient():
    model, step = joined(Conv2D(3, 3), ReLU(), MaxPool2D(2), shape=(10, 10, 1))
    x = numbers((2, 10, 10, 1), 0).astype("float32")
    dy = np.ones_like(step.forward(x))
    step.backward(dy)
    expected = {key: grad.copy() for key, grad in model.grads.items()}
    step.forward(x)
    x[...] = 0
    step.backward(dy)
    assert all(np.array_equal(model.grads[key], expected[key]) for key in expected)


def test_single_precision_blocks_agree_to_its_rounding():
    model = Sequential([Conv2D(8, 3), ReLU(), MaxPool2D(2)], (28, 28, 1))
    compare(model, numbers((20, 28, 28, 1), 0).astype("float32"), seed=1, tolerance=1e-5)


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_who_receives_the_feature_maps_may_write_to_them(relu, bias):
    layers = [Conv2D(2, 3, use_bias=bias), *([ReLU()] if relu else []), MaxPool2D(2)]
    model, step = joined(*layers, shape=(8, 8, 1))
    x = np.random.default_rng(0).standard_normal((3, 8, 8, 1)).astype("float32")
    dy = np.ones_like(step.forward(x))
    step.backward(dy)
    expected = model.grads["conv2d/kernel"]
    y = step.forward(x)
    y -= 1
    step.backward(dy)
    assert np.array_equal(model.grads["conv2d/kernel"], expected)
