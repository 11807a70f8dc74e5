"""fit, evaluate and predict: what they compute, report and keep."""

import math

import numpy as np
import pytest
from drawn import assert_close
from small_networks import data, network, same_weights

from scratchcnn import (
    SGD,
    Batches,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    Sequential,
    SoftmaxCrossEntropy,
    load_mnist,
    softmax,
)
from scratchcnn.layers.base import Layer


def digits(count):
    (images, labels), _ = load_mnist()
    return (images[:count, ..., None] / 255 - 0.5).astype("float32"), labels[:count]


def test_an_epoch_of_one_batch_is_forward_backward_and_one_update():
    (x, y), loss = data(10), SoftmaxCrossEntropy()
    trained, by_hand = network(dtype="float64"), network(dtype="float64")
    history = trained.fit(x, y, batch_size=10, optimizer=SGD(0.1), verbose=False).history
    expected = loss.forward(by_hand.forward(x), y)
    by_hand.backward(loss.backward())
    assert history["loss"] == [pytest.approx(expected)]
    for key, param in by_hand.params.items():
        assert_close(trained.params[key], param - 0.1 * by_hand.grads[key])


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 50, 64, 65, 130])
def test_a_batch_of_any_size_gives_the_gradient_of_its_mean_loss(count):
    (x, y), loss = data(count), SoftmaxCrossEntropy()
    trained, by_hand = network(dtype="float64"), network(dtype="float64")
    trained.fit(x, y, batch_size=count, optimizer=SGD(0), shuffle=False, verbose=False)
    loss.forward(by_hand.forward(x), y)
    by_hand.backward(loss.backward())
    for key, grad in by_hand.grads.items():
        assert_close(trained.grads[key], grad)


@pytest.mark.parametrize("batch_size", [1, 3, 7, 20, 100])
def test_the_history_holds_means_over_all_images_even_when_batches_are_uneven(batch_size):
    model, (x, y) = network(), data(20)
    expected = model.evaluate(x, y)
    history = model.fit(x, y, epochs=2, batch_size=batch_size, optimizer=SGD(0), verbose=False)
    assert history.history["loss"] == pytest.approx([expected[0]] * 2, rel=1e-6)
    assert history.history["accuracy"] == pytest.approx([expected[1]] * 2)


def test_the_history_is_that_of_the_images_as_they_were_seen():
    steps, (x, y) = [], data(10)
    model = network()
    history = model.fit(x, y, batch_size=4, verbose=False, callbacks=[steps.append])
    counts = [4, 4, 2]
    assert [step.step for step in steps] == [1, 2, 3]
    for name in ("loss", "accuracy"):
        mean = np.average([getattr(step, name) for step in steps], weights=counts)
        assert history.history[name] == [pytest.approx(mean)]
    assert model.history is history


def test_an_update_leaves_every_layer_with_its_gradients_for_a_callback_to_look_at():
    def look(step):
        assert step.model.grads.keys() == step.model.params.keys()
        norms.append(sum(np.linalg.norm(grad) for grad in step.model.grads.values()))
        epochs.append(step.epoch)

    norms, epochs = [], []
    network().fit(*data(10), epochs=2, batch_size=5, verbose=False, callbacks=[look])
    assert epochs == [1, 1, 2, 2]
    assert min(norms) > 0


