"""However a training ends, its explorer says so, and can begin the next one."""

import asyncio
import threading

import numpy as np
import pytest
from browser.scene import images, new_model
from widgets.events import in_event_loop

from scratchcnn import SGD
from scratchcnn.widgets import ArchitectureExplorer, LiveTraining

COUNT = 96


def live(**options):
    x, y = images()
    options = {"optimizer": SGD(0.05), "epochs": 9, "batch_size": 8, **options}
    return LiveTraining(new_model(), x[:COUNT], y[:COUNT], **options)


def bench(**options):
    x, y = images()
    test_data = x[1000:1050], y[1000:1050]
    explorer = ArchitectureExplorer(x[:COUNT], y[:COUNT], test_data, **options)
    explorer.set(updates=100)
    return explorer


@pytest.fixture
def every_frame(monkeypatch):
    """Show each update, however soon it follows the one before."""
    for module in ("bench", "live"):
        monkeypatch.setattr(f"scratchcnn.widgets.{module}.SECONDS_PER_FRAME", 0.0)


both = pytest.mark.parametrize("make", [live, bench])


def updates(explorer):
    """Return how many updates have been made of each network."""
    if isinstance(explorer, LiveTraining):
        return [explorer.run.step]
    return [runner.made for runner in explorer.runners] or [0]


def made(explorer):
    return max(updates(explorer))


def step_by_step(explorer, steps, more=0):
    """Take the steps of a training in an event loop until so many updates are made."""
    background = explorer.background
    while min(updates(explorer)) < steps:
        background._step(background._steps)
    for _ in range(more):
        background._step(background._steps)


async def trained(explorer, steps):
    explorer.start()
    while made(explorer) < steps:
        await asyncio.sleep(0)


def assert_ready(explorer):
    assert not explorer.background.running
    assert not explorer.state.running
    assert not explorer.start_button.disabled
    assert explorer.stop_button.disabled


@both
@in_event_loop
async def test_after_an_interrupt_it_can_be_started_again(make, monkeypatch):
    def update(*_):
        raise KeyboardInterrupt

    explorer = make()
    explorer.start()
    step_by_step(explorer, 3)
    monkeypatch.setattr("scratchcnn.optimizers.SGD.update", update)
    with pytest.raises(KeyboardInterrupt):
        step_by_step(explorer, 4)
    monkeypatch.undo()
    assert_ready(explorer)
    assert "Training was interrupted." in explorer.stage.caption
    explorer.start()
    await explorer.background.wait()
    assert explorer.last_error is None
    assert "Done" in explorer.stage.caption
    assert_ready(explorer)


@both
@in_event_loop
async def test_after_an_error_it_can_be_started_again(make, monkeypatch):
    explorer = make()
    explorer.start()
    step_by_step(explorer, 3)
    monkeypatch.setattr("scratchcnn.optimizers.SGD.update", lambda *_: 1 / 0)
    await explorer.background.wait()
    assert "Training stopped because of an error." in explorer.stage.caption
    assert "ZeroDivisionError" in explorer.stage.error
    assert_ready(explorer)
    monkeypatch.undo()
    explorer.start()
    await explorer.background.wait()
    assert explorer.stage.error == ""
    assert "Done" in explorer.stage.caption


@both
@pytest.mark.parametrize("method", ["reset", "stop"])
@in_event_loop
async def test_a_listener_can_end_the_training(make, method, every_frame):
    explorer, first = make(), make()
    asked = []

    def listen():
        if explorer.state.running and made(explorer) >= 5 and not asked:
            asked.append(made(explorer))
            getattr(explorer, method)()

    explorer.on_change(listen)
    explorer.start()
    await explorer.background.wait()
    assert explorer.last_error is None
    assert_ready(explorer)
    if method == "reset":
        assert explorer.stage.alt == first.stage.alt
        if make is live:
            weights = zip(explorer.model.get_weights(), new_model().get_weights(), strict=True)
            assert all((a == b).all() for a, b in weights)
    else:
        assert asked[0] == made(explorer)
        assert f"Stopped after {'step ' if make is live else ''}{asked[0]}" in (
            explorer.stage.caption
        )


