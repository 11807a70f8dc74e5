"""The bench trains both networks as `fit` would, in turns, and Stop answers at once."""

import asyncio
import time

import numpy as np
import pytest
from browser.scene import images, make
from widgets.events import key

from scratchcnn import SGD, Sequential
from scratchcnn.widgets import ArchitectureExplorer
from scratchcnn.widgets.bench import OPTIMIZER, first_networks
from scratchcnn.widgets.bench_layers import library_layer
from scratchcnn.widgets.bench_training import Runner, examples, train


def small(**options):
    """Return a bench with few images, which trains for a moment."""
    x, y = images()
    return ArchitectureExplorer(x[:96], y[:96], (x[1000:1050], y[1000:1050]), **options)


def in_event_loop(doing):
    """Return a function that runs the coroutine to its end, as a kernel or a browser does."""
    return lambda *arguments: asyncio.run(doing(*arguments))


@in_event_loop
async def trained(explorer, updates=100):
    explorer.set(updates=updates)
    explorer.start()
    await explorer.background.wait()
    assert explorer.last_error is None


def by_fit(side, epochs, optimizer):
    """Train the same network without the bench."""
    x, y = images()
    layers = [library_layer(layer) for layer in first_networks(10)[side]]
    model = Sequential(layers, (28, 28, 1))
    model.fit(x[:96], y[:96], epochs, batch_size=32, optimizer=optimizer, verbose=False)
    return model


def test_both_networks_are_trained_as_fit_trains_them():
    explorer = small()
    trained(explorer, 99)
    x, y = images()
    for side, runner in enumerate(explorer.runners):
        model = by_fit(side, 33, SGD(0.02, momentum=0.9))
        for a, b in zip(runner.model.get_weights(), model.get_weights(), strict=True):
            assert (a == b).all()
        result = explorer.state.results[side]
        assert result.updates == 99
        assert result.testing[0].tolist() == [0, *range(8, 97, 8), 99]
        assert result.testing[1][-1] == model.evaluate(x[1000:1050], y[1000:1050])[1]
        assert len(result.training[1]) == 99
        assert result.training[1][-1] == 1.0
        assert result.seconds > 0
    words = [
        f"The {side} network reads {result.testing[1][-1]:.1%} of the 50 test images correctly."
        for side, result in zip(("left", "right"), explorer.state.results, strict=True)
    ]
    assert explorer.stage.caption.endswith(" ".join(["Done.", *words]))
    assert OPTIMIZER.iterations == 0  # each has its own copy


def test_the_curves_grow_while_it_trains(monkeypatch):
    monkeypatch.setattr("scratchcnn.widgets.bench.SECONDS_PER_FRAME", 0.0)
    explorer, made = small(), []
    explorer.on_change(lambda: made.append([result.updates for result in explorer.state.results]))
    trained(explorer, 20)
    assert all(abs(left - right) <= 1 for left, right in made)
    assert {left for left, _ in made} == set(range(21))


@in_event_loop
async def test_stop_and_start_go_on_as_if_there_had_been_no_stop():
    explorer = small()
    for updates in (7, 15, 40):
        explorer.start()
        while min(runner.made for runner in explorer.runners) < updates:
            await asyncio.sleep(0)
        explorer.stop()
        assert not explorer.state.running
        made = max(runner.made for runner in explorer.runners)
        assert f"Stopped after {made} updates. Press Start to continue." in explorer.stage.caption
        assert not explorer.start_button.disabled
    explorer.set(updates=100)
    explorer.start()
    await explorer.background.wait()
    other = small()
    other.set(updates=100)
    other.start()
    await other.background.wait()
    for a, b in zip(explorer.state.results, other.state.results, strict=True):
        assert (a.updates, b.updates) == (100, 100)
        assert (a.training[1] == b.training[1]).all()


@in_event_loop
async def test_stop_answers_within_a_quarter_of_a_second_and_others_have_their_turn():
    # In seconds of this process's own work: others may keep the computer busy.
    explorer, other, answers = make("bench"), make("softmax"), []
    explorer.set(updates=3000)
    explorer.start()
    for _ in range(8):
        before = time.process_time()
        await asyncio.sleep(0)
        key(other, "scores", "ArrowUp")
        answers.append(time.process_time() - before)
    before = time.process_time()
    explorer.stop_button.click()
    assert time.process_time() - before < 0.25
    assert not explorer.state.running
    assert np.median(answers) < 0.25
    assert other.state.scores[0] == pytest.approx(2.8)


