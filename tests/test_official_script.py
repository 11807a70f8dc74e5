"""`make mnist` and `make fashion`: what was stopped goes on, and ends where it would have."""

import importlib.util
import signal
from pathlib import Path

import numpy as np
import pytest

from scratchcnn import Dense, Flatten, MaxPool2D, Sequential, load_mnist

SCRIPT = Path(__file__).parent.parent / "benchmarks" / "official.py"
EPOCHS = 4


@pytest.fixture(scope="module")
def script():
    """Return the script as a module, with a network that trains in no time."""
    spec = importlib.util.spec_from_file_location("official_script", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.new_network = lambda run, seed: Sequential(
        [MaxPool2D(4), Flatten(), Dense(10)], (28, 28, 1), seed
    )
    module.BATCH_SIZE = 30
    return module


@pytest.fixture(scope="module")
def digits(script):
    training, test = (script.scaled((x[:100], y[:100])) for x, y in load_mnist())
    return training, test


@pytest.fixture(scope="module")
def whole(script, digits, tmp_path_factory):
    """Return the checkpoint and the history of a training that nobody stopped."""
    path = tmp_path_factory.mktemp("whole") / "mnist.npz"
    return path, script.train(script.RUNS["mnist"], *digits, path, EPOCHS).history


@pytest.fixture
def interrupt(monkeypatch):
    """Return a function that lets Ctrl-C be pressed in the given update of all."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def at(script, update):
        updates = iter(range(1, 1000))

        def bar(*arguments, **options):
            bar = progress_bar(*arguments, **options | {"visible": False})
            advance = bar.update

            def advance_or_interrupt():
                if next(updates) == update:
                    signal.raise_signal(signal.SIGINT)
                return advance()

            bar.update = advance_or_interrupt
            return bar

        progress_bar = script.progress_bar
        monkeypatch.setattr(script, "progress_bar", bar)

    yield at
    signal.signal(signal.SIGINT, before)


def same(history, other):
    """Return whether two histories are equal in all but the time that it took."""
    return all(history[name] == other[name] for name in other if name != "seconds")


@pytest.mark.parametrize("update", [1, 4, 5, 11, 16])  # 4 updates an epoch
def test_a_run_stopped_with_ctrl_c_goes_on_to_the_same_numbers(
    script, digits, whole, tmp_path, update, interrupt, monkeypatch
):
    path = tmp_path / "mnist.npz"
    interrupt(script, update)
    with pytest.raises(KeyboardInterrupt):
        script.train(script.RUNS["mnist"], *digits, path, EPOCHS)
    monkeypatch.undo()
    # Nothing is lost but the running epoch.
    assert path.exists() == (update > 4)
    if path.exists():
        assert len(Sequential.load(path).history) == (update - 1) // 4
    history = script.train(script.RUNS["mnist"], *digits, path, EPOCHS).history
    assert same(history, whole[1])
    with np.load(path) as resumed, np.load(whole[0]) as expected:
        assert sorted(resumed.files) == sorted(expected.files)
        for name in set(expected.files) - {"architecture"}:
            assert np.array_equal(resumed[name], expected[name])


def test_a_finished_run_is_not_trained_further(script, digits, whole):
    before = whole[0].read_bytes()
    assert script.train(script.RUNS["mnist"], *digits, whole[0], EPOCHS).history == whole[1]
    assert whole[0].read_bytes() == before


def test_every_epoch_has_a_line_with_its_seconds_loss_and_accuracy(
    script, digits, tmp_path, capsys
):
    history = script.train(script.RUNS["mnist"], *digits, tmp_path / "mnist.npz", 2).history
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("epoch")]
    assert len(lines) == 2
    for k, line in enumerate(lines):
        assert f"{history['loss'][k]:.4f}" in line
        assert f"{history['test_accuracy'][k]:.2%}" in line
        assert f"{history['seconds'][k]:.1f} s" in line


def test_pixels_are_scaled_to_half_around_zero(script):
    x, y = script.scaled((np.array([[[0, 255]]], "uint8"), np.array([3])))
    assert x.tolist() == [[[[-0.5], [0.5]]]]
    assert x.dtype == "float32"
    assert y.tolist() == [3]
