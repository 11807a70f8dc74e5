"""Layers as tutorials write them, and parameters that are changed by hand."""

import numpy as np
import pytest
from drawn import assert_close
from small_networks import IMAGE, data, network, same_weights

from scratchcnn import (
    SGD,
    Conv2D,
    Dense,
    Flatten,
    Layer,
    MaxPool2D,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
)


class OwnDense(Layer):
    """A dense layer with a forward and a backward of its own, and nothing else of ours."""

    def __init__(self, units):
        self.units = units

    def build(self, input_shape, rng, dtype="float32"):
        super().build(input_shape, rng, dtype)
        like = Dense(self.units)
        like.build(input_shape, rng, dtype)
        self.params = dict(like.params)

    def compute_output_shape(self, input_shape):
        return (self.units,)

    def forward(self, x, training=False):
        self.x = x
        return x @ self.params["kernel"] + self.params["bias"]

    def backward(self, dy):
        self.grads = {"kernel": self.x.T @ dy, "bias": dy.sum(axis=0)}
        return dy @ self.params["kernel"].T


class OwnConvolution(Conv2D):
    """Ours, with a backward of its own in place of the two parts."""

    def backward(self, dy):
        self.grads["kernel"] = np.zeros_like(self.params["kernel"])
        windows = np.lib.stride_tricks.sliding_window_view(self.x, self.kernel_size, (1, 2))
        self.grads["kernel"] += np.einsum("nijcab,nijf->abcf", windows, dy)
        self.grads["bias"] = dy.sum(axis=(0, 1, 2))
        return np.zeros_like(self.x)  # the first layer: nobody asks

    def forward(self, x, training=False):
        self.x = x
        return super().forward(x, training)


PAIRS = {
    "first": lambda conv, dense: [conv(3, 3), ReLU(), MaxPool2D(2), Flatten(), Dense(4)],
    "last": lambda conv, dense: [Conv2D(3, 3), ReLU(), MaxPool2D(2), Flatten(), dense(4)],
    "both": lambda conv, dense: [conv(3, 3), ReLU(), MaxPool2D(2), Flatten(), dense(4)],
    "within": lambda conv, dense: [Flatten(), Dense(6), dense(5), ReLU(), Dense(4)],
    "the first that learns": lambda conv, dense: [ReLU(), Flatten(), dense(4)],
    "alone": lambda conv, dense: [Flatten(), dense(4)],
}


@pytest.mark.parametrize("by_hand_before", [False, True])
@pytest.mark.parametrize("place", PAIRS)
def test_a_layer_of_ones_own_trains_as_ours_does_in_any_place(place, by_hand_before):
    own, ours = (
        Sequential(PAIRS[place](*layers), IMAGE, dtype="float64")
        for layers in ((OwnConvolution, OwnDense), (Conv2D, Dense))
    )
    assert same_weights(own, ours)
    x, y = data()
    for model in (own, ours):
        if by_hand_before:  # gradients of another batch must not be taken for those to come
            loss = SoftmaxCrossEntropy()
            loss.forward(model.forward(x[:3].astype(float)), y[:3])
            model.backward(loss.backward())
        model.fit(x, y, epochs=3, batch_size=6, optimizer=SGD(0.1), verbose=False)
    for one, other in zip(own.get_weights(), ours.get_weights(), strict=True):
        assert_close(one, other)


class Forgetful(OwnDense):
    def backward(self, dy):
        if not self.filled:
            super().backward(dy)
            self.filled = True
        return dy @ self.params["kernel"].T

    filled = False


def test_a_backward_that_fills_no_gradient_is_an_error_and_never_the_old_gradient():
    model = Sequential([Flatten(), Forgetful(4)], IMAGE)
    steps = []
    with pytest.raises(RuntimeError, match=r"forgetful: its backward must fill grads.*kernel"):
        model.fit(*data(), batch_size=6, verbose=False, callbacks=[steps.append])
    assert len(steps) == 1


def test_a_backward_that_adds_to_the_last_gradient_is_told_to_begin_anew():
    class Adds(OwnDense):
        def backward(self, dy):
            self.grads["kernel"] += self.x.T @ dy
            return dy

    with pytest.raises(KeyError, match="starts without gradients"):
        Sequential([Flatten(), Adds(4)], IMAGE).fit(*data(), verbose=False)


