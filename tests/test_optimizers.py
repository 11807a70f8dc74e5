"""SGD and Adam against their formulas written out, and against Keras."""

import numpy as np
import pytest
from drawn import assert_close
from optimizer_walks import gradients, start, walk

from scratchcnn import SGD, Adam
from scratchcnn._utils.calls import arguments_of
from scratchcnn.optimizers import Optimizer


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
