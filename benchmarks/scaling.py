"""Measure what it costs to split a batch over worker processes, and store it for lesson 14.

python benchmarks/scaling.py            every case, a few minutes; writes the results
python benchmarks/scaling.py --quick    a few cases, a few seconds; writes nothing
python benchmarks/scaling.py --table    the stored results as tables

A case is a network, a number of workers, a batch size and a number of shards. The workers are
processes of a Dask cluster on this computer. Cases take turns, and the shortest time of each counts
(lesson 12): other programs make a step slower, never faster. The time of a step is that from one
update to the next.
"""

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from time import perf_counter

import numpy as np
from tqdm import tqdm

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from scratchcnn import (
    SGD,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    ReLU,
    Sequential,
    distributed,
    load_mnist,
)
from scratchcnn._utils.files import write_atomic

RESULTS = ROOT / "notebooks" / "results" / "scaling.json"
WORKERS = [1, 2, 4]
BATCHES = [32, 64, 128, 256, 512, 1024, 2048]
SHARDS = 4


def course():
    """The course's network: 13,602 parameters, little to compute."""
    layers = [Conv2D(8, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)]
    return Sequential(layers, input_shape=(28, 28, 1))


def convnet():
    """The network of lesson 09: 34,826 parameters, twenty times as much to compute."""
    layers = [
        *(Conv2D(32, 3, kernel_initializer="he_normal"), ReLU(), MaxPool2D(2)),
        *(Conv2D(64, 3, kernel_initializer="he_normal"), ReLU(), MaxPool2D(2)),
        *(Flatten(), Dropout(0.5), Dense(10)),
    ]
    return Sequential(layers, input_shape=(28, 28, 1))


def wide():
    """A dense network of a million parameters: many bytes, little to compute."""
    layers = [Flatten(), Dense(1280, kernel_initializer="he_normal"), ReLU(), Dense(10)]
    return Sequential(layers, input_shape=(28, 28, 1))


NETWORKS = {"course": course, "convnet": convnet, "wide": wide}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--quick", action="store_true")
    how.add_argument("--table", action="store_true")
    parser.add_argument("--turns", type=int, default=5)
    arguments = parser.parse_args()
    if arguments.table:
        print(tables(json.loads(RESULTS.read_text(encoding="utf-8"))))
        return
    plan = cases(arguments.quick)
    results = {
        "processor": processor(),
        "cores": cores(),
        "cases": measure(plan, 1 if arguments.quick else arguments.turns),
    }
    if not arguments.quick:
        write_atomic(RESULTS, (json.dumps(results, indent=1) + "\n").encode())
    print(tables(results))


def cases(quick: bool) -> list[dict]:
    """Return the cases: batches and workers for the convnet, and a few to tell costs apart."""
    grid = [("convnet", w, b, SHARDS) for b in BATCHES for w in (0, *WORKERS)]
    if quick:
        grid = [case for case in grid if case[2] in (64, 512) and case[1] < 4]
    else:
        grid += [("course", 1, 32, s) for s in (1, 2, 4, 8)]
        grid += [("convnet", 1, 32, s) for s in (1, 2, 8)]
        grid += [("wide", 1, 32, s) for s in (1, 2, 4, 8)]
    names = ("network", "workers", "batch", "shards")
    return [dict(zip(names, case, strict=True)) for case in grid]


def measure(plan: list[dict], turns: int) -> list[dict]:
    """Return the cases, each with the bytes of its gradient and its seconds per step.

    No worker at all means the plain ``model.fit`` on one core.
    """
    (images, labels), _ = load_mnist()
    x, t = images[..., None].astype("float32") / 255 - 0.5, labels
    best = [float("inf")] * len(plan)
    with (
        distributed.Cluster(workers=max(case["workers"] for case in plan)) as cluster,
        tqdm(total=turns * len(plan), unit="case") as bar,
    ):
        for _ in range(turns):
            for place, case in enumerate(plan):
                best[place] = min(best[place], seconds_per_step(case, x, t, cluster))
                bar.update()
    return [
        case | {"nbytes": gradient_bytes(NETWORKS[case["network"]]()), "seconds": seconds}
        for case, seconds in zip(plan, best, strict=True)
    ]


def seconds_per_step(case: dict, x: np.ndarray, t: np.ndarray, cluster) -> float:
    """Return the shortest time of a step among a few."""
    model, size = NETWORKS[case["network"]](), case["batch"]
    steps = min(40, max(6, 4096 // size))  # the first is not counted
    picked = np.resize(np.arange(len(x)), steps * size)
    ends: list[float] = []
    options: dict = {
        "batch_size": size,
        "optimizer": SGD(0.01),
        "shuffle": False,
        "verbose": False,
        "callbacks": [lambda _: ends.append(perf_counter())],
    }
    if case["workers"]:
        cluster.limit = case["workers"]
        shards = case["shards"]
        distributed.fit(model, x[picked], t[picked], cluster=cluster, shards=shards, **options)
    else:
        os.environ["OMP_NUM_THREADS"] = "1"  # one core, as each worker has
        model.fit(x[picked], t[picked], **options)
    return float(np.diff(ends).min())


def gradient_bytes(model: Sequential) -> int:
    return sum(param.nbytes for param in model.params.values())


def processor() -> str:
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(": ")[1] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def counted(workers: int) -> str:
    return f"{workers} worker{'s' * (workers > 1)}"


def tables(results: dict) -> str:
    """Return the measured steps as tables in Markdown."""
    times = {
        (case["network"], case["workers"], case["batch"], case["shards"]): case["seconds"]
        for case in results["cases"]
    }
    batches = sorted({key[2] for key in times if key[:2] == ("convnet", 0)})
    workers = sorted({key[1] for key in times if key[1]})
    lines = [
        f"{results['processor']}, {results['cores']} cores, {SHARDS} shards. Milliseconds per",
        "step; in parentheses, how many times as fast as one core without Dask.",
        "",
        "| batch | one core, no Dask |" + "".join(f" {counted(w)} |" for w in workers),
        "|--:|--:|" + "--:|" * len(workers),
    ]
    for batch in batches:
        alone = times["convnet", 0, batch, SHARDS]
        cells = [times["convnet", w, batch, SHARDS] for w in workers]
        row = "".join(f" {1e3 * s:,.0f} ({alone / s:.2f}) |" for s in cells)
        lines.append(f"| {batch:,} | {1e3 * alone:,.0f} |{row}")
    shards = sorted({key[3] for key in times if key[0] == "wide"})
    if shards:
        names = "".join(f" {s} shard{'s' * (s > 1)} |" for s in shards)
        lines += ["", f"| one worker, batch 32 |{names}"]
        lines += ["|:--|" + "--:|" * len(shards)]
        for name in NETWORKS:
            row = "".join(f" {1e3 * times[name, 1, 32, s]:,.0f} |" for s in shards)
            lines.append(f"| {name} |{row}")
    measured = [
        distributed.simulator.Case(
            case["workers"], case["batch"], case["shards"], case["nbytes"], case["seconds"]
        )
        for case in results["cases"]
        if case["workers"] == 1 and case["network"] == "convnet"
    ]
    lines += ["", f"fitted to the convnet on one worker: {distributed.fitted_costs(measured)}"]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