def test_a_gradient_of_the_wrong_shape_is_refused_before_anything_moves():
    class Wrong(OwnDense):
        def backward(self, dy):
            dx = super().backward(dy)
            self.grads["bias"] = dy
            return dx

    model = Sequential([Flatten(), Wrong(4)], IMAGE)
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"got .* for wrong/bias, expected shape \(4,\)"):
        model.fit(*data(), verbose=False)
    assert all(np.array_equal(*pair) for pair in zip(model.get_weights(), before, strict=True))


def learn_by_hand(model, update, steps=5):
    (x, y), loss = data(), SoftmaxCrossEntropy()
    for _ in range(steps):
        loss.forward(model.forward(x), y)
        model.backward(loss.backward())
        update(model)


def minus_equals(model):
    for name, param in model.params.items():
        param -= 0.1 * model.grads[name]


def assign(model):
    for name in model.params:
        model.params[name] = model.params[name] - 0.1 * model.grads[name]


def item_minus_equals(model):
    for name in model.params:
        model.params[name] -= 0.1 * model.grads[name]


def assign_to_layers(model):
    for layer in model.layers:
        for name in layer.params:
            layer.params[name] = layer.params[name] - 0.1 * layer.grads[name]


def new_dictionaries(model):
    for layer in model.layers:
        layer.params = {k: p - 0.1 * layer.grads[k] for k, p in layer.params.items()}


def with_fit(model):
    model.fit(*data(), batch_size=20, optimizer=SGD(0.1), shuffle=False, verbose=False)


@pytest.mark.parametrize(
    "update", [assign, item_minus_equals, assign_to_layers, new_dictionaries, None]
)
def test_an_update_written_by_hand_moves_the_network_however_it_is_written(update):
    model, other = network(dtype="float64"), network(dtype="float64")
    learn_by_hand(other, minus_equals)
    if update is None:
        for _ in range(5):
            with_fit(model)
    else:
        learn_by_hand(model, update)
    for one, two in zip(model.get_weights(), other.get_weights(), strict=True):
        assert_close(one, two)


SOBEL = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])


@pytest.mark.parametrize("next_layers", [[], [ReLU], [MaxPool2D], [ReLU, MaxPool2D]])
@pytest.mark.parametrize("dtype", ["int64", "float64", "float32", "float16"])
def test_a_kernel_may_be_put_in_in_any_dtype_before_any_layer(next_layers, dtype):
    layers = [Conv2D(1, 3, use_bias=False), *(make() for make in next_layers), Flatten(), Dense(2)]
    model, (x, _) = Sequential(layers, IMAGE), data()
    kernel = model.layers[0].params["kernel"]
    model.layers[0].params["kernel"] = SOBEL[..., None, None].astype(dtype)
    assert model.layers[0].params["kernel"] is kernel
    assert kernel.dtype == "float32"
    assert np.array_equal(kernel[..., 0, 0], SOBEL)
    y = model.layers[0](x)
    windows = np.lib.stride_tricks.sliding_window_view(x[..., 0], (3, 3), (1, 2))
    assert_close(y[..., 0], (windows * SOBEL).sum(axis=(3, 4)), 1e-5)
    assert_close(model.predict(x).sum(axis=1), np.ones(len(x)), 1e-5)


@pytest.mark.parametrize("by_model", [True, False])
def test_what_does_not_fit_a_parameter_is_refused_by_name_and_changes_nothing(by_model):
    model = network()
    params = model.params if by_model else model.layers[0].params
    name = "conv2d/kernel" if by_model else "kernel"
    before = params[name].copy()
    with pytest.raises(ValueError, match=r"kernel.* has shape \(3, 3, 1, 3\), got \(3, 3\)"):
        params[name] = SOBEL
    with pytest.raises(TypeError, match=r"kernel.* real numbers"):
        params[name] = before.astype(str)
    assert np.array_equal(params[name], before)


def test_a_parameter_that_there_is_not_cannot_be_added_to_a_model():
    model = network()
    with pytest.raises(KeyError, match="no array 'conv2d/kernels'"):
        model.params["conv2d/kernels"] = np.ones(3)
