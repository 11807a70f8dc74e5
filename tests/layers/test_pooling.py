"""Poolings by hand, on odd sizes and ties, against loops, differences and JAX."""

import numpy as np
import pytest
from drawn import assert_close, build, examples, make, numbers, poolings, seeds, spec
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchcnn import AvgPool2D, GlobalAvgPool2D, MaxPool2D, check_gradients
from scratchcnn.reference import loops

both_poolings = pytest.mark.parametrize("pooling", [MaxPool2D, AvgPool2D])
forward_loops = {MaxPool2D: loops.max_pool2d_forward, AvgPool2D: loops.avg_pool2d_forward}
backward_loops = {MaxPool2D: loops.max_pool2d_backward, AvgPool2D: loops.avg_pool2d_backward}


def pooled(layer, rows, dy=None):
    """Pool one image given as rows; return the output, or dL/dx for ``dy`` given as rows."""
    image = np.array(rows, float)[None, ..., None]
    layer.build(image.shape[1:], np.random.default_rng(0), "float64")
    y = layer.forward(image)
    if dy is None:
        return y[0, :, :, 0].tolist()
    return layer.backward(np.array(dy, float)[None, ..., None])[0, :, :, 0].tolist()


def test_max_pooling_keeps_the_largest_number_of_each_window():
    assert pooled(MaxPool2D(2), [[1, 2, 5, 0], [4, 3, 0, 6]]) == [[4, 6]]


def test_average_pooling_keeps_the_mean_of_each_window():
    assert pooled(AvgPool2D(2), [[1, 2, 5, 0], [4, 3, 0, 7]]) == [[2.5, 3]]


def test_the_winner_alone_receives_the_gradient():
    dx = pooled(MaxPool2D(2), [[1, 2, 5, 0], [4, 3, 0, 6]], dy=[[10, 20]])
    assert dx == [[0, 0, 0, 0], [10, 0, 0, 20]]


def test_every_pixel_of_a_mean_receives_an_equal_share():
    dx = pooled(AvgPool2D(2), [[1, 2, 5, 0], [4, 3, 0, 6]], dy=[[10, 20]])
    assert dx == [[2.5, 2.5, 5, 5], [2.5, 2.5, 5, 5]]


@pytest.mark.parametrize(
    ("window", "winner"),
    [
        ([[0, 0], [0, 0]], (0, 0)),
        ([[0, 9], [9, 0]], (0, 1)),
        ([[0, 0], [9, 9]], (1, 0)),
        ([[9, 0], [9, 9]], (0, 0)),
        ([[-3, -2], [-2, -2]], (0, 1)),
        ([[-0.0, 0.0], [0.0, -0.0]], (0, 0)),
    ],
)
def test_in_a_tie_the_first_maximum_row_by_row_wins(window, winner):
    dx = np.array(pooled(MaxPool2D(2), window, dy=[[1]]))
    assert dx.sum() == 1
    assert dx[winner] == 1


@both_poolings
def test_what_an_odd_size_leaves_over_is_dropped_and_receives_no_gradient(pooling):
    image = np.full((5, 7), -100.0)
    image[4], image[:, 6] = 1000, 1000  # the last row and column: larger than all others
    assert pooled(pooling(2), image) == [[-100] * 3] * 2
    dx = np.array(pooled(pooling(2), image, dy=np.ones((2, 3))))
    assert dx[:4, :6].sum() == 6
    assert not dx[4].any()
    assert not dx[:, 6].any()


def test_added_pixels_never_win_even_over_negative_numbers():
    assert pooled(MaxPool2D(2, padding="same"), [[-1, -2, -3]]) == [[-1, -3]]
    assert pooled(MaxPool2D(3, 1, "same"), [[-4]]) == [[-4]]


def test_added_pixels_are_no_part_of_a_mean():
    assert pooled(AvgPool2D(2, padding="same"), [[1, 2, 6]]) == [[1.5, 6]]
    assert pooled(AvgPool2D(2, padding="same"), [[1, 2, 6]], dy=[[1, 1]]) == [[0.5, 0.5, 1]]


def test_where_windows_overlap_gradients_add_up():
    assert pooled(MaxPool2D((1, 2), 1), [[1, 5, 2]], dy=[[10, 20]]) == [[0, 30, 0]]
    assert pooled(AvgPool2D((1, 2), 1), [[1, 5, 2]], dy=[[10, 20]]) == [[5, 15, 10]]


@both_poolings
@pytest.mark.parametrize(
    ("size", "pool", "strides", "padding", "expected"),
    [
        ((26, 26), 2, None, "valid", (13, 13)),
        ((13, 9), 2, None, "valid", (6, 4)),
        ((13, 9), 2, None, "same", (7, 5)),
        ((9, 9), (3, 2), None, "valid", (3, 4)),
        ((9, 9), 3, 1, "valid", (7, 7)),
        ((9, 9), 2, (3, 4), "valid", (3, 2)),
        ((3, 4), (3, 4), None, "valid", (1, 1)),
    ],
)
def test_the_output_size_follows_the_formula(pooling, size, pool, strides, padding, expected):
    layer = build(spec(pooling, pool_size=pool, strides=strides, padding=padding), (1, *size, 3))
    assert layer.output_shape == (*expected, 3)
    assert layer.forward(np.zeros((2, *size, 3))).shape == (2, *expected, 3)


@both_poolings
def test_windows_tile_the_image_unless_told_otherwise(pooling):
    assert pooling((3, 2)).strides == (3, 2)
    assert pooling().pool_size == pooling().strides == (2, 2)


