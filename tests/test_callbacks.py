"""Callbacks: who is told what, and in which order."""

import numpy as np
import pytest
from small_networks import data, network, same_weights

from scratchcnn import SGD, EarlyStopping
from scratchcnn.callbacks import BatchEnd, Callbacks

EVENTS = ["on_train_begin", "on_batch_end", "on_epoch_end", "on_train_end"]


class Diary:
    """Writes down every event and its news."""

    def __init__(self):
        self.entries = []

    def on_train_begin(self, model):
        self.entries.append(("begin", model))

    def on_batch_end(self, end):
        self.entries.append(("batch", end))

    def on_epoch_end(self, end):
        self.entries.append(("epoch", end))

    def on_train_end(self, model):
        self.entries.append(("end", model))

    @property
    def events(self):
        return [event for event, _ in self.entries]

    def news(self, event):
        return [news for name, news in self.entries if name == event]


def fit(model, *callbacks, epochs=2, **options):
    """Train on 10 images by 4: three updates in an epoch."""
    return model.fit(
        *data(10), epochs, batch_size=4, verbose=False, callbacks=list(callbacks), **options
    )


def test_events_come_in_the_order_of_training():
    diary = Diary()
    fit(network(), diary)
    assert diary.events == ["begin", *["batch", "batch", "batch", "epoch"] * 2, "end"]


def test_all_are_told_of_the_same_model():
    diary, model = Diary(), network()
    fit(model, diary)
    assert all(news is model for event in ("begin", "end") for news in diary.news(event))
    assert all(news.model is model for event in ("batch", "epoch") for news in diary.news(event))


def test_epochs_and_updates_are_counted_from_one():
    diary = Diary()
    fit(network(), diary)
    assert [(end.epoch, end.step) for end in diary.news("batch")] == [
        *[(1, 1), (1, 2), (1, 3)],
        *[(2, 4), (2, 5), (2, 6)],
    ]
    assert [end.epoch for end in diary.news("epoch")] == [1, 2]


def test_the_end_of_an_epoch_tells_the_figures_of_that_epoch_those_of_validation_too():
    measured, validation = [], data(8, seed=1)

    class Measure:
        def on_epoch_end(self, end):
            measured.append((end.logs, end.model.evaluate(*validation)))

    history = fit(network(), Measure(), epochs=3, validation_data=validation).history
    for epoch, (logs, (loss, accuracy)) in enumerate(measured):
        assert logs == {name: values[epoch] for name, values in history.items()}
        assert (logs["val_loss"], logs["val_accuracy"]) == (pytest.approx(loss, rel=1e-5), accuracy)
    assert len({logs["val_loss"] for logs, _ in measured}) == 3


def test_all_news_are_plain_numbers():
    diary = Diary()
    fit(network(), diary, validation_data=data(8))
    for end in diary.news("batch"):
        assert {type(end.loss), type(end.accuracy)} == {float}
        assert {type(end.epoch), type(end.step)} == {int}
    for end in diary.news("epoch"):
        assert {type(value) for value in end.logs.values()} == {float}


def test_several_callbacks_are_told_one_after_the_other():
    told = []
    fit(network(), *[lambda end, name=name: told.append(name) for name in "abc"], epochs=1)
    assert told == list("abcabcabc")


def test_a_bare_function_is_told_of_each_batch():
    told = []
    fit(network(), told.append)
    assert [type(news) for news in told] == [BatchEnd] * 6


@pytest.mark.parametrize("event", EVENTS)
def test_an_object_with_one_of_the_methods_is_told_of_that_event_alone(event):
    told = []
    callback = type("One", (), {event: lambda self, news: told.append(news)})()
    fit(network(), callback)
    assert len(told) == {"on_batch_end": 6, "on_epoch_end": 2}.get(event, 1)


