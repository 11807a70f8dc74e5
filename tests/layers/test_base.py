"""The contract that every layer keeps, and what a layer accepts as numbers."""

import numpy as np
import pytest
from drawn import assert_close, build, make, numbers, spec

from scratchcnn import (
    AvgPool2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    ReLU,
    Sequential,
    check_gradients,
)
from scratchcnn._utils.validation import as_numbers
from scratchcnn.layers.base import Layer

IMAGES, ROWS = (3, 6, 5, 2), (3, 7)
EVERY_LAYER = [
    (spec(Layer), IMAGES),
    (spec(Conv2D, filters=3, kernel_size=2), IMAGES),
    (spec(Conv2D, filters=3, kernel_size=3, strides=2, padding="same", use_bias=False), IMAGES),
    (spec(MaxPool2D), IMAGES),
    (spec(MaxPool2D, pool_size=3, strides=1, padding="same"), IMAGES),
    (spec(AvgPool2D), IMAGES),
    (spec(AvgPool2D, pool_size=3, strides=2, padding="same"), IMAGES),
    (spec(ReLU), IMAGES),
    (spec(Dropout, rate=0.5), ROWS),
    (spec(Flatten), IMAGES),
    (spec(Dense, units=4), ROWS),
]
every_layer = pytest.mark.parametrize(
    ("drawn", "shape"), EVERY_LAYER, ids=[case[0][0].__name__ for case in EVERY_LAYER]
)


@every_layer
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shapes_and_types_are_those_announced(drawn, shape, dtype):
    layer = build(drawn, shape, dtype=dtype)
    y = layer.forward(numbers(shape, 0))
    dx = layer.backward(np.ones_like(y))
    assert y.shape == (shape[0], *layer.output_shape)
    assert dx.shape == shape
    assert layer.grads.keys() == layer.params.keys()
    for key, param in layer.params.items():
        assert layer.grads[key].shape == param.shape
    arrays = [y, dx, *layer.params.values(), *layer.grads.values()]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


@every_layer
def test_a_layer_without_a_shape_says_what_to_do(drawn, shape):
    with pytest.raises(RuntimeError, match=rf"{drawn[0].__name__}.*Sequential"):
        make(drawn).forward(numbers(shape, 0))


@every_layer
def test_the_batch_axis_may_have_any_length(drawn, shape):
    layer = build(drawn, shape)
    for count in (1, 2, 50, 1):
        y = layer.forward(numbers((count, *shape[1:]), 0))
        assert len(y) == len(layer.backward(y)) == count


@every_layer
@pytest.mark.parametrize(
    "change",
    [
        lambda x: np.asfortranarray(x),
        lambda x: np.repeat(x, 2, axis=1)[:, ::2],
        lambda x: x[::-1].copy()[::-1],
        lambda x: x.astype(">f8"),
        lambda x: x.astype(">f4"),
        lambda x: x.astype("float16"),
        lambda x: x.astype("int8"),
        lambda x: x.astype("longdouble"),
        lambda x: x.tolist(),
    ],
    ids=["fortran", "strided", "reversed", ">f8", ">f4", "f2", "int8", "longdouble", "list"],
)
def test_memory_layout_and_type_of_the_input_change_nothing(drawn, shape, change):
    # Small whole numbers have the same value in every type.
    x = np.random.default_rng(0).integers(-5, 6, shape).astype("float64")
    layer = build(drawn, shape)
    expected_y = layer.forward(x)
    dy = numbers(expected_y.shape, 1)
    expected_dx = layer.backward(dy)
    expected = {key: grad.copy() for key, grad in layer.grads.items()}
    assert_close(layer.forward(change(x)), expected_y)
    assert_close(layer.backward(np.asfortranarray(dy)), expected_dx)
    for key, grad in layer.grads.items():
        assert_close(grad, expected[key])


@every_layer
def test_read_only_arrays_work_and_nothing_of_the_callers_is_modified(drawn, shape):
    layer, x = build(drawn, shape), numbers(shape, 0)
    dy = numbers(layer.forward(x, training=True).shape, 1)
    before = x.copy(), dy.copy()
    x.flags.writeable = dy.flags.writeable = False
    layer.forward(x, training=True)
    layer.backward(dy)
    assert np.array_equal(x, before[0])
    assert np.array_equal(dy, before[1])


