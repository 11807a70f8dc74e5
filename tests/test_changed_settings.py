"""What somebody changes after a network was built, between two fits or in the middle of one."""

import copy
from unittest import mock

import numpy as np
import pytest
from small_networks import CLASSES, IMAGE, data, network, same, same_weights

from scratchcnn import (
    SGD,
    Adam,
    AvgPool2D,
    Conv2D,
    Dense,
    DivergenceError,
    Dropout,
    Flatten,
    MaxPool2D,
    Sequential,
)

pytest.importorskip("scratchcnn.fast", reason="there is no other way to compare with")

X, Y = data(150)
batch_sizes = pytest.mark.parametrize("batch_size", [1, 32, 128])


class After:
    """Changes something after one update, or after one epoch."""

    def __init__(self, change, event):
        setattr(self, event, lambda news: self.once(news, change))
        self.done = False

    def once(self, news, change):
        if not self.done:
            change(news.model)
        self.done = True


def learned(make, change, batch_size, event="on_batch_end"):
    """Return the weights and answers of a network that was changed while it was trained."""
    model = make()
    model.fit(X, Y, 2, batch_size, callbacks=[After(change, event)], verbose=False)
    return [*model.get_weights(), model.predict(X)]


def hold(make, change, batch_size, event="on_batch_end"):
    """Hold what is learned to what layer after layer learns."""
    ours = learned(make, change, batch_size, event)
    with mock.patch("scratchcnn.fast.executor", return_value=None):
        expected = learned(make, change, batch_size, event)
    for one, other in zip(ours, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


@batch_sizes
@pytest.mark.parametrize(("before", "after"), [(0.0, 0.5), (0.5, 0.0), (0.2, 0.6)])
def test_a_dropout_rate_that_is_changed_in_training_counts_from_then_on(before, after, batch_size):
    def make():
        return network(Dropout(before), dtype="float64")

    def change(model):
        model.layers[0].rate = after

    hold(make, change, batch_size)


@batch_sizes
@pytest.mark.parametrize("event", ["on_batch_end", "on_epoch_end"])
def test_a_layer_that_is_built_anew_in_training_learns_from_then_on(event, batch_size):
    start = []

    def change(model):
        layer = model.layers[0]
        layer.build(IMAGE, np.random.default_rng(5), "float64")
        layer.params["bias"] = np.array([0.1, 0.2, 0.3])
        start.extend(layer.get_weights())

    hold(lambda: network(dtype="float64"), change, batch_size, event)
    weights = learned(lambda: network(dtype="float64"), change, batch_size, event)
    assert not same(weights[:2], start[-2:])


def test_layers_copied_before_they_are_built_have_parameters_of_their_own():
    first = Conv2D(2, 3)
    second = copy.copy(first)
    model = Sequential([first, second, Flatten(), Dense(CLASSES)], IMAGE)
    assert first.params["kernel"].shape == (3, 3, 1, 2)
    assert second.params["kernel"].shape == (3, 3, 2, 2)
    assert len(model.params) == 6


@pytest.mark.parametrize(("before", "after"), [(0.0, 0.9), (0.9, 0.0), (0.9, 0.5)])
def test_a_momentum_that_is_changed_counts_from_then_on(before, after):
    """The velocity goes on; where there was none, it starts at zero."""
    optimizer, param, velocity = SGD(0.1, momentum=before), np.zeros(1), 0.0
    expected, params = 0.0, {"w": param}
    for momentum in (before, before, after, after):
        optimizer.momentum = momentum
        optimizer.update(params, {"w": np.ones(1)})
        velocity = momentum * velocity - 0.1
        expected += velocity
        velocity = velocity if momentum else 0.0
        assert param[0] == pytest.approx(expected)


@pytest.mark.parametrize(("before", "after"), [(0.0, 0.9), (0.9, 0.0)])
def test_after_momentum_is_changed_training_diverges_and_goes_back_as_ever(before, after):
    model, optimizer = network(), SGD(0.01, momentum=before)
    model.fit(X, Y, optimizer=optimizer, verbose=False)
    weights = model.get_weights()
    optimizer.momentum, optimizer.learning_rate = after, 1e30
    with pytest.raises(DivergenceError):
        model.fit(X, Y, optimizer=optimizer, verbose=False)
    assert same(model.get_weights(), weights)


def test_after_momentum_is_changed_a_saved_network_resumes(tmp_path):
    model, optimizer = network(), SGD(0.01, momentum=0.9)
    model.fit(X, Y, optimizer=optimizer, verbose=False)
    optimizer.momentum = 0.0
    model.save(tmp_path / "model.npz", optimizer)
    again = SGD(0.01)
    loaded = Sequential.load(tmp_path / "model.npz", again)
    for each, rule in ((model, optimizer), (loaded, again)):
        each.fit(X, Y, optimizer=rule, verbose=False)
    assert same_weights(model, loaded)


@pytest.mark.parametrize("make", [SGD, Adam])
def test_a_learning_rate_that_is_set_later_is_checked_like_the_first(make):
    optimizer = make(0.1)
    optimizer.learning_rate = "0.1"
    with pytest.raises(TypeError, match=r"learning_rate must be a number, got '0\.1'"):
        network().fit(X, Y, optimizer=optimizer, verbose=False)
    optimizer.learning_rate = np.float64(0.1)  # NumPy would compute in float64 with it
    ours, expected = network(), network()
    ours.fit(X, Y, optimizer=optimizer, verbose=False)
    expected.fit(X, Y, optimizer=make(0.1), verbose=False)
    assert same_weights(ours, expected)


@pytest.mark.parametrize("what", ["fit", "predict", "evaluate"])
@pytest.mark.parametrize(
    ("layer", "attribute", "value"),
    [
        (MaxPool2D(2), "strides", (1, 1)),
        (AvgPool2D(2), "strides", (1, 1)),
        (MaxPool2D(3), "pool_size", (4, 4)),
        (AvgPool2D(4), "padding", "same"),
        (Conv2D(2, 3), "strides", (2, 2)),
        (Conv2D(2, 3), "padding", "same"),
        (Conv2D(2, 3), "kernel_size", (2, 2)),
        (Conv2D(2, 3), "filters", 3),
    ],
    ids=lambda value: str(value),
)
def test_a_shape_that_is_changed_after_the_layer_was_built_is_refused(
    layer, attribute, value, what
):
    model = Sequential([copy.deepcopy(layer), Flatten(), Dense(CLASSES)], IMAGE)
    setattr(model.layers[0], attribute, value)
    name = model.layers[0].name
    with pytest.raises(ValueError, match=f"^{name} was built for .* make a new network"):
        {
            "fit": lambda: model.fit(X, Y, verbose=False),
            "predict": lambda: model.predict(X),
            "evaluate": lambda: model.evaluate(X, Y),
        }[what]()


def test_two_layers_of_one_name_are_refused():
    """The parameters of one would hide those of the other, which would never be trained."""
    model = Sequential([Conv2D(2, 3), Conv2D(2, 3), Flatten(), Dense(CLASSES)], IMAGE)
    model.layers[0].name = model.layers[1].name = "mine"
    with pytest.raises(ValueError, match="two layers are called 'mine'"):
        model.fit(X, Y, verbose=False)


def test_a_layer_may_be_given_a_name():
    ours, expected = network(), network()
    ours.layers[0].name = "first"
    ours.fit(X, Y, optimizer=Adam(), verbose=False)
    expected.fit(X, Y, optimizer=Adam(), verbose=False)
    assert "first/kernel" in ours.params
    assert same_weights(ours, expected)
