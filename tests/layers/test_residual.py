"""Residual: what goes around the layers, in which shape, against loops, differences and JAX."""

import copy
import pickle

import numpy as np
import pytest
from drawn import assert_close, build, examples, numbers, residuals, seeds, spec
from hypothesis import given, settings

from scratchcnn import (
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
    check_gradients,
    load_model,
)
from scratchcnn.preprocessing import Reshape
from scratchcnn.reference import loops, normalization

SHAPE = (2, 7, 6, 2)
SAME = {"kernel_size": 3, "padding": "same"}
both_modes = pytest.mark.parametrize("training", [False, True])


def around(*layers, shape=SHAPE):
    """A Residual around the layers ``layers``, built, all its weights random."""
    return build(spec(Residual, layers=layers), shape)


def projected():
    return around(spec(Conv2D, filters=3, strides=(2, 3), **SAME), spec(BatchNorm), spec(ReLU))


def network(*layers, shape=(6, 6, 2), dtype="float32"):
    return Sequential([*layers, Flatten(), Dense(3)], shape, dtype=dtype)


def test_where_shapes_agree_the_input_itself_is_added():
    layer, x = around(spec(ReLU)), numbers(SHAPE, 0)
    assert layer.shortcut is None
    assert not layer.params
    assert_close(layer.forward(x), np.maximum(x, 0) + x)


def test_the_gradient_goes_both_ways_and_adds_up():
    layer = around(spec(ReLU), shape=(1, 3))
    layer.forward(np.array([[-1.0, 2, 3]]))
    assert layer.backward(np.array([[10.0, 20, 30]])).tolist() == [[10, 40, 60]]


def test_layers_that_give_nothing_leave_the_identity():
    layer, x = around(spec(Conv2D, filters=2, **SAME)), numbers(SHAPE, 0)
    for param in layer.params.values():
        param[...] = 0
    assert np.array_equal(layer.forward(x), x)
    dy = numbers(SHAPE, 1)
    assert np.array_equal(layer.backward(dy), dy)


@pytest.mark.parametrize(
    ("inside", "strides"),
    [
        ((spec(Conv2D, filters=5, **SAME),), (1, 1)),
        ((spec(Conv2D, filters=2, strides=2, **SAME),), (2, 2)),
        ((spec(Conv2D, filters=3, strides=(1, 3), **SAME),), (1, 3)),
        ((spec(MaxPool2D, padding="same"), spec(Conv2D, filters=2, strides=2, **SAME)), (4, 3)),
    ],
)
def test_where_shapes_differ_a_convolution_of_one_pixel_leads_to_the_same_size(inside, strides):
    layer, x = around(*inside), numbers(SHAPE, 0)
    shortcut = layer.shortcut
    assert shortcut.strides == strides
    assert shortcut.kernel_size == (1, 1)
    y = x
    for sublayer in layer.layers:
        y = sublayer.forward(y)
    rows, columns = strides
    seen = x[:, ::rows, ::columns]  # a kernel of one pixel is a matrix for each pixel
    projection = seen @ shortcut.params["kernel"][0, 0] + shortcut.params["bias"]
    assert_close(layer.forward(x), y + projection)


@pytest.mark.parametrize("size", range(1, 12))
@pytest.mark.parametrize("stride", [1, 2, 3, 5])
def test_any_size_and_stride_has_a_shortcut_with_padding(size, stride):
    layer = around(spec(Conv2D, filters=3, strides=stride, **SAME), shape=(1, size, size + 1, 1))
    assert layer.forward(np.ones((2, size, size + 1, 1))).shape == (2, *layer.output_shape)


@given(case=residuals(depth=0), seed=seeds)
def test_it_agrees_with_plain_loops_forward_and_backward(case, seed):
    """The sum by hand, everything in it by loops; BatchNorm by its averages."""
    drawn, shape = case
    layer, x = build(drawn, shape, seed), numbers(shape, seed + 1)
    inputs, steps = (
        [x],
        [
            (inside, dict(inside_spec[1]))
            for inside, inside_spec in zip(layer.layers, dict(drawn[1])["layers"], strict=True)
        ],
    )
    for inside, arguments in steps:
        inputs.append(loop_forward(inside, arguments, inputs[-1]))
    y, shortcut = inputs.pop(), layer.shortcut
    added = x if shortcut is None else loop_forward(shortcut, {"strides": shortcut.strides}, x)
    assert_close(layer.forward(x), y + added)
    dy = dx = numbers(y.shape, seed + 2)
    for (inside, arguments), own_input in zip(reversed(steps), reversed(inputs), strict=True):
        dx = loop_backward(inside, arguments, dx, own_input)
    back = dy if shortcut is None else loop_backward(shortcut, {"strides": shortcut.strides}, dy, x)
    assert_close(layer.backward(dy), dx + back)


def sliding(arguments):
    return arguments["strides"], arguments.get("padding", "valid")