@both_poolings
@given(data=st.data(), seed=seeds, ties=st.booleans())
def test_it_agrees_with_plain_loops_forward_and_backward(pooling, data, seed, ties):
    drawn, shape = data.draw(poolings(pooling))
    layer, x, arguments = build(drawn, shape), numbers(shape, seed, ties), dict(drawn[1])
    y = layer.forward(x)
    assert_close(y, forward_loops[pooling](x, **arguments))
    dy = numbers(y.shape, seed + 1)
    assert_close(layer.backward(dy), backward_loops[pooling](dy, x, **arguments))


@both_poolings
@settings(max_examples=examples(25, 600))
@given(data=st.data(), seed=seeds)
def test_it_agrees_with_jax_forward_and_backward_ties_included(jax, pooling, data, seed):
    from jax_reference import layer_gradients

    drawn, shape = data.draw(poolings(pooling))
    layer = build(drawn, shape)
    for k in range(21):  # 25 configurations, 525 drawings; JAX compiles once a configuration
        x = numbers(shape, seed + k, ties=k % 2 == 1)
        y = layer.forward(x)
        dy = numbers(y.shape, seed + k + 1)
        expected_y, _, expected_dx = layer_gradients(drawn, {}, x, dy)
        assert_close(y, expected_y)
        assert_close(layer.backward(dy), expected_dx)


@both_poolings
@settings(max_examples=examples(20, 200))
@given(data=st.data(), seed=seeds)
def test_its_gradient_agrees_with_central_differences(pooling, data, seed):
    drawn, shape = data.draw(poolings(pooling))
    assert (
        max(check_gradients(build(drawn, shape), numbers(shape, seed), samples=30).values()) < 1e-6
    )


@given(data=st.data(), seed=seeds)
def test_max_pooling_hands_on_the_whole_gradient_even_of_a_flat_image(data, seed):
    drawn, shape = data.draw(poolings(MaxPool2D))
    layer = build(drawn, shape)
    dy = numbers(layer.forward(np.full(shape, 0.5)).shape, seed)
    assert_close(layer.backward(dy).sum(axis=(1, 2)), dy.sum(axis=(1, 2)))


@both_poolings
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("pool_size", {"pool_size": 0}),
        ("pool_size", {"pool_size": (2,)}),
        ("pool_size", {"pool_size": 1.5}),
        ("strides", {"strides": -1}),
        ("strides", {"strides": "2"}),
        ("padding", {"padding": "SAME"}),
    ],
)
def test_a_bad_argument_is_refused_by_name(pooling, name, arguments):
    with pytest.raises((TypeError, ValueError), match=name):
        make(spec(pooling, **arguments))


@both_poolings
def test_a_window_too_large_for_the_image_is_refused_by_the_layers_name(pooling):
    with pytest.raises(ValueError, match=rf"{pooling.__name__}.*\(4, 4\).*\(3, 8\)"):
        build(spec(pooling, pool_size=4), (1, 3, 8, 1))


@both_poolings
def test_an_input_that_is_no_image_is_refused(pooling):
    with pytest.raises(ValueError, match=rf"{pooling.__name__} needs images"):
        build(spec(pooling), (1, 28, 28))


image_shapes = st.tuples(*[st.integers(1, 5)] * 4)


def test_global_pooling_keeps_the_mean_of_each_feature_map():
    layer = build(spec(GlobalAvgPool2D), (1, 2, 3, 2))
    maps = np.stack([[[1, 2, 3], [4, 5, 9]], [[0, 0, 0], [0, 0, 6]]], axis=-1)
    assert layer.output_shape == (2,)
    assert layer.forward(maps[None]).tolist() == [[4, 1]]
    dx = layer.backward(np.array([[6.0, 60]]))
    assert (dx == [1, 10]).all()
    assert dx.shape == (1, 2, 3, 2)


@given(shape=image_shapes, seed=seeds)
def test_global_pooling_agrees_with_plain_loops_forward_and_backward(shape, seed):
    layer, x = build(spec(GlobalAvgPool2D), shape), numbers(shape, seed)
    y, dy = layer.forward(x), numbers((shape[0], shape[3]), seed + 1)
    assert_close(y, loops.global_avg_pool2d_forward(x))
    assert_close(layer.backward(dy), loops.global_avg_pool2d_backward(dy, x))


@settings(max_examples=examples(15, 300))
@given(shape=image_shapes, seed=seeds)
def test_global_pooling_agrees_with_jax_forward_and_backward(jax, shape, seed):
    from jax_reference import layer_gradients

    layer, x = build(spec(GlobalAvgPool2D), shape), numbers(shape, seed)
    dy = numbers((shape[0], shape[3]), seed + 1)
    expected_y, _, expected_dx = layer_gradients(spec(GlobalAvgPool2D), {}, x, dy)
    assert_close(layer.forward(x), expected_y)
    assert_close(layer.backward(dy), expected_dx)


@given(shape=image_shapes, seed=seeds, training=st.booleans())
def test_the_gradient_of_global_pooling_agrees_with_central_differences(shape, seed, training):
    layer = build(spec(GlobalAvgPool2D), shape)
    assert check_gradients(layer, numbers(shape, seed), training=training)["x"] < 1e-6


def test_global_pooling_is_average_pooling_with_one_window():
    x = numbers((3, 5, 4, 2), 0)
    y = build(spec(AvgPool2D, pool_size=(5, 4)), x.shape).forward(x)
    assert_close(build(spec(GlobalAvgPool2D), x.shape).forward(x), y.reshape(3, 2))


def test_global_pooling_of_what_is_no_image_is_refused():
    with pytest.raises(ValueError, match="GlobalAvgPool2D needs images"):
        build(spec(GlobalAvgPool2D), (1, 28))
