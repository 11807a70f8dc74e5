"""What is stored is complete, and can be made again; and how runs are compared."""

import json

import numpy as np
import pytest
from experiment_cases import FIGURES, STORED

from scratchcnn import experiments


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
        # Those that learn make too much of rounding: see test_stacks.py.
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