def test_an_object_that_is_callable_and_has_a_method_is_told_by_the_method():
    class Both:
        def __init__(self):
            self.called, self.told = 0, 0

        def __call__(self, *arguments):
            self.called += 1

        def on_epoch_end(self, end):
            self.told += 1

    both = Both()
    fit(network(), both)
    assert (both.called, both.told) == (0, 2)


@pytest.mark.parametrize("answer", [True, False, 1, np.True_, "stop", np.ones(3)], ids=repr)
@pytest.mark.parametrize("event", EVENTS)
def test_what_a_callback_returns_is_ignored(event, answer):
    diary = Diary()
    callback = type("Answers", (), {event: lambda self, news: answer})()
    fit(network(), callback, diary)
    assert len(diary.events) == 10


def test_stopping_from_a_batch_stops_after_that_update():
    def stop(end):
        end.model.stop_training = end.step == 4

    diary, model = Diary(), network()
    history = fit(model, stop, diary, epochs=5)
    assert diary.events == [
        *["begin", "batch", "batch", "batch", "epoch"],
        *["batch", "epoch", "end"],
    ]
    assert len(history) == 2


def test_stopping_from_an_epoch_stops_before_the_next():
    class Stop:
        def on_epoch_end(self, end):
            end.model.stop_training = end.epoch == 2

    diary = Diary()
    assert len(fit(network(), Stop(), diary, epochs=5)) == 2
    assert diary.events.count("batch") == 6
    assert diary.events[-1] == "end"


def test_a_training_that_was_stopped_has_learned_what_the_updates_before_taught():
    def stop(end):
        end.model.stop_training = end.step == 3

    stopped, whole = network(), network()
    fit(stopped, stop, epochs=4)
    fit(whole, epochs=1)
    assert same_weights(stopped, whole)


def test_the_next_fit_is_not_stopped_by_the_last():
    model = network()
    model.stop_training = True
    assert len(fit(model, epochs=3)) == 3


def test_stopping_within_the_first_epoch_leaves_that_part_in_the_history():
    diary = Diary()

    def stop(end):
        end.model.stop_training = end.step == 2

    validation = data(8)
    history = fit(network(), diary, stop, validation_data=validation).history
    first, second = diary.news("batch")
    assert history["loss"] == [pytest.approx((first.loss + second.loss) / 2)]
    assert history["accuracy"] == [pytest.approx((first.accuracy + second.accuracy) / 2)]
    assert len(history["val_loss"]) == len(history["val_accuracy"]) == 1


def test_a_callback_may_change_the_weights():
    class Zero:
        def on_epoch_end(self, end):
            end.model.set_weights([0 * weight for weight in end.model.get_weights()])

    model = network()
    fit(model, Zero(), epochs=1)
    assert not any(weight.any() for weight in model.get_weights())


def test_an_error_in_a_callback_comes_through():
    def broken(end):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fit(network(), broken)


@pytest.mark.parametrize("callbacks", [None, [], ()])
def test_there_may_be_no_callbacks(callbacks):
    model = network()
    assert len(model.fit(*data(4), verbose=False, callbacks=callbacks)) == 1


@pytest.mark.parametrize(
    ("callbacks", "message"),
    [
        (print, "expected a list of callbacks"),
        (EarlyStopping(), r"EarlyStopping\(.*expected a list of callbacks"),
        ("print", "expected a list of callbacks"),
        ([EarlyStopping], "the class EarlyStopping: put parentheses after its name"),
        ([Diary], "the class Diary: put parentheses after its name"),
        ([3], "3, which is neither a function nor an object with one of on_train_begin"),
        ([None], "None, which is neither"),
        ([SGD(0.1)], r"SGD\(0\.1\), which is neither"),
        ([type("Named", (), {"on_epoch_end": 3})()], "which is neither"),
    ],
)
def test_what_can_be_told_nothing_is_refused(callbacks, message):
    with pytest.raises(TypeError, match=message):
        Callbacks(callbacks)
