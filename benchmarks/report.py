"""The report: tables of ratios and times, two charts, and the raw numbers."""

import json
import os
import platform
import statistics
from pathlib import Path

import numpy as np
from charts import draw_growth, draw_ratios

from scratchcnn.plots import to_png

RESULTS = Path(__file__).with_name("results")
PARTS = Path(__file__).parent.parent / "build" / "benchmarks"
OURS = "scratchcnn"


class Report:
    """Collects results, prints them as they arrive, and writes them at the end."""

    def __init__(self, rounds: int, complete: bool) -> None:
        self.complete = complete
        self.raw: dict = {"rounds": rounds, "machine": machine(), "workloads": {}}
        self.lines: list[str] = []
        self.say(f"Machine: {self.raw['machine']}. Medians of {rounds} rounds, peers in turn.")
        self.say(
            '"First run, + s" is the extra time of the first run compared with later ones, for '
            'compiling and warming up. "Cores busy" is processor time divided by wall time. '
            "Memory is the increase since the start."
        )
        self.say("Images: those of the bundled sample, repeated if more are needed.\n")

    def say(self, line: str) -> None:
        """Print a line and keep it for the page."""
        print(line, flush=True)
        self.lines.append(line)

    def peers(self, notes: dict[str, str], missing: dict[str, str]) -> None:
        """List the participants, with version and threads, and the missing peers."""
        for peer, note in notes.items():
            self.say(f"- {peer}: {note}")
        for peer in missing:
            self.say(f"- {peer}: missing (not installed)")
        self.raw |= {"peers": notes, "missing": list(missing)}

    def add(self, name: str, what: str, images: int, results: dict[str, dict]) -> None:
        """Add one workload's table; the extra time of the first run is listed separately."""
        self.raw["workloads"][name] = results
        self.say(f"\n### {name}: {what}\n")
        self.say(
            "| who | seconds | spread | images/s | ratio to ours | spread | first run, + s "
            "| cores busy | memory, MB |"
        )
        self.say("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
        for peer, result in results.items():
            seconds = result["seconds"]
            median = statistics.median(seconds)
            ratio, *spread = ratios_to_ours(results, peer)
            extra = max(result["first"] - result.get("warm", median), 0)
            memory = f"{result['megabytes']:.0f}" if "megabytes" in result else ""
            self.say(
                f"| {peer} | {median:.3f} | {min(seconds):.3f} to {max(seconds):.3f} "
                f"| {images / median:,.0f} | {ratio:.2f} | {spread[0]:.2f} to {spread[1]:.2f} "
                f"| {extra:.2f} | {statistics.median(result['cores_busy']):.1f} | {memory} |"
            )

    def ratios(self) -> None:
        """Add the table of ratios: each peer's time as a multiple of ours."""
        workloads = self.raw["workloads"]
        self.say("\n### Time as a multiple of ours\n")
        self.say("| who | " + " | ".join(workloads) + " |")
        self.say("|---|" + "---:|" * len(workloads))
        for peer in dict.fromkeys(peer for results in workloads.values() for peer in results):
            cells = [
                f"{ratios_to_ours(results, peer)[0]:.2f}" if peer in results else ""
                for results in workloads.values()
            ]
            self.say(f"| {peer} | " + " | ".join(cells) + " |")

    def growth(self, result: dict) -> None:
        """Add single layers compared with the limits, and how time grows with every size."""
        self.raw["growth"] = result
        limits = result["limits"]
        self.say("\n### W5: single layers compared with the machine's limits\n")
        self.say(
            "All on one core, as the network runs its layers. Limits measured at the same time: "
            f"{limits['gflops']:.0f} GFLOP/s in a large float32 product "
            f"({limits['gflops, all cores']:.0f} on all cores), {limits['gbytes']:.0f} GB/s in a "
            "copy of a large array.\n"
        )
        columns = [name for name in result["layers"][0] if "/s" in name]
        self.say("| varied | value | " + " | ".join(columns) + " |")
        self.say("|---|---:|" + "---:|" * len(columns))
        for row in result["layers"]:
            numbers = " | ".join(f"{row[column]:.1f}" for column in columns)
            self.say(f"| {row['varied']} | {row['value']} | {numbers} |")
        self.say("\nTime grows with a power of each size, the slope in `growth.png`:\n")
        for title, slopes in result["slopes"].items():
            powers = ", ".join(f"{name} {value:.2f}" for name, value in slopes.items())
            self.say(f"- {title}: {powers}")

    def startup(self, result: dict[str, float]) -> None:
        """Add the startup times."""
        self.raw["startup"] = result
        self.say("\n### W6: from a cold start\n")
        for name, seconds in result.items():
            self.say(f"- {name}: {seconds * 1e3:.0f} ms")
        beyond = result["import scratchcnn"] - result["import numpy"]
        self.say(f"- `import scratchcnn` beyond `import numpy`: {beyond * 1e3:.0f} ms")

    def write(self) -> None:
        """Write page, raw numbers and charts; those of a partial run go to build/."""
        folder = RESULTS if self.complete else PARTS
        folder.mkdir(parents=True, exist_ok=True)
        charts = {}
        if self.raw["workloads"]:
            ratios = {
                name: {peer: ratios_to_ours(results, peer)[0] for peer in results}
                for name, results in self.raw["workloads"].items()
            }
            alt = "Bars: the time of every peer as a multiple of ours, for each workload."
            charts["ratios.png"] = alt, draw_ratios(ratios)
        if "growth" in self.raw:
            alt = "Time on log axes against each size that was varied, for layers and an epoch."
            charts["growth.png"] = alt, draw_growth(self.raw["growth"])
        pictures = "\n\n".join(f"![{alt}]({name})" for name, (alt, _) in charts.items())
        page = "\n".join(["# Measured speed\n", *self.lines, "", pictures]) + "\n"
        (folder / "README.md").write_text(page, encoding="utf-8")
        (folder / "results.json").write_text(json.dumps(self.raw, indent=1) + "\n")
        for name, (_, figure) in charts.items():
            (folder / name).write_bytes(to_png(figure))
        print(f"\nWritten to {folder}")


def ratios_to_ours(results: dict[str, dict], peer: str) -> tuple[float, float, float]:
    """Return the median, minimum and maximum over rounds of a peer's time divided by ours."""
    pairs = zip(results[peer]["seconds"], results[OURS]["seconds"], strict=True)
    ratios = [theirs / ours for theirs, ours in pairs]
    return statistics.median(ratios), min(ratios), max(ratios)


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
