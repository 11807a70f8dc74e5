"""A trace keeps what every layer made of one example, and every gradient on the way back."""

import copy

import numpy as np
import pytest

from scratchcnn import (
    AvgPool2D,
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
    softmax,
)
from scratchcnn.trace import short_labels, trace


def deep_model(dtype="float32"):
    layers = [
        Conv2D(4, 3, padding="same"),
        ReLU(),
        MaxPool2D(2),
        Conv2D(6, 3),
        ReLU(),
        AvgPool2D(2),
    ]
    layers += [Dropout(0.5), Flatten(), Dense(10)]
    return Sequential(layers, input_shape=(28, 28, 1), seed=1, dtype=dtype)


def example():
    return np.random.default_rng(0).random((28, 28, 1))  # no two pixels tie


def test_outputs_are_those_of_the_layers_one_after_the_other():
    model = deep_model("float64")
    result, x = trace(model, example(), 7), example()[None]
    for layer, kept in zip(model.layers, result.layers, strict=True):
        x = layer.forward(x)
        assert (kept.output == x[0]).all()
        assert kept.output_gradient.shape == kept.output.shape
    assert result.probabilities == pytest.approx(softmax(x)[0])
    assert result.score_gradient == pytest.approx(softmax(x)[0] - np.eye(10)[7])
    assert result.loss == pytest.approx(-np.log(softmax(x)[0, 7]))


def test_parameters_and_their_gradients_are_kept_layer_by_layer():
    model = deep_model("float64")
    result = trace(model, example(), 7)
    for layer, kept in zip(model.layers, result.layers, strict=True):
        assert list(kept.params) == list(kept.grads) == list(layer.params)
        for name, param in layer.params.items():
            assert (kept.params[name] == param).all()
            assert kept.grads[name].shape == param.shape


def test_the_input_gradient_is_the_slope_of_the_loss():
    model = deep_model("float64")
    image = np.random.default_rng(0).random((1, 28, 28, 1))  # no two pixels tie
    gradient = trace(model, image[0], 7).input_gradient[:, :, 0]

    def loss(row, column, change):
        moved = image.copy()
        moved[0, row, column, 0] += change
        return SoftmaxCrossEntropy().forward(model.forward(moved), np.array([7]))

    for place in ((10, 12), (14, 9), (0, 27)):
        slope = (loss(*place, 1e-6) - loss(*place, -1e-6)) / 2e-6
        assert gradient[place] == pytest.approx(slope, rel=1e-5)


def test_a_trace_stays_as_it_was_when_the_network_goes_on():
    model = deep_model("float64")
    result = trace(model, example(), 7)
    before = copy.deepcopy(result)
    for param in model.params.values():
        param += 1
    trace(model, 1 - example(), 3)
    assert result.grads.keys() == before.grads.keys()
    for name, gradient in result.grads.items():
        assert (gradient == before.grads[name]).all()
    for kept, old in zip(result.layers, before.layers, strict=True):
        assert (kept.output == old.output).all()
        assert all((kept.params[name] == old.params[name]).all() for name in old.params)


def test_only_a_layer_that_passes_its_input_on_is_an_identity():
    result = trace(deep_model("float64"), example(), 7)
    assert [kept.label for kept in result.layers if kept.is_identity] == ["dropout"]


def test_labels_are_short_and_numbered_where_a_kind_occurs_twice():
    labels = [kept.label for kept in trace(deep_model("float64"), example(), 7).layers]
    expected = ["conv 1", "relu 1", "pool 1", "conv 2", "relu 2", "pool 2", "dropout", "flatten"]
    assert labels == [*expected, "dense"]


def test_a_layer_of_ones_own_is_labeled_by_its_class():
    class Swish(Layer):
        pass

    assert short_labels([Conv2D(1, 3), Swish(), Dense(1)]) == ["conv", "swish", "dense"]


def test_gradients_are_those_that_pass_the_librarys_own_check():
    layers = [Conv2D(2, 3), MaxPool2D(2), Flatten(), Dense(10)]
    model = Sequential(layers, input_shape=(8, 8, 1), seed=0, dtype="float64")
    x = np.random.default_rng(0).random((1, 8, 8, 1))
    check_gradients(model, x, np.array([3]))
    result = trace(model, x[0], 3)
    model.forward(x)
    loss = SoftmaxCrossEntropy()
    loss.forward(model.forward(x), np.array([3]))
    model.backward(loss.backward())
    assert list(result.grads) == list(model.params)
    for name, gradient in model.grads.items():
        assert result.grads[name] == pytest.approx(gradient), name