@every_layer
@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (lambda x: x[0], ValueError, r"expected \(N, "),
        (lambda x: x[..., :-1], ValueError, r"expected \(N, "),
        (lambda x: x[..., None], ValueError, r"expected \(N, "),
        (lambda x: np.float64(3), ValueError, r"expected \(N, "),
        (lambda x: x[:0], ValueError, r"x (has shape \(0,|is empty)"),
        (lambda x: x + 1j, TypeError, "complex"),
        (lambda x: x.astype(str), TypeError, "<U"),
        (lambda x: x.astype(object), TypeError, "object"),
        (lambda x: None, TypeError, "object"),
        (lambda x: [[1.0], [2.0, 3.0]], ValueError, "x is no regular array"),
    ],
    ids=[
        "image",
        "channels",
        "rank",
        "number",
        "empty",
        "complex",
        "text",
        "object",
        "none",
        "rag",
    ],
)
def test_an_input_that_does_not_fit_is_refused_with_what_came(drawn, shape, bad, error, message):
    with pytest.raises(error, match=message):
        build(drawn, shape).forward(bad(numbers(shape, 0)))


@every_layer
def test_a_layer_is_built_with_a_type_and_a_generator_it_can_use(drawn, shape):
    for dtype in ("float16", "int32", int, None):
        with pytest.raises(TypeError, match="dtype is"):
            make(drawn).build(shape[1:], np.random.default_rng(0), dtype)
    for rng in (None, 0):
        with pytest.raises(TypeError, match="rng is"):
            make(drawn).build(shape[1:], rng)


@pytest.mark.parametrize(
    "layer", [lambda flag: Dense(2, flag), lambda flag: Conv2D(2, 3, use_bias=flag)]
)
@pytest.mark.parametrize("flag", ["no", None, 1])
def test_a_bias_is_used_or_not(layer, flag):
    with pytest.raises(TypeError, match="use_bias must be True or False, got"):
        layer(flag)


@every_layer
@pytest.mark.parametrize("when", ["before forward", "wrong shape", "wrong batch"])
def test_backward_refuses_a_gradient_that_belongs_to_no_forward(drawn, shape, when):
    layer = build(drawn, shape)
    y = layer.forward(numbers(shape, 0))
    dy = {"before forward": y, "wrong shape": y[..., :-1], "wrong batch": y[:-1]}[when]
    if when == "before forward":
        layer = build(drawn, shape)
    with pytest.raises((RuntimeError, ValueError), match="forward" if when[0] == "b" else "dy"):
        layer.backward(dy)


@pytest.mark.parametrize(
    ("shape", "cure"),
    [
        ((28, 28), r"x\[None, ..., None\]"),
        ((28, 28, 1), r"x\[None\]"),
        ((5, 28, 28), r"x\[..., None\]"),
    ],
)
def test_missing_axes_are_named_with_the_cure(shape, cure):
    with pytest.raises(ValueError, match=cure):
        build(spec(Conv2D, filters=1, kernel_size=3), (1, 28, 28, 1)).forward(np.zeros(shape))


class Scale(Layer):
    """A reader's own layer, as CONTRIBUTING describes: one learned factor a channel."""

    def build(self, input_shape, rng, dtype="float32"):
        super().build(input_shape, rng, dtype)
        self.params = {"kernel": np.full(input_shape[-1], 2, self.dtype)}

    def forward(self, x, training=False):
        self._x = self.check_input(x)
        return self._x * self.params["kernel"]

    def parameter_gradients(self, dy):
        self.grads["kernel"] = (dy * self._x).sum(axis=tuple(range(dy.ndim - 1)))

    def input_gradient(self, dy):
        return dy * self.params["kernel"]


def test_a_readers_own_layer_works_in_a_network_and_learns():
    layers = [Scale(), Conv2D(2, 3), MaxPool2D(2), Scale(), Flatten(), Dense(3)]
    model = Sequential(layers, (6, 6, 1), dtype="float64")
    x, y = numbers((20, 6, 6, 1), 0), np.arange(20) % 3
    assert max(check_gradients(model, x, y).values()) < 1e-6
    model.fit(x, y, verbose=False)
    assert model.params["scale/kernel"] != 2
    assert (model.params["scale_1/kernel"] != 2).all()


def test_as_numbers_copies_only_what_it_must():
    x = np.ones(3, "float32")
    assert as_numbers(x, "float32", "x") is x
    assert as_numbers([True, False], "float32", "x").tolist() == [1, 0]


@pytest.mark.parametrize("value", [None, "3", 2.0, (1, 2, 3), (1,), (1, 2.0), True])
def test_a_size_that_is_no_pair_of_whole_numbers_is_refused_by_name(value):
    with pytest.raises(TypeError, match=r"sides .*whole number"):
        pair(value, "sides")


def test_one_whole_number_stands_for_both_sides():
    assert pair(3, "sides") == pair(np.int32(3), "sides") == pair([3, 3], "sides") == (3, 3)
