"""Every edit is obeyed: what somebody has changed in a layer is what is computed.

Methods are found by watching a network learn and predict, so that a new one cannot be forgotten.
Each is edited on its class, on an object and in a subclass; what `fit`, `predict` and `evaluate`
then give is what the plain way gives with the same edit. test_source_edits.py edits the source.
"""

import inspect
from types import MethodType
from unittest import mock

import pytest
from edits import (
    NETWORKS,
    SAME_NUMBERS,
    answers,
    classes,
    data,
    edited,
    equal,
    in_the_plain_way,
    methods_called,
    network,
    with_warnings,
)

from scratchcnn import Layer, ReLU, Sequential, SoftmaxCrossEntropy, check_gradients

pytestmark = pytest.mark.slow

batch_sizes = pytest.mark.parametrize("batch_size", [1, 32, 128])


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
            layers = [layer for top in model.layers for _, layer in top.walk()]
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
            for _, layer in (pair for top in layers for pair in top.walk()):
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
    known = {
        type(layer) for name in NETWORKS for top in network(name).layers for _, layer in top.walk()
    }
    assert {cls for cls in classes() if issubclass(cls, Layer) and cls.__name__[0] != "_"} == {
        *known,
        Layer,
    }
    names = {name for _, name in seen}
    assert names > {"forward", "backward", "parameter_gradients", "input_gradient", "draw_mask"}
    assert names > {"im2col", "kernel_matrix", "pad", "offsets", "add_to_windows", "_sum_windows"}
    assert (SoftmaxCrossEntropy, "backward") in seen
    assert (Sequential, "backward") in seen


@pytest.mark.parametrize("method", ["forward", "input_gradient"])
def test_the_gradients_that_are_checked_are_those_of_an_edit(method):
    x, y = data(3)
    check_gradients(network("conv, relu, pool"), x, y)
    with (
        mock.patch.object(ReLU, method, edited(vars(ReLU)[method], method)),
        pytest.raises(AssertionError, match="by backward"),
    ):
        check_gradients(network("conv, relu, pool"), x, y)


def test_an_edit_that_matters_only_in_a_large_batch_is_obeyed():
    def make():
        return network("conv, relu, pool")

    original = ReLU.forward

    def forward(self, x, training=False):
        return original(self, x, training) * (2 if len(x) > 30 else 1)

    with mock.patch.object(ReLU, "forward", forward):
        hold("conv, relu, pool", 32, make, "ReLU.forward")
