"""What a class of thirty does: run cells twice, choose wild learning rates, odd arrays."""

import os
import subprocess
import sys
import warnings

import numpy as np
import pytest

from scratchcnn import (
    SGD,
    Adam,
    Conv2D,
    Dense,
    DivergenceError,
    Dropout,
    Flatten,
    MaxPool2D,
    ReLU,
    Sequential,
)

IMAGE = (8, 8, 1)


def network(seed=0, dtype="float32"):
    block = [Conv2D(3, 3), ReLU(), MaxPool2D(2)]
    return Sequential([*block, Flatten(), Dropout(0.3), Dense(4)], IMAGE, seed=seed, dtype=dtype)


def data(count=30):
    """Return images of whole numbers from -3 to 3, the same in every type, and labels."""
    rng = np.random.default_rng(0)
    return rng.integers(-3, 4, (count, *IMAGE)).astype("float32"), rng.integers(0, 4, count)


def same(one, other):
    return all(np.array_equal(*pair) for pair in zip(one, other, strict=True))


def trained(x, y, optimizer=None, **options):
    model = network()
    model.fit(x, y, batch_size=7, optimizer=optimizer, verbose=False, **options)
    return model


@pytest.mark.parametrize("make", [lambda: SGD(0.05), lambda: SGD(0.01, 0.9), lambda: Adam(0.01)])
def test_the_same_seed_trains_the_same_network_to_the_bit(make):
    one, other = (trained(*data(), make(), epochs=3) for _ in "12")
    assert same(one.get_weights(), other.get_weights())
    assert one.history.history == other.history.history


def test_fitting_again_goes_on_where_training_stopped():
    whole, parts = trained(*data(), epochs=3), trained(*data(), epochs=1)
    for _ in range(2):
        parts.fit(*data(), batch_size=7, verbose=False)
    assert same(whole.get_weights(), parts.get_weights())
    assert len(parts.history.history["loss"]) == 1  # of the last call


def test_a_new_model_is_new_whatever_was_trained_before():
    optimizer = Adam(0.01)
    trained(*data(), optimizer, epochs=2)
    assert same(network().get_weights(), network().get_weights())
    again = trained(*data(), optimizer, epochs=2)  # an optimizer used twice, as in a notebook
    assert same(again.get_weights(), trained(*data(), Adam(0.01), epochs=2).get_weights())


def test_predicting_or_evaluating_between_two_fits_changes_nothing():
    plain, curious = trained(*data()), trained(*data())
    curious.predict(data()[0])
    curious.evaluate(*data())
    for model in (plain, curious):
        model.fit(*data(), batch_size=7, verbose=False)
    assert same(plain.get_weights(), curious.get_weights())


def test_the_callers_arrays_may_be_read_only_and_are_never_modified():
    arrays = [*data(30), *data(10)]
    before = [array.copy() for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    x, y, *validation = arrays
    model = trained(x, y, epochs=2, validation_data=validation)
    model.predict(x)
    model.evaluate(x, y)
    model.backward(np.ones_like(model.forward(x)))
    assert same(arrays, before)


def test_images_and_labels_the_wrong_way_round_are_refused_and_nothing_changes():
    (x, y), model = data(), network()
    for wrong in (
        lambda: model.fit(y, x, verbose=False),
        lambda: model.fit(x, y, validation_data=(y, x), verbose=False),
        lambda: model.fit((x, y), verbose=False),
        lambda: model.evaluate(y, x),
        lambda: model.predict(y),
    ):
        with pytest.raises((TypeError, ValueError), match=r"x has shape|not Batches"):
            wrong()
    assert same(model.get_weights(), network().get_weights())
    assert model.history is None


@pytest.mark.parametrize("kind", ["float16", "float64", ">f4", ">f8", "int8", ">i4", "int64"])
def test_pixels_of_any_type_train_the_same_network(kind):
    x, y = data()
    model, expected = trained(x.astype(kind), y), trained(x, y)
    assert same(model.get_weights(), expected.get_weights())
    assert same(model.predict(x.astype(kind)), expected.predict(x))
    assert model.evaluate(x.astype(kind), y) == expected.evaluate(x, y)


@pytest.mark.parametrize("kind", ["uint8", ">i2", "int32", "uint64"])
def test_labels_of_any_whole_type_train_the_same_network(kind):
    x, y = data()
    assert same(trained(x, y.astype(kind)).get_weights(), trained(x, y).get_weights())


@pytest.mark.parametrize(
    "layout",
    [
        np.asfortranarray,
        lambda a: np.repeat(a, 2, axis=0)[::2],
        lambda a: a[::-1].copy()[::-1],
        lambda a: a.tolist(),
    ],
    ids=["fortran", "strided", "reversed", "list"],
)
def test_arrays_that_are_not_contiguous_train_the_same_network(layout):
    x, y = data()
    assert same(trained(layout(x), layout(y)).get_weights(), trained(x, y).get_weights())


@pytest.mark.parametrize("pixel", [0.0, 0.5, -0.5, 1.0])
def test_constant_images_train_without_a_warning(pixel):
    x, y = np.full((20, *IMAGE), pixel, "float32"), np.arange(20) % 4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = trained(x, y, epochs=3)
    probabilities = model.predict(x)
    assert np.isfinite(probabilities).all()
    assert (probabilities == probabilities[0]).all()


@pytest.mark.parametrize("size", [1.0, 1e4])
def test_scores_however_large_give_a_finite_loss_and_step(size):
    model = Sequential([Dense(2, use_bias=False)], (2,))
    model.set_weights([np.array([[size, -size], [-size, size]])])
    history = model.fit(np.eye(2), [1, 0], optimizer=SGD(0.1), verbose=False)  # both wrong
    assert history.history["loss"] == [pytest.approx(2 * size, rel=0.1)]
    # The gradient of a confident mistake is (p - onehot) x = 1 for each of the two classes.
    moved = size - model.get_weights()[0][0, 0]
    assert moved == pytest.approx(0.05, rel=0.15 if size == 1 else 0.03)


DIVERGING = {
    "a learning rate too large": (1.0, lambda n: 1e12),
    "pixels far from scaled": (1e18, lambda n: 10.0),
    "a learning rate that grows": (1.0, lambda n: 0.01 if n < 5 else 1e30),
}


@pytest.mark.parametrize("case", DIVERGING)
def test_divergence_stops_with_an_error_that_says_step_cause_and_cure(case):
    scale, rate = DIVERGING[case]
    x, y = data()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "pixels from")  # which has told so before
        with pytest.raises(DivergenceError) as caught:
            trained(x * scale, y, SGD(rate), epochs=20)
    for words in (r"\d+ update", "learning rate", "pixels are not scaled", "x / 255 - 0.5"):
        assert caught.match(words)


