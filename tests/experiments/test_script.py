"""`make experiments`: what was stopped goes on, and ends with the same file."""

import pytest

from scratchcnn import experiments
from scratchcnn.experiments import results


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
