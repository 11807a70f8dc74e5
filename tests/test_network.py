"""Sequential: parameters and their order, weights in and out, and whole stacks against JAX."""

import numpy as np
import pytest
from drawn import assert_close, examples, make, numbers, randomize, seeds, stacks
from hypothesis import given, settings
from small_networks import IMAGE, data, network

from scratchcnn import (
    Adam,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2D,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
    check_gradients,
)


def small(seed=0, dtype="float32"):
    layers = [Conv2D(2, 3), ReLU(), MaxPool2D(2), Conv2D(3, 2), Flatten(), Dense(4)]
    return Sequential(layers, (8, 8, 1), seed=seed, dtype=dtype)


def weights_equal(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_the_model_of_the_course_has_72_and_13530_parameters():
    layers = [Conv2D(8, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)]
    model = Sequential(layers, input_shape=(28, 28, 1))
    kernel, *dense = model.get_weights()
    assert kernel.size == 3 * 3 * 1 * 8 == 72
    assert sum(weight.size for weight in dense) == 13 * 13 * 8 * 10 + 10 == 13_530
    assert model.output_shape == (10,)
    assert model.num_classes == 10


def test_weights_come_in_keras_order_and_keras_shapes():
    shapes = [weight.shape for weight in small().get_weights()]
    assert shapes == [(3, 3, 1, 2), (2,), (2, 2, 2, 3), (3,), (12, 4), (4,)]
    keys = ["conv2d/kernel", "conv2d/bias", "conv2d_1/kernel", "conv2d_1/bias"]
    assert list(small().params) == [*keys, "dense/kernel", "dense/bias"]


def test_params_are_the_layers_own_arrays_and_get_weights_gives_copies():
    model = small()
    assert model.params["conv2d/kernel"] is model.layers[0].params["kernel"]
    model.get_weights()[0][...] = 7
    assert not (model.params["conv2d/kernel"] == 7).any()


def test_set_weights_copies_and_is_undone_by_nothing_done_to_its_argument():
    model, other = small(seed=1), small(seed=2)
    weights = other.get_weights()
    model.set_weights(weights)
    assert weights_equal(model.get_weights(), other.get_weights())
    weights[0][...] = 7
    assert weights_equal(model.get_weights(), other.get_weights())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda weights: None, "weights is NoneType, expected a list"),
        (lambda weights: 3, "weights is int, expected a list"),
        (lambda weights: weights[:-1], "5 arrays, expected 6"),
        (lambda weights: [*weights, np.zeros(1)], "7 arrays, expected 6"),
        (lambda weights: [*weights[:-1], np.zeros(5)], r"dense/bias.*\(4,\).*\(5,\)"),
        (lambda weights: [*weights[:-1], np.zeros((1, 4))], r"dense/bias.*\(4,\).*\(1, 4\)"),
        (lambda weights: [*weights[:-1], np.array(list("abcd"))], "dense/bias"),
        (lambda weights: [*weights[:-1], np.ones(4, complex)], "dense/bias"),
        (lambda weights: [*weights[:-1], np.array([None] * 4)], "dense/bias"),
    ],
)
def test_weights_that_do_not_fit_are_refused_and_none_is_set(change, message):
    model = small()
    before = model.get_weights()
    with pytest.raises((TypeError, ValueError), match=message):
        model.set_weights(change([weight + 1 for weight in before]))
    assert weights_equal(model.get_weights(), before)


def test_the_same_seed_makes_the_same_network_to_the_bit():
    assert weights_equal(small(seed=3).get_weights(), small(seed=3).get_weights())
    assert not weights_equal(small(seed=3).get_weights(), small(seed=4).get_weights())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everything_is_computed_in_the_dtype_asked_for(dtype):
    model = small(dtype=dtype)
    y = model.forward(numbers((2, 8, 8, 1), 0))
    arrays = [y, model.backward(y), *model.params.values(), *model.grads.values()]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


def test_the_gradients_have_the_keys_and_shapes_of_the_parameters():
    model = small()
    model.backward(model.forward(np.ones((2, 8, 8, 1))))
    assert {key: grad.shape for key, grad in model.grads.items()} == {
        key: param.shape for key, param in model.params.items()
    }


def test_layers_of_one_kind_are_numbered_as_keras_does():
    layers = [Conv2D(1, 1), ReLU(), Conv2D(1, 1), ReLU(), MaxPool2D(), Flatten(), Dense(2)]
    names = [layer.name for layer in Sequential(layers, (4, 4, 1)).layers]
    assert names == ["conv2d", "re_lu", "conv2d_1", "re_lu_1", "max_pooling2d", "flatten", "dense"]


@settings(max_examples=examples(15, 300))
@given(case=stacks(), seed=seeds)
def test_random_stacks_agree_with_jax_grad(jax, case, seed):
    from jax_reference import network_gradients

    layers, shape = case
    model = Sequential(list(map(make, layers)), shape[1:], dtype="float64")
    randomize(model.params, np.random.default_rng(seed))
    x, loss = numbers(shape, seed + 1), SoftmaxCrossEntropy()
    labels = np.random.default_rng(seed).integers(0, 3, len(x))
    value = loss.forward(model.forward(x), labels)
    dx = model.backward(loss.backward())
    params = tuple(dict(layer.params) for layer in model.layers)
    expected, (grads, expected_dx) = network_gradients(layers, params, x, labels)
    assert value == pytest.approx(float(expected), rel=1e-10)
    assert_close(dx, expected_dx)
    for layer, expected_grads in zip(model.layers, grads, strict=True):
        for key, expected_grad in expected_grads.items():
            assert_close(layer.grads[key], expected_grad)


