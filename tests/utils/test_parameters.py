"""Parameters: an assignment copies numbers into the array that everything else holds."""

import copy
import pickle

import numpy as np
import pytest
from drawn import numbers

from scratchcnn import SGD, Adam, BatchNorm, Conv2D, Dense, Flatten, Residual, Sequential
from scratchcnn._utils.parameters import Gradients, Parameters


def parameters(**options):
    return Parameters("dense", "float32", {"kernel": np.zeros((2, 3), "float32")}, **options)


def network():
    block = Residual([Conv2D(2, 3, padding="same"), BatchNorm()])
    return Sequential([block, Flatten(), Dense(3)], (4, 4, 2))


@pytest.mark.parametrize(
    "value",
    [np.ones((2, 3)), [[1, 1, 1]] * 2, np.ones((2, 3), ">f8"), np.ones((3, 2)).T, [[True] * 3] * 2],
)
def test_an_assignment_copies_the_numbers_in_and_casts_them(value):
    params = parameters()
    kernel = params["kernel"]
    params["kernel"] = value
    assert params["kernel"] is kernel
    assert kernel.dtype == "float32"
    assert (kernel == 1).all()
    if isinstance(value, np.ndarray):
        value[...] = 7  # a copy: what happens to it later does not matter
        assert (kernel == 1).all()


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (
            np.ones((3, 2)),
            ValueError,
            r"dense: the parameter 'kernel' has shape \(2, 3\), got \(3, 2\)",
        ),
        (np.ones((1, 2, 3)), ValueError, r"got \(1, 2, 3\)"),
        (1.0, ValueError, r"got \(\)"),
        ([[1], [2, 3]], ValueError, "dense: the parameter 'kernel' is not a regular array"),
        ("ones", TypeError, "dense: the parameter 'kernel' has dtype <U4, expected real numbers"),
        (None, TypeError, "'kernel' is None"),
        (np.ones((2, 3)) * 1j, TypeError, "complex"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_changed(value, error, message):
    params = parameters()
    with pytest.raises(error, match=message):
        params["kernel"] = value
    assert not params["kernel"].any()


def test_changes_in_place_change_the_array_itself():
    params = parameters()
    kernel = params["kernel"]
    params["kernel"] += 2
    params["kernel"] *= 3
    params["kernel"][0, 0] = 0
    assert params["kernel"] is kernel
    assert kernel.ravel().tolist() == [0, 6, 6, 6, 6, 6]


def test_an_overlapping_view_of_itself_can_be_assigned():
    params = parameters()
    params["kernel"] = np.arange(6).reshape(2, 3)
    params["kernel"] = params["kernel"][::-1, ::-1]
    assert params["kernel"].ravel().tolist() == [5, 4, 3, 2, 1, 0]


def test_update_assigns_several():
    params = parameters()
    kernel = params["kernel"]
    params.update(kernel=np.ones((2, 3)), bias=[1, 2, 3])
    assert params["kernel"] is kernel
    assert kernel.all()
    assert params["bias"].dtype == "float32"
    assert list(params) == ["kernel", "bias"]
    assert len(params) == 2


def test_a_new_parameter_is_a_copy_in_the_dtype_and_in_the_memory_layout_it_came_in():
    params, bias = parameters(), np.asfortranarray(np.ones((3, 4)))
    params["bias"] = bias
    assert not np.shares_memory(params["bias"], bias)
    assert params["bias"].dtype == "float32"
    assert params["bias"].flags.f_contiguous


def test_a_fixed_set_takes_no_new_names_and_loses_none():
    params = parameters(fixed=True)
    params["kernel"] = np.ones((2, 3))
    with pytest.raises(KeyError, match=r"dense has no array 'bias', only \['kernel'\]"):
        params["bias"] = [1, 2, 3]
    with pytest.raises(KeyError, match="dense: parameters cannot be removed"):
        del params["kernel"]
    assert list(params) == ["kernel"]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_copies_have_arrays_of_their_own(copied):
    params = parameters(fixed=True)
    other = copied(params)
    other["kernel"] = np.ones((2, 3))
    assert not params["kernel"].any()
    with pytest.raises(KeyError, match="dense has no array"):
        other["bias"] = [0]


def test_they_print_like_a_dictionary():
    assert repr(Parameters("dense", arrays={"bias": np.zeros(2)})) == "{'bias': array([0., 0.])}"


# In layers and networks.


def test_the_network_the_layer_and_the_array_are_one():
    model = network()
    kernel = model.layers[2].params["kernel"]
    model.params["dense/kernel"] = np.full((32, 3), 5)
    assert (kernel == 5).all()
    model.layers[2].params["kernel"] = np.full((32, 3), 6)
    assert model.params["dense/kernel"] is kernel
    assert (model.get_weights()[-2] == 6).all()
    model.params["residual/conv2d/bias"] += 3
    assert (model.layers[0].layers[0].params["bias"] == 3).all()


def test_an_unknown_name_in_a_network_is_refused_with_those_there_are():
    message = r"the model has no array 'dense/kernal', only \['residual/conv2d/kernel', .*dense/"
    with pytest.raises(KeyError, match=message):
        network().params["dense/kernal"] = 3
    with pytest.raises(KeyError, match="cannot be removed"):
        del network().params["dense/kernel"]


@pytest.mark.parametrize("optimizer", [SGD(0.1, momentum=0.9), Adam(0.1)])
def test_the_optimizer_goes_on_from_what_was_assigned(optimizer):
    model, x, y = network(), numbers((8, 4, 4, 2), 0), np.arange(8) % 3
    model.fit(x, y, optimizer=optimizer, verbose=False)
    before = optimizer.iterations
    model.params["dense/kernel"] = np.full((32, 3), 100)
    model.fit(x, y, optimizer=optimizer, verbose=False)
    assert optimizer.iterations == before + 1  # it has not begun anew
    assert 90 < model.params["dense/kernel"].mean() < 110


def test_assigning_a_dictionary_to_a_built_layer_copies_into_its_arrays():
    layer = Dense(3)
    layer.build((2,), np.random.default_rng(0))
    kernel, bias = layer.params["kernel"], layer.params["bias"]
    layer.params = {"kernel": np.ones((2, 3)), "bias": [1, 2, 3]}
    assert layer.params["kernel"] is kernel
    assert layer.params["bias"] is bias
    assert layer.forward([[1, 1]]).tolist() == [[3, 4, 5]]
    with pytest.raises(ValueError, match=r"'kernel' has shape \(2, 3\), got \(3, 2\)"):
        layer.params = {"kernel": np.ones((3, 2)), "bias": [1, 2, 3]}


def test_assigning_a_dictionary_to_a_network_copies_into_its_arrays():
    model = network()
    kernel = model.params["dense/kernel"]
    model.params = {"dense/kernel": np.ones((32, 3))}
    assert model.params["dense/kernel"] is kernel
    assert (kernel == 1).all()
    with pytest.raises(KeyError, match="the model has no array 'kernel', only"):
        model.params = {"kernel": np.ones((32, 3))}
    assert len(model.params) == 8 - 2


def test_a_missing_gradient_says_how_to_give_it():
    with pytest.raises(KeyError, match=r"no gradient 'kernel' yet.*self\.grads\['kernel'\] = "):
        Gradients()["kernel"] += 1


@pytest.mark.parametrize(
    ("place", "arrays"),
    [
        ("layer", {"kernel": np.zeros((3, 2))}),
        ("layer", {"bias": np.ones(3), "kernel": np.zeros((3, 2))}),
        ("model", {"dense/bias": np.ones(3), "dense/kernel": np.zeros((3, 2))}),
        ("model", {"dense/bias": np.ones(3), "dense_7/bias": np.ones(3)}),
    ],
)
def test_parameters_are_given_all_at_once_or_not_at_all(place, arrays):
    model = network()
    before = model.get_weights()
    thing = model if place == "model" else model.layers[-1]
    with pytest.raises((ValueError, KeyError), match="dense"):
        thing.params = arrays
    after = model.get_weights()
    assert all(np.array_equal(*pair) for pair in zip(before, after, strict=True))


@pytest.mark.parametrize("through", ["model", "layer"])
@pytest.mark.parametrize(
    ("kind", "key"), [("grads", "kernel"), ("state", "moving_mean"), ("weights", "gamma")]
)
def test_what_is_assigned_to_gradients_and_state_of_a_network_is_kept(through, kind, key):
    """As in clipping by hand: ``model.grads[name] = np.clip(model.grads[name], -1, 1)``."""
    model = network()
    block = model.layers[0]
    model.backward(np.ones_like(model.forward(np.ones((2, 4, 4, 2)), training=True)))
    layer = block.layers[0 if kind == "grads" else 1]
    holder, path = (model, f"residual/{layer.name}/") if through == "model" else (layer, "")
    getattr(holder, kind)[path + key] = (
        np.full(2, 0.5) if kind != "grads" else np.ones((3, 3, 2, 2))
    )
    kept = getattr(layer, kind)[key]
    if through == "model" or kind != "grads":  # a layer's own backward assigns what it likes
        assert kept.dtype == "float32"
    assert (kept == (1 if kind == "grads" else 0.5)).all()


@pytest.mark.parametrize("kind", ["params", "grads", "state", "weights"])
def test_a_network_is_given_no_arrays_that_no_layer_has(kind):
    with pytest.raises(KeyError, match="the model has no"):
        getattr(network(), kind)["dense_9/kernel"] = np.ones(3)
