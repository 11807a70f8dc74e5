"""SGD and Adam against their formulas written out, and against Keras."""

import numpy as np
import pytest
from drawn import assert_close
from small_networks import data, network, same, same_weights

from scratchcnn import SGD, Adam, Conv2D, Dense, Flatten, Sequential, cosine_decay
from scratchcnn._utils.calls import arguments_of
from scratchcnn.optimizers import Optimizer

STEPS = 20


def gradients(steps=STEPS, dtype="float64"):
    """Return a gradient for each update, of changing size."""
    rng = np.random.default_rng(7)
    return [
        (rng.standard_normal((4, 3)) * 10.0 ** rng.integers(-2, 2)).astype(dtype)
        for _ in range(steps)
    ]


def start(dtype="float64"):
    return np.random.default_rng(8).standard_normal((4, 3)).astype(dtype)


def walk(optimizer, dtype="float64"):
    """Return where the parameter is after each update."""
    params, places = {"w": start(dtype)}, []
    for grad in gradients(dtype=dtype):
        optimizer.update(params, {"w": grad})
        places.append(params["w"].copy())
    return places


def test_plain_sgd_by_hand():
    params = {"w": np.array([1.0, 2])}
    SGD(0.5).update(params, {"w": np.array([4.0, -1])})
    assert params["w"].tolist() == [1 - 0.5 * 4, 2 + 0.5 * 1]


def test_momentum_by_hand():
    params, optimizer = {"w": np.array([0.0])}, SGD(1.0, momentum=0.5)
    places = []
    for grad in (1.0, 1.0, 0.0):
        optimizer.update(params, {"w": np.array([grad])})
        places.append(params["w"].item())
    # Velocities -1, then 0.5 * -1 - 1 = -1.5, then 0.5 * -1.5 = -0.75.
    assert places == [-1, -2.5, -3.25]


def test_the_first_step_of_adam_has_the_size_of_the_learning_rate():
    params = {"w": np.zeros(3)}
    Adam(0.1).update(params, {"w": np.array([1e-3, -5, 1e3])})
    assert_close(params["w"], [-0.1, 0.1, -0.1], 1e-3)


def test_a_readers_own_optimizer_needs_only_a_step():
    class Signs(Optimizer):
        def step(self, param, grad, memory, rate):
            param -= rate * np.sign(grad)

    params = {"w": np.array([1.0, 2])}
    Signs(0.5).update(params, {"w": np.array([4.0, -1])})
    assert params["w"].tolist() == [0.5, 2.5]


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sgd_follows_its_formula(momentum, decay):
    w, velocity = start(), np.zeros((4, 3))
    for place, grad in zip(walk(SGD(0.05, momentum, decay)), gradients(), strict=True):
        w = w - 0.05 * decay * w
        velocity = momentum * velocity - 0.05 * grad
        w = w + velocity
        assert_close(place, w)


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize(("beta_1", "beta_2"), [(0.8, 0.95), (0.3, 0.4)])
def test_adam_follows_its_formula(beta_1, beta_2, decay):
    w, mean, square = start(), np.zeros((4, 3)), np.zeros((4, 3))
    rule = Adam(0.05, beta_1, beta_2, epsilon=1e-7, weight_decay=decay)
    for t, (place, grad) in enumerate(zip(walk(rule), gradients(), strict=True), start=1):
        w = w - 0.05 * decay * w
        mean = beta_1 * mean + (1 - beta_1) * grad
        square = beta_2 * square + (1 - beta_2) * grad**2
        # Kingma and Ba's reordered form, in which epsilon is not corrected; Keras's as well.
        rate = 0.05 * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        w = w - rate * mean / (np.sqrt(square) + 1e-7)
        assert_close(place, w)


