"""Every edit is obeyed: what somebody has changed in a layer is what is computed.

Methods are found by watching a network learn and predict, so that a new one cannot be forgotten.
Each is edited on its class, on an object and in a subclass; what `fit`, `predict` and `evaluate`
then give is what the plain way gives with the same edit. test_source_edits.py edits the source.
"""

import copy
import functools
import inspect
import warnings
from types import GeneratorType, MethodType
from unittest import mock

import numpy as np
import pytest
from edits import (
    MANY,
    NETWORKS,
    answers,
    classes,
    data,
    equal,
    in_the_plain_way,
    methods_called,
    network,
    with_warnings,
)

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
    check_gradients,
    losses,
)
from scratchcnn.fast import FastExecutor
from scratchcnn.layers import activations, convolution
from scratchcnn.layers.base import walk
from scratchcnn.training import PlainExecutor, executor

# What these return is a look-up or a way through the layers, not a number of the network: they
# are replaced by what does the same.
SAME_NUMBERS = {
    "walk",
    "replica",
    "_named",
    "clear_gradients",
    "params",
    "grads",
    "state",
    "trainable",
    "layers",
}
batch_sizes = pytest.mark.parametrize("batch_size", [1, 32, 128])


def edited(original, name):
    """Return a method, or a property, that gives something else than ``original``."""
    if isinstance(original, property):
        return property(edited(original.fget, name), original.fset)

    @functools.wraps(original)  # it even has the original's name
    def method(self, *arguments, **options):
        return changed(self, name, original(self, *arguments, **options))

    return method


def changed(layer, name, result):
    if name in SAME_NUMBERS:
        return result
    if name in ("backward", "parameter_gradients", "_update") and hasattr(layer, "layers"):
        for _, inside in walk(layer.layers):
            changed(inside, name, None)
    elif name in ("backward", "parameter_gradients", "_update") and isinstance(layer, Layer):
        for key, gradient in layer._grads.items():
            layer._grads[key] = gradient * 1.5
        for average in layer._state.values():
            average += 0.1
    if isinstance(result, GeneratorType):
        return iter(list(result)[:-1])
    if isinstance(result, tuple):
        return tuple(changed(layer, name, item) for item in result)
    return result * 1.5 if isinstance(result, np.ndarray | float) else result


def hold(name, batch_size, make, says=None):
    """Hold what an edited network answers to what the plain way answers with the same edit."""
    expected = in_the_plain_way(answers, make(), batch_size)
    ours, messages = with_warnings(answers, make(), batch_size)
    assert equal(ours, expected)
    if says is None or name == "batch norm":
        assert messages == []
    else:  # fit, predict and evaluate each say so; predicting a few is plain anyway
        assert len(messages) == 3
        assert all(f"{says} " in message for message in messages)


@batch_sizes
@pytest.mark.parametrize("name", NETWORKS)
def test_a_method_replaced_on_its_class_is_obeyed_and_one_line_says_so(name, batch_size):
    for cls, method in methods_called(name):
        with mock.patch.object(cls, method, edited(vars(cls)[method], method)):
            hold(name, batch_size, lambda: network(name), f"{cls.__name__}.{method}")


@batch_sizes
@pytest.mark.parametrize("name", NETWORKS)
def test_a_method_replaced_on_one_object_is_obeyed_and_one_line_says_so(name, batch_size):
    for cls, method in methods_called(name):
        if cls is SoftmaxCrossEntropy or isinstance(vars(cls)[method], property):
            continue  # of these there is no object to edit

        def make(cls=cls, method=method):
            model = network(name)
            layers = [layer for _, layer in walk(model.layers)]
            thing = next(t for t in [model, *layers[::-1]] if isinstance(t, cls))
            original = getattr(type(thing), method)
            setattr(thing, method, MethodType(edited(original, method), thing))
            return model

        hold(name, batch_size, make, f".{method} of one object")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_method_of_a_subclass_is_obeyed_without_a_word(name):
    for cls, method in methods_called(name):
        if cls is SoftmaxCrossEntropy:
            continue

        def derived(base, method=method):
            original = inspect.getattr_static(base, method)
            return type(base.__name__, (base,), {method: edited(original, method)})

        def derive(layers, cls=cls, derived=derived):
            for _, layer in walk(layers):
                if isinstance(layer, cls):
                    layer.__class__ = derived(type(layer))

        def make(cls=cls, derive=derive, derived=derived):
            if issubclass(Sequential, cls):
                return network(name, derived(Sequential))
            return network(name, change=derive)

        hold(name, 32, make)


def test_every_edit_makes_a_difference_in_some_network():
    same = {place: None for name in NETWORKS for place in methods_called(name)}
    for name in NETWORKS:
        unedited = in_the_plain_way(answers, network(name))
        for cls, method in methods_called(name).keys() & same.keys():
            with mock.patch.object(cls, method, edited(vars(cls)[method], method)):
                if not equal(in_the_plain_way(answers, network(name)), unedited, 1e-6):
                    del same[cls, method]
    # Layer's own parameter_gradients is that of layers with nothing to learn.
    assert {method for _, method in same} <= {*SAME_NUMBERS, "parameter_gradients"}
    assert (Layer, "parameter_gradients") in same


def test_every_layer_of_the_library_and_every_kind_of_method_is_edited():
    seen = {place: None for name in NETWORKS for place in methods_called(name)}
    known = {type(layer) for name in NETWORKS for _, layer in walk(network(name).layers)}
    assert {cls for cls in classes() if issubclass(cls, Layer) and cls.__name__[0] != "_"} == {
        *known,
        Layer,
    }
    names = {name for _, name in seen}
    assert names > {"forward", "backward", "parameter_gradients", "input_gradient", "draw_mask"}
    assert names > {"im2col", "kernel_matrix", "_pad", "_offsets", "_scatter", "_sum_windows"}
    assert (SoftmaxCrossEntropy, "backward") in seen
    assert (Sequential, "backward") in seen


def small():
    layers = [Conv2D(2, 3), ReLU(), MaxPool2D(2), Flatten(), Dropout(0.4), Dense(3)]
    return Sequential(layers, (7, 8, 2), seed=1, dtype="float64")


def faster(model, learning=True):
    x, y = data(MANY)
    return isinstance(executor(model, x, y if learning else None), FastExecutor)


@pytest.mark.parametrize("method", ["forward", "input_gradient"])
def test_the_gradients_that_are_checked_are_those_of_an_edit(method):
    x, y = data(3)
    check_gradients(small(), x, y)
    with (
        mock.patch.object(ReLU, method, edited(vars(ReLU)[method], method)),
        pytest.raises(AssertionError, match="by backward"),
    ):
        check_gradients(small(), x, y)


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


def test_an_edit_that_matters_only_in_a_large_batch_is_obeyed():
    def make():
        return network("conv, relu, pool")

    original = ReLU.forward

    def forward(self, x, training=False):
        return original(self, x, training) * (2 if len(x) > 30 else 1)

    with mock.patch.object(ReLU, "forward", forward):
        hold("conv, relu, pool", 32, make, "ReLU.forward")


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


def test_a_network_that_cannot_be_copied_as_a_whole_is_computed_all_the_same():
    model = small()
    model.keepsake = (number for number in range(3))  # a generator cannot be copied
    assert faster(model)
