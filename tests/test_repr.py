"""What objects print: the call that makes them, the same each time, ready to be copied."""

from functools import partial

import numpy as np
import pytest

import scratchcnn
from scratchcnn import (
    SGD,
    Adam,
    AvgPool2D,
    Batches,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    EarlyStopping,
    Flatten,
    GlobalAvgPool2D,
    History,
    MaxPool2D,
    Recorder,
    ReLU,
    Residual,
    Sequential,
    ShiftedBatches,
    SoftmaxCrossEntropy,
    Training,
    cosine_decay,
    step_decay,
)
from scratchcnn.optimizers import Optimizer

WRITTEN = [
    "Conv2D(8, (3, 3))",
    "Conv2D(8, (3, 5), use_bias=False)",
    "Conv2D(8, (3, 3), strides=(2, 2), padding='same', kernel_initializer='he_normal')",
    "MaxPool2D((2, 2))",
    "MaxPool2D((3, 3), strides=(2, 2), padding='same')",
    "AvgPool2D((2, 3))",
    "GlobalAvgPool2D()",
    "ReLU()",
    "Dropout(0.5)",
    "BatchNorm()",
    "BatchNorm(0.9, epsilon=0.01, center=False, scale=False)",
    "Flatten()",
    "Dense(10)",
    "Dense(10, use_bias=False)",
    "Residual([Conv2D(8, (3, 3), padding='same'), Residual([BatchNorm(), ReLU()])])",
    "SGD(0.1)",
    "SGD(0.1, momentum=0.9, weight_decay=0.0001)",
    "SGD(0.01)",
    "SGD(0.01, momentum=0.9)",
    "Adam(0.001)",
    "Adam(0.01, beta_1=0.8)",
    "Adam(cosine_decay(0.1, 100, 0.0))",
    "step_decay(0.1, 5, 0.5)",
    "SoftmaxCrossEntropy()",
]


@pytest.mark.parametrize("written", WRITTEN)
def test_what_is_printed_makes_an_equal_object(written):
    made = eval(written, {name: getattr(scratchcnn, name) for name in scratchcnn.__all__})
    assert repr(made) == written


@pytest.mark.parametrize(
    ("made", "written"),
    [
        (Conv2D(filters=8, kernel_size=3, strides=1), "Conv2D(8, (3, 3))"),
        (Conv2D(np.int64(8), [3, 3], strides=[1, 1]), "Conv2D(8, (3, 3))"),
        (MaxPool2D(3, strides=3), "MaxPool2D((3, 3))"),
        (AvgPool2D(), "AvgPool2D((2, 2))"),
        (Dropout(np.float32(0.5)), "Dropout(0.5)"),
        (Dense(units=np.int32(3), use_bias=np.True_), "Dense(3)"),
        (BatchNorm(epsilon=1e-3), "BatchNorm()"),
        (SGD(learning_rate=1, momentum=0), "SGD(1.0)"),
        (SGD(), "SGD(0.01)"),
        (Adam(learning_rate=0.001, epsilon=1e-7), "Adam(0.001)"),
        (Residual((ReLU(),)), "Residual([ReLU()])"),
        (Adam(step_decay(0.1, 100)), "Adam(step_decay(0.1, 100, 0.5))"),
        (cosine_decay(1, 10), "cosine_decay(1.0, 10, 0.0)"),
    ],
)
def test_however_the_arguments_were_written_the_shortest_call_is_printed(made, written):
    assert repr(made) == written


def network(**options):
    block = Residual([Conv2D(2, 3, padding="same"), ReLU()])
    layers = [block, GlobalAvgPool2D(), Flatten(), Dense(3, use_bias=False)]
    return Sequential(layers, (6, 6, 1), **options)


@pytest.mark.parametrize("options", [{}, {"seed": 3}, {"seed": 3, "dtype": "float64"}])
def test_a_network_prints_a_line_for_each_layer_and_can_be_copied(options):
    model = network(**options)
    lines = repr(model).splitlines()
    assert lines[0] == "Sequential("
    assert [line.strip(" ,") for line in lines[2:6]] == [repr(layer) for layer in model.layers]
    made = eval(
        repr(model),
        vars(scratchcnn) | {name: getattr(scratchcnn, name) for name in scratchcnn.__all__},
    )
    assert repr(made) == repr(model)
    assert made.dtype == model.dtype
    assert all(map(np.array_equal, made.get_weights(), model.get_weights()))


def test_training_changes_nothing_in_what_is_printed():
    model, optimizer = network(), SGD(0.1, momentum=0.9)
    before = repr(model), repr(optimizer)
    model.fit(np.zeros((4, 6, 6, 1)), [0, 1, 2, 0], optimizer=optimizer, verbose=False)
    assert (repr(model), repr(optimizer)) == before


def test_a_history_says_how_many_epochs_and_what_the_last_one_gave():
    history = History()
    assert repr(history) == "<History of 0 epochs>"
    history.append(loss=1.5, accuracy=0.25)
    assert repr(history) == "<History of 1 epoch: loss 1.500  accuracy 0.250>"
    history.append(loss=1.25, accuracy=0.5)
    assert repr(history) == "<History of 2 epochs: loss 1.250  accuracy 0.500>"


def halving(iteration):
    return 0.1 / 2**iteration


def test_a_function_is_printed_by_its_name_and_not_by_its_place_in_memory():
    assert repr(SGD(halving)) == "SGD(halving)"
    assert "0x" not in repr(Adam(lambda iteration: 0.1))
    assert "0x" not in repr(Adam(partial(halving)))
    assert "0x" not in repr(Adam([0.1, 0.01].__getitem__))


class Nesterov(SGD):
    def __init__(self, momentum=0.9, learning_rate=0.1):
        super().__init__(learning_rate, momentum)


class Sign(Optimizer):
    def __init__(self, rate):
        super().__init__(rate)


def test_an_optimizer_of_ones_own_shows_its_learning_rate_in_any_place():
    assert repr(Nesterov()) == "Nesterov(learning_rate=0.1)"
    assert repr(Sign(0.1)) == "<Sign>"  # whose argument is stored under another name


def test_nothing_public_prints_its_place_in_memory():
    for thing in (
        EarlyStopping(),
        SoftmaxCrossEntropy(),
        History(),
        network().summary(),
        network(),
    ):
        assert "0x" not in repr(thing)


def test_what_training_is_made_of_says_how_far_it_is():
    model = Sequential([Flatten(), Dense(3)], (2, 2, 1))
    x, y = np.zeros((5, 2, 2, 1)), np.zeros(5, int)
    recorder = Recorder(model)
    training = Training(model, x, y, epochs=2, batch_size=2, callbacks=[recorder])
    assert repr(training) == "<Training: 0 of 6 updates>"
    assert repr(recorder) == "<Recorder: 0 updates, 1 snapshots>"
    next(iter(training))
    assert repr(training) == "<Training: 1 of 6 updates>"
    assert repr(recorder) == "<Recorder: 1 updates, 2 snapshots>"
    assert repr(Batches(x, y, 2)) == "<Batches: 5 images, 2 in a batch>"
    assert repr(ShiftedBatches(x, y)) == "<ShiftedBatches: 5 images, 32 in a batch>"
