"""The contract that every layer keeps, and what a layer accepts as numbers."""

import copy
import pickle

import numpy as np
import pytest
from drawn import assert_close, build, make, numbers, spec

import scratchcnn.layers
from scratchcnn import (
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
)
from scratchcnn._utils.validation import as_numbers
from scratchcnn.layers.base import Layer

IMAGES, ROWS = (3, 6, 5, 2), (3, 7)
PROJECTED = (
    spec(Conv2D, filters=3, kernel_size=3, strides=2, padding="same", use_bias=False),
    spec(BatchNorm),
    spec(Residual, layers=(spec(ReLU),)),
)
EVERY_LAYER = [
    (spec(Layer), IMAGES),
    (spec(Conv2D, filters=3, kernel_size=2), IMAGES),
    (spec(Conv2D, filters=3, kernel_size=3, strides=2, padding="same", use_bias=False), IMAGES),
    (spec(MaxPool2D), IMAGES),
    (spec(MaxPool2D, pool_size=3, strides=1, padding="same"), IMAGES),
    (spec(AvgPool2D), IMAGES),
    (spec(AvgPool2D, pool_size=3, strides=2, padding="same"), IMAGES),
    (spec(GlobalAvgPool2D), IMAGES),
    (spec(ReLU), IMAGES),
    (spec(BatchNorm), IMAGES),
    (spec(BatchNorm, momentum=0.9, epsilon=0.01, center=False, scale=False), ROWS),
    (spec(Residual, layers=(spec(Conv2D, filters=2, kernel_size=3, padding="same"),)), IMAGES),
    (spec(Residual, layers=PROJECTED), IMAGES),
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
    layer = make(drawn)
    with pytest.raises(RuntimeError, match=rf"^{layer.name} has no shape yet.*Sequential"):
        layer.forward(numbers(shape, 0))


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
        (lambda x: None, TypeError, "x is None"),
        (lambda x: [[1.0], [2.0, 3.0]], ValueError, "x is not a regular array"),
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
@pytest.mark.parametrize("change", [lambda y: y[..., :-1], lambda y: y[:-1], lambda y: y[None]])
def test_backward_refuses_a_gradient_that_is_not_of_the_last_outputs_shape(drawn, shape, change):
    layer = build(drawn, shape)
    y = layer.forward(numbers(shape, 0))
    with pytest.raises(ValueError, match=rf"^{layer.name}: dy has shape .* last output"):
        layer.backward(change(y))


# The base layer passes everything through, and remembers nothing that could be missing.
@pytest.mark.parametrize(("drawn", "shape"), EVERY_LAYER[1:])
def test_backward_without_a_forward_is_refused(drawn, shape):
    y = build(drawn, shape).forward(numbers(shape, 0))
    with pytest.raises(RuntimeError, match="call forward before backward"):
        build(drawn, shape).backward(y)


@every_layer
def test_calling_a_layer_is_its_forward_pass(drawn, shape):
    layer, x = build(drawn, shape), numbers(shape, 0)
    assert np.array_equal(layer(x), layer.forward(x))
    if drawn[0] in (Dropout, BatchNorm):
        assert not np.array_equal(layer(x, training=True), layer(x))


@every_layer
def test_a_copy_has_weights_of_its_own_and_forgets_the_last_batch(drawn, shape):
    layer, x = build(drawn, shape), numbers(shape, 0)
    y = layer.forward(x)
    for copied in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert_close(copied.forward(x), y)
        assert copied.weights.keys() == layer.weights.keys()
        for key, array in copied.weights.items():
            assert array is not layer.weights[key]
        assert copy.deepcopy(copied).batch_size is None


@every_layer
def test_a_replica_shares_the_weights_and_has_a_last_batch_of_its_own(drawn, shape):
    layer, x = build(drawn, shape), numbers(shape, 0)
    y = layer.forward(x)
    dy = numbers(y.shape, 1)
    dx = layer.backward(dy)
    replica = layer.replica()
    replica.backward(np.ones_like(replica.forward(x[:1] * 2)))
    assert replica.grads.keys() == replica.params.keys()
    for key, array in replica.weights.items():
        assert array is layer.weights[key]
    assert_close(layer.backward(dy), dx)  # it still knows its own last batch


@every_layer
def test_what_a_layer_says_of_itself_makes_an_equal_one(drawn, shape):
    layer = make(drawn)
    written = eval(repr(layer), {"np": np, **vars(scratchcnn.layers)})
    assert type(written) is type(layer)
    assert repr(written) == repr(layer)
    if drawn[0] is not Residual:  # which holds layers, not values
        assert (
            written.get_config()
            == layer.get_config()
            == type(layer)(**layer.get_config()).get_config()
        )


@every_layer
def test_shapes_of_weights_are_known_before_they_are_made(drawn, shape):
    layer = build(drawn, shape)
    if not layer.sublayers:  # whose shapes depend on what is before them
        announced = make(drawn).param_shapes(shape[1:])
        assert announced == {name: array.shape for name, array in layer.params.items()}
    assert layer.count_params() == sum(array.size for array in layer.weights.values())
    assert make(drawn).compute_output_shape(shape[1:]) == layer.output_shape


def test_a_kernel_starts_at_random_and_every_other_parameter_at_zero():
    class Named(Layer):
        def param_shapes(self, input_shape):
            return dict.fromkeys(("amount", "kernel", "offset"), (*input_shape, 2))

    layer = Named()
    layer.build((3,), np.random.default_rng(0))
    assert [name for name, param in layer.params.items() if param.any()] == ["kernel"]


@pytest.mark.parametrize("layer", [Dense(3), Conv2D(2, 9), MaxPool2D(9), GlobalAvgPool2D()])
def test_a_layer_that_could_not_be_built_is_as_new(layer):
    with pytest.raises(ValueError, match=r"Flatten|does not fit|needs images"):
        layer.build(
            (7, 7) if type(layer) is GlobalAvgPool2D else (7, 7, 2), np.random.default_rng(0)
        )
    Sequential([layer], (3,) if type(layer) is Dense else (9, 9, 1))


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


def test_as_numbers_copies_only_what_it_must():
    x = np.ones(3, "float32")
    assert as_numbers(x, "float32", "x") is x
    assert as_numbers([True, False], "float32", "x").tolist() == [1, 0]
