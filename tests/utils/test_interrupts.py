"""Interrupts at any moment: the weights are always those of one finished step."""

import gc
import os
import signal
import sys
import threading

import numpy as np
import pytest
import small_networks
from drawn import examples
from small_networks import same

import scratchcnn
from scratchcnn import Adam, Dropout
from scratchcnn._utils import progress
from scratchcnn._utils.progress import defer_interrupts

LIBRARY = scratchcnn.__file__.removesuffix("__init__.py")
EPOCHS, STEPS_AN_EPOCH = 3, 4


def network():
    return small_networks.network(Dropout(0.3))


def data():
    return small_networks.data(19)


def train(model, callback=lambda step: None):
    """19 images by 5: the fourth batch of an epoch is smaller."""
    return model.fit(*data(), EPOCHS, 5, Adam(0.01), data(), verbose=False, callbacks=[callback])


class InterruptAtLine:
    """Inside this block, the interrupt comes before the ``number``-th line of the library."""

    def __init__(self, number=None):
        self.number, self.lines = number, 0

    def __enter__(self):
        self.before = sys.gettrace()
        gc.disable()  # what it frees may run lines of the library, too, and swallow an interrupt
        sys.settrace(self.trace)
        return self

    def __exit__(self, *exception):
        sys.settrace(self.before)
        gc.enable()

    def trace(self, frame, event, argument):
        if not frame.f_code.co_filename.startswith(LIBRARY):
            return None
        if event == "line":
            self.lines += 1
            if self.lines == self.number:
                signal.raise_signal(signal.SIGINT)
        return self.trace


@pytest.fixture(autouse=True)
def interrupts_arrive():
    """Let interrupts raise KeyboardInterrupt, even where the shell that started us ignores them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def uninterrupted():
    """Return the weights after 0, 1, 2 ... updates, the history, and how many lines ran."""
    model = network()
    weights = [model.get_weights()]
    history = train(model, lambda step: weights.append(step.model.get_weights()))
    model = network()
    with InterruptAtLine() as counted:
        train(model)
    return weights, history.history, counted.lines


def test_an_interrupt_at_any_of_many_random_lines_leaves_the_weights_of_one_finished_step(
    uninterrupted,
):
    weights, history, lines = uninterrupted
    handler = signal.getsignal(signal.SIGINT)
    reached = set()
    for number in np.random.default_rng(0).integers(1, lines + 1, examples(150, 1500)):
        model, updates = network(), []
        with InterruptAtLine(number), pytest.raises(KeyboardInterrupt):
            train(model, lambda step, updates=updates: updates.append(step.step))
        assert signal.getsignal(signal.SIGINT) is handler
        done = len(updates)
        assert same(model.get_weights(), weights[done])
        reached.add(done)
        # The history has all finished epochs, and what there is of the one that was running.
        if model.history is not None:
            losses, whole = model.history.history["loss"], done // STEPS_AN_EPOCH
            assert losses[:whole] == history["loss"][:whole]
            assert len(losses) == -(-done // STEPS_AN_EPOCH)
    assert len(reached) > 8  # the interrupts really came early and late


def test_after_an_interrupt_training_goes_on_as_if_nothing_had_been(uninterrupted):
    _, _, lines = uninterrupted
    model = network()
    with InterruptAtLine(lines // 2), pytest.raises(KeyboardInterrupt):
        train(model)
    history = train(model).history
    assert len(history["loss"]) == EPOCHS
    assert np.isfinite(model.predict(data()[0])).all()


def test_an_interrupt_during_a_step_is_raised_after_that_step(uninterrupted):
    def interrupt(step):
        updates.append(step.step)
        if step.step == 6:
            signal.raise_signal(signal.SIGINT)

    updates, model = [], network()
    with pytest.raises(KeyboardInterrupt):
        train(model, interrupt)
    assert updates[-1] == 6
    assert same(model.get_weights(), uninterrupted[0][6])
    assert len(model.history) == 2  # the second epoch as far as it came


def test_interrupts_are_collected_inside_and_raised_at_the_end():
    seen = []

    def interrupt_twice():
        with defer_interrupts() as interrupts:
            for _ in range(2):
                signal.raise_signal(signal.SIGINT)
                seen.append(len(interrupts))

    with pytest.raises(KeyboardInterrupt):
        interrupt_twice()
    assert seen == [1, 2]


def test_without_an_interrupt_nothing_is_raised_and_the_old_handler_returns():
    handler = signal.getsignal(signal.SIGINT)
    with defer_interrupts() as interrupts:
        assert signal.getsignal(signal.SIGINT) is not handler
    assert interrupts == []
    assert signal.getsignal(signal.SIGINT) is handler


def test_an_error_inside_passes_through_and_the_old_handler_returns():
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(ZeroDivisionError), defer_interrupts():
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_network_trains_in_a_thread_that_is_not_the_main_one(uninterrupted):
    model = network()
    thread = threading.Thread(target=train, args=(model,))
    thread.start()
    thread.join()
    assert same(model.get_weights(), uninterrupted[0][-1])


def test_a_program_that_ignores_interrupts_goes_on_ignoring_them():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with progress.defer_interrupts() as interrupts:
            os.kill(os.getpid(), signal.SIGINT)
        assert interrupts == []
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("update", [1, 2, 3])
def test_an_interrupt_within_the_first_epoch_leaves_that_part_in_the_history(update):
    losses = []

    def interrupt(end):
        losses.append(end.loss)
        if end.step == update:
            signal.raise_signal(signal.SIGINT)

    model = network()
    with pytest.raises(KeyboardInterrupt):
        train(model, interrupt)
    assert model.history.history["loss"] == [pytest.approx(np.mean(losses))]
    assert len(model.history.history["val_loss"]) == 1


def test_after_an_interrupt_layers_have_forgotten_their_batch():
    model = network()
    with pytest.raises(KeyboardInterrupt):
        train(model, lambda end: signal.raise_signal(signal.SIGINT))
    with pytest.raises(RuntimeError, match="call forward before backward"):
        model.backward(np.ones((5, 4)))
