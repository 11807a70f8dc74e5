"""A network can be copied and pickled in the middle of its work."""

import copy
import pickle

import numpy as np
import pytest
from drawn import numbers

from scratchcnn import Conv2D, Dense, Flatten, MaxPool2D, ReLU, Sequential, SoftmaxCrossEntropy


def used_model(layers):
    model = Sequential(layers, input_shape=(8, 8, 1), seed=0, dtype="float64")
    model.forward(numbers((2, 8, 8, 1), seed=1))
    return model


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
@pytest.mark.parametrize("between", [[], [ReLU]])
def test_a_copy_of_a_used_network_computes_the_same_from_new_images(copied, between):
    model = used_model(
        [Conv2D(3, 3), *(make() for make in between), MaxPool2D(2), Flatten(), Dense(4)]
    )
    twin = copied(model)
    x, labels = numbers((2, 8, 8, 1), seed=2), np.array([1, 3])
    gradients = []
    for each in (model, twin):
        loss = SoftmaxCrossEntropy()
        loss.forward(each.forward(x), labels)
        gradients.append([each.backward(loss.backward()), *each.grads.values()])
    for mine, yours in zip(*gradients, strict=True):
        assert mine == pytest.approx(yours)


def test_a_copy_shares_nothing_with_its_original():
    model = used_model([Conv2D(3, 3), MaxPool2D(2), Flatten(), Dense(4)])
    x = numbers((2, 8, 8, 1), seed=2)
    before = model.forward(x).copy()
    twin = copy.deepcopy(model)
    twin.set_weights([weight + 1 for weight in twin.get_weights()])
    twin.forward(numbers((2, 8, 8, 1), seed=3))
    assert (model.forward(x) == before).all()


def test_a_copy_cannot_go_backward_before_it_has_seen_images():
    layer = copy.deepcopy(used_model([Conv2D(3, 3), Flatten(), Dense(4)]).layers[0])
    with pytest.raises(RuntimeError, match="call forward before backward"):
        layer.backward(np.zeros((2, 6, 6, 3)))
