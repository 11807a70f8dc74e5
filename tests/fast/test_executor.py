"""The faster executor has the loss, gradients and logits of the plain one."""

from contextlib import nullcontext

import numpy as np
import pytest
from drawn import assert_close, examples, make, randomize, seeds, stacks
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchcnn import (
    SGD,
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    DivergenceError,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
    fast,
)
from scratchcnn.fast.executor import FastExecutor, Worker, micro_batch_size
from scratchcnn.training import PlainExecutor

IMAGE = (8, 8, 1)


def network(*more, dtype="float64"):
    layers = [Conv2D(4, 3), MaxPool2D(2), *more, Flatten(), Dense(3)]
    return Sequential(layers, IMAGE, seed=5, dtype=dtype)


def data(count, image=IMAGE, seed=1):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((count, *image)), rng.integers(0, 3, count)


def plainly(model):
    return nullcontext(PlainExecutor(model))


def learned(make_executor, make_model, x, labels, times=1):
    """Return loss, number of correct answers and all gradients, the last of several times."""
    model = make_model()
    with make_executor(model) as running:
        for _ in range(times):
            loss, correct = running.loss_and_gradients(x, labels)
    return loss, correct, model.grads


def compare(make_model, x, labels, times=1, tolerance=1e-10):
    loss, correct, grads = learned(FastExecutor, make_model, x, labels, times)
    expected_loss, expected_correct, expected = learned(plainly, make_model, x, labels, times)
    assert loss == pytest.approx(expected_loss, rel=tolerance)
    assert correct == expected_correct
    assert grads.keys() == expected.keys()
    for name, gradient in expected.items():
        assert grads[name].dtype == gradient.dtype
        assert_close(grads[name], gradient, tolerance)
    model = make_model()
    with FastExecutor(model) as running, plainly(model) as plain:
        assert_close(running.logits(x), plain.logits(x), tolerance)


@settings(max_examples=examples(60, 600))
@given(drawn=stacks(), count=st.sampled_from([1, 2, 5, 64, 65, 130]), rate=..., seed=seeds)
def test_random_networks_have_the_numbers_of_the_plain_way(drawn, count, rate: bool, seed):
    specs, shape = drawn

    def make_model():
        layers = [make(each) for each in specs]
        if rate:
            layers[1:1], layers[-1:-1] = [Dropout(0.3)], [Dropout(0.5)]
        model = Sequential(layers, shape[1:], seed=seed, dtype="float64")
        randomize(model.params, np.random.default_rng(seed))
        return model

    compare(make_model, *data(count, shape[1:], seed), times=2)


@pytest.mark.parametrize("count", [1, 2, 16, 63, 64, 65, 200])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dropout_drops_what_the_plain_way_drops_in_a_batch_of_any_size(count, dtype):
    def make_model():
        return network(Dropout(0.4), ReLU(), Dropout(0.0), Dropout(0.5), dtype=dtype)

    compare(make_model, *data(count), times=3, tolerance=1e-10 if dtype == "float64" else 1e-4)


@pytest.mark.parametrize("count", [1, 3, 100])
@pytest.mark.parametrize(
    "layers",
    [
        lambda: [Residual([Conv2D(1, 3, padding="same"), ReLU()]), Flatten(), Dense(3)],
        lambda: [Residual([Conv2D(3, 3, padding="same"), MaxPool2D(2)]), Flatten(), Dense(3)],
        lambda: [Conv2D(2, 3), Residual([ReLU(), Residual([ReLU()])]), Flatten(), Dense(3)],
        lambda: [AvgPool2D(2), Conv2D(3, 2), GlobalAvgPool2D()],
        lambda: [ReLU(), Flatten(), Dropout(0.5), Dense(3)],
        lambda: [Flatten(), Dense(4, use_bias=False), ReLU(), Dense(3)],
        lambda: [Conv2D(4, 3, 2), GlobalAvgPool2D(), Dense(3)],
    ],
)
def test_every_layer_that_is_known_has_its_place(layers, count):
    def make_model():
        return Sequential(layers(), IMAGE, seed=3, dtype="float64")

    compare(make_model, *data(count))
    x, labels = data(count)
    assert fast.executor(make_model(), PlainExecutor, x, labels) is not None


