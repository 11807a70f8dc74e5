"""The progress bar, and interrupts at any moment: the weights are always those of one step."""

import os
import re
import signal
import sys
import threading
import types

import numpy as np
import pytest
import small_networks
from drawn import examples
from small_networks import same, same_weights

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
        sys.settrace(self.trace)
        return self

    def __exit__(self, *exception):
        sys.settrace(self.before)

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


def test_a_verbose_fit_prints_a_line_an_epoch_with_loss_and_accuracy(capsys):
    x, y = data()
    history = network().fit(x, y, epochs=2, validation_data=(x, y)).history
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    for epoch, line in enumerate(lines):
        assert f"epoch {epoch + 1}/2" in line
        for name, values in history.items():
            assert f"{name} {values[epoch]:.3f}" in line


def test_the_bar_counts_updates_and_goes_away(capsys):
    network().fit(*data(), epochs=2, batch_size=5)
    bar = capsys.readouterr().err
    assert "/8" in bar
    assert bar.endswith("\r")


def test_a_quiet_fit_prints_nothing(capsys):
    network().fit(*data(), epochs=2, verbose=False)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


class Page:
    """Stands for a notebook's page: keeps what is displayed and updated."""

    def __init__(self):
        self.shown = []

    def display(self, page, raw, display_id):
        assert raw
        assert display_id
        self.shown.append(page["text/html"])
        return self

    def update(self, page, raw):
        assert raw
        self.shown.append(page["text/html"])


@pytest.fixture
def page(monkeypatch):
    """Let the library believe that it runs in a notebook, and return the notebook's page."""
    import IPython
    import IPython.display

    page = Page()
    kernel = types.SimpleNamespace(kernel=object())
    monkeypatch.setattr(IPython, "get_ipython", lambda: kernel)
    monkeypatch.setattr(IPython.display, "display", page.display)
    return page


def test_a_kernel_is_a_notebook_and_a_terminal_is_none(monkeypatch, page):
    assert progress.in_notebook()
    import IPython

    monkeypatch.setattr(IPython, "get_ipython", lambda: object())  # IPython in a terminal
    assert not progress.in_notebook()
    monkeypatch.delitem(sys.modules, "IPython")
    assert not progress.in_notebook()


def test_in_a_notebook_the_bar_is_a_progress_element_and_leaves_nothing_behind(page):
    with progress.progress_bar(4, visible=True) as bar:
        bar.mininterval = 0
        bar.set_description("epoch 1/1")
        for _ in range(4):
            bar.update()
    assert page.shown[0] == page.shown[-1] == ""
    values = [re.search(r'value="(\d+)" max="4"', html)[1] for html in page.shown if html]
    assert values[-1] == "4"
    assert values == sorted(values)
    assert "epoch 1/1 <progress" in page.shown[-2]
    assert 'aria-label="epoch 1/1"' in page.shown[-2]


def test_in_a_notebook_a_verbose_fit_still_prints_a_line_an_epoch(page, capsys):
    network().fit(*data(), epochs=2, batch_size=10)
    lines = capsys.readouterr().out.splitlines()
    assert [line[:9] for line in lines] == ["epoch 1/2", "epoch 2/2"]
    assert page.shown[-1] == ""


def test_the_bar_says_how_far_how_fast_and_how_long_still():
    state = {"n": 250, "total": 1000, "elapsed": 5, "rate": None, "prefix": "a<b: ", "unit": "step"}
    html = progress.bar_html(state)
    assert html.startswith("a&lt;b <progress")
    assert html.endswith("250 of 1,000 steps, 50 a second, 00:15 left")
    assert progress.bar_html(state | {"n": 0, "elapsed": 0}).endswith("0 a second, ? left")


def test_a_program_that_ignores_interrupts_goes_on_ignoring_them():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with progress.defer_interrupts() as interrupts:
            os.kill(os.getpid(), signal.SIGINT)
        assert interrupts == []
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_without_tqdm_there_is_no_bar_but_a_line_an_epoch(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    history = network().fit(*data(), epochs=2, validation_data=data())
    printed = capsys.readouterr()
    assert [line[:9] for line in printed.out.splitlines()] == ["epoch 1/2", "epoch 2/2"]
    assert printed.out.splitlines()[-1].endswith(history.last_line())
    assert printed.err == ""


def test_without_tqdm_a_quiet_fit_trains_the_same_and_prints_nothing(capsys, monkeypatch):
    with_tqdm, without = network(), network()
    with_tqdm.fit(*data(), verbose=False)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    without.fit(*data(), verbose=False)
    assert same_weights(with_tqdm, without)
    assert capsys.readouterr() == ("", "")


def test_the_bar_changes_nothing_in_what_is_learned():
    seen, unseen = network(), network()
    seen.fit(*data(), epochs=2)
    unseen.fit(*data(), epochs=2, verbose=False)
    assert same_weights(seen, unseen)


def test_the_bar_starts_no_thread():
    before = threading.active_count()
    with progress.progress_bar(3, visible=True) as bar:
        bar.update()
        assert threading.active_count() == before


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
