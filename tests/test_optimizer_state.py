"""What an optimizer remembers, for which parameters, and when it starts afresh."""

import numpy as np
import pytest
from optimizer_walks import STEPS, gradients, start, walk
from small_networks import data, network, same, same_weights

from scratchcnn import SGD, Adam, Conv2D, Dense, Flatten, Sequential, cosine_decay
from scratchcnn.optimizers import Optimizer


@pytest.mark.parametrize("make", [lambda: SGD(0.1, 0.9), lambda: Adam(0.1)])
def test_an_optimizer_starts_afresh_on_a_new_model(make):
    optimizer = make()
    walk(optimizer)
    assert all(np.array_equal(*pair) for pair in zip(walk(optimizer), walk(make()), strict=True))


RULES = pytest.mark.parametrize(
    "make", [lambda: SGD(0.1), lambda: SGD(0.1, 0.9), lambda: Adam(0.1)]
)


@RULES
@pytest.mark.parametrize("steps", [0, 1, 7])
def test_another_optimizer_goes_on_from_the_state_as_the_first_would_have(make, steps):
    first, second, grads = make(), make(), gradients()
    params = {"w": start()}
    for grad in grads[:steps]:
        first.update(params, {"w": grad})
    state, copies = first.get_state(params), {"w": params["w"].copy()}
    for grad in grads[steps:]:  # what the first does now is nothing to the state it gave away
        first.update(params, {"w": grad})
    second.set_state(copies, state)
    for grad in grads[steps:]:
        second.update(copies, {"w": grad})
    assert np.array_equal(copies["w"], params["w"])
    assert second.iterations == first.iterations == STEPS


@RULES
def test_the_state_is_that_of_the_parameters_asked_for(make):
    optimizer, params = make(), {"w": start()}
    optimizer.update(params, {"w": gradients(1)[0]})
    state = optimizer.get_state({"w": start()})  # other arrays: nothing is known of them
    assert not any(array.any() for array in state.values())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("w/0"), "another kind of optimizer"),
        (lambda s: s.update({"w/2": s["w/0"]}), "another kind of optimizer"),
        (lambda s: s.update({"v/0": s.pop("w/0")}), "v/0"),
        (lambda s: s.pop("iterations"), "iterations"),
        (lambda s: s.update(iterations=np.array(-1)), "iterations is array"),
        (lambda s: s.update(iterations=np.array(1.5)), "iterations is array"),
        (lambda s: s.update(iterations=np.array([1, 2])), "iterations is array"),
        (lambda s: s.update({"w/0": s["w/0"][:2]}), r"w/0.* has shape \(4, 3\), got \(2, 3\)"),
        (lambda s: s.update({"w/1": s["w/1"] * np.nan}), "w/1.* holds NaN"),
        (lambda s: s.update({"w/1": s["w/1"].astype(str)}), "w/1.* real numbers"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_nothing_changes(change, message):
    params, optimizer = {"w": start()}, Adam(0.1)
    for grad in gradients(3):
        optimizer.update(params, {"w": grad})
    before = optimizer.get_state(params)
    forged = {key: array.copy() for key, array in before.items()}
    change(forged)
    with pytest.raises((ValueError, TypeError), match=message):
        optimizer.set_state(params, forged)
    after = optimizer.get_state(params)
    assert all(np.array_equal(before[key], after[key]) for key in before)


@pytest.mark.parametrize("make", [lambda: SGD(0.1, 0.9), lambda: Adam(0.01)])
def test_an_optimizer_goes_on_from_one_fit_to_the_next(make):
    whole, parts, optimizer = network(), network(), make()
    options = {"batch_size": 6, "verbose": False}
    whole.fit(*data(), epochs=4, optimizer=make(), **options)
    for _ in range(2):
        parts.fit(*data(), epochs=2, optimizer=optimizer, **options)
    assert same_weights(whole, parts)


def test_every_parameter_has_its_own_memory():
    optimizer = SGD(1.0, momentum=0.5)
    params = {"a": np.zeros(1), "b": np.zeros(1)}
    for a, b in ((1.0, 0.0), (0.0, 0.0)):
        optimizer.update(params, {"a": np.array([a]), "b": np.array([b])})
    assert (params["a"].item(), params["b"].item()) == (-1.5, 0)


def layers_of(model):
    return [layer for layer in model.layers if layer.params]


def small():
    model = Sequential([Conv2D(2, 3), Flatten(), Dense(3)], (4, 4, 1), dtype="float64")
    for layer in layers_of(model):
        layer.grads = {name: np.ones_like(param) for name, param in layer.params.items()}
    return model


@pytest.mark.parametrize(
    "make", [lambda: SGD(0.1, 0.9), lambda: Adam(0.1), lambda: SGD(cosine_decay(0.1, 9))]
)
def test_updating_layer_by_layer_is_refused_where_it_would_start_over_each_time(make):
    model, optimizer = small(), make()
    first, second = layers_of(model)
    for layer in (first, second):
        optimizer.update(layer.params, layer.grads)
    before, cure = model.get_weights(), r"optimizer\.update\(model\.params, model\.grads\)"
    for _ in range(2):
        with pytest.raises(ValueError, match=rf"'kernel' of one layer.*{cure}"):
            optimizer.update(first.params, first.grads)
    assert same(model.get_weights(), before)
    optimizer = make()
    for _ in range(2):  # the cure
        optimizer.update(model.params, model.grads)
    assert optimizer.iterations == 2


def test_plain_steps_remember_nothing_and_may_go_layer_by_layer():
    together, apart = small(), small()
    for _ in range(3):
        SGD(0.1).update(together.params, together.grads)
    optimizer = SGD(0.1)
    for _ in range(3):
        for layer in layers_of(apart):
            optimizer.update(layer.params, layer.grads)
    assert same_weights(together, apart)


def test_a_new_model_after_another_is_no_taking_turns():
    optimizer = Adam(0.1)
    for model in [small() for _ in range(4)]:
        for _ in range(2):
            optimizer.update(model.params, model.grads)
        assert optimizer.iterations == 2


def test_an_optimizer_that_forgets_to_call_super_is_told_so_at_its_first_update():
    class Sign(Optimizer):
        def __init__(self, learning_rate):
            self.rate = learning_rate

        def step(self, param, grad, memory, rate):
            param -= rate * np.sign(grad)

    cure = r"Sign\.__init__ must call super\(\)\.__init__\(learning_rate\)"
    with pytest.raises(AttributeError, match=cure):
        Sign(0.1).update({"w": start()}, {"w": gradients()[0]})
    with pytest.raises(AttributeError, match=cure):
        network().fit(*data(), optimizer=Sign(0.1), verbose=False)
