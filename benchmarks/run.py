"""Measure this library against every peer that is installed, side by side.

    python benchmarks/run.py [--rounds 5] [--only W1 W2 W3 W4 W5 W6] [--quick]

Peers run in separate processes and take turns: one round times each of them once, so that
a slow minute on the machine affects all of them. Before anything is timed, all peers are checked
to compute the same numbers. A table of ratios, charts and the raw numbers go to
benchmarks/results/, or for a partial run (`--only`, `--quick`) to build/benchmarks/.
"""

import argparse
import statistics

from contest import Contest
from report import Report
from singles import measure_growth, measure_startup

WORKLOADS = ["W1", "W2", "W3", "W4", "W5", "W6"]
LOOPS_IMAGES = 20  # the loops take time in proportion to the images, so a few suffice


def main() -> None:
    """Run the chosen workloads and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often each peer is timed")
    parser.add_argument("--only", nargs="+", choices=WORKLOADS, default=WORKLOADS)
    parser.add_argument("--quick", action="store_true", help="try it on a tenth of the images")
    arguments = parser.parse_args()
    part = 10 if arguments.quick else 1

    complete = not arguments.quick and set(arguments.only) == set(WORKLOADS)
    report = Report(arguments.rounds, complete)
    if {"W1", "W2", "W3", "W4"} & set(arguments.only):
        with Contest() as contest:
            report.peers(contest.notes, contest.missing)
            contest.prove_equal()
            compete(contest, report, arguments.only, arguments.rounds, part)
        report.ratios()
    if "W5" in arguments.only:
        report.growth(measure_growth())
    if "W6" in arguments.only:
        report.startup(measure_startup(arguments.rounds))
    report.write()


def compete(contest: Contest, report: Report, chosen: list[str], rounds: int, part: int) -> None:
    """Run the chosen workloads among W1 to W4, on 1 / ``part`` of the images."""
    if "W1" in chosen:
        images = 1000 // part
        steady = training(contest, "course", images, 1, rounds)
        what = f"the course's run: an epoch of {images:,} images, batch 1"
        report.add("W1", what, images, steady)
        what = f"{images:,} images, batch 1: `fit` of 5 epochs of a new model in a new process"
        cold = cold_fit(contest, images, steady, rounds)
        report.add("W1 cold", what, 5 * images, cold)
    if "W2" in chosen:
        images = 60_000 // part
        what = f"the course's model: an epoch of {images:,} images, batch 32"
        report.add("W2", what, images, training(contest, "course", images, 32, rounds))
    if "W3" in chosen:
        images = 6_400 // part
        what = f"the Keras simple convnet: an epoch of {images:,} images, batch 128"
        report.add("W3", what, images, training(contest, "deep", images, 128, rounds))
    if "W4" in chosen:
        images = 10_000 // part
        for model, name in (("course", "the course's model"), ("deep", "the simple convnet")):
            what = f"prediction of {images:,} images, {name}"
            report.add(f"W4 {model}", what, images, prediction(contest, model, images, rounds))


def training(
    contest: Contest, model: str, images: int, batch_size: int, rounds: int
) -> dict[str, dict]:
    """Time one epoch of every peer, ``rounds`` times in turn, after a warm-up epoch."""
    contest.build(model, images)
    results = {peer: new_result() for peer in contest.taking_part(model, batch_size)}
    for number in range(rounds + 1):
        for peer, result in results.items():
            some = LOOPS_IMAGES if peer == "loops" else images
            answer = contest.ask(peer, do="fit", batch_size=batch_size, images=some)
            answer["seconds"] *= images / some
            note(result, answer, first=number == 0)
    return results


def cold_fit(
    contest: Contest, images: int, steady: dict[str, dict], rounds: int
) -> dict[str, dict]:
    """Time five epochs of a new model in a new process; list the start-up cost separately."""
    results = {peer: new_result() for peer in contest.peers if peer != "loops"}
    for _ in range(rounds):
        for peer, result in results.items():
            contest.restart(peer)
            contest.ask(peer, do="build", model="course", images=images)
            note(result, contest.ask(peer, do="fit", batch_size=1, epochs=5))
    for peer, result in results.items():
        result["first"] = statistics.median(result["seconds"])
        result["warm"] = 5 * statistics.median(steady[peer]["seconds"])
    return results


def prediction(contest: Contest, model: str, images: int, rounds: int) -> dict[str, dict]:
    """Time a prediction by every peer, and measure the peak memory of the first in a new process.

    In an old process, memory left over from other workloads would hide what a prediction needs.
    """
    results = {peer: new_result() for peer in contest.peers if peer != "loops"}
    for peer in results:
        contest.restart(peer)
    contest.build(model, images)
    for number in range(rounds + 1):
        for peer, result in results.items():
            answer = contest.ask(peer, do="predict")
            note(result, answer, first=number == 0)
            if number == 0:
                result["megabytes"] = answer["megabytes"]
    return results


def new_result() -> dict:
    """Return an empty result, to collect the answers of a peer."""
    return {"seconds": [], "cores_busy": []}


def note(result: dict, answer: dict, first: bool = False) -> None:
    """Add an answer to a peer's results; the first run, which compiles, is kept separate."""
    if first:
        result["first"] = answer["seconds"]
    else:
        result["seconds"].append(answer["seconds"])
        result["cores_busy"].append(answer["cores_busy"])


if __name__ == "__main__":
    main()