@pytest.mark.parametrize("count", [1, 3, 100])
def test_a_network_of_one_layer_is_computed_faster_too(count):
    def make_model():
        return Sequential([Dense(3)], (5,), seed=3, dtype="float64")

    x, labels = data(count, (5,))
    compare(make_model, x, labels)
    assert fast.executor(make_model(), PlainExecutor, x, labels) is not None


@pytest.mark.parametrize(
    ("count", "parts"), [(5, [5]), (16, [16]), (17, [16, 1]), (40, [16, 16, 8])]
)
def test_a_larger_batch_is_learned_in_parts(count, parts, monkeypatch):
    lengths, learn = [], Worker.learn

    def counted(worker, x, labels, N):
        lengths.append(len(x))
        return learn(worker, x, labels, N)

    monkeypatch.setattr(Worker, "learn", counted)
    with FastExecutor(network(), micro_batch=16, threads=False) as running:
        running.loss_and_gradients(*data(count))
    assert lengths == parts


def test_whole_batches_are_left_to_the_plain_way():
    """And so are layers of a reader's own, and what would not be worth it."""

    class Mine(ReLU):
        pass

    x, labels = data(100)
    for layer in (BatchNorm(), Mine(), Residual([Dropout(0.5)]), Residual([Mine()])):
        assert fast.executor(network(layer), PlainExecutor, x, labels) is None
    assert fast.executor(network(), PlainExecutor, x[:9]) is None


def test_the_gradients_of_a_step_are_new_arrays():
    """Whoever keeps those of a step (a Recorder, say) keeps them."""
    model, (x, labels) = network(ReLU()), data(200)
    with FastExecutor(model) as running:
        for count in (1, 30, 200):
            running.loss_and_gradients(x[:count], labels[:count])
            kept = dict(model.grads)
            before = {name: gradient.copy() for name, gradient in kept.items()}
            running.loss_and_gradients(-x[:count], labels[:count])
            assert all(np.array_equal(kept[name], before[name]) for name in kept)


def test_a_network_that_draws_nothing_leaves_the_order_of_images_alone():
    """The order of the next epoch is the same, in however many parts this one was learned."""
    model = network()
    before = model.rng.bit_generator.state
    with FastExecutor(model) as running:
        running.loss_and_gradients(*data(601))
    assert model.rng.bit_generator.state == before


def test_predicting_leaves_the_layers_as_they_are():
    model, (x, _) = network(ReLU()), data(8)
    dy = np.ones_like(model.forward(x))
    model.backward(dy)
    expected = model.grads
    model.forward(x)
    with FastExecutor(model) as running:
        running.logits(data(300)[0])
        running.logits(data(3)[0])
    model.backward(dy)
    assert all(np.array_equal(model.grads[name], expected[name]) for name in expected)


def test_a_micro_batch_is_smaller_the_larger_the_network_but_never_tiny():
    def size(*layers):
        return micro_batch_size(Sequential([*layers, Flatten(), Dense(10)], (28, 28, 1)).layers)

    sizes = [size(Conv2D(filters, 3)) for filters in (1, 8, 16, 32, 64, 256)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1] == size(Conv2D(512, 3)) >= 8


@pytest.mark.filterwarnings("error")  # which would come as a RuntimeWarning
def test_divergence_in_parts_is_an_error_and_no_warning():
    with pytest.raises(DivergenceError):
        network().fit(*data(601), epochs=60, batch_size=601, optimizer=SGD(1e30), verbose=False)


def test_one_image_has_the_loss_of_a_batch_however_sure_the_network_is():
    for bias in ([0, 0, 0], [1e4, 0, -1e4], [-700, 0, 700], [1e-9, 0, 0]):

        def make_model(bias=bias):
            model = network()
            model.layers[-1].params["bias"] = np.array(bias, float)
            return model

        for label in range(3):
            compare(make_model, data(1)[0], np.array([label]))