class Witness(Layer):
    """Passes its input through and writes down which images came, by their first pixel."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, x, training=False):
        if training:
            self.seen += [round(float(first)) for first in x[:, 0, 0, 0]]
        return super().forward(x)


def order_of_images(shuffle, seed=0):
    witness, (x, y) = Witness(), data(20)
    x[:, 0, 0, 0] = np.arange(20)
    network(witness, seed=seed).fit(x, y, 2, 6, SGD(0), shuffle=shuffle, verbose=False)
    return witness.seen[:20], witness.seen[20:]


def test_without_shuffling_images_come_as_given():
    assert order_of_images(shuffle=False) == (list(range(20)), list(range(20)))


def test_with_shuffling_every_epoch_sees_every_image_once_in_a_new_order():
    first, second = order_of_images(shuffle=True)
    assert sorted(first) == sorted(second) == list(range(20))
    assert first != second
    assert first != list(range(20))
    assert order_of_images(shuffle=True, seed=0) == (first, second)
    assert order_of_images(shuffle=True, seed=1) != (first, second)


def test_validation_is_measured_after_each_epoch_and_never_trained_on():
    x, y = data(20)
    validation = data(10, seed=1)
    watched, alone = network(), network()
    history = watched.fit(x, y, epochs=3, validation_data=validation, verbose=False).history
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    for epoch in range(3):
        alone.fit(x, y, verbose=False)
        assert alone.evaluate(*validation) == (
            history["val_loss"][epoch],
            history["val_accuracy"][epoch],
        )
    assert same_weights(watched, alone)


@pytest.mark.parametrize("count", [1, 15, 16, 17, 40])
def test_predict_and_evaluate_agree_with_forward_for_any_number_of_images(count):
    (x, y), model = data(count), network()
    logits = model.forward(x)
    probabilities = model.predict(x)
    assert probabilities.shape == (count, 4)
    assert probabilities.dtype == "float32"
    assert_close(probabilities, softmax(logits), 1e-6)
    assert_close(probabilities.sum(axis=1), np.ones(count), 1e-6)
    loss, accuracy = model.evaluate(x, y)
    assert loss == pytest.approx(SoftmaxCrossEntropy().forward(logits, y), rel=1e-5)
    assert accuracy == (logits.argmax(axis=1) == y).mean()


def test_predicting_and_evaluating_change_nothing_and_drop_nothing():
    model = network(Dropout(0.5))
    before, (x, y) = model.get_weights(), data(20)
    assert np.array_equal(model.predict(x), model.predict(x))
    assert model.evaluate(x, y) == model.evaluate(x, y)
    assert all(np.array_equal(*pair) for pair in zip(before, model.get_weights(), strict=True))


def test_the_loss_before_training_is_near_that_of_a_guess():
    layers = [Conv2D(8, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)]
    loss, accuracy = Sequential(layers, (28, 28, 1)).evaluate(*digits(1000))
    assert loss == pytest.approx(math.log(10), abs=0.3)
    assert accuracy < 0.3


def test_a_network_learns_ten_digits_by_heart():
    layers = [Conv2D(8, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)]
    model, (x, y) = Sequential(layers, (28, 28, 1)), digits(10)
    history = model.fit(x, y, epochs=60, batch_size=1, optimizer=SGD(0.01), verbose=False).history
    assert history["accuracy"][-1] == 1
    assert history["loss"][-1] < 0.05
    assert (model.predict(x).argmax(axis=1) == y).all()


def test_ready_made_batches_train_like_the_arrays_they_are_made_of():
    x, y = data(20)
    arrays, batches = network(), network()
    arrays.fit(x, y, epochs=2, batch_size=6, shuffle=False, verbose=False)
    batches.fit(Batches(x, y, batch_size=6), epochs=2, verbose=False)
    assert same_weights(arrays, batches)


def test_an_iterable_that_is_used_up_says_so():
    x, y = data(8)

    class Once:
        batches = [(x[:4], y[:4]), (x[4:], y[4:])]  # noqa: RUF012

        def __iter__(self):
            while self.batches:
                yield self.batches.pop()

        def __len__(self):
            return 2

    with pytest.raises(ValueError, match="x yielded no batch in epoch 2: it must start over"):
        network().fit(Once(), epochs=2, verbose=False)


def test_batches_may_have_one_image_or_be_larger_than_all():
    for size, updates in ((1, 20), (19, 2), (20, 1), (10**6, 1)):
        ends = []
        network().fit(*data(20), batch_size=size, verbose=False, callbacks=[ends.append])
        assert len(ends) == updates


def test_a_batch_larger_than_all_images_is_one_of_all_images():
    one, other = network(), network()
    one.fit(*data(20), batch_size=20, verbose=False)
    other.fit(*data(20), batch_size=10**6, verbose=False)
    assert same_weights(one, other)


@pytest.mark.parametrize("count", [8, 64, 300])
def test_validation_of_any_size_is_that_of_the_weights_after_each_epoch(count):
    measured, validation = [], data(count, seed=1)

    class Measure:
        def on_epoch_end(self, end):
            logits = end.model.forward(validation[0])
            loss = SoftmaxCrossEntropy().forward(logits, validation[1])
            measured.append((loss, end.logs["val_loss"]))

    network().fit(*data(), 4, 6, SGD(0.1), validation, verbose=False, callbacks=[Measure()])
    for expected, reported in measured:
        assert reported == pytest.approx(expected, rel=1e-5)


def test_the_history_is_of_plain_floats():
    history = network().fit(*data(), epochs=2, validation_data=data(5), verbose=False).history
    assert {type(value) for values in history.values() for value in values} == {float}


@pytest.mark.parametrize("item", [3, "ab", (1, 2, 3), np.ones((3, 6, 6, 1))], ids=str)
def test_an_iterable_that_yields_no_pairs_says_so(item):
    class Wrong:
        def __len__(self):
            return 1

        def __iter__(self):
            yield item

    with pytest.raises(TypeError, match="a batch is not a pair of images and labels"):
        network().fit(Wrong(), verbose=False)
