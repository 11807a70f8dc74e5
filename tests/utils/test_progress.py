"""The progress bar, in a terminal, in a notebook, and without tqdm."""

import re
import sys
import threading
import types

import pytest
import small_networks
from small_networks import same_weights

from scratchcnn import Dropout
from scratchcnn._utils import progress


def network():
    return small_networks.network(Dropout(0.3))


def data():
    return small_networks.data(19)


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
    before = set(threading.enumerate())
    with progress.progress_bar(3, visible=True) as bar:
        bar.update()
        # One of an earlier test may end meanwhile.
        assert set(threading.enumerate()) <= before
