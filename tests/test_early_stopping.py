"""EarlyStopping: when it stops, what it restores, beside that of Keras."""

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from small_networks import data, network, same

from scratchcnn import SGD, EarlyStopping
from scratchcnn.callbacks import EpochEnd


def fit(model, *callbacks, epochs=2, **options):
    """Train on 10 images by 4: three updates in an epoch."""
    return model.fit(
        *data(10), epochs, batch_size=4, verbose=False, callbacks=list(callbacks), **options
    )


class Scripted:
    """Stands for a model: its weights are the number of the epoch."""

    def __init__(self):
        self.stop_training, self.weights = False, [np.array([0.0])]

    def get_weights(self):
        return [weight.copy() for weight in self.weights]

    def set_weights(self, weights):
        self.weights = [weight.copy() for weight in weights]


def run(tell_epoch, begin, end, model, values, monitor):
    """Play the epochs of a training; return how many there were, and the weights at the end."""
    begin(model)
    epochs = 0
    for epoch, value in enumerate(values):
        epochs = epoch + 1
        model.weights = [np.array([float(epochs)])]
        tell_epoch(epoch, {monitor: value})
        if model.stop_training:
            break
    end(model)
    return epochs, model.weights[0].item()


def run_ours(stopping, values):
    model = Scripted()
    return run(
        lambda epoch, logs: stopping.on_epoch_end(EpochEnd(model, epoch + 1, logs)),
        stopping.on_train_begin,
        stopping.on_train_end,
        model,
        values,
        stopping.monitor,
    )


def run_keras(stopping, values):
    model = Scripted()
    stopping.set_model(model)
    return run(
        stopping.on_epoch_end,
        lambda _: stopping.on_train_begin(),
        lambda _: stopping.on_train_end(),
        model,
        values,
        stopping.monitor,
    )


@settings(max_examples=examples(100, 2000))
@given(
    # Few different values, so that equal ones are common.
    values=st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4, 0.5]), min_size=1, max_size=12),
    patience=st.integers(1, 4),
    restore=st.booleans(),
    monitor=st.sampled_from(["loss", "accuracy", "val_loss", "val_accuracy"]),
)
def test_early_stopping_stops_and_restores_as_that_of_keras_does(
    keras, values, patience, restore, monitor
):
    mode = "max" if "accuracy" in monitor else "min"
    theirs = keras.callbacks.EarlyStopping(
        monitor, patience=patience, restore_best_weights=restore, mode=mode
    )
    ours = EarlyStopping(monitor, patience, restore)
    assert run_ours(ours, values) == run_keras(theirs, values)
    assert ours.best == theirs.best
    assert ours.best_epoch == theirs.best_epoch + 1  # Keras counts from 0


def test_early_stopping_begins_anew_with_each_fit():
    stopping = EarlyStopping("loss", patience=2, restore_best_weights=True)
    assert run_ours(stopping, [3, 1, 2, 2, 9]) == (4, 2.0)
    assert run_ours(stopping, [9, 8, 7, 6, 5]) == (5, 5.0)


def test_early_stopping_restores_the_best_epochs_weights_in_a_real_training():
    class Weights:
        def __init__(self):
            self.after = []

        def on_epoch_end(self, end):
            self.after.append(end.model.get_weights())

    weights, model = Weights(), network()
    stopping = EarlyStopping(patience=2, restore_best_weights=True)
    # A rate so large that the network soon gets worse on images that it has not seen.
    history = fit(
        model, weights, stopping, epochs=50, optimizer=SGD(0.3), validation_data=data(40, seed=5)
    ).history["val_loss"]
    best = int(np.argmin(history))
    assert len(history) == best + 1 + 2 < 50
    assert same(model.get_weights(), weights.after[best])
    assert (stopping.best, stopping.best_epoch) == (history[best], best + 1)


def test_without_restoring_the_last_weights_stay():
    epochs, weight = run_ours(EarlyStopping("loss", patience=1), [1, 2, 3])
    assert (epochs, weight) == (2, 2.0)


def test_a_missing_figure_is_named_with_those_that_there_are_and_the_cure():
    with pytest.raises(
        ValueError, match=r"no 'val_loss', only \['accuracy', 'loss'\]: give fit validation_data"
    ):
        fit(network(), EarlyStopping())
    with pytest.raises(ValueError, match=r"no 'acc', only \['accuracy', 'loss'\]$"):
        fit(network(), EarlyStopping("acc"))


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"patience": 0}, "patience"),
        ({"patience": 1.5}, "patience"),
        ({"restore_best_weights": "yes"}, "restore_best_weights"),
    ],
)
def test_bad_arguments_of_early_stopping_are_refused_by_name(arguments, name):
    with pytest.raises((TypeError, ValueError), match=name):
        EarlyStopping(**arguments)


def test_early_stopping_says_what_it_is():
    assert (
        repr(EarlyStopping("loss", 3, True))
        == "EarlyStopping('loss', patience=3, restore_best_weights=True)"
    )
