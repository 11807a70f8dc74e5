"""A network can be copied and pickled in the middle of its work."""

import copy
import pickle
import warnings
from types import MethodType

import numpy as np
import pytest
from drawn import numbers
from small_networks import data, network

from scratchcnn import (
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
    SoftmaxCrossEntropy,
)

BETWEEN = {
    "nothing": list,
    "a ReLU": lambda: [ReLU()],
    "a BatchNorm": lambda: [BatchNorm(), ReLU()],
    "a Residual": lambda: [Residual([Conv2D(5, 3, padding="same"), ReLU()])],
    "dropout": lambda: [Dropout(0.5)],
}
between = pytest.mark.parametrize("between", BETWEEN)
ways_to_copy = pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))],
    ids=["copy", "pickle"],
)


def used_model(between="nothing"):
    layers = [Conv2D(3, 3), *BETWEEN[between](), MaxPool2D(2), Flatten(), Dense(4)]
    model = Sequential(layers, input_shape=(8, 8, 1), seed=0, dtype="float64")
    model.forward(numbers((2, 8, 8, 1), seed=1), training=True)
    return model


@ways_to_copy
@between
def test_a_copy_of_a_used_network_computes_the_same_from_new_images(copied, between):
    model = used_model(between)
    twin = copied(model)
    x, labels = numbers((2, 8, 8, 1), seed=2), np.array([1, 3])
    gradients = []
    for each in (model, twin):
        loss = SoftmaxCrossEntropy()
        loss.forward(each.forward(x, training=True), labels)
        gradients.append([each.backward(loss.backward()), *each.grads.values()])
    for mine, yours in zip(*gradients, strict=True):
        assert mine == pytest.approx(yours)


@ways_to_copy
@between
@pytest.mark.parametrize("batch_size", [1, 100])
def test_a_copy_goes_on_learning_as_its_original_does(copied, between, batch_size):
    """It draws the same order of images and drops the same inputs."""
    model, x, labels = used_model(between), numbers((100, 8, 8, 1), seed=2), np.arange(100) % 4
    model.fit(x[:3], labels[:3], verbose=False)
    twin = copied(model)
    for each in (model, twin):
        each.fit(x, labels, epochs=2, batch_size=batch_size, verbose=False)
    for mine, yours in zip(model.get_weights(), twin.get_weights(), strict=True):
        assert np.array_equal(mine, yours)
    assert model.history.history == twin.history.history


@ways_to_copy
@between
def test_a_copy_shares_nothing_with_its_original(copied, between):
    model = used_model(between)
    x = numbers((100, 8, 8, 1), seed=2)
    before = model.predict(x)
    twin = copied(model)
    twin.set_weights([weight + 1 for weight in twin.get_weights()])
    twin.fit(x, np.arange(100) % 4, verbose=False)
    assert np.array_equal(model.predict(x), before)


@ways_to_copy
@between
def test_a_copy_cannot_go_backward_before_it_has_seen_images(copied, between):
    for layer in copied(used_model(between)).layers:
        with pytest.raises(RuntimeError, match="call forward before backward"):
            layer.backward(np.zeros((2, *layer.output_shape)))


def test_a_replica_shares_the_parameters_and_not_the_last_batch():
    model, x = used_model("a Residual"), numbers((2, 8, 8, 1), seed=1)
    dy = np.ones_like(model.forward(x))
    model.backward(dy)
    expected = model.grads
    model.forward(x)
    replica = model.replica()
    replica.backward(np.ones_like(replica.forward(x[:1] + 1)))
    model.backward(dy)
    assert all(np.array_equal(model.grads[name], expected[name]) for name in expected)
    assert replica.params.keys() == model.params.keys()
    assert all(replica.params[name] is param for name, param in model.params.items())


def test_predicting_leaves_the_last_batch_of_a_layer_whose_method_was_replaced_on_the_object():
    model = network()
    layer = model.layers[0]
    layer.forward = MethodType(type(layer).forward, layer)
    x, _ = data(4)
    model.forward(x)
    seen = layer.cache
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where there is a faster way, it says that it is not taken
        model.predict(data(100)[0])
    assert layer.cache is seen
