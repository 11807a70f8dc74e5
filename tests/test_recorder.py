"""A Recorder keeps a whole training in bounded memory."""

from types import SimpleNamespace

import numpy as np
import pytest
from browser.scene import images, new_model

from scratchcnn import SGD
from scratchcnn.callbacks import Recorder


def train(recorder, model, count):
    x, y = images()
    options = {"batch_size": 1, "optimizer": SGD(0.01), "verbose": False}
    return model.fit(x[:count], y[:count], callbacks=[recorder], **options)


def test_a_recording_holds_the_weights_of_its_steps():
    model = new_model()
    recorder, seen = Recorder(model), [model.get_weights()]
    train(
        lambda batch: (recorder.on_batch_end(batch), seen.append(model.get_weights()))[0], model, 30
    )
    assert [snapshot.step for snapshot in recorder.snapshots] == list(range(31))
    for snapshot in recorder.snapshots:
        for kept, weight in zip(snapshot.weights, seen[snapshot.step], strict=True):
            assert (kept == weight).all()


def test_a_long_recording_drops_every_second_snapshot_but_keeps_first_and_last():
    model = new_model()
    recorder = Recorder(model, limit=10)
    train(recorder, model, 75)
    steps = [snapshot.step for snapshot in recorder.snapshots]
    assert (steps[0], steps[-1]) == (0, 75)
    assert len(set(np.diff(steps[:-1]))) == 1
    assert len(steps) <= 11


def test_a_recording_never_holds_more_bytes_than_allowed():
    model = new_model()
    size = sum(weight.nbytes for weight in model.get_weights())
    recorder = Recorder(model, limit=1000, max_bytes=6 * size)
    train(recorder, model, 60)
    assert recorder.nbytes <= 6 * size
    assert len(recorder.snapshots) > 2


def test_no_room_for_two_snapshots_is_an_error_that_says_the_sizes():
    with pytest.raises(ValueError, match=r"no room for two snapshots of 54,\d{3} bytes"):
        Recorder(new_model(), max_bytes=100_000)


def test_the_callback_of_another_model_is_an_error():
    recorder, other = Recorder(new_model()), new_model()
    with pytest.raises(ValueError, match="another model"):
        recorder.on_batch_end(SimpleNamespace(model=other, loss=0.0))


def test_the_latest_snapshot_stays_as_it_was_when_the_model_is_changed_afterwards():
    model = new_model()
    recorder = Recorder(model, limit=10)
    train(recorder, model, 11)
    weights = model.get_weights()
    model.set_weights([np.zeros_like(weight) for weight in weights])
    for kept, weight in zip(recorder.snapshots[-1].weights, weights, strict=True):
        assert (kept == weight).all()


def test_losses_are_recorded_update_by_update():
    model, seen = new_model(), []
    recorder = Recorder(model)
    train(lambda batch: (recorder.on_batch_end(batch), seen.append(batch.loss))[0], model, 20)
    steps, losses = recorder.losses.points
    assert steps.tolist() == list(range(1, 21))
    assert losses == pytest.approx(seen)
