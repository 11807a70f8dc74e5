"""Measure a class on one server: a JupyterHub with many students at once, on this computer.

make .venv/installed-hub
.venv/bin/python benchmarks/classroom.py [--students 50] [--seconds 180]

It starts the hub of `deploy/jupyterhub` on free ports, in a temporary folder. All students log in
at the same moment, open lesson 01, run all of its cells, and save a page of their workbook. Then
each moves the explorer of the lesson every two seconds. Finally the hub is killed, the students
go on while it is gone, and it is started again: all servers, kernels and files have to be as
before. The script prints a table for docs/teaching.md, ends everything that it has started, and
takes less than ten minutes.

The students are one program, which sends what their browsers would send, and runs on the same
processor cores as the server. Drawing the pages is not measured.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))  # a student, and a hub

from deploy.hub import Hub, memory_of
from deploy.student import Student

LESSON, WORKBOOK = "01_convolution.ipynb", "my_workbook/01_convolution.ipynb"
EVERY = 2.0  # seconds between two moves
WITHOUT_HUB = 10  # seconds for which the hub is gone
NOTE = "what a student has written"
LIMIT = 9 * 60  # seconds for everything that students do


class Class:
    """The students, and what was measured of them."""

    def __init__(self, hub: Hub, count: int) -> None:
        self.hub, self.count = hub, count
        self.students: list[Student] = []
        self.seconds: dict[str, list[float]] = {}
        self.errors: Counter[str] = Counter()
        self.failed: set[str] = set()  # the names of students for whom something went wrong

    def note(self, what: str, since: float) -> float:
        """Keep the seconds since a moment, and return the moment that it is now."""
        now = time.perf_counter()
        self.seconds.setdefault(what, []).append(now - since)
        return now

    async def all(
        self, what: str, students: list[Student], do: Callable[[Student], Coroutine[Any, Any, None]]
    ) -> None:
        """Let all students do something at once; an error ends what its student does."""
        print(f"{what} ...", file=sys.stderr)
        outcomes = await asyncio.gather(*map(do, students), return_exceptions=True)
        for student, outcome in zip(students, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                self.failed.add(student.name)
                self.errors[f"{what}: {type(outcome).__name__}: {outcome}"] += 1

    async def arrive(self, student: Student) -> None:
        """Log in, get a server, open the lesson, run it, and write something down."""
        begin = time.perf_counter()
        await student.log_in()
        await student.start_server()
        opened = self.note("server", begin)
        notebook = await student.open_notebook(LESSON)
        await student.run_all(notebook)
        self.note("lesson", opened)
        self.note("both", begin)
        await student.run(f"kept = {student.name!r}")
        page = await student.ask("GET", f"contents/{WORKBOOK}")
        page["content"]["cells"][0]["source"] += f"\n\n{NOTE} of {student.name}"
        content = {"type": "notebook", "content": page["content"]}
        await student.ask("PUT", f"contents/{WORKBOOK}", json=content)

    async def move(self, student: Student, seconds: float, what: str) -> None:
        """Move the explorer every two seconds, beginning at a moment of the student's own."""
        end = time.perf_counter() + seconds
        await asyncio.sleep(random.Random(student.name).uniform(0, EVERY))
        column = -1
        while time.perf_counter() < end:
            next_move = time.perf_counter() + EVERY
            column = -column
            latency = await student.move("ArrowRight" if column > 0 else "ArrowLeft")
            self.seconds.setdefault(what, []).append(latency)
            await asyncio.sleep(max(0.0, next_move - time.perf_counter()))

    async def look_again(self, student: Student, kernel: str) -> None:
        """Check that everything is where it was before the hub was killed."""
        await student.visit()
        (running,) = await student.ask("GET", "kernels")
        await student.connect()
        outputs = await student.run("print(kept)")
        page = await student.ask("GET", f"contents/{WORKBOOK}")
        assert running["id"] == kernel, "another kernel"
        # A kernel may send what one cell prints in several messages.
        printed = "".join(output.get("text", "") for output in outputs)
        assert printed == f"{student.name}\n", f"the kernel says {printed!r}"
        written = page["content"]["cells"][0]["source"]
        assert f"{NOTE} of {student.name}" in written, "the workbook is not as it was"
        await student.move("ArrowRight")


