"""Optimizers are pickled and copied with what they remember, and go on from there."""

import copy
import pickle

import numpy as np
import pytest
from small_networks import IMAGE, data, network, same_weights

from scratchcnn import SGD, Adam, Dense, Flatten, Sequential, cosine_decay, step_decay


def pickled(optimizer):
    return pickle.loads(pickle.dumps(optimizer))


COPIES = pytest.mark.parametrize("copied", [pickled, copy.deepcopy, copy.copy])
KINDS = {
    "SGD": lambda: SGD(0.05),
    "momentum": lambda: SGD(0.05, 0.9),
    "Adam": lambda: Adam(0.01),
    "momentum with a schedule": lambda: SGD(cosine_decay(0.05, 20), 0.9),
    "Adam with a schedule": lambda: Adam(step_decay(0.01, 3), weight_decay=0.01),
}


def fit(model, optimizer, epochs=2):
    return model.fit(*data(), epochs, 6, optimizer, verbose=False)


@COPIES
@pytest.mark.parametrize("kind", KINDS)
def test_a_copied_optimizer_goes_on_with_its_model_as_the_original_would_have(copied, kind):
    whole, optimizer = network(), KINDS[kind]()
    fit(whole, optimizer, 4)
    model, first = network(), KINDS[kind]()
    fit(model, first)
    fit(model, copied(first))
    assert same_weights(model, whole)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("together", [True, False], ids=["together", "apart"])
def test_model_and_optimizer_pickled_go_on_as_if_nothing_had_been(kind, together):
    whole, optimizer = network(), KINDS[kind]()
    fit(whole, optimizer, 4)
    model, optimizer = network(), KINDS[kind]()
    fit(model, optimizer)
    if together:
        model, optimizer = pickled((model, optimizer))
    else:
        model, optimizer = pickled(model), pickled(optimizer)
    fit(model, optimizer)
    assert same_weights(model, whole)
    assert optimizer.iterations == 4 * 4


@COPIES
def test_what_the_copy_does_is_nothing_to_the_original(copied):
    model, optimizer = network(), Adam(0.01)
    fit(model, optimizer)
    before, other = optimizer.get_state(model.params), pickled(model)
    fit(other, copied(optimizer))
    after = optimizer.get_state(model.params)
    assert all(np.array_equal(before[name], after[name]) for name in before)


@COPIES
def test_a_copy_starts_afresh_on_a_model_of_other_shapes(copied):
    optimizer = Adam(0.01)
    fit(network(), optimizer)
    small, other = (Sequential([Flatten(), Dense(4)], IMAGE) for _ in range(2))
    fit(small, copied(optimizer))
    fit(other, Adam(0.01))
    assert same_weights(small, other)


@pytest.mark.parametrize(
    ("optimizer", "text"),
    [
        (SGD(), "SGD(0.01)"),
        (SGD(0.1), "SGD(0.1)"),
        (SGD(0.01, momentum=0.9), "SGD(0.01, momentum=0.9)"),
        (Adam(0.002, beta_1=0.8), "Adam(0.002, beta_1=0.8)"),
        (Adam(cosine_decay(0.1, 20)), "Adam(cosine_decay(0.1, 20, 0.0))"),
        (SGD(step_decay(0.1, 5)), "SGD(step_decay(0.1, 5, 0.5))"),
    ],
)
def test_an_optimizer_reads_as_the_call_that_makes_it(optimizer, text):
    assert repr(optimizer) == text
    assert repr(eval(text)) == text


@pytest.mark.parametrize("copied", [pickled, copy.deepcopy])
def test_an_optimizer_that_has_seen_two_models_can_be_copied(copied):
    optimizer, models = Adam(0.01), [network(), network()]
    for model in models:
        fit(model, optimizer)
    assert copied(optimizer).iterations == optimizer.iterations
