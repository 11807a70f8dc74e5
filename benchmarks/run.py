"""Measure this library against every peer that is installed, side by side.

    python benchmarks/run.py [--rounds 5] [--only W1 W2 W3 W4 W5 W6] [--quick]

Peers run in processes of their own and take turns: one round times each of them once, so that
a slow minute of the machine hits all alike. Before anything is timed, all are shown to compute
the same. Results go to benchmarks/results/.
"""

import argparse

from contest import Contest
from report import Report
from singles import measure_layers, measure_startup

WORKLOADS = {
    "W1": "1,000 images, batch 1, one epoch, steady state",
    "W1 cold": "1,000 images, batch 1, the first 5 epochs, compilation included",
    "W2": "60,000 images, batch 32, one epoch",
    "W3": "deep model, batch 128, one epoch of 12,800 images",
    "W4 course": "prediction of 10,000 images, the course's model",
    "W4 deep": "prediction of 10,000 images, the deep model",
}


def main() -> None:
    """Run the chosen workloads and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="times each peer is timed")
    parser.add_argument("--only", nargs="*", default=["W1", "W2", "W3", "W4", "W5", "W6"])
    parser.add_argument("--quick", action="store_true", help="a tenth of the images: a rehearsal")
    arguments = parser.parse_args()
    part = 10 if arguments.quick else 1

    report = Report(arguments.rounds, quick=arguments.quick)
    with Contest() as contest:
        report.peers(contest.versions, contest.missing)
        contest.prove_equal()
        chosen = arguments.only
        if "W1" in chosen:
            report.add("W1 cold", WORKLOADS["W1 cold"], cold_fit(contest, arguments.rounds))
            report.add(
                "W1", WORKLOADS["W1"], training(contest, "course", 1000, 1, arguments.rounds)
            )
        if "W2" in chosen:
            result = training(contest, "course", 60_000 // part, 32, arguments.rounds)
            report.add("W2", WORKLOADS["W2"], result)
        if "W3" in chosen:
            result = training(contest, "deep", 12_800 // part, 128, arguments.rounds)
            report.add("W3", WORKLOADS["W3"], result)
        if "W4" in chosen:
            for model in ("course", "deep"):
                name = f"W4 {model}"
                result = prediction(contest, model, 10_000 // part, arguments.rounds)
                report.add(name, WORKLOADS[name], result)
    if "W5" in chosen:
        report.layers(measure_layers())
    if "W6" in chosen:
        report.startup(measure_startup(arguments.rounds))
    report.write()


def training(
    contest: Contest, model: str, images: int, batch_size: int, rounds: int
) -> dict[str, dict]:
    """Time one epoch of every peer, ``rounds`` times in turn, after one to warm up."""
    loops_images = 20  # the loops take their time in proportion, so a few images tell
    contest.build(model, images)
    times = {peer: [] for peer in contest.peers}
    for _round in range(rounds + 1):
        for peer in contest.peers:
            if peer == "loops" and (model == "deep" or batch_size > 1):
                continue
            some = loops_images if peer == "loops" else images
            answer = contest.ask(peer, do="epoch", batch_size=batch_size, images=some)
            times[peer].append(answer["seconds"] * images / some)
    return {
        peer: {"first": seconds[0], "seconds": seconds[1:]}
        for peer, seconds in times.items()
        if seconds
    }


def cold_fit(contest: Contest, rounds: int) -> dict[str, dict]:
    """Time the first five epochs of a new model in a new process: compilation included."""
    times = {peer: [] for peer in contest.peers if peer != "loops"}
    for _ in range(rounds):
        for peer in times:
            contest.restart(peer)
            contest.ask(peer, do="build", model="course", images=1000)
            answer = contest.ask(peer, do="epoch", batch_size=1, epochs=5)
            times[peer].append(answer["seconds"])
    return {peer: {"seconds": seconds} for peer, seconds in times.items()}


def prediction(contest: Contest, model: str, images: int, rounds: int) -> dict[str, dict]:
    """Time a prediction by every peer, and take the peak memory of its first."""
    contest.build(model, images)
    results = {peer: {"seconds": []} for peer in contest.peers if peer != "loops"}
    for number in range(rounds + 1):
        for peer, result in results.items():
            answer = contest.ask(peer, do="predict")
            if number == 0:
                result["first"], result["megabytes"] = answer["seconds"], answer["megabytes"]
            else:
                result["seconds"].append(answer["seconds"])
    return results


if __name__ == "__main__":
    main()
