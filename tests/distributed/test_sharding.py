"""The gradient of a sum is the sum of the gradients, whoever computes them and in which order."""

import os
import signal

import numpy as np
import pytest
from small_training import as_bytes, images, network, train

from scratchcnn import (
    Adam,
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    Layer,
    Residual,
    Sequential,
    ShiftedBatches,
    distributed,
)
from scratchcnn.distributed.sharding import Here, ShardedExecutor, empty_copy
from scratchcnn.training import PlainExecutor


class Backward(Here):
    """Computes the last shard first."""

    def compute(self, shards):
        return super().compute(shards[::-1])[::-1]


class Fails(Here):
    """Fails at the third step, after half of the shards."""

    def compute(self, shards):
        answers = super().compute(shards[:2])
        if shards[0].step == 2:
            raise distributed.ClusterError("half of the workers are gone")
        return answers + super().compute(shards[2:])


class WithWorker:
    """Stands in for a cluster."""

    def __init__(self, kind):
        self.session = kind
        self.interrupts = []


@pytest.mark.parametrize("shards", [1, 2, 3, 7, 48])
def test_the_gradients_of_the_shards_add_up_to_that_of_the_batch(shards):
    x, labels = images(48)
    whole, split = network(0.0, "float64"), network(0.0, "float64")
    expected = PlainExecutor(whole).loss_and_gradients(x, labels)
    with ShardedExecutor(split, shards=shards) as running:
        loss, correct = running.loss_and_gradients(x, labels)
    assert loss == pytest.approx(expected[0], rel=1e-12)
    assert correct == expected[1]
    for name, grad in whole.grads.items():
        np.testing.assert_allclose(split.grads[name], grad, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(("count", "shards"), [(64, 4), (10, 4), (3, 4), (1, 1), (48, 7)])
def test_every_image_is_in_one_shard_and_shards_are_of_nearly_the_same_size(count, shards):
    parts = [list(range(count))[part] for part in distributed.shard_slices(count, shards)]
    assert [image for part in parts for image in part] == list(range(count))
    sizes = [len(part) for part in parts]
    assert min(sizes) >= 1
    assert max(sizes) - min(sizes) <= 1
    assert len(parts) == min(count, shards)


def test_training_in_shards_equals_fit_up_to_rounding():
    ours, whole = network(0.0, "float64"), network(0.0, "float64")
    train(model=ours)
    whole.fit(*images(), epochs=2, batch_size=48, optimizer=Adam(0.003), verbose=False)
    for a, b in zip(ours.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    assert ours.history.history["loss"] == pytest.approx(whole.history.history["loss"])


def test_the_order_in_which_shards_are_computed_changes_no_bit():
    assert train(WithWorker(Backward)) == train()


def test_dropout_differs_from_step_to_step_and_from_shard_to_shard():
    model = network()
    x, labels = np.repeat(images(1)[0], 4, axis=0), np.zeros(4, int)
    seen = []

    class Watch(Here):
        def compute(self, shards):
            answers = super().compute(shards)
            seen.extend(answer.grads[-2].tobytes() for answer in answers)
            return answers

    with ShardedExecutor(model, WithWorker(Watch), shards=4) as running:
        running.loss_and_gradients(x, labels)
        running.loss_and_gradients(x, labels)
    assert len(set(seen)) == 8


def test_batches_of_ones_own_are_split_as_well():
    results = []
    for kind in (Here, Backward):
        model = network()
        batches = ShiftedBatches(*images(), batch_size=32, pixels=1)
        distributed.fit(model, batches, verbose=False, cluster=WithWorker(kind))
        results.append(as_bytes(model))
    assert results[0] == results[1] != as_bytes(network())


def test_training_in_two_calls_goes_on_where_the_first_stopped():
    model, optimizer = network(), Adam(0.003)
    train(model=model, epochs=1, optimizer=optimizer)
    assert train(model=model, epochs=1, optimizer=optimizer) == train(epochs=2)


def test_a_frozen_layer_stays_as_it_is():
    model = network()
    model.layers[0].trainable = False
    before = model.layers[0].params["kernel"].copy()
    train(model=model)
    np.testing.assert_array_equal(model.layers[0].params["kernel"], before)


def test_a_step_that_fails_half_way_changes_nothing_and_training_goes_on_from_there():
    model, optimizer, seen = network(), Adam(0.003), []
    with pytest.raises(distributed.ClusterError, match="half of the workers"):
        train(
            WithWorker(Fails),
            model,
            optimizer=optimizer,
            shuffle=False,
            callbacks=[lambda end: seen.append(as_bytes(end.model))],
        )
    assert len(seen) == 2
    assert as_bytes(model) == seen[-1]
    assert optimizer.iterations == 2


def test_an_interrupt_waits_for_the_update_that_is_being_made():
    model, seen = network(), []

    def interrupt(end):
        seen.append(as_bytes(end.model))
        if end.step == 2:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(model=model, callbacks=[interrupt])
    assert len(seen) == 2
    assert as_bytes(model) == seen[-1]


class Counting(Layer):
    """Counts the batches that it sees."""

    def build(self, input_shape, rng, dtype="float32"):
        super().build(input_shape, rng, dtype)
        self.state["batches"] = 0.0


class Centered(Layer):
    """Subtracts the mean of the batch."""

    per_example = False


@pytest.mark.parametrize(
    "layer",
    [BatchNorm(), Residual([Conv2D(1, 3, padding="same"), BatchNorm()]), Counting(), Centered()],
)
def test_a_layer_that_looks_at_the_whole_batch_is_refused_by_name(layer):
    model = Sequential([layer, Flatten(), Dense(3)], input_shape=(10, 10, 1))
    own = isinstance(layer, Counting)
    why = (
        "Counting keeps numbers from batch to batch"
        if own
        else r"(BatchNorm|Centered) looks at them all"
    )
    with pytest.raises(ValueError, match=why):
        train(model=model)


def test_something_else_than_a_network_is_refused():
    with pytest.raises(TypeError, match="model is list, expected a Sequential"):
        train(model=[Dense(3)])


def test_what_travels_to_the_workers_has_no_parameters_and_nothing_of_the_last_batch():
    model = network()
    train(model=model)
    copy = empty_copy(model)
    assert all(not weight.any() for weight in copy.get_weights())
    assert all(layer.cache is None and not layer.grads for layer in copy.layers)
    assert copy.history is None
    assert model.history is not None


def test_a_loss_that_explodes_restores_the_weights_of_the_epoch():
    model = network(0.0)
    from scratchcnn import SGD, DivergenceError

    with pytest.raises(DivergenceError):
        train(model=model, epochs=20, optimizer=SGD(1e30))
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