async def measure(room: Class, seconds: float) -> list[str]:
    """Do everything; return the rows of the table."""
    hub, count = room.hub, room.count
    room.students = [Student(hub.url, f"student{k + 1:03d}", hub.password()) for k in range(count)]
    begin = hub.processor_seconds()
    await room.all("arrive", room.students, room.arrive)
    arrived = hub.processor_seconds()
    before = {name: server.pid for name, server in hub.servers().items()}
    if len(room.seconds.get("both", ())) < count:
        return []
    students = [student for student in room.students if student.stages]
    await room.all("move", students, lambda one: room.move(one, seconds, "move"))
    moved = hub.processor_seconds()
    memory = [memory_of(server) for server in hub.servers().values()]
    kernels = {student.name: student.kernel for student in students}

    hub.kill()
    what = "move without the hub"
    await room.all(what, students, lambda one: room.move(one, WITHOUT_HUB, what))
    start = time.perf_counter()
    await asyncio.to_thread(hub.start)
    again = time.perf_counter() - start
    await room.all("look again", students, lambda s: room.look_again(s, kernels[s.name]))
    after = {name: server.pid for name, server in hub.servers().items()}
    if before != after:
        room.errors["servers are not the same as before"] += 1
        room.failed |= {name for name in before if after.get(name) != before[name]}

    moves = len(room.seconds["move"])
    return [
        f"| students who got to the end | {count - len(room.failed)} of {count} |",
        f"| from login to a server that is ready | {spread(room.seconds['server'])} |",
        f"| from there to the end of lesson 01 | {spread(room.seconds['lesson'])} |",
        f"| both together | {spread(room.seconds['both'])} |",
        f"| CPU time until then | {(arrived - begin) / count:.1f} s |",
        f"| from a key press to the new picture, without drawing the page ({moves:,} times) "
        f"| {latencies(room.seconds['move'])} |",
        f"| CPU time per move | {1000 * (moved - arrived) / moves:.0f} ms |",
        f"| memory of a student's server | {megabytes([own for own, _ in memory])} |",
        f"| memory of a student's kernel | {megabytes([kernel for _, kernel in memory])} |",
        f"| memory of a student | {megabytes([sum(both) for both in memory])} |",
        f"| from a key press to the new picture while the hub is down "
        f"| {latencies(room.seconds['move without the hub'])} |",
        f"| from starting the hub again to its answer | {again:.1f} s |",
        f"| servers, kernels and workbooks that survived | {len(after)} of {count} |",
        f"| errors | {sum(room.errors.values()) or 'none'} |",
    ]


def spread(values: list[float]) -> str:
    """Return the median and the worst of some seconds."""
    return f"{statistics.median(values):.1f} s (worst {max(values):.1f})"


def latencies(values: list[float]) -> str:
    """Return median, 95th percentile and worst of some seconds, in milliseconds."""
    ordered = sorted(1000 * value for value in values)
    late = ordered[min(int(0.95 * len(ordered)), len(ordered) - 1)]
    return (
        f"{statistics.median(ordered):.0f} ms (95th percentile {late:.0f}, worst {ordered[-1]:.0f})"
    )


def megabytes(values: list[int]) -> str:
    """Return the mean and the largest of some numbers of bytes."""
    return f"{statistics.fmean(values) / 2**20:.0f} MiB (largest {max(values) / 2**20:.0f})"


async def run(room: Class, seconds: float) -> list[str]:
    """Measure, and close all browsers."""
    try:
        return await asyncio.wait_for(measure(room, seconds), LIMIT)
    except TimeoutError:
        room.errors[f"not done after {LIMIT} s"] += 1
        return []
    finally:
        await asyncio.gather(*(student.close() for student in room.students))


def main() -> None:
    """Read the command line, measure, and leave nothing behind."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=180, help="how long they move explorers")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="class-") as folder:
        hub = Hub(Path(folder))
        room = Class(hub, options.students)
        try:
            hub.start()
            busy = os.getloadavg()[0]
            rows = asyncio.run(run(room, options.seconds))
        finally:
            stubborn = hub.end()
        log = hub.log()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"{options.students} students, {cores} cores, Python {platform.python_version()}; "
          f"load before the start {busy:.1f}\n")  # fmt: skip
    if rows:
        print("| | median (for memory: mean) |\n|---|--:|", *rows, sep="\n")
    for error, times in room.errors.most_common():
        print(f"\n{times} times {error}")
    if stubborn:
        print("\nhad to be killed:", *stubborn, sep="\n  ")
    if room.errors:
        print("\nthe hub's last lines:", *log.splitlines()[-30:], sep="\n  ")
    sys.exit(bool(room.errors))


if __name__ == "__main__":
    main()