@both
@in_event_loop
async def test_a_listener_can_close_the_explorer(make, every_frame):
    explorer = make()
    explorer.on_change(lambda: made(explorer) >= 5 and explorer.close())
    explorer.start()
    await explorer.background.wait()
    assert not explorer.background.running
    if make is bench:
        assert explorer.runners == []


@both
@in_event_loop
async def test_in_the_middle_of_an_update_no_view_can_be_shown(make, every_frame):
    explorer = make()
    view, said = explorer.view, []

    def listen():
        if explorer.state.running and made(explorer) == 5 and not said:
            said.append("")
            with pytest.raises(ValueError, match="wait until it is over"):
                explorer.go_to(view)
            said.append("refused")

    explorer.on_change(listen)
    explorer.start()
    await explorer.background.wait()
    assert said == ["", "refused"]
    assert "Done" in explorer.stage.caption


@both
def test_start_from_several_threads_begins_one_training(make):
    explorer = make()
    started, original = [], explorer.background.start

    def start(steps):
        started.append(steps)
        original(steps)

    explorer.background.start = start
    gate = threading.Barrier(4)

    def press():
        gate.wait()
        explorer.start()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    explorer.stop()
    assert len(started) == 1


@in_event_loop
async def test_a_refused_view_leaves_the_bench_and_its_training_as_they_are():
    explorer = bench()
    explorer.set(updates=3000)
    refused = "ArchitectureExplorer(networks='Flatten | Flatten', side=2)"
    await trained(explorer, 8)
    with pytest.raises(ValueError, match="no such network"):
        explorer.go_to(refused)
    assert explorer.background.running
    explorer.stop()
    alt, runners, count = explorer.stage.alt, explorer.runners, made(explorer)
    assert count >= 8
    with pytest.raises(ValueError, match="no such network"):
        explorer.go_to(refused)
    assert explorer.stage.alt == alt
    await trained(explorer, count + 1)
    assert explorer.runners is runners


@in_event_loop
async def test_a_view_that_is_interrupted_leaves_live_training_as_it_is(monkeypatch):
    explorer = live()
    explorer.start()
    step_by_step(explorer, 5)
    explorer.stop()
    model, alt, view, steps = explorer.model, explorer.stage.alt, explorer.view, made(explorer)
    weights, history = model.get_weights(), model.history
    note = type(explorer.run).note

    def interrupted(run, batch):
        note(run, batch)
        if run.step == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(type(explorer.run), "note", interrupted)
    with pytest.raises(KeyboardInterrupt):
        explorer.go_to("LiveTraining(runs='10')")
    monkeypatch.undo()
    assert all((a == b).all() for a, b in zip(model.get_weights(), weights, strict=True))
    assert model.history is history
    assert (explorer.stage.alt, explorer.view, made(explorer)) == (alt, view, steps)
    explorer.start()
    await explorer.background.wait()
    other = live()
    other.go_to(explorer.view)
    assert other.stage.alt == explorer.stage.alt


@in_event_loop
async def test_a_stop_in_the_last_test_leaves_that_test_to_be_made():
    explorer = bench()
    explorer.start()
    step_by_step(explorer, 100, more=1)  # a part of the first one's last test
    runners = explorer.runners
    explorer.stop()
    assert "Stopped after 100 updates. Press Start to continue." in explorer.stage.caption
    assert [result.testing[0][-1] for result in explorer.state.results] == [96, 96]
    explorer.start()
    await explorer.background.wait()
    assert explorer.runners is runners
    assert [result.updates for result in explorer.state.results] == [100, 100]
    assert "Done." in explorer.stage.caption
    for result in explorer.state.results:
        assert result.testing[0].tolist() == [0, *range(8, 97, 8), 100]


@in_event_loop
async def test_a_test_that_a_stop_interrupts_is_made_before_it_goes_on():
    explorer, at_once = bench(), bench()
    explorer.start()
    for steps in (8, 16):
        step_by_step(explorer, steps, more=1)
        explorer.stop()
        explorer.start()
    await explorer.background.wait()
    at_once.start()
    await at_once.background.wait()
    for one, other in zip(explorer.state.results, at_once.state.results, strict=True):
        assert np.array_equal(one.testing, other.testing)