@pytest.mark.parametrize("momentum", [0, 0.9])
@pytest.mark.parametrize(("wild", "watched"), [(6, False), (9, False), (9, True)])
def test_after_divergence_the_weights_are_the_last_good_ones(momentum, wild, watched):
    # 30 images by 7 make five updates an epoch. In the second epoch, the second or the last
    # is wild.
    calm = SGD(0.01, momentum)
    expected = trained(*data(), calm)
    rates, model = [0.01] * wild + [1e38] * 20, network()
    options = {"epochs": 3, "batch_size": 7, "verbose": False}
    options |= {"validation_data": data()} if watched else {}
    optimizer = SGD(rates.__getitem__, momentum)
    with pytest.raises(DivergenceError):
        model.fit(*data(), optimizer=optimizer, **options)
    assert same(model.get_weights(), expected.get_weights())
    assert len(model.history.history["loss"]) == 1
    assert np.isfinite(list(model.history.history.values())).all()
    # The network is fit for use, and training can go on, even with the optimizer that had run
    # wild: it remembers what it did after the first epoch.
    optimizer.learning_rate = 0.01
    for one in (model, expected):
        one.rng = np.random.default_rng(5)  # the divergence has drawn an order more
        one.layers[4].rng = one.rng
    assert optimizer.iterations == calm.iterations == 5
    model.fit(*data(), epochs=2, batch_size=7, optimizer=optimizer, verbose=False)
    expected.fit(*data(), epochs=2, batch_size=7, optimizer=calm, verbose=False)
    assert same(model.get_weights(), expected.get_weights())


def test_parameters_that_are_not_learned_stay_as_they_are():
    model = network()
    model.layers[0].trainable = False
    before = model.get_weights()
    for batch_size in (1, 7, 30):
        model.fit(*data(), batch_size=batch_size, optimizer=SGD(0.1, 0.9), verbose=False)
    assert same(model.get_weights()[:2], before[:2])
    assert not same(model.get_weights()[2:], before[2:])


def test_training_stops_at_the_very_update_that_diverges():
    seen, rates = [], [0.01] * 6 + [1e38] * 20
    with pytest.raises(DivergenceError, match="after 7 updates"):
        trained(*data(), SGD(rates.__getitem__), epochs=3, callbacks=[seen.append])
    assert len(seen) == 7  # the seventh made the weights, the eighth found them bad


@pytest.mark.filterwarnings("ignore:pixels from")
def test_weights_that_the_very_last_update_made_infinite_are_not_handed_over():
    model, x = Sequential([Dense(2, use_bias=False)], (1,)), np.full((1, 1), 100.0)
    model.set_weights([np.zeros((1, 2))])
    with pytest.raises(DivergenceError):
        model.fit(x, [0], optimizer=SGD(3e38), verbose=False)
    assert not model.get_weights()[0].any()


DEEP = """
import resource
import sys

import numpy as np

from scratchcnn import Conv2D, Dense, Flatten, MaxPool2D, ReLU, Sequential
from scratchcnn.fast import workers

workers.cores = lambda: 2  # each has memory of its own
UNIT = 1 if sys.platform == "darwin" else 1024  # what macOS counts, and what Linux counts


def most_memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT / 1e6


layers = [Conv2D(32, 3), ReLU(), MaxPool2D(2), Conv2D(64, 3), ReLU(), MaxPool2D(2)]
model = Sequential([*layers, Flatten(), Dense(10)], (28, 28, 1))
x = np.random.default_rng(0).random((10_000, 28, 28, 1), np.float32)
start = most_memory()
assert model.predict(x).shape == (10_000, 10)
model.evaluate(x, np.zeros(10_000, int))
print(most_memory() - start)
"""


@pytest.mark.skipif(os.name != "posix", reason="the process's memory is asked of POSIX")
def test_ten_thousand_images_through_the_deep_network_take_less_than_300_megabytes_on_two_cores():
    pytest.importorskip("scratchcnn.fast", reason="the plain way is larger")
    done = subprocess.run([sys.executable, "-c", DEEP], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 300
