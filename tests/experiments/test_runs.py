"""The runs behind lessons 07 to 09: each trains what it says."""

import json

import numpy as np
import pytest
from experiment_cases import FIGURES, KERAS_FIGURES, ONE_OF_EACH, TINY, TINY_ONE, TRAINING_FIGURES

from scratchcnn import experiments
from scratchcnn.experiments import networks, runs


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_a_run_gives_the_figures_that_are_stored(name):
    figures = experiments.EXPERIMENTS[name](**ONE_OF_EACH[name], **TINY_ONE.get(name, TINY))
    assert set(figures) == FIGURES[name]
    json.dumps(figures)
    for key, value in figures.items():
        assert value >= 0
        assert value <= 1 or not key.endswith(("accuracy", "_rate"))


@pytest.mark.slow
def test_keras_gives_the_same_kinds_of_figures(keras):
    figures = experiments.keras_seeds("Keras", 0, **TINY)
    assert set(figures) == KERAS_FIGURES
    assert 1 < figures["train_loss"] < 4


def test_both_sides_of_the_keras_comparison_have_the_course_network(keras):
    theirs, ours = networks.keras_network(0), networks.course_network(0)
    assert [w.shape for w in theirs.get_weights()] == [w.shape for w in ours.get_weights()]
    assert theirs.count_params() == ours.count_params() == 13_602


def test_a_frozen_convolution_stays_as_it_was_drawn():
    start = networks.course_network(3).get_weights()
    for frozen in (True, False):
        model = networks.course_network(3)
        model.layers[0].trainable = not frozen
        batches = runs.Batches(*runs.digits(0, 64), 1, model.rng)
        runs.train(model, batches, runs.digits(1000, 1010), runs.SGD(0.01), 1)
        kernel, dense, _ = model.get_weights()
        assert np.array_equal(kernel, start[0]) == frozen
        assert not np.array_equal(dense, start[1])


def test_frozen_and_trained_kernels_are_different_runs_from_the_same_start():
    frozen, trained = (experiments.frozen_kernels(f, 0, **TINY) for f in (True, False))
    assert frozen["train_loss"] != trained["train_loss"]


def test_training_and_validation_images_never_mix():
    for name in ("frozen_kernels", "rates_and_batches", "optimizers", "ablation"):
        seen = []

        def train(model, batches, validation, *_, seen=seen):
            seen.append((batches.x, validation[0]))
            return {}

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(runs, "train", train)
            experiments.EXPERIMENTS[name](**ONE_OF_EACH[name])
        ((training, validation),) = seen
        assert len(validation) == 1000
        images = {image.tobytes() for image in training}
        assert not images & {image.tobytes() for image in validation}
        # Nor with those that lessons keep for testing.
        (_, _), (held_back, _) = runs.load_mnist()
        for test in (runs.scaled((held_back, None))[0], runs.test_digits()[0]):
            assert not {image.tobytes() for image in test} & (
                images | {image.tobytes() for image in validation}
            )


def test_a_run_that_diverges_has_no_figures():
    figures = experiments.rates_and_batches(1, 1.0, 0, **TINY)
    assert set(figures) == TRAINING_FIGURES
    assert set(figures.values()) == {None}


def test_the_ablation_goes_from_the_course_network_to_the_simple_convnet():
    baseline, full = (
        experiments.new_network(experiments.CASES[case], 0) for case in ("baseline", "full recipe")
    )
    assert repr(baseline) == repr(networks.course_network(0))
    assert full.count_params() == 34_826
    assert [type(layer).__name__ for layer in full.layers] == (
        ["Conv2D", "ReLU", "MaxPool2D"] * 2 + ["Flatten", "Dropout", "Dense"]
    )
    assert full.layers[0].kernel_initializer == "he_normal"


@pytest.mark.parametrize("ingredient", experiments.INGREDIENTS)
def test_every_ingredient_changes_the_training(ingredient):
    def loss(case):
        return experiments.ablation(case, 0.01, 0, **TINY)["val_loss"]

    assert loss(f"baseline + {ingredient}") != loss("baseline")
    assert loss(f"full recipe - {ingredient}") != loss("full recipe")


def test_a_misspelled_ingredient_is_named():
    with pytest.raises(ValueError, match=r"\['relu'\]"):
        experiments.train_with(["relu", "He"], 0.1, 0)


@pytest.mark.parametrize("optimizer", experiments.OPTIMIZERS)
def test_each_optimizer_is_what_its_name_says(optimizer):
    made = experiments.OPTIMIZERS[optimizer](0.02)
    assert made.learning_rate == 0.02
    assert type(made).__name__ == ("Adam" if optimizer == "Adam" else "SGD")
    if "momentum" in optimizer:
        assert made.momentum == float(optimizer.split()[1])


def test_the_same_settings_give_the_same_figures():
    settings = {**ONE_OF_EACH["ablation"], "case": "full recipe", **TINY}
    first, again = (experiments.repeat("ablation", settings) for _ in range(2))
    assert first.items() >= settings.items()
    assert {**first, "seconds": 0} == {**again, "seconds": 0}
