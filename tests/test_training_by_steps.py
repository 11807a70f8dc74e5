"""`Training`: the steps of `fit`, taken one by one, by hand or by an event loop."""

import numpy as np
import pytest
from small_networks import IMAGE, data, network, same, same_weights

from scratchcnn import (
    SGD,
    Adam,
    BatchNorm,
    Dense,
    DivergenceError,
    Dropout,
    Flatten,
    Sequential,
    Training,
)
from scratchcnn.callbacks import BatchEnd

threadpoolctl = pytest.importorskip("threadpoolctl")


def test_driven_by_hand_it_gives_the_weights_and_the_history_of_fit():
    by_hand, by_fit = network(Dropout(0.2)), network(Dropout(0.2))
    training = Training(by_hand, *data(), epochs=3, batch_size=6, optimizer=Adam(0.01))
    for _ in training:
        pass
    history = by_fit.fit(*data(), 3, 6, Adam(0.01), verbose=False)
    assert same_weights(by_hand, by_fit)
    assert training.history.history == history.history
    assert by_hand.history is training.history


def test_every_step_is_one_update_and_says_how_it_went():
    model = network()
    training = Training(model, *data(10), epochs=2, batch_size=4)
    before, ends = model.get_weights(), []
    for end in training:
        assert type(end) is BatchEnd
        assert not same(model.get_weights(), before)
        before = model.get_weights()
        ends.append((end.epoch, end.step))
    assert ends == [(1, 1), (1, 2), (1, 3), (2, 4), (2, 5), (2, 6)]
    assert len(training) == len(ends)


def test_nothing_happens_before_the_first_step():
    model = network()
    before, state = model.get_weights(), model.rng.bit_generator.state
    iter(Training(model, *data(), callbacks=[lambda end: pytest.fail("told")]))
    assert same(model.get_weights(), before)
    assert model.rng.bit_generator.state == state


def test_stopping_between_two_steps_ends_it_with_what_was_learned():
    model, told = network(), []
    training = Training(model, *data(), epochs=3, batch_size=6, callbacks=[End(told)])
    for count, _ in enumerate(training, 1):
        if count == 5:
            model.stop_training = True
    assert count == 5
    assert len(training.history) == 2
    assert told == [model]


class End:
    def __init__(self, told):
        self.told = told

    def on_train_end(self, model):
        self.told.append(model)


def blas_threads():
    return [library["num_threads"] for library in threadpoolctl.threadpool_info()]


@pytest.mark.parametrize("end", ["closed midway", "to the end", "an error"])
def test_however_it_ends_layers_forget_their_batch_and_matrix_products_get_their_threads_back(end):
    def callback(batch_end):
        if end == "an error" and batch_end.step == 3:
            raise ZeroDivisionError

    with threadpoolctl.threadpool_limits(2, "blas"):
        before, model = blas_threads(), network()
        steps = iter(Training(model, *data(), batch_size=6, callbacks=[callback]))
        next(steps)
        if end == "closed midway":
            steps.close()
        elif end == "to the end":
            list(steps)
        else:
            with pytest.raises(ZeroDivisionError):
                list(steps)
        assert blas_threads() == before
        with pytest.raises(RuntimeError, match="call forward before backward"):
            model.backward(np.ones((6, 4)))
        assert np.isfinite(model.predict(data()[0])).all()


def test_a_closed_training_leaves_the_weights_of_its_last_step():
    closed, stopped = network(), network()
    steps = iter(Training(closed, *data(), batch_size=6))
    next(steps), next(steps)
    steps.close()

    def stop(end):
        end.model.stop_training = end.step == 2

    stopped.fit(*data(), batch_size=6, verbose=False, callbacks=[stop])
    assert same_weights(closed, stopped)


def test_two_trainings_can_take_turns():
    models, alone = [network(seed=k) for k in (1, 2)], [network(seed=k) for k in (1, 2)]
    trainings = [Training(model, *data(), batch_size=6) for model in models]
    for _ in zip(*trainings, strict=True):
        pass
    for model, other in zip(models, alone, strict=True):
        other.fit(*data(), batch_size=6, verbose=False)
        assert same_weights(model, other)


def test_it_can_be_gone_through_a_second_time():
    twice, by_fit = network(), network()
    training = Training(twice, *data(), batch_size=6)
    for _ in range(2):
        list(training)
        by_fit.fit(*data(), batch_size=6, verbose=False)
    assert same_weights(twice, by_fit)


def exploding(epoch):
    """Return a schedule that is far too large from some epoch of three updates on."""
    return lambda updates: 0.01 if updates < 3 * (epoch - 1) + 1 else 1e30


@pytest.mark.parametrize("epoch", [1, 2, 3])
@pytest.mark.parametrize("rule", [lambda rate: SGD(rate, 0.9), Adam], ids=["momentum", "Adam"])
def test_divergence_puts_back_weights_averages_and_optimizer_of_the_epochs_start(epoch, rule):
    layers = lambda: [BatchNorm(), Flatten(), Dense(4)]  # noqa: E731
    model, optimizer = Sequential(layers(), IMAGE), rule(exploding(epoch))
    good, other = Sequential(layers(), IMAGE), rule(0.01)
    if epoch > 1:
        good.fit(*data(12), epoch - 1, 4, other, verbose=False)
    with pytest.raises(DivergenceError, match=r"learning rate \(1e\+30\) is too large.*scaled"):
        model.fit(*data(12), 5, 4, optimizer, verbose=False)
    assert same_weights(model, good)
    remembered, expected = optimizer.get_state(model.params), other.get_state(good.params)
    assert remembered.keys() == expected.keys()
    assert same(remembered.values(), expected.values())
    assert len(model.history) == epoch - 1


def test_after_divergence_training_goes_on_with_a_smaller_rate():
    model = network()
    with pytest.raises(DivergenceError):
        model.fit(*data(), optimizer=SGD(1e30), verbose=False, epochs=3)
    assert np.isfinite(model.predict(data()[0])).all()
    history = model.fit(*data(), epochs=30, optimizer=SGD(0.05), verbose=False).history["loss"]
    assert history[-1] < history[0]