@pytest.mark.parametrize(
    ("ours", "theirs", "arguments"),
    [
        (SGD, "SGD", {}),
        (SGD, "SGD", {"momentum": 0.9}),
        (SGD, "SGD", {"weight_decay": 0.1}),
        (SGD, "SGD", {"momentum": 0.5, "weight_decay": 0.2}),
        (Adam, "Adam", {}),
        (Adam, "Adam", {"beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3}),
        (Adam, "Adam", {"weight_decay": 0.1}),
    ],
    ids=str,
)
def test_every_update_agrees_with_keras(keras, ours, theirs, arguments):
    variable = keras.Variable(start("float32"))
    optimizer = getattr(keras.optimizers, theirs)(0.05, **arguments)
    optimizer.build([variable])
    places = walk(ours(0.05, **arguments), "float32")
    for place, grad in zip(places, gradients(dtype="float32"), strict=True):
        optimizer.apply([keras.ops.convert_to_tensor(grad)], [variable])
        # Keras computes 1 - 0.999**t in single precision, 3e-5 off at first; with a learning
        # rate of 0.05 that moves a parameter by up to 1e-6 an update.
        tolerance = 5e-6 if ours is Adam else 1e-6
        assert_close(place, keras.ops.convert_to_numpy(variable), tolerance)


def test_the_defaults_are_those_of_keras(keras):
    for ours, theirs in ((SGD(), keras.optimizers.SGD()), (Adam(), keras.optimizers.Adam())):
        config = theirs.get_config()
        for name in {"momentum", "beta_1", "beta_2", "epsilon"} & vars(ours).keys():
            assert getattr(ours, name) == config[name]
        assert ours.learning_rate == pytest.approx(config["learning_rate"])


def test_arguments_that_are_not_given_have_the_usual_values():
    assert arguments_of(SGD()) == {"learning_rate": 0.01, "momentum": 0, "weight_decay": 0}
    rates = {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999}
    assert arguments_of(Adam()) == rates | {"epsilon": 1e-7, "weight_decay": 0}


@pytest.mark.parametrize("optimizer", [SGD(0.1, 0.9, 0.01), Adam(0.1, weight_decay=0.01)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_parameters_change_in_place_and_keep_their_type_and_gradients_stay(optimizer, dtype):
    params, grad = {"w": start(dtype)}, gradients(1, dtype)[0]
    array, grad_before = params["w"], grad.copy()
    grad.flags.writeable = False
    optimizer.update(params, {"w": grad})
    assert params["w"] is array
    assert array.dtype == dtype
    assert not np.array_equal(array, start(dtype))
    assert np.array_equal(grad, grad_before)


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


def test_weight_decay_alone_shrinks_towards_zero():
    params = {"w": np.array([1.0, -2])}
    SGD(0.5, weight_decay=0.1).update(params, {"w": np.zeros(2)})
    assert_close(params["w"], [0.95, -1.9])


@pytest.mark.parametrize("grads", [{"a": np.ones(2)}, {"a": np.ones(2), "b": np.ones(1)}])
@pytest.mark.parametrize("optimizer", [SGD, Adam])
def test_gradients_that_do_not_fit_move_nothing(optimizer, grads):
    params = {"a": np.zeros(2), "b": np.zeros((2, 3))}
    with pytest.raises(ValueError, match=r"grads: got .* for b, expected shape \(2, 3\)"):
        optimizer(0.1).update(params, grads)
    assert not any(param.any() for param in params.values())


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: SGD(-0.1), "learning_rate"),
        (lambda: SGD(float("nan")), "learning_rate"),
        (lambda: SGD(float("inf")), "learning_rate"),
        (lambda: SGD("fast"), "learning_rate"),
        (lambda: SGD(True), "learning_rate"),
        (lambda: SGD(0.1, momentum=1), "momentum"),
        (lambda: SGD(0.1, momentum=-0.5), "momentum"),
        (lambda: SGD(0.1, weight_decay=-1), "weight_decay"),
        (lambda: Adam(0.1, beta_1=1.0), "beta_1"),
        (lambda: Adam(0.1, beta_2=1), "beta_2"),
        (lambda: Adam(0.1, epsilon=-1e-7), "epsilon"),
    ],
)
def test_a_bad_argument_is_refused_by_name(make, name):
    with pytest.raises((TypeError, ValueError), match=name):
        make()


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
