"""Make the runs of the lessons' experiments and store their figures in notebooks/results.

    python benchmarks/experiments.py [ablation] [keras_seeds] [...] [--fresh]

Without a name, all of them: about three quarters of an hour on two cores. Each run is stored as
soon as it is finished. Ctrl-C or a power cut loses only the current run: the same command goes on
from there. ``--fresh`` starts over. What one run does is in scratchcnn/experiments.
"""

import argparse
import inspect
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable
from importlib import metadata
from itertools import product
from pathlib import Path

from scratchcnn._utils.files import write_atomic
from scratchcnn._utils.progress import progress_bar
from scratchcnn.experiments import (
    CASES,
    DEPTHS,
    EXPERIMENTS,
    OPTIMIZERS,
    STACKS,
    settings_of,
    stored,
)
from scratchcnn.experiments.other_images import FIRST, GARMENT_CASES
from scratchcnn.experiments.runs import Run

RESULTS = Path(__file__).parent.parent / "notebooks" / "results"

# Rates are chosen with seeds of their own. If the same runs chose the rate and were then reported,
# a lucky run would be reported as a good rate.
SEEDS, CHOOSING_SEEDS = range(10), range(100, 102)
SGD_RATES, ADAM_RATES = (0.03, 0.1, 0.3, 1.0), (0.001, 0.003, 0.01, 0.03)
STACK_RATES = {
    "plain, Glorot": (0.03, 0.1, 0.3),
    "plain, He": (0.003, 0.01, 0.03, 0.1),
    "shortcuts": (0.001, 0.003, 0.01, 0.03),
    "batch norm": (0.03, 0.1),
    "both": (0.03, 0.1),
}


def main() -> None:
    """Make what is missing of the experiments named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help=f"some of {', '.join(COMMANDS)}; default: all")
    parser.add_argument("--fresh", action="store_true", help="start over and ignore what is stored")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(COMMANDS):
        parser.error(f"no experiment is called {', '.join(sorted(unknown))}")
    os.environ.setdefault("KERAS_BACKEND", "jax")  # both are read when Keras is first imported
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    for command in arguments.names or COMMANDS:
        for name in COMMANDS[command]:
            if arguments.fresh:
                (RESULTS / f"{name}.json").unlink(missing_ok=True)
            try:
                runs = finish(name, RESULTS, PLANS[name]())
            except KeyboardInterrupt:
                sys.exit("\nStopped. Run the same command again to continue with the next run.")
            print(f"{name}: {len(runs)} runs")


def finish(name: str, folder: Path, plan: Iterable[Run]) -> list[Run]:
    """Make those runs of the plan that are not stored yet, and store each at once.

    Parameters
    ----------
    name : str
        One of `EXPERIMENTS`.
    folder : Path
        Where ``<name>.json`` is or will be.
    plan : iterable of dict
        The settings of each run, in the order of the file: arguments of the function.

    Returns
    -------
    list of dict
        All runs of the plan, with settings and figures.
    """
    path, common = folder / f"{name}.json", defaults(name)
    plan = [common | settings for settings in plan]
    done = {
        key_of(settings_of(name, run)): run
        for run in (stored(name, folder) if path.exists() else [])
    }
    if not all(run.items() >= common.items() for run in done.values()):
        sys.exit(f"{path.name} was made with other settings than {common}: use --fresh")
    missing = [settings for settings in plan if key_of(settings) not in done]
    # Seed by seed, so that every cell of the table has some runs early on.
    missing.sort(key=lambda settings: settings["seed"])
    with progress_bar(len(missing), visible=True, unit="run") as bar:
        for settings in missing:
            own = [str(value) for key, value in settings.items() if key not in common]
            bar.set_description(f"{name}: {' '.join(own)}")
            done[key_of(settings)] = settings | EXPERIMENTS[name](**settings)
            write(path, name, [done[key] for key in map(key_of, plan) if key in done])
            bar.update()
    return [done[key_of(settings)] for settings in plan]


def defaults(name: str) -> Run:
    """Return the settings that all runs of an experiment share: its function's defaults."""
    parameters = inspect.signature(EXPERIMENTS[name]).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def key_of(settings: Run) -> str:
    """Return something that can be looked up."""
    return json.dumps(settings, sort_keys=True)


def write(path: Path, name: str, runs: list[Run]) -> None:
    """Write the file: the settings that all runs share, then one run a line."""
    common = defaults(name)
    runs = [{key: run[key] for key in run if key not in common} for run in runs]
    head = {
        "what": (inspect.getdoc(EXPERIMENTS[name]) or "").splitlines()[0],
        "command": f"python benchmarks/experiments.py {command_of(name)}",
        "made_with": versions("Keras" in {run.get("library") for run in runs}),
        "settings": common,
    }
    lines = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    table = ",\n".join(f"  {json.dumps(run)}" for run in runs)
    text = "\n".join(["{", *lines, ' "runs": [', table, " ]", "}", ""])
    write_atomic(path, text.encode())