def loop_forward(layer, arguments, x):
    if isinstance(layer, Conv2D):
        return loops.conv2d_forward(x, *layer.params.values(), *sliding(arguments))
    if isinstance(layer, BatchNorm):
        return normalization.batch_norm_forward(x, *layer.params.values(), *layer.state.values())
    return loops.relu_forward(x)


def loop_backward(layer, arguments, dy, x):
    if isinstance(layer, Conv2D):
        return loops.conv2d_backward(dy, x, layer.params["kernel"], *sliding(arguments))[0]
    if isinstance(layer, BatchNorm):
        gamma = layer.params["gamma"]
        return normalization.batch_norm_backward(dy, x, gamma, *layer.state.values())[0]
    return loops.relu_backward(dy, x)


def assert_trees_agree(layer, expected):
    """Hold the gradients of a layer, and of those inside, to what JAX has found."""
    if isinstance(layer, Residual):
        for inside, own in zip(layer.layers, expected["layers"], strict=True):
            assert_trees_agree(inside, own)
        if layer.shortcut:
            assert_trees_agree(layer.shortcut, expected["shortcut"])
    else:
        for name, grad in layer.grads.items():
            assert_close(grad, expected[name], 1e-9)


@both_modes
@settings(max_examples=examples(10, 300))
@given(case=residuals(), seed=seeds)
def test_it_agrees_with_jax_forward_and_backward(jax, training, case, seed):
    from jax_reference import layer_gradients, tree

    drawn, shape = case
    for k in range(3):
        layer, x = build(drawn, shape, seed + k), numbers(shape, seed + k + 1)
        weights = tree(copy.deepcopy(layer))  # before averages move
        y = layer.forward(x, training)
        dy = numbers(y.shape, seed + k + 2)
        expected_y, expected, expected_dx = layer_gradients(drawn, weights, x, dy, training)
        assert_close(y, expected_y, 1e-9)
        assert_close(layer.backward(dy), expected_dx, 1e-9)
        assert_trees_agree(layer, expected)


@both_modes
@settings(max_examples=examples(10, 100))
@given(case=residuals(), seed=seeds)
def test_its_gradients_agree_with_central_differences(training, case, seed):
    drawn, shape = case
    layer = build(drawn, shape, seed)
    errors = check_gradients(layer, numbers(shape, seed), samples=15, training=training)
    assert errors.keys() == {"x", *layer.params}
    assert max(errors.values()) < 1e-6


@pytest.mark.parametrize(
    ("inside", "shape", "message"),
    [
        ((spec(Dense, units=3),), (1, 4), r"\(4,\) into \(3,\).* end with Dense\(4\)"),
        ((spec(Conv2D, filters=2, kernel_size=3),), SHAPE, r'\(5, 4, 2\).*padding="same"'),
        (
            (spec(Flatten),),
            SHAPE,
            r'\(7, 6, 2\) into \(84,\), and no shortcut.*; use padding="same"',
        ),
        # More axes than an image has.
        ((spec(Reshape, target_shape=(4, 2, 3)),), (1, 2, 2, 2, 3), "no shortcut can do the same"),
        (
            (spec(Reshape, target_shape=(3, 2, 2, 2)),),
            (1, 2, 2, 2, 3),
            "no shortcut can do the same",
        ),
    ],
)
def test_shapes_that_no_shortcut_joins_are_refused_with_the_cure(inside, shape, message):
    with pytest.raises(ValueError, match=message):
        around(*inside, shape=shape)


@pytest.mark.parametrize(
    ("layers", "error", "message"),
    [
        ([], ValueError, "layers is empty"),
        (None, TypeError, "layers is None, expected a list"),
        (ReLU(), TypeError, "expected a list of layers"),
        ([ReLU], TypeError, "put parentheses after its name"),
        ([3], TypeError, "layers holds 3, which is not a Layer"),
    ],
)
def test_what_is_no_list_of_layers_is_refused(layers, error, message):
    with pytest.raises(error, match=message):
        Residual(layers)


def test_a_layer_cannot_be_in_two_places():
    shared = ReLU()
    with pytest.raises(ValueError, match="a ReLU in layers is already in use"):
        Residual([shared, shared])
    network(Residual([shared]))
    with pytest.raises(ValueError, match="already in use"):
        Residual([shared])


def test_names_say_where_a_parameter_is():
    inner = Residual([Conv2D(4, 3, padding="same"), BatchNorm()])
    model = network(Residual([Conv2D(4, 3, strides=2, padding="same"), inner]), Residual([ReLU()]))
    conv, norm = ["kernel", "bias"], ["gamma", "beta"]
    assert list(model.params) == [
        *(f"residual/conv2d/{name}" for name in conv),
        *(f"residual/residual/conv2d/{name}" for name in conv),
        *(f"residual/residual/batch_normalization/{name}" for name in norm),
        *(f"residual/shortcut/{name}" for name in conv),
        "dense/kernel",
        "dense/bias",
    ]
    model.forward(np.ones((2, 6, 6, 2)))
    model.backward(np.ones((2, 3)))
    assert model.grads.keys() == model.params.keys()
    for name, grad in model.grads.items():
        assert grad.shape == model.params[name].shape


