"""The lessons' experiments: what is stored is complete, and can be made again."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from scratchcnn import experiments, load_model
from scratchcnn.experiments import networks, other_images, results, runs

ROOT = Path(__file__).parent.parent
STORED = ROOT / "notebooks" / "results"
TINY = {"epochs": 1, "images": 64}
TRAINING_FIGURES = {
    "val_accuracy",
    "val_loss",
    "best_val_accuracy",
    "best_epoch",
    "train_accuracy",
    "train_loss",
    "seconds",
}
KERAS_FIGURES = {
    "train_loss",
    "train_accuracy",
    "test_loss_100",
    "test_accuracy_100",
    "test_loss_1000",
    "test_accuracy_1000",
    "seconds",
}
ONE_OF_EACH = {
    "frozen_kernels": {"frozen": True, "seed": 0},
    "rates_and_batches": {"batch_size": 10, "rate": 0.01, "seed": 0},
    "keras_seeds": {"library": "scratchcnn", "seed": 0},
    "optimizers": {"network": "course", "optimizer": "momentum 0.9", "rate": 0.01, "seed": 0},
    "ablation": {"case": "baseline", "rate": 0.1, "seed": 0},
    "deep_stacks": {"case": "both", "depth": 4, "rate": 0.1, "seed": 0},
    "shapes": {"marked": True, "seed": 0},
    "garments": {"data": "garments", "case": "+ mirror images", "seed": 0},
    "transfer": {"start": "random", "images": 64, "seed": 0},
}
FIGURES = dict.fromkeys(results.EXPERIMENTS, TRAINING_FIGURES) | {
    "keras_seeds": KERAS_FIGURES,
    "shapes": TRAINING_FIGURES | {"plain_accuracy", "hit_rate", "mark_rate"},
}
ALL = "+ all but shifts"
# What makes a run of an experiment small.
TINY_ONE = {"transfer": {"updates": 2}}


@pytest.fixture(scope="module")
def script():
    """Return the script as a module."""
    path = ROOT / "benchmarks" / "experiments.py"
    spec = importlib.util.spec_from_file_location("experiments_script", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def counted(script, monkeypatch):
    """Add an experiment called "counted".

    Returns the list of the seeds that it was run with, and a set of seeds: at each of these it is
    interrupted once.
    """
    seeds, interrupted = [], set()

    def run(seed, epochs=3):
        """Count (a test)."""
        if seed in interrupted:
            interrupted.remove(seed)
            raise KeyboardInterrupt
        seeds.append(seed)
        return {"val_accuracy": seed / 10, "val_loss": 1.0}

    monkeypatch.setitem(results.EXPERIMENTS, "counted", run)
    monkeypatch.setitem(script.COMMANDS, "counted", ["counted"])
    return seeds, interrupted


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


@pytest.mark.parametrize("case", [other_images.FIRST, *other_images.GARMENT_CASES])
def test_every_network_for_garments_is_made_of_what_its_case_says(case, monkeypatch):
    seen = []
    monkeypatch.setattr(other_images, "train", lambda *given: seen.append(given) or {})
    experiments.garments("garments", case, 0)
    ((model, batches, validation, *_),) = seen
    names = [type(layer).__name__ for layer in model.layers]
    wanted = 1 if case == other_images.FIRST else 3 if case in ("+ third convolution", ALL) else 2
    assert names.count("Conv2D") == wanted
    assert ("BatchNorm" in names) == (case in ("+ batch norm", ALL))
    assert isinstance(batches, other_images.MirroredBatches) == (case in ("+ mirror images", ALL))
    assert isinstance(batches, runs.ShiftedBatches) == (case == "+ shifts")
    assert (len(batches.x), len(validation[0])) == (2000, 1000)
    images = {image.tobytes() for image in batches.x}
    assert not images & {image.tobytes() for image in validation[0]}


def test_about_half_of_the_images_are_mirrored_each_with_its_own_label():
    x = np.zeros((400, 4, 6, 1), np.float32)
    x[:, :, 0] = np.arange(400).reshape(-1, 1, 1)
    labels = np.arange(400)
    mirrored = 0
    for images, own in other_images.MirroredBatches(x, labels, 32, np.random.default_rng(0)):
        for image, label in zip(images, own, strict=True):
            turned = image[0, -1, 0] == label and image[0, 0, 0] == 0
            assert turned or image[0, 0, 0] == label
            mirrored += bool(turned)
    assert 150 < mirrored < 250
    assert (x[:, 0, 0, 0] == np.arange(400)).all()  # the images themselves stay as they are


def test_frozen_convolutions_are_those_of_digits_or_random_ones(monkeypatch):
    seen = []
    monkeypatch.setattr(other_images, "train", lambda *given: seen.append(given) or {})
    weights = [w + 1 for w in networks.garment_network(0).get_weights()]
    monkeypatch.setattr(other_images, "digit_weights", lambda seed: weights)
    for start in ("digits", "random", "all layers"):
        experiments.transfer(start, 50, 0)
    digits, random, everything = (model for model, *_ in seen)
    assert [len(model.layers) for model in (digits, random, everything)] == [1, 1, 8]
    made = [batches.x for _, batches, *_ in seen]
    assert made[0].shape == made[1].shape == (50, 7 * 7 * 32)
    assert made[2].shape == (50, 28, 28, 1)
    for features, own in ((made[0], weights), (made[1], networks.garment_network(0).get_weights())):
        model = networks.garment_network(0)
        model.set_weights(own)
        maps = made[2]
        for layer in model.layers[:-1]:
            maps = layer.forward(maps)
        assert np.allclose(maps, features, atol=1e-4)


@pytest.mark.parametrize(("file", "marked"), [("shapes.npz", False), ("shapes_marked.npz", True)])
def test_the_stored_networks_for_shapes_find_what_is_written_down(file, marked):
    (run,) = [
        run
        for run in experiments.stored("shapes", STORED)
        if run["seed"] == 0 and run["marked"] == marked
    ]
    model = load_model(STORED / file)
    found = other_images.found_by_grad_cam(model, 1000)
    for name, value in found.items():
        assert value == pytest.approx(run[name], abs=0.01)
    if marked:
        assert found["mark_rate"] > 0.9
    else:
        assert found["hit_rate"] > 0.9
        assert found["mark_rate"] < 0.05


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


# What is stored


@pytest.mark.parametrize("name", experiments.EXPERIMENTS)
def test_every_run_of_the_plan_is_stored(name, script):
    plan = [json.loads(script.key_of(settings)) for settings in script.PLANS[name]()]
    stored = experiments.stored(name, STORED)
    common = script.defaults(name)
    assert [experiments.settings_of(name, run) for run in stored] == [
        settings | common for settings in plan
    ]
    for run in stored:
        figures = {key: run[key] for key in run.keys() - experiments.settings_of(name, run).keys()}
        assert set(figures) == FIGURES[name]
        assert all(value is None for value in figures.values()) or all(
            0 <= value <= 1 for key, value in figures.items() if "accuracy" in key
        )


@pytest.mark.parametrize("name", experiments.EXPERIMENTS)
def test_stored_files_are_small_and_have_a_run_a_line(name):
    text = (STORED / f"{name}.json").read_text(encoding="utf-8")
    content = json.loads(text)
    assert content["made_with"]["numpy"]
    assert len(text) < 100_000
    lines = text.splitlines()
    assert all(
        f"  {json.dumps(run)}" in (line.rstrip(","), line)
        for run, line in zip(content["runs"], lines[lines.index(' "runs": [') + 1 :], strict=False)
    )


@pytest.mark.parametrize(
    ("name", "which"),
    [
        ("frozen_kernels", {"seed": 0, "frozen": True}),
        ("frozen_kernels", {"seed": 0, "frozen": False}),
        ("rates_and_batches", {"seed": 1, "batch_size": 100, "rate": 0.1}),
        ("rates_and_batches", {"seed": 0, "batch_size": 10, "rate": 1.0}),  # diverges
        ("keras_seeds", {"seed": 0, "library": "scratchcnn"}),
        ("optimizers", {"seed": 0, "network": "course", "optimizer": "momentum 0.5"}),
        ("ablation", {"seed": 0, "case": "baseline"}),
        # Those that learn make too much of rounding: see test_deep_stacks.py.
        ("deep_stacks", {"seed": 0, "case": "plain, Glorot", "depth": 16}),
        ("garments", {"seed": 0, "data": "garments", "case": "first network"}),
        ("transfer", {"seed": 0, "start": "random", "images": 100}),
    ],
)
def test_a_stored_run_can_be_made_again(name, which):
    (run,) = [r for r in experiments.stored(name, STORED) if r.items() >= which.items()]
    again = experiments.repeat(name, run)
    assert again.keys() == run.keys()
    for key in run.keys() - {"seconds", "best_epoch"}:
        # Another computer rounds differently. On the same one they are equal.
        if isinstance(run[key], float) and "accuracy" in key:
            assert abs(again[key] - run[key]) <= 0.01, key
        elif isinstance(run[key], float) and "loss" in key:
            assert abs(again[key] - run[key]) <= 0.002 + 0.03 * run[key], key
        else:
            assert again[key] == run[key], key


@pytest.mark.parametrize("name", ["ablation", "optimizers"])
def test_rates_are_chosen_with_seeds_that_are_not_reported(name):
    choosing = "ablation_rates" if name == "ablation" else "optimizer_rates"
    seeds = [{run["seed"] for run in experiments.stored(n, STORED)} for n in (name, choosing)]
    assert not seeds[0] & seeds[1]


@pytest.mark.parametrize("name", ["ablation", "optimizers"])
def test_every_chosen_rate_has_a_smaller_and_a_larger_one_that_were_tried(name):
    choosing = "ablation_rates" if name == "ablation" else "optimizer_rates"
    tried = experiments.stored(choosing, STORED)
    for run in experiments.stored(name, STORED):
        same = ("case",) if name == "ablation" else ("network", "optimizer")
        rates = {r["rate"] for r in tried if all(r[key] == run[key] for key in same)}
        assert min(rates) < run["rate"] < max(rates), run


def test_what_is_not_stored_says_how_to_make_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"benchmarks/experiments.py ablation"):
        experiments.stored("ablation", tmp_path)
    with pytest.raises(ValueError, match="frozen_kernels"):
        experiments.stored("frozen", tmp_path)


# Stopping and going on


def test_an_experiment_that_was_stopped_goes_on_with_the_next_run(script, counted, tmp_path):
    seeds, interrupted = counted
    plan = [{"seed": seed} for seed in (2, 0, 1, 3)]
    interrupted |= {2, 3}
    for finished in ([0, 1], [2, 0, 1]):  # in the order of the plan
        with pytest.raises(KeyboardInterrupt):
            script.finish("counted", tmp_path, plan)
        assert [run["seed"] for run in experiments.stored("counted", tmp_path)] == finished
    made = script.finish("counted", tmp_path, plan)
    assert seeds == [0, 1, 2, 3]  # each once
    figures = [{"seed": s, "val_accuracy": s / 10, "val_loss": 1.0} for s in (2, 0, 1, 3)]
    assert made == [{"epochs": 3} | run for run in figures]
    assert experiments.stored("counted", tmp_path) == made
    assert [path.name for path in tmp_path.iterdir()] == ["counted.json"]


def test_a_stopped_experiment_ends_with_the_file_of_one_that_was_not(script, counted, tmp_path):
    _, interrupted = counted
    plan = [{"seed": seed} for seed in range(4)]
    script.finish("counted", tmp_path / "whole", plan)
    interrupted.add(2)
    with pytest.raises(KeyboardInterrupt):
        script.finish("counted", tmp_path / "stopped", plan)
    script.finish("counted", tmp_path / "stopped", plan)
    one, other = ((tmp_path / n / "counted.json").read_bytes() for n in ("whole", "stopped"))
    assert one == other


def test_runs_with_other_settings_are_not_mixed(script, counted, tmp_path):
    path = tmp_path / "counted.json"
    script.finish("counted", tmp_path, [{"seed": 0}])
    path.write_text(path.read_text().replace('"epochs": 3', '"epochs": 4'))
    with pytest.raises(SystemExit, match="--fresh"):
        script.finish("counted", tmp_path, [{"seed": 0}, {"seed": 1}])


def test_the_best_rate_is_that_of_the_best_mean_accuracy(script, counted, tmp_path, monkeypatch):
    def run(case, rate, seed):
        """Look a figure up (a test)."""
        if rate == 1.0 and seed == 0:
            return {"val_accuracy": None, "val_loss": None}
        accuracy = {0.1: 0.8, 0.2: 0.9, 0.3: 0.9, 1.0: 0.99}[rate]
        return {"val_accuracy": accuracy, "val_loss": 2 - rate}

    monkeypatch.setitem(results.EXPERIMENTS, "counted", run)
    plan = script.grid(case=["a", "b"], rate=[0.1, 0.2, 0.3, 1.0], seed=[0, 1])
    script.finish("counted", tmp_path, plan)
    # 1.0 diverged once; 0.2 and 0.3 are equal but for the loss.
    assert script.best_rates("counted", tmp_path, "case") == {("a",): 0.3, ("b",): 0.3}


def test_every_experiment_has_a_command(script):
    made = [name for names in script.COMMANDS.values() for name in names]
    assert sorted(made) == sorted(experiments.EXPERIMENTS) == sorted(script.PLANS)


# Students's paired t-test


def test_the_paired_t_test_gives_students_own_result():
    # Hours of additional sleep of ten patients with either of two drugs (Student, 1908).
    one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    other = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    difference, standard_error, t, p = experiments.paired_t_test(one, other)
    assert difference == pytest.approx(-1.58)
    assert standard_error == pytest.approx(0.38896, abs=1e-5)
    assert t == pytest.approx(-4.0621, abs=1e-4)
    assert p == pytest.approx(0.002833, abs=1e-6)
    assert experiments.paired_t_test(other, one)[3] == pytest.approx(p)


def test_pairs_that_differ_by_nothing_but_chance_are_called_different_as_often_as_p_says():
    rng = np.random.default_rng(0)
    ps = [experiments.paired_t_test(*rng.standard_normal((2, 8)))[3] for _ in range(2000)]
    for level in (0.05, 0.5):
        assert abs(np.mean(np.array(ps) < level) - level) < 0.03