def versions(with_keras: bool) -> Run:
    """Return what the runs are made with."""
    names = ["numpy", "keras", "jax"] if with_keras else ["numpy"]
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in names}}


def grid(**values: Iterable[object]) -> list[Run]:
    """Return all combinations as dicts; the last name changes fastest."""
    return [dict(zip(values, each, strict=True)) for each in product(*values.values())]


def best_rates(name: str, folder: Path, *keys: str) -> dict[tuple[str, ...], float]:
    """Return, for each combination of the settings ``keys``, the rate with the best accuracy.

    Of rates with equal mean validation accuracies, the one with the lower loss is better. A rate
    at which a run diverged is never chosen.
    """
    found: dict[tuple[str, ...], dict[float, list[Run]]] = {}
    for run in stored(name, folder):
        rates = found.setdefault(tuple(run[key] for key in keys), {})
        rates.setdefault(run["rate"], []).append(run)

    def quality(runs: list[Run]) -> tuple[float, float]:
        if any(run["val_loss"] is None for run in runs):
            return -1.0, 0.0
        return sum(run["val_accuracy"] for run in runs), -sum(run["val_loss"] for run in runs)

    return {case: max(rates, key=lambda r: quality(rates[r])) for case, rates in found.items()}


def plan_ablation_rates() -> list[Run]:
    return [
        run
        for case, ingredients in CASES.items()
        for run in grid(
            case=[case],
            rate=ADAM_RATES if "Adam" in ingredients else SGD_RATES,
            seed=CHOOSING_SEEDS,
        )
    ]


def plan_ablation() -> list[Run]:
    rates = best_rates("ablation_rates", RESULTS, "case")
    return [run for case in CASES for run in grid(case=[case], rate=[rates[case,]], seed=SEEDS)]


def plan_optimizer_rates() -> list[Run]:
    return grid(
        network=["course", "convnet"],
        optimizer=OPTIMIZERS,
        rate=[0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0],
        seed=CHOOSING_SEEDS,
    )


def plan_optimizers() -> list[Run]:
    rates = best_rates("optimizer_rates", RESULTS, "network", "optimizer")
    return [
        run
        for (network, optimizer), rate in rates.items()
        for run in grid(network=[network], optimizer=[optimizer], rate=[rate], seed=SEEDS)
    ]


def plan_deep_stack_rates() -> list[Run]:
    return [
        run
        for case in STACKS
        for run in grid(case=[case], depth=DEPTHS, rate=STACK_RATES[case], seed=CHOOSING_SEEDS[:1])
    ]


def plan_deep_stacks() -> list[Run]:
    rates = best_rates("deep_stack_rates", RESULTS, "case", "depth")
    return [
        run
        for (case, depth), rate in rates.items()
        for run in grid(case=[case], depth=[depth], rate=[rate], seed=SEEDS[:3])
    ]


def plan_garments() -> list[Run]:
    on_digits = [FIRST, "two convolutions", "+ mirror images"]
    plans = {"digits": on_digits, "garments": [FIRST, *GARMENT_CASES]}
    return [
        run for data, cases in plans.items() for run in grid(data=[data], case=cases, seed=range(3))
    ]


PLANS: dict[str, Callable[[], list[Run]]] = {
    "frozen_kernels": lambda: grid(seed=range(20), frozen=[False, True]),
    "rates_and_batches": lambda: grid(
        batch_size=[1, 10, 100],
        rate=[0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0],
        seed=range(5),
    ),
    "keras_seeds": lambda: grid(seed=range(100), library=["Keras", "scratchcnn"]),
    "optimizer_rates": plan_optimizer_rates,
    "optimizers": plan_optimizers,
    "ablation_rates": plan_ablation_rates,
    "ablation": plan_ablation,
    "deep_stack_rates": plan_deep_stack_rates,
    "deep_stacks": plan_deep_stacks,
    "shapes": lambda: grid(seed=range(2), marked=[False, True]),
    "garments": plan_garments,
    "transfer": lambda: grid(
        start=["digits", "random", "all layers"], images=[100, 300, 1000], seed=range(3)
    ),
}
# What each name on the command line makes: before an experiment, the choice of its rates.
COMMANDS = {
    "frozen_kernels": ["frozen_kernels"],
    "rates_and_batches": ["rates_and_batches"],
    "keras_seeds": ["keras_seeds"],
    "optimizers": ["optimizer_rates", "optimizers"],
    "ablation": ["ablation_rates", "ablation"],
    "deep_stacks": ["deep_stack_rates", "deep_stacks"],
    "shapes": ["shapes"],
    "garments": ["garments"],
    "transfer": ["transfer"],
}


def command_of(name: str) -> str:
    """Return the name on the command line that makes this file."""
    return next(command for command, names in COMMANDS.items() if name in names)


if __name__ == "__main__":
    main()
