"""The training scrubber shows the recorded network of every snapshot as it was."""

import asyncio
import re

import numpy as np
import pytest
from browser.scene import images, make, new_model, recording
from widgets.events import key, numbers, point

from scratchcnn import Dense, Flatten, Sequential
from scratchcnn.widgets import Recorder, TrainingScrubber


@pytest.fixture
def scrubber():
    return make("scrubber")


def network_at(scrubber, snapshot):
    model = new_model()
    model.set_weights(list(scrubber.snapshots[snapshot].weights))
    return model


@pytest.mark.parametrize("snapshot", [0, 17, 100])
def test_accuracy_loss_and_confusion_are_those_of_the_network_then(scrubber, snapshot):
    scrubber.set(snapshot=snapshot)
    x, y = images()
    x, y = x[1000:1200], y[1000:1200]
    model = network_at(scrubber, snapshot)
    loss, accuracy = model.evaluate(x, y)
    step = scrubber.snapshots[snapshot].step
    assert numbers(scrubber.stage.caption) == pytest.approx([step, loss, accuracy, 200], abs=6e-4)
    answers = model.predict(x).argmax(axis=1)
    confusion = scrubber.score(snapshot).confusion
    for right, answer in np.ndindex(10, 10):
        assert confusion[right, answer] == ((y == right) & (answers == answer)).sum()
    rows = re.findall(r"(\d): (\d+) of (\d+)", scrubber.stage.alt)
    assert [int(row[1]) for row in rows] == np.diag(confusion).tolist()
    assert [int(row[2]) for row in rows] == np.bincount(y, minlength=10).tolist()


def test_filters_and_maps_are_those_of_the_network_then(scrubber):
    scrubber.set(snapshot=12, image=5)
    kernel, maps = scrubber.look_inside(scrubber.state)
    layer = network_at(scrubber, 12).layers[0]
    assert (kernel == layer.params["kernel"][:, :, 0]).all()
    assert maps == pytest.approx(layer.forward(images()[0][1005:1006])[0], abs=1e-6)


def test_the_first_moment_is_the_untrained_network(scrubber):
    scrubber.set(snapshot=0)
    for kept, weight in zip(scrubber.snapshots[0].weights, new_model().get_weights(), strict=True):
        assert (kept == weight).all()


def test_keys_walk_through_the_training(scrubber):
    last = len(scrubber.snapshots) - 1
    assert scrubber.state.snapshot == last
    for name, snapshot in (("ArrowRight", last), ("Home", 0), ("ArrowLeft", 0), ("ArrowRight", 1),
                         ("PageUp", 11), ("PageDown", 1), ("End", last)):  # fmt: skip
        key(scrubber, "loss", name)
        assert scrubber.state.snapshot == snapshot == scrubber.controls["snapshot"].value


def test_the_cursor_goes_to_the_snapshot_nearest_to_the_pointer(scrubber):
    steps = np.array([snapshot.step for snapshot in scrubber.snapshots])
    for share in (-0.2, 0.0, 0.31, 1.0, 1.5):
        point(scrubber, "loss", "drag", share, 0.5)
        wanted = np.abs(steps - share * 5000).min()
        assert abs(steps[scrubber.state.snapshot] - share * 5000) == wanted


@pytest.mark.slow
def test_play_runs_the_film_to_its_end_and_begins_again_there(scrubber, monkeypatch):
    monkeypatch.setattr("scratchcnn.widgets.scrubber.SECONDS_PER_FRAME", 0.0)
    seen = []
    scrubber.stage.observe(lambda change: seen.append(scrubber.state.snapshot), "frame")
    last = len(scrubber.snapshots) - 1
    play_to_the_end(scrubber)
    assert seen == list(range(last + 1))
    assert scrubber.player.description == "Play"


def play_to_the_end(scrubber):
    async def play():
        scrubber.player.click()
        await scrubber.background.wait()

    asyncio.run(play())


def test_play_pressed_again_pauses_and_goes_on(scrubber):
    async def play():
        scrubber.player.click()
        assert scrubber.player.description == "Pause"
        while scrubber.state.snapshot == last - 2:
            await asyncio.sleep(0)
        scrubber.player.click()
        assert scrubber.player.description == "Play"
        await scrubber.background.wait()

    last = len(scrubber.snapshots) - 1
    scrubber.set(snapshot=last - 2)
    asyncio.run(play())
    assert scrubber.state.snapshot == last - 1
    play_to_the_end(scrubber)
    assert scrubber.state.snapshot == last


def test_after_an_interrupt_the_button_says_play_again(scrubber, monkeypatch):
    async def play():
        scrubber.player.click()
        scrubber.background._step(scrubber.background._steps)
        monkeypatch.setattr(scrubber, "handle", interrupt)
        with pytest.raises(KeyboardInterrupt):
            scrubber.background._step(scrubber.background._steps)
        monkeypatch.undo()

    def interrupt(*_):
        raise KeyboardInterrupt

    scrubber.set(snapshot=3)
    asyncio.run(play())
    assert scrubber.player.description == "Play"
    assert not scrubber.background.running


def test_closing_ends_the_film(scrubber):
    async def play():
        scrubber.player.click()
        scrubber.close()
        await scrubber.background.wait()

    scrubber.set(snapshot=3)
    asyncio.run(play())
    assert not scrubber.background.running
    assert scrubber.state.snapshot == 3


def test_a_recording_of_an_untrained_network_can_be_shown():
    x, y = images()
    scrubber = TrainingScrubber(Recorder(new_model()), x[:20], y[:20])
    assert scrubber.last_error is None
    assert scrubber.stage.caption.startswith("Step 0:")


def test_the_recorded_network_itself_stays_as_it_is(scrubber):
    before = recording().model.get_weights()
    scrubber.set(snapshot=0)
    for old, new in zip(before, recording().model.get_weights(), strict=True):
        assert (old == new).all()


def test_a_network_without_a_convolution_is_an_error():
    x, y = images()
    model = Sequential([Flatten(), Dense(10)], input_shape=(28, 28, 1))
    with pytest.raises(ValueError, match="no Conv2D"):
        TrainingScrubber(Recorder(model), x[:5], y[:5])