@settings(max_examples=examples(15, 150))
@given(case=stacks(), seed=seeds)
def test_random_stacks_pass_the_gradient_check(case, seed):
    layers, shape = case
    # Smooth layers only: with ReLU and maxima, some number is always near a kink.
    layers = [drawn for drawn in layers if drawn[0] not in (ReLU, MaxPool2D)]
    model = Sequential(list(map(make, layers)), shape[1:], seed=seed, dtype="float64")
    labels = np.random.default_rng(seed).integers(0, 3, shape[0])
    errors = check_gradients(model, numbers(shape, seed), labels, samples=10)
    assert max(errors.values()) < 1e-6


def test_a_layer_belongs_to_one_network_only():
    layer = Dense(2)
    Sequential([layer], (3,))
    with pytest.raises(ValueError, match="already in use"):
        Sequential([layer], (3,))
    twice = ReLU()
    with pytest.raises(ValueError, match="already in use"):
        Sequential([twice, twice], (3,))


def test_layers_are_free_for_a_second_try_after_one_that_failed():
    layers = [Conv2D(2, 3), Flatten(), Dense(3)]
    with pytest.raises(ValueError, match="images"):
        Sequential(layers, (8, 8))
    assert Sequential(layers, (8, 8, 1)).output_shape == (3,)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], (3,)), "layers is empty"),
        (([Dense], (3,)), "put parentheses after its name"),
        (([Dense(2), "relu"], (3,)), "'relu'.*not a Layer"),
        (([Dense(2)], (3, 3)), r"Flatten\(\)"),
        (([Dense(2)], 3), "input_shape"),
        (([Dense(2)], (0,)), "input_shape"),
        (([Dense(2)], (-3,)), "input_shape"),
        (([Dense(2)], (2.5,)), "input_shape"),
        (([Dense(2)], (3,), 0, "float16"), "dtype"),
        (([Dense(2)], (3,), 0, "abc"), "dtype"),
        ((None, (3,)), "layers is None, expected a list"),
        ((ReLU(), (3,)), "layers is .*, expected a list"),
        (([Dense(2)], (3,), "a"), "seed must be a whole number, got 'a'"),
        (([Dense(2)], (3,), None), "seed must be a whole number, got None"),
        (([Dense(2)], (3,), -1), "seed must be at least 0, got -1"),
        (([Conv2D(2, 9)], (8, 8, 1)), r"\(9, 9\)"),
    ],
)
def test_a_network_that_cannot_be_is_refused_with_the_reason(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        Sequential(*arguments)


def test_a_network_without_a_row_of_scores_says_how_to_end_it():
    model = Sequential([Conv2D(2, 3), Dropout(0.5)], (8, 8, 1))
    for call in (lambda: model.num_classes, lambda: model.predict(np.zeros((1, 8, 8, 1)))):
        with pytest.raises(ValueError, match=r"Flatten\(\) and Dense"):
            call()
    assert Sequential([Conv2D(2, 3), Flatten(), Dense(2)], (8, 8, 1)).num_classes == 2


def test_a_model_and_a_layer_can_be_called():
    model, (x, _) = network(Dropout(0.5)), data()
    assert np.array_equal(model(x), model.forward(x))
    layer = model.layers[1]
    assert np.array_equal(layer(x), layer.forward(x))


def test_a_call_in_training_drops_and_remembers_as_forward_does():
    called, model = network(Dropout(0.5)), network(Dropout(0.5))
    x, _ = data()
    assert np.array_equal(called(x, training=True), model.forward(x, training=True))
    dy = np.ones((len(x), 4))
    assert np.array_equal(called.backward(dy), model.backward(dy))


def test_the_list_of_layers_cannot_be_changed():
    model = network()
    layers = list(model.layers)
    with pytest.raises(AttributeError, match="layers"):
        model.layers = layers[1:]
    with pytest.raises(TypeError, match="tuple"):
        model.layers[0] = Dense(2)
    with pytest.raises(AttributeError, match="tuple"):
        model.layers.append(Dense(2))
    with pytest.raises(TypeError):
        del model.layers[0]
    assert list(model.layers) == layers


def test_the_list_that_made_a_model_is_no_way_into_it():
    layers = [Flatten(), Dense(4)]
    model = Sequential(layers, IMAGE)
    layers.pop()
    assert len(model.layers) == 2
    assert model(data()[0]).shape == (20, 4)


def test_a_model_reads_as_the_call_that_makes_it():
    model = network(Dropout(0.5), seed=3, dtype="float64")
    assert repr(model) == repr(eval(repr(model)))
    assert "Conv2D(3, (3, 3))" in repr(model)


def test_evaluate_returns_two_plain_floats():
    for value in network().evaluate(*data()):
        assert type(value) is float


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("pixels", ["float16", "float32", "float64", "int8"])
def test_all_of_training_and_prediction_is_in_the_dtype_asked_for(dtype, pixels):
    model, optimizer, (x, y) = network(BatchNorm(), dtype=dtype), Adam(0.01), data()
    model.fit(x.astype(pixels), y, batch_size=6, optimizer=optimizer, verbose=False)
    arrays = [*model.weights.values(), *model.grads.values(), model.predict(x.astype(pixels))]
    state = optimizer.get_state(model.params)
    del state["iterations"]
    assert {array.dtype for array in [*arrays, *state.values()]} == {np.dtype(dtype)}


def test_in_double_precision_pixels_keep_all_their_digits():
    model, x = network(dtype="float64"), data()[0].astype(float)
    assert not np.array_equal(model.predict(x), model.predict(x + 1e-12))


@pytest.mark.parametrize("make", [lambda: Flatten(3), lambda: ReLU(units=3), lambda: Layer("x")])
def test_a_layer_refuses_arguments_that_it_does_not_have(make):
    with pytest.raises(TypeError, match="argument"):
        make()
