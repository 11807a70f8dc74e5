"""Break the library on purpose, one small change at a time, and see whether its tests notice.

python tools/mutation.py                              everything in MODULES, for hours
python tools/mutation.py losses layers/dense          two files
python tools/mutation.py fast --sample 0.1            a tenth of the changes, always the same

cosmic-ray makes the changes (another operator, another number, a negated condition, a loop that
never runs), always in a copy of the repository. A change that no test notices has survived. The
score is the percentage of changes noticed. Survivors are printed for inspection: each points to
a missing test or makes no difference.

For each file, the test file of the same name runs first, then WIDER_TESTS. Tests that need JAX or
Keras are left out: these take two seconds to load, and there are thousands of changes.
"""

import argparse
import os
import random
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from multiprocessing import Pool
from pathlib import Path

from cosmic_ray.commands import init
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.testing import run_tests
from cosmic_ray.work_db import use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome

ROOT = Path(__file__).parent.parent
PACKAGE = "scratchcnn"
MODULES = ["layers", "losses", "optimizers", "fast"]
WIDER_TESTS = ["tests/layers", "tests/fast", "tests/test_network.py", "tests/test_training.py"]
# A change can make a test hang: the time limit is the usual time of the tests, times this.
TIMES_THE_USUAL = 5

# The outcome of a change: its file, the diff, and whether a test failed.
Outcome = tuple[str, str, TestOutcome]


def files_of(names: Iterable[str]) -> list[str]:
    """Return the files behind names such as ``losses``, ``layers`` or ``layers/dense``."""
    files = []
    for name in names:
        path = ROOT / PACKAGE / name
        found = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
        files += [file.relative_to(ROOT).as_posix() for file in found if file.stat().st_size]
    return files


def test_command(file: str, wide: bool) -> str:
    """Return the command that runs the tests of ``file``, starting with its own test file."""
    path = Path(file).relative_to(PACKAGE)
    nearest = f"tests/{path.parent.as_posix().lstrip('_')}/test_{path.stem}.py"
    tests = [nearest] if (ROOT / nearest).exists() else []
    if wide or not tests:
        tests += [test for test in WIDER_TESTS if (ROOT / test).exists()]
    options = "-x -q -n0 --no-header -p no:cacheprovider -p no:nbval -o addopts= "
    options += "--import-mode=importlib -k 'not jax and not keras'"
    return f"{shlex.quote(sys.executable)} -m pytest {options} {' '.join(tests)}"


def enter_copy(folder: str) -> None:
    """Copy the repository for this process, and change to the copy."""
    copy = Path(tempfile.mkdtemp(dir=folder))
    for name in (PACKAGE, "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, copy / name)
    os.chdir(copy)
    os.environ["PYTHONPATH"] = str(copy)


def changes_of(files: Iterable[str], folder: str) -> list[MutationSpec]:
    """Return every change that cosmic-ray can make to these files."""
    with use_db(str(Path(folder) / "session.sqlite")) as session:
        init([Path(file) for file in files], session, {})
        return [change for item in session.work_items for change in item.mutations]


def try_change(work: tuple[MutationSpec, str, float]) -> Outcome:
    """Make a change in this process's copy, run its tests, and undo it."""
    change, command, seconds = work
    result = mutate_and_test([change], command, seconds)
    return str(change.module_path), result.diff or "", result.test_outcome or TestOutcome.KILLED


def seconds_of_the_tests(work: tuple[str, str]) -> tuple[str, float]:
    """Return a file and how long its tests take; they must pass before anything is broken."""
    file, command = work
    start = time.perf_counter()
    outcome, output = run_tests(command, timeout=3600)
    if outcome is not TestOutcome.SURVIVED:
        raise RuntimeError(f"{file}: its tests fail before anything is broken:\n{output}")
    return file, time.perf_counter() - start


def report(outcomes: list[Outcome], seconds: float) -> None:
    """Print the survivors, and the score of each file."""
    for file, diff, outcome in outcomes:
        if outcome is TestOutcome.SURVIVED:
            lines = [line for line in diff.splitlines()[3:] if line[:1] in set("@-+")]
            print("", file, *lines, sep="\n")
    print()
    for file in sorted({file for file, _, _ in outcomes}):
        print_score(file, [outcome for name, _, outcome in outcomes if name == file])
    print_score("in all", [outcome for _, _, outcome in outcomes])
    print(f"{seconds / 60:.1f} minutes")


def print_score(name: str, outcomes: list[TestOutcome]) -> None:
    """Print one line: how many of the changes were noticed."""
    noticed = sum(outcome is not TestOutcome.SURVIVED for outcome in outcomes)
    print(f"{name}: {noticed} of {len(outcomes)} changes noticed, {noticed / len(outcomes):.1%}")


def main() -> None:
    """Read the command line, try every change, report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="*", default=MODULES, help="e.g. losses or layers/dense")
    parser.add_argument("--sample", type=float, default=1.0, help="fraction of the changes to try")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--near", action="store_true", help="only the test file of the same name")
    options = parser.parse_args()

    start = time.perf_counter()
    os.chdir(ROOT)
    commands = {file: test_command(file, not options.near) for file in files_of(options.modules)}
    with (
        tempfile.TemporaryDirectory() as folder,
        Pool(options.processes, enter_copy, [folder]) as pool,
    ):
        usual = dict(pool.map(seconds_of_the_tests, commands.items()))
        limits = {file: 10 + TIMES_THE_USUAL * seconds for file, seconds in usual.items()}
        changes = changes_of(commands, folder)
        # The same sample each time, so that a survivor can be tried again.
        changes = random.Random(0).sample(changes, round(len(changes) * options.sample))
        files = [change.module_path.as_posix() for change in changes]
        work = [
            (change, commands[file], limits[file])
            for change, file in zip(changes, files, strict=True)
        ]
        outcomes = []
        for number, outcome in enumerate(pool.imap_unordered(try_change, work), 1):
            outcomes.append(outcome)
            print(f"\r{number} of {len(work)}", end="", file=sys.stderr, flush=True)
    report(sorted(outcomes), time.perf_counter() - start)


if __name__ == "__main__":
    main()
