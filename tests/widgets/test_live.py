"""Live training shows the training as it goes, and every way out leaves a usable network."""

import asyncio

import numpy as np
import pytest
from browser.scene import images, new_model
from widgets.events import numbers

from scratchcnn import SGD, Dense, Flatten, Sequential, cosine_decay
from scratchcnn.widgets import LiveTraining

COUNT = 96


def make(batch_size=8, epochs=2, **options):
    x, y = images()
    options = {"optimizer": SGD(0.05), **options}
    return LiveTraining(new_model(), x[:COUNT], y[:COUNT], epochs, batch_size, **options)


def in_event_loop(doing):
    """Return a function that runs the coroutine to its end, as a kernel or a browser does."""
    return lambda *arguments: asyncio.run(doing(*arguments))


@in_event_loop
async def train(live):
    live.start()
    await live.background.wait()
    assert not live.background.running


def stop_after(live, count):
    """Let the training stop itself after so many updates, as by the button."""
    on_batch_end = live.on_batch_end

    def note(batch):
        if batch.step == count:
            live.stop()
        on_batch_end(batch)

    live.on_batch_end = note


def by_fit(steps=None, epochs=2, optimizer=None):
    """Train the same network without a widget; return it and its losses and accuracies."""
    x, y = images()
    model, seen = new_model(), []

    def note(batch):
        seen.append((batch.loss, batch.accuracy))
        batch.model.stop_training = batch.step == steps

    options = {"batch_size": 8, "optimizer": optimizer or SGD(0.05)}
    model.fit(x[:COUNT], y[:COUNT], epochs, verbose=False, callbacks=[note], **options)
    return model, np.array(seen)


def assert_same_weights(one, other):
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        assert (a == b).all()


def test_the_network_is_trained_as_fit_trains_it():
    live = make()
    train(live)
    model, seen = by_fit()
    assert_same_weights(live.model, model)
    steps, losses = live.state.loss
    assert live.state.steps_per_point == 4  # 32 images a point
    assert losses == pytest.approx(seen[:, 0].reshape(-1, 4).mean(axis=1))
    assert live.state.accuracy[1] == pytest.approx(seen[:, 1].reshape(-1, 4).mean(axis=1))
    assert steps.tolist() == [2.5, 6.5, 10.5, 14.5, 18.5, 22.5]
    assert (live.state.kernel == model.layers[0].params["kernel"][:, :, 0]).all()
    assert live.stage.caption == "Done after step 24; the network is ready."
    assert numbers(live.stage.alt)[:2] == [24, 24]


def test_the_still_shows_a_whole_run_and_the_network_stays_untrained():
    live = make(optimizer=SGD(cosine_decay(0.05, 24)))
    still = live.still()
    model, seen = by_fit(optimizer=SGD(cosine_decay(0.05, 24)))
    assert still.alt.startswith("Training, step 24 of 24. Loss from")
    assert numbers(still.alt)[3] == pytest.approx(seen[-4:, 0].mean(), abs=6e-4)
    assert live.state.step == live.options["optimizer"].iterations == 0
    assert_same_weights(live.model, new_model())
    train(live)  # the optimizer begins as if nothing had happened
    assert_same_weights(live.model, model)
    assert live.still().alt == still.alt


def test_the_still_of_a_long_run_takes_no_longer_than_it_may(monkeypatch):
    monkeypatch.setattr("scratchcnn.widgets.live_run.LONGEST_REHEARSAL", 0.0)
    assert make(epochs=1000).still().alt.startswith("Training, step 1 of 12000.")


def test_the_state_says_whether_the_network_is_being_trained():
    live = make()
    assert live.steps_per_epoch == 12
    seen = []
    live.on_change(lambda: seen.append(live.state.running))
    train(live)
    assert seen[0]
    assert not live.state.running


def test_stop_leaves_the_network_of_that_step_and_start_goes_on():
    live = make()
    stop_after(live, 5)
    train(live)
    assert live.stage.caption == "Stopped after step 5; the network is ready."
    assert_same_weights(live.model, by_fit(steps=5)[0])
    loss, accuracy = live.model.evaluate(live.x, live.y)
    assert np.isfinite(loss)
    assert 0 <= accuracy <= 1
    del live.on_batch_end
    train(live)
    assert live.stage.caption == "Done after step 29; the network is ready."


@in_event_loop
async def test_the_buttons_say_what_can_be_done():
    live = make()
    assert (live.start_button.disabled, live.stop_button.disabled) == (False, True)
    live.start_button.click()
    assert (live.start_button.disabled, live.stop_button.disabled) == (True, False)
    live.stop_button.click()
    assert (live.start_button.disabled, live.stop_button.disabled) == (False, True)
    assert "Stopped after step" in live.stage.caption


@in_event_loop
async def test_between_its_steps_other_things_happen():
    live, turns = make(epochs=1000), []
    live.start()
    while live.run.step < 1000:
        turns.append(live.run.step)
        await asyncio.sleep(0)
    live.stop()
    assert len(turns) > 2
    assert live.run.step < 12_000


@in_event_loop
async def test_it_keeps_the_chosen_pace():
    live = make(epochs=1000)
    live.controls["pace"].value = "20 steps a second"
    live.start()
    waits = [next(live.background._steps) for _ in range(20)]
    live.stop()
    assert 0.5 < sum(waits[1:]) / waits[-1] / 10 < 1.5
    assert waits[-1] > 0.4


def test_without_an_event_loop_it_trains_as_well():
    live = make()
    live.start()
    asyncio.run(live.background.wait())
    assert live.stage.caption == "Done after step 24; the network is ready."
    assert_same_weights(live.model, by_fit()[0])


@in_event_loop
async def test_a_second_start_does_not_train_twice():
    live = make()
    live.start()
    live.start()
    await live.background.wait()
    assert live.run.step == 24


def test_reset_brings_back_the_first_weights_and_forgets_the_curves():
    live = make()
    frame = live.stage.frame
    train(live)
    assert live.stage.frame != frame
    live.reset()
    assert live.stage.frame == frame
    assert_same_weights(live.model, new_model())


def test_validation_shows_after_each_epoch():
    x, y = images()
    live = make(validation_data=(x[200:300], y[200:300]))
    train(live)
    epochs, accuracies = live.state.validation
    assert epochs.tolist() == [12, 24]
    assert accuracies.tolist() == live.model.history.history["val_accuracy"]
    assert f"Validation accuracy {accuracies[-1]:.3f}." in live.stage.alt


def test_an_exception_in_the_training_shows_in_the_widget():
    live = make()
    live.y = live.y + 100  # no such classes
    train(live)
    assert "ValueError" in live.stage.error
    assert live.stage.caption == "Training stopped because of an error."
    assert not live.start_button.disabled


@in_event_loop
async def test_closing_ends_the_training():
    live = make(epochs=1000)
    live.start()
    live.close()
    await live.background.wait()
    assert live.run.step == 1


def test_a_network_without_a_convolution_is_an_error():
    x, y = images()
    model = Sequential([Flatten(), Dense(10)], input_shape=(28, 28, 1))
    with pytest.raises(ValueError, match="no Conv2D"):
        LiveTraining(model, x[:5], y[:5])
