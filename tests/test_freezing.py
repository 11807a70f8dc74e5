"""Frozen layers: `trainable = False` leaves their parameters alone, and loses nothing else."""

import copy
import pickle

import numpy as np
import pytest
from small_networks import CLASSES, data, network, same, same_weights

from scratchcnn import SGD, Adam, BatchNorm, Conv2D, Dense, Flatten, ReLU, Residual, Sequential

RULES = pytest.mark.parametrize(
    "make",
    [lambda: SGD(0.1), lambda: SGD(0.1, 0.9), lambda: Adam(0.01), lambda: SGD(0.1, 0.9, 0.01)],
    ids=["SGD", "momentum", "Adam", "weight decay"],
)


def fit(model, optimizer=None, epochs=2, **options):
    return model.fit(*data(), epochs, 6, optimizer, verbose=False, **options)


def arrays(layer):
    return [array.copy() for array in layer.weights.values()]


@RULES
@pytest.mark.parametrize("frozen", [0, 4])
def test_a_frozen_layer_keeps_its_parameters_to_the_bit_and_the_others_learn(make, frozen):
    model = network()
    model.layers[frozen].trainable = False
    before = {layer.name: arrays(layer) for layer in model.layers}
    fit(model, make())
    for k in (0, 4):
        layer = model.layers[k]
        assert same(arrays(layer), before[layer.name]) == (k == frozen)


def test_what_is_frozen_changes_nothing_in_how_the_others_learn_at_their_first_update():
    frozen, free = network(dtype="float64"), network(dtype="float64")
    frozen.layers[0].trainable = False
    for model in (frozen, free):
        model.fit(*data(6), batch_size=6, optimizer=SGD(0.1), verbose=False)
    assert same(arrays(frozen.layers[4]), arrays(free.layers[4]))


def test_the_gradients_of_a_frozen_layer_are_there_to_look_at():
    model, seen = network(), []
    model.layers[0].trainable = False
    fit(model, callbacks=[lambda end: seen.append(np.abs(end.model.grads["conv2d/kernel"]).max())])
    assert min(seen) > 0


@RULES
def test_an_optimizer_remembers_a_frozen_layer_for_when_it_thaws(make):
    model, optimizer = network(), make()
    kernel = model.layers[0]
    fit(model, optimizer)
    before = optimizer.get_state(kernel_params(model))
    kernel.trainable = False
    fit(model, optimizer)
    after = optimizer.get_state(kernel_params(model))
    assert after.pop("iterations") == 2 * before.pop("iterations")
    assert same(before.values(), after.values())
    kernel.trainable = True
    still = arrays(kernel)
    fit(model, optimizer)
    assert not same(arrays(kernel), still)


def kernel_params(model):
    return {name: p for name, p in model.params.items() if name.startswith("conv2d")}


def test_with_all_layers_frozen_nothing_changes_and_the_figures_are_those_of_evaluate():
    model = network()
    for layer in model.layers:
        layer.trainable = False
    before = model.get_weights()
    history = fit(model, Adam(0.1), epochs=3).history
    assert same(model.get_weights(), before)
    loss, accuracy = model.evaluate(*data())
    assert history["loss"] == pytest.approx([loss] * 3, rel=1e-5)
    assert history["accuracy"] == pytest.approx([accuracy] * 3)


def test_a_frozen_batch_norm_keeps_its_moving_averages_too():
    model = network(BatchNorm())
    norm = model.layers[0]
    norm.trainable = False
    before = arrays(norm)
    fit(model)
    assert same(arrays(norm), before)
    norm.trainable = True
    fit(model)
    assert not any(np.array_equal(*pair) for pair in zip(arrays(norm), before, strict=True))


def block():
    """Return a network whose block has a shortcut with a convolution."""
    inside = [Conv2D(2, 3, padding="same"), BatchNorm(), Conv2D(2, 3, padding="same")]
    return Sequential([Residual(inside), Flatten(), Dense(CLASSES)], (6, 6, 1))


def test_freezing_a_block_freezes_all_in_it():
    model = block()
    residual = model.layers[0]
    residual.trainable = False
    before = arrays(residual)
    fit(model)
    assert same(arrays(residual), before)


def test_a_layer_inside_a_block_can_be_frozen_alone():
    model = block()
    residual = model.layers[0]
    inside = residual.layers[0], residual.shortcut
    for layer in inside:
        layer.trainable = False
    before, other = [arrays(layer) for layer in inside], arrays(residual.layers[2])
    fit(model)
    assert all(same(arrays(layer), old) for layer, old in zip(inside, before, strict=True))
    assert not same(arrays(residual.layers[2]), other)


def test_a_layer_that_was_frozen_before_its_network_was_made_stays_frozen_alone():
    inside = [Conv2D(2, 3, padding="same"), ReLU(), Conv2D(2, 3, padding="same")]
    inside[0].trainable = False
    residual = Residual(inside)
    Sequential([residual, Flatten(), Dense(CLASSES)], (6, 6, 1))
    flags = [layer.trainable for layer in (*inside, residual.shortcut)]
    assert flags == [False, True, True, True]


def test_a_block_that_was_frozen_before_its_network_was_made_has_a_frozen_shortcut():
    residual = Residual([Conv2D(2, 3, padding="same")])
    residual.trainable = False
    Sequential([residual, Flatten(), Dense(CLASSES)], (6, 6, 1))
    assert not residual.shortcut.trainable


def test_the_summary_counts_what_can_be_learned():
    model = network()
    everything = model.count_params()
    assert "trainable" not in str(model.summary())
    model.layers[4].trainable = False
    kept = model.layers[0].count_params()
    for text in (str(model.summary()), model.summary()._repr_html_()):
        assert f"{everything:,}" in text
        assert "trainable" in text
    assert str(model.summary()).split()[-2:] == ["trainable", f"{kept:,}"]


def through_a_file(model, folder):
    model.save(folder / "model.npz")
    return Sequential.load(folder / "model.npz")


WAYS = {
    "saved": through_a_file,
    "pickled": lambda model, folder: pickle.loads(pickle.dumps(model)),
    "copied": lambda model, folder: copy.deepcopy(model),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "freeze",
    [
        lambda residual: [],
        lambda residual: [residual],
        lambda residual: residual.layers[:1],
        lambda residual: [residual.shortcut],
        lambda residual: [residual.layers[1], residual.shortcut],
    ],
    ids=["nothing", "the block", "a layer inside", "the shortcut", "both"],
)
def test_what_is_frozen_comes_back_frozen_and_nothing_else(tmp_path, way, freeze):
    model = block()
    for layer in freeze(model.layers[0]):
        layer.trainable = False
    other = WAYS[way](model, tmp_path)
    flags = [[layer.trainable for _, layer in m.layers[0].walk()] for m in (model, other)]
    assert flags[0] == flags[1]
    for one in (model, other):
        fit(one)
    assert same_weights(model, other)


@pytest.mark.parametrize("value", [0, 1, None, "no"])
def test_trainable_is_true_or_false(value):
    layer = Dense(2)
    with pytest.raises(TypeError, match="trainable must be True or False"):
        layer.trainable = value
    assert layer.trainable