def test_a_larger_budget_goes_on_and_a_changed_network_begins_anew():
    explorer = small()
    trained(explorer, 100)
    runners = explorer.runners
    trained(explorer, 300)
    assert explorer.runners is runners
    assert [result.updates for result in explorer.state.results] == [300, 300]
    left = explorer.state.results[0]
    key(explorer, "right", "2")
    assert explorer.state.results[0] is left  # it is still true of the left network
    assert explorer.state.results[1].updates == 0
    assert "Not trained yet." in explorer.stage.alt
    trained(explorer, 100)
    assert explorer.runners is not runners
    assert [result.updates for result in explorer.state.results] == [100, 100]


@in_event_loop
async def test_while_it_trains_networks_can_be_looked_at_but_not_changed():
    explorer = make("bench")
    explorer.start()
    networks = explorer.state.networks
    assert (explorer.start_button.disabled, explorer.stop_button.disabled) == (True, False)
    key(explorer, "right", "ArrowDown", "1", "Delete", "+", "Escape")
    assert explorer.state.networks == networks
    assert explorer.state.rows == (1, 2)
    explorer._show_progress()  # what was said is not wiped away by the next frame
    assert "Press Stop before you change a network." in explorer.stage.caption
    explorer.reset()
    assert not explorer.state.running
    assert explorer.state.results[0].updates == 0
    assert explorer.runners == []


def test_a_loss_that_becomes_infinite_ends_one_network_and_not_the_other():
    explorer = small(optimizer=SGD(1e30))
    trained(explorer, 100)
    assert not explorer.state.running
    words = (
        "Done. The left network's loss became infinite. The right network's loss became infinite."
    )
    assert words in explorer.stage.caption

    data = examples(*(part[:96] for part in images()))
    runners = [Runner(first_networks(10)[0], data, SGD(rate), 0) for rate in (1e30, 0.01)]
    list(train(runners, lambda: 20))
    assert [runner.ended for runner in runners] == [True, False]
    assert runners[1].made == 20


def test_a_network_that_is_one_update_ahead_waits_for_the_other():
    data = examples(*(part[:96] for part in images()))
    runners = [Runner(network, data, OPTIMIZER, 0) for network in first_networks(10)]
    list(train(runners, lambda: 2))
    runners[0].update()
    list(train(runners, lambda: 5))
    assert [runner.made for runner in runners] == [5, 5]


def test_an_exception_in_the_training_shows_in_the_widget():
    explorer = small()
    explorer.start()
    explorer.runners[0]._steps = (nothing for nothing in [None])
    asyncio.run(explorer.background.wait())
    assert "Error" in explorer.stage.error
    assert not explorer.state.running
    assert not explorer.start_button.disabled


@in_event_loop
async def test_a_view_ends_the_training():
    explorer = make("bench")
    view = explorer.view
    explorer.start()
    explorer.go_to(view)
    assert not explorer.background.running
    assert not explorer.state.running
    assert not explorer.start_button.disabled
    assert explorer.runners == []


@in_event_loop
async def test_closing_ends_the_training():
    explorer = make("bench")
    explorer.start()
    explorer.close()
    await explorer.background.wait()
    assert not explorer.background.running


def test_the_stored_picture_shows_a_training_and_the_bench_stays_untrained():
    explorer = small()
    alt = explorer.still().alt
    assert alt.count("Accuracy: test ") == 2
    assert explorer.state.results[0].updates == 0
    assert explorer.still().alt == alt  # it is not trained again for the same picture
    key(explorer, "left", "1", "5")  # impossible
    assert "Not trained yet." in explorer.still().alt


def test_without_data_it_takes_a_thousand_digits_and_tests_on_others():
    data = examples()
    assert (len(data.x), len(data.test_x), data.classes, data.batch_size) == (1000, 500, 10, 32)


def test_without_test_data_the_last_fifth_is_kept_for_it():
    x, y = images()
    data = examples(x[:100], y[:100])
    assert (data.x == x[:80]).all()
    assert (data.test_y == y[80:100]).all()


@pytest.mark.parametrize(("size", "batch_size"), [(8, 32), (32, 32), (64, 8), (256, 2)])
def test_updates_of_large_images_take_fewer_of_them(size, batch_size):
    assert examples(np.zeros((9, size, size)), np.arange(9) % 3).batch_size == batch_size
