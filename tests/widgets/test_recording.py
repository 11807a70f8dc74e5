"""Curves and recordings keep a whole run in bounded memory."""

import numpy as np
import pytest
from browser.scene import images, new_model

from scratchcnn import SGD
from scratchcnn.widgets import Recorder
from scratchcnn.widgets.curves import Curve


def test_a_short_curve_holds_every_value():
    curve = Curve(10)
    for value in (3.0, 1.0, 2.0):
        curve.append(value)
    steps, values = curve.points
    assert steps.tolist() == [1, 2, 3]
    assert values.tolist() == [3, 1, 2]


@pytest.mark.parametrize("first", [1, 3])
def test_a_long_curve_holds_means_of_equally_many_values(first):
    curve, values = Curve(8, first), np.random.default_rng(0).random(first * 100)
    for value in values:
        curve.append(value)
    steps, means = curve.points
    assert len(means) <= 8
    whole = len(means) * curve.each
    assert means == pytest.approx(values[:whole].reshape(-1, curve.each).mean(axis=1))
    assert steps == pytest.approx((1 + np.arange(whole)).reshape(-1, curve.each).mean(axis=1))
    assert curve.count == len(values)


def train(recorder, model, count):
    x, y = images()
    options = {"batch_size": 1, "optimizer": SGD(0.01), "verbose": False}
    return model.fit(x[:count], y[:count], callbacks=[recorder], **options)


def test_a_recording_holds_the_weights_of_its_steps():
    model = new_model()
    recorder, seen = Recorder(model), [model.get_weights()]
    train(lambda step: (recorder(step), seen.append(model.get_weights()))[0], model, 30)
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
        recorder(Step(other, 1, 1, 0.0, 0.0))
