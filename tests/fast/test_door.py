"""The door to what is faster: who is let in, who is told otherwise, and what a trial leaves be."""

import copy
import warnings
from unittest import mock

import numpy as np
import pytest
from edits import MANY, NETWORKS, data, edited, equal, in_the_plain_way, network, with_warnings

from scratchcnn import (
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2D,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
    losses,
)
from scratchcnn.fast import FastExecutor, _close
from scratchcnn.layers import activations, convolution
from scratchcnn.training import PlainExecutor, executor


def small():
    layers = [Conv2D(2, 3), ReLU(), MaxPool2D(2), Flatten(), Dropout(0.4), Dense(3)]
    return Sequential(layers, (7, 8, 2), seed=1, dtype="float64")


def faster(model, learning=True):
    x, y = data(MANY)
    return isinstance(executor(model, x, y if learning else None), FastExecutor)


class Sixfold:
    """Something that can be called, and is no function."""

    def __get__(self, layer, cls):
        return self if layer is None else lambda x, training=False: np.clip(x, 0, 6)


REPLACED = {
    "by a function of its own name from another class": (ReLU, "forward", Layer.forward),
    "by an object": (ReLU, "forward", Sixfold()),
    "by a builtin function": (Conv2D, "kernel_matrix", property(abs)),
    "by a static method": (ReLU, "input_gradient", staticmethod(lambda dy: dy)),
    "where it was inherited": (Dense, "backward", edited(Layer.backward, "backward")),
    "by a mock": (MaxPool2D, "_scatter", mock.MagicMock()),
    "in its module": (losses, "as_floats", lambda logits: logits),
    "in a module that it imports from": (convolution, "pad_widths", lambda *_: ((0, 0), (0, 0))),
    "as numpy": (activations, "np", mock.MagicMock(wraps=np)),
    "in the plain executor": (PlainExecutor, "logits", lambda self, x: self.model.forward(x)),
}


@pytest.mark.parametrize("how", REPLACED)
def test_whatever_takes_the_place_of_a_method_is_seen_without_a_trial(how):
    model, (owner, name, value) = small(), REPLACED[how]
    assert faster(model)
    with (
        mock.patch.object(owner, name, value, create=True),
        mock.patch("scratchcnn.fast._agrees", return_value=True),
        pytest.warns(RuntimeWarning, match=rf"{name} has been replaced: .* layer by layer"),
    ):
        assert not faster(model)
    assert faster(model)


def test_the_line_points_to_the_call_that_is_slower():
    model, (x, y) = small(), data(MANY)
    relu = model.layers[1]
    relu.forward = lambda x, training=False: 2 * ReLU.forward(relu, x)
    calls = [
        lambda: model.fit(x, y, verbose=False),
        lambda: model.predict(x),
        lambda: model.evaluate(x, y),
    ]
    for call in calls:
        with pytest.warns(RuntimeWarning, match=r"^ReLU\.forward of one object has") as caught:
            call()
        assert [warning.filename for warning in caught] == [__file__]


def test_numpys_functions_may_be_replaced_as_well():
    """As somebody would do who counts products."""
    model, x = small(), data(MANY)[0]
    expected = in_the_plain_way(model.predict, x)
    dot = np.dot
    with mock.patch.object(np, "dot", lambda *a, **o: dot(*a, **o)), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert equal(model.predict(x), expected, 1e-9)


def test_a_class_put_in_the_place_of_ours_is_not_taken_for_ours():
    class Mine(ReLU):
        pass

    layers = [Conv2D(2, 3), Mine(), Flatten(), Dense(3)]
    model = Sequential(layers, (7, 8, 2), dtype="float64")
    with mock.patch("scratchcnn.fast.support.SUPPORTED", (Conv2D, Mine, Flatten, Dense)):
        assert not faster(model)


def state_of(model):
    arrays = [*model.params.values(), *model.grads.values(), *model.weights.values()]
    caches = [(id(layer.cache), layer.batch_size) for layer in model.layers]
    return copy.deepcopy(arrays), model.rng.bit_generator.state, caches, model.history


@pytest.mark.parametrize("learning", [False, True])
def test_the_trial_changes_nothing(learning):
    model, (x, y) = small(), data(MANY)
    SoftmaxCrossEntropy().forward(model.forward(x, training=True), y)
    model.backward(np.ones((MANY, 3)))
    before, images = state_of(model), x.copy()
    assert faster(model, learning)
    after = state_of(model)
    assert before[1:] == after[1:]
    assert all(np.array_equal(*pair) for pair in zip(before[0], after[0], strict=True))
    assert np.array_equal(x, images)


@pytest.mark.parametrize("scale", [0, 1e-3, 1, 255, 1e6, np.nan])
@pytest.mark.parametrize("name", NETWORKS)
def test_nobody_is_accused_who_has_edited_nothing(name, scale):
    """Also where a network is sure of itself, pixels are not scaled, or weights are no numbers."""
    (x, y), scale = data(MANY), np.float64(scale)
    for dtype in ("float32", "float64"):
        model = network(name, lambda *a, dtype=dtype, **o: Sequential(*a, **(o | {"dtype": dtype})))
        for weight in model.weights.values():
            weight *= 30
        if np.isnan(scale):
            model.layers[-1].params["bias"] *= scale
        else:
            x = x * scale
        for images, labels in ((x, None), (x, y), (x[:1], y[:1])):
            with np.errstate(all="ignore"):
                _, messages = with_warnings(executor, model, images.astype(dtype), labels)
            assert messages == []


def test_arrays_of_different_shapes_do_not_agree_even_if_numpy_would_stretch_one():
    assert _close(np.ones((2, 3)), np.ones((2, 3)))
    assert not _close(np.ones((2, 1)), np.ones((2, 3)))
    assert not _close(np.ones((2, 3)), np.ones((2, 1)))


def test_arrays_agree_as_long_as_they_differ_by_no_more_than_rounding():
    x = np.arange(6.0)
    assert _close(x * (1 + 1e-9), x)
    assert not _close(x * (1 + 1e-5), x)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_agrees_only_with_what_is_none_either(bad):
    assert _close(np.full(3, bad), np.full(3, bad))
    assert not _close(np.ones(3), np.full(3, bad))
    assert not _close(np.full(3, bad), np.ones(3))


def test_a_network_that_cannot_be_copied_as_a_whole_is_computed_all_the_same():
    model = small()
    model.keepsake = (number for number in range(3))  # a generator cannot be copied
    assert faster(model)
