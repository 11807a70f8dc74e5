"""The report: a table of ratios and a chart, for people, and the raw numbers."""

import json
import os
import platform
import statistics
from pathlib import Path

import numpy as np

from scratchcnn.plots.style import BLUE, GRAY, new_figure, styled, to_png

RESULTS = Path(__file__).with_name("results")
OURS = "scratchcnn"


class Report:
    """Collects results, prints them as they come, and writes them at the end."""

    def __init__(self, rounds: int, quick: bool) -> None:
        self.raw: dict = {"rounds": rounds, "quick": quick, "machine": machine(), "workloads": {}}
        self.lines: list[str] = []
        self.say(f"Machine: {self.raw['machine']}. Medians of {rounds} rounds, peers in turn.")
        self.say("")

    def say(self, line: str) -> None:
        """Print a line and keep it for the page."""
        print(line, flush=True)
        self.lines.append(line)

    def peers(self, versions: dict[str, str], missing: dict[str, str]) -> None:
        """Name who takes part, with version, and who is missing."""
        for peer, version in versions.items():
            self.say(f"- {peer}: {version}")
        for peer in missing:
            self.say(f"- {peer}: missing (not installed)")
        self.raw |= {"versions": versions, "missing": list(missing)}

    def add(self, name: str, what: str, results: dict[str, dict]) -> None:
        """Add one workload's table."""
        self.raw["workloads"][name] = results
        ours = statistics.median(results[OURS]["seconds"])
        self.say(f"\n### {name}: {what}\n")
        self.say("| who | seconds | spread | first run | ratio to ours | memory, MB |")
        self.say("|---|---:|---:|---:|---:|---:|")
        for peer, result in results.items():
            seconds = result["seconds"]
            median = statistics.median(seconds)
            first = f"{result['first']:.3f}" if "first" in result else ""
            memory = f"{result['megabytes']:.0f}" if "megabytes" in result else ""
            self.say(
                f"| {peer} | {median:.3f} | {min(seconds):.3f} to {max(seconds):.3f} | {first} "
                f"| {median / ours:.2f} | {memory} |"
            )

    def layers(self, result: dict) -> None:
        """Add the single layers."""
        self.raw["layers"] = result
        limits = result["limits"]
        self.say("\n### W5: single layers beside the machine's limits\n")
        self.say(
            f"Limits measured here: {limits['gflops']:.0f} GFLOP/s in a large float32 product, "
            f"{limits['gbytes']:.0f} GB/s in a copy.\n"
        )
        columns = [name for name in result["rows"][0] if "/s" in name]
        self.say("| varied | value | " + " | ".join(columns) + " |")
        self.say("|---|---:|" + "---:|" * len(columns))
        for row in result["rows"]:
            numbers = " | ".join(f"{row[column]:.1f}" for column in columns)
            self.say(f"| {row['varied']} | {row['value']} | {numbers} |")
        slopes = ", ".join(f"{name} {value:.2f}" for name, value in result["slopes"].items())
        self.say(f"\nThe convolution's time grows with the power of: {slopes}.")

    def startup(self, result: dict[str, float]) -> None:
        """Add how long starting takes."""
        self.raw["startup"] = result
        self.say("\n### W6: from a cold start\n")
        for name, seconds in result.items():
            self.say(f"- {name}: {seconds * 1e3:.0f} ms")
        beyond = result["import scratchcnn"] - result["import numpy"]
        self.say(f"- `import scratchcnn` beyond `import numpy`: {beyond * 1e3:.0f} ms")

    def write(self) -> None:
        """Write page, raw numbers and chart to benchmarks/results/."""
        if self.raw["quick"]:
            print("\nA rehearsal: nothing was written.")
            return
        RESULTS.mkdir(exist_ok=True)
        page = "# Measured speed\n\n" + "\n".join(self.lines) + "\n"
        (RESULTS / "README.md").write_text(page, encoding="utf-8")
        (RESULTS / "results.json").write_text(json.dumps(self.raw, indent=1) + "\n")
        if self.raw["workloads"]:
            (RESULTS / "ratios.png").write_bytes(to_png(draw_ratios(self.raw["workloads"])))
        print(f"\nWritten to {RESULTS.name}/")


def draw_ratios(workloads: dict[str, dict]):
    """Draw, for each workload, how many times as long as ours each peer takes."""
    figure, axes = new_figure(1, len(workloads), width=9, height=3.4, sharey=False)
    with styled():
        for axis, (name, results) in zip(axes, workloads.items(), strict=True):
            peers = [peer for peer in results if peer != "loops"]
            ours = statistics.median(results[OURS]["seconds"])
            ratios = [statistics.median(results[peer]["seconds"]) / ours for peer in peers]
            colors = [BLUE if peer == OURS else GRAY for peer in peers]
            axis.barh(np.arange(len(peers)), ratios, color=colors)
            for row, ratio in enumerate(ratios):
                axis.text(ratio, row, f" {ratio:.1f}", va="center", fontsize=9)
            axis.set_yticks(np.arange(len(peers)), peers if axis is axes[0] else [], fontsize=9)
            axis.set_xlim(0, max(ratios) * 1.3)
            axis.set_xticks([])
            axis.invert_yaxis()
            axis.set_title(name, fontsize=10)
            axis.spines["bottom"].set_visible(False)
        figure.supxlabel("Time, as a multiple of ours (less is faster)", fontsize=10)
    return figure


def machine() -> str:
    """Describe the machine: processor, cores, system, Python."""
    processor = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
        processor = names[0] if names else processor
    except OSError:
        pass
    return (
        f"{processor}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, NumPy {np.__version__}"
    )