def test_parameters_are_those_of_the_layers_inside():
    layer = projected()
    kernel = layer.layers[0].params["kernel"]
    assert layer.params["conv2d/kernel"] is kernel
    layer.params["conv2d/kernel"] = np.full(kernel.shape, 7)
    assert (kernel == 7).all()
    layer.params = {"shortcut/bias": [1, 2, 3]}
    assert layer.shortcut.params["bias"].tolist() == [1, 2, 3]
    assert (layer.layers[0].params["kernel"] == 7).all()
    with pytest.raises(KeyError, match="Residual has no array 'kernel', only"):
        layer.params["kernel"] = kernel


def test_whether_an_image_is_by_itself_is_up_to_the_layers_inside():
    assert Residual([ReLU()]).per_example
    assert not Residual([ReLU(), BatchNorm()]).per_example
    assert not Residual([Residual([BatchNorm()])]).per_example


def test_freezing_freezes_all_that_is_inside_and_its_shortcut():
    block = Residual([Conv2D(3, 3, padding="same"), Residual([BatchNorm()])])
    block.trainable = False
    model = network(block)
    assert not any(layer.trainable for _, layer in block.walk())
    before = [weight.copy() for weight in block.weights.values()]
    x, y = numbers((20, 6, 6, 2), 0), np.arange(20) % 3
    model.fit(x, y, verbose=False)
    for weight, old in zip(block.weights.values(), before, strict=True):
        assert np.array_equal(weight, old)
    block.trainable = True
    model.fit(x, y, verbose=False)
    for weight, old in zip(block.weights.values(), before, strict=True):
        assert not np.array_equal(weight, old)


@pytest.mark.parametrize("frozen", ["outside", "inside", "nothing"])
def test_a_saved_network_comes_back_with_everything_inside(tmp_path, frozen):
    inner = Residual([Conv2D(3, 3, padding="same"), BatchNorm(0.5)])
    model = network(Residual([Conv2D(3, 2, strides=2, padding="same"), ReLU(), inner]))
    block = model.layers[0]
    if frozen != "nothing":
        (block if frozen == "outside" else inner.layers[0]).trainable = False
    x = numbers((8, 6, 6, 2), 0)
    model.fit(x, np.arange(8) % 3, verbose=False)
    model.save(tmp_path / "model.npz")
    loaded = load_model(tmp_path / "model.npz")
    assert repr(loaded) == repr(model)
    assert loaded.weights.keys() == model.weights.keys()
    assert np.array_equal(loaded.predict(x), model.predict(x))
    for (_, ours), (_, theirs) in zip(block.walk(), loaded.layers[0].walk(), strict=True):
        assert (theirs.name, theirs.trainable) == (ours.name, ours.trainable)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_learns_by_itself(copied):
    model = network(Residual([Conv2D(3, 3, padding="same"), BatchNorm()]))
    x, y = numbers((8, 6, 6, 2), 0), np.arange(8) % 3
    before = model.get_weights()
    other = copied(model)
    other.fit(x, y, verbose=False)
    assert all(map(np.array_equal, model.get_weights(), before))
    model.fit(x, y, verbose=False)
    assert all(map(np.array_equal, model.get_weights(), other.get_weights()))


def test_a_second_try_with_another_shape_has_the_shortcut_of_that_shape():
    block = Residual([Conv2D(2, 3, padding="same")])
    with pytest.raises(ValueError, match="Dense needs rows"):
        Sequential([block, Dense(3)], (6, 6, 5))
    model = network(block)
    assert block.shortcut is None
    assert list(block.params) == ["conv2d/kernel", "conv2d/bias"]
    model.fit(numbers((4, 6, 6, 2), 0), np.arange(4) % 3, verbose=False)


def test_dropout_and_pooling_inside_train_too():
    inside = [AvgPool2D(2, strides=1, padding="same"), Dropout(0.5), Residual([MaxPool2D(1)])]
    model = network(Residual(inside), dtype="float64")
    x, y = numbers((50, 6, 6, 2), 0), np.arange(50) % 3
    assert max(check_gradients(model, x[:3], y[:3], training=True).values()) < 1e-6
    history = model.fit(x, y, epochs=20, verbose=False)
    assert history.history["loss"][-1] < history.history["loss"][0]


def test_its_layers_are_a_tuple_as_those_of_a_network_are():
    inner = [Conv2D(2, 3, padding="same"), ReLU()]
    layer = Residual(inner)
    assert layer.layers == tuple(inner)
    layer.build((6, 6, 1), np.random.default_rng(0))
    assert layer.layers == tuple(inner)  # without the shortcut
