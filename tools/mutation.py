"""Break the library on purpose, one small change at a time, and see whether its tests notice.

python tools/mutation.py                              everything in MODULES, for hours
python tools/mutation.py losses layers/dense          two files
python tools/mutation.py fast --sample 0.1            a tenth of each file, always the same
python tools/mutation.py --near --minutes 30          only the nearest tests, as far as time allows

cosmic-ray makes the changes (another operator, another number, a negated condition, a loop that
never runs), always in a copy of the repository. A change that no test notices has survived. The
score is the percentage of changes noticed. Changes that only touch a type hint, or that Python
cannot even compile, say nothing about the tests and are not counted. Survivors are printed for
inspection: each points to a missing test or makes no difference.

The changes are tried in random order, so that whenever time is up, each file has had its share. For
each change, the test files nearest to the changed file run first; if they notice nothing,
WIDER_TESTS run too. Tests that need JAX or Keras are left out: these take two seconds to load, and
there are thousands of changes. For the same reason pytest and NumPy are loaded once, and every run
of the tests is a fork of the process that loaded them.
"""

import argparse
import ast
import contextlib
import gc
import math
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable
from difflib import unified_diff
from importlib.metadata import entry_points
from multiprocessing import get_context
from pathlib import Path

import numpy  # noqa: F401  (loaded once for all tests)
import pytest
from cosmic_ray.commands import init
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator
from cosmic_ray.work_db import use_db
from cosmic_ray.work_item import MutationSpec
from hypothesis import Phase, settings

ROOT = Path(__file__).parent.parent
PACKAGE = "scratchcnn"
MODULES = ["layers", "losses", "optimizers", "fast"]
WIDER_TESTS = [
    "tests/test_network.py",
    "tests/test_training.py",
    "tests/layers",
    "tests/fast",
    "tests/test_optimizers.py",
    "tests/test_optimizer_state.py",
    "tests/test_optimizer_copies.py",
    "tests/test_schedules.py",
    "tests/test_freezing.py",
    "tests/test_repr.py",
    "tests/test_properties.py",
]
OPTIONS = ["-x", "-q", "-n0", "-p", "no:cacheprovider", "-p", "no:nbval", "-o", "addopts="]
# This one collects garbage six times at the end of a run: longer than most of our tests take.
OPTIONS += ["-p", "no:unraisableexception"]
OPTIONS += ["--import-mode=importlib", "-k", "not jax and not keras", "-m", "not slow"]
# Where the tests of a file have another name.
NEAREST = {
    "fast/__init__": ["tests/fast/test_door.py"],
    "fast/support": ["tests/fast/test_door.py"],
}
# A change can make a test hang: the time limit is the usual time of the tests, times this.
TIMES_THE_USUAL = 5

# The outcome of a change: its file, the diff, and whether a test failed (None: not counted).
Outcome = tuple[str, str, bool | None]


def files_of(names: Iterable[str]) -> list[str]:
    """Return the files behind names such as ``losses``, ``layers`` or ``layers/dense``."""
    files = []
    for name in names:
        path = ROOT / PACKAGE / name
        found = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
        files += [file.relative_to(ROOT).as_posix() for file in found if file.stat().st_size]
    return files


def nearest_tests(file: str) -> list[str]:
    """Return the test files named like ``file``; where there are none, its folder's tests."""
    path = Path(file).relative_to(PACKAGE)
    if path.with_suffix("").as_posix() in NEAREST:
        return NEAREST[path.with_suffix("").as_posix()]
    folder = Path("tests", path.parent)
    # `inference_convolution.py` is tested in `test_inference.py`, with the rest of inference.
    for name in (path.stem, path.stem.partition("_")[0]):
        found = [folder / f"test_{name}.py", *sorted((ROOT / folder).glob(f"test_{name}_*.py"))]
        existing = [(ROOT / test).relative_to(ROOT).as_posix() for test in found]
        existing = [test for test in existing if (ROOT / test).exists()]
        if name and existing:
            return existing
    return [folder.as_posix()] if folder != Path("tests") else WIDER_TESTS


def enter_copy(folder: str) -> None:
    """Copy what the tests need from the current folder, and change to the copy."""
    copy = Path(tempfile.mkdtemp(dir=folder))
    for name in (PACKAGE, "tests"):
        shutil.copytree(name, copy / name)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(name, copy / name)
    os.chdir(copy)
    os.environ["PYTHONPATH"] = str(copy)  # for processes that a test starts
    sys.path.insert(0, str(copy))


class AnyExampleWillDo:
    """A plugin: Hypothesis need not look for the simplest example that fails, which takes long."""

    @staticmethod
    def pytest_configure() -> None:
        """Change the profile that conftest.py has loaded, before any test is read."""
        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("mutation", settings(), phases=phases)
        settings.load_profile("mutation")


def tests_pass(tests: list[str], seconds: float) -> bool:
    """Run the tests in a fork of this process, for at most ``seconds``; keep what they print."""
    child = os.fork()
    if child:
        status = os.waitpid(child, 0)[1]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # whatever the tests started
        return status == 0
    code = 1
    try:
        os.setsid()
        signal.setitimer(signal.ITIMER_REAL, seconds)  # nobody handles it, so it ends the process
        output = os.open("output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        code = int(pytest.main([*OPTIONS, *tests], [AnyExampleWillDo()]))
    finally:
        os._exit(code)


def changes_of(file: str) -> list[MutationSpec]:
    """Return the changes that cosmic-ray can make to this file."""
    with use_db("session.sqlite") as session:
        init([Path(file)], session, {})
        return [change for item in session.work_items for change in item.mutations]


def what_runs(code: str) -> str:
    """Return the code without comments and type hints; it raises SyntaxError if it is not Python.

    The files begin with ``from __future__ import annotations``, so a type hint never runs.
    """
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    with warnings.catch_warnings(action="ignore"):
        compile(code, "changed", "exec", dont_inherit=True)  # some errors are found only here
    return ast.dump(tree)


def try_change(work: tuple[MutationSpec, list[tuple[list[str], float]]]) -> Outcome:
    """Make a change in this process's copy, run its tests, and undo it."""
    change, stages = work
    path = change.module_path
    code = path.read_text()
    operator = get_operator(change.operator_name)(**change.operator_args)
    changed = mutate_code(code, operator, change.occurrence)
    diff = "\n".join(
        list(unified_diff(code.split("\n"), changed.split("\n"), lineterm="", n=1))[2:]
    )
    try:
        if what_runs(changed) == what_runs(code):
            return path.as_posix(), diff, None
    except SyntaxError:
        return path.as_posix(), diff, None
    try:
        path.write_text(changed)
        return path.as_posix(), diff, not all(tests_pass(*stage) for stage in stages)
    finally:
        path.write_text(code)


def seconds_of(tests: list[str]) -> float:
    """Return how long the tests take; they must pass before anything is broken."""
    start = time.perf_counter()
    if not tests_pass(tests, 3600):
        output = Path("output.txt").read_text()
        raise RuntimeError(f"the tests fail before anything is broken:\n{output}")
    return time.perf_counter() - start


def print_scores(outcomes: list[Outcome], existing: dict[str, int]) -> None:
    """Print a line for each file: how many changes exist, were tried, noticed, and survived."""
    print(f"\n{'file':42}{'changes':>8}{'tried':>8}{'noticed':>9}{'survived':>10}{'score':>8}")
    for name in [*existing, "in all"]:
        files = [*existing] if name == "in all" else [name]
        found = [noticed for file, _, noticed in outcomes if file in files and noticed is not None]
        changes, survived = sum(existing[file] for file in files), found.count(False)
        score = f"{1 - survived / len(found):.1%}" if found else "-"
        print(f"{name:42}{changes:8}{len(found):8}{sum(found):9}{survived:10}{score:>8}")


def main() -> None:
    """Read the command line, try every change, report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="*", default=MODULES, help="e.g. losses or layers/dense")
    parser.add_argument("--sample", type=float, default=1.0, help="fraction of the changes to try")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after so many")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--near", action="store_true", help="only the nearest test files")
    options = parser.parse_args()

    os.chdir(ROOT)
    # Loaded once, here, for every run of the tests. The library itself must not be among it.
    for plugin in entry_points(group="pytest11"):
        plugin.load()
    gc.freeze()  # nothing loaded so far is garbage, in no fork
    with tempfile.TemporaryDirectory() as folder:
        enter_copy(folder)
        changes = {file: changes_of(file) for file in files_of(options.modules)}
        changes = {file: of_file for file, of_file in changes.items() if of_file}
        wider = [] if options.near else [WIDER_TESTS]
        stages = {file: [nearest_tests(file), *wider] for file in changes}
        distinct = {tuple(tests) for each in stages.values() for tests in each}
        usual = {tests: seconds_of([*tests]) for tests in distinct}
        # From here on, files change too fast for the time stamps of compiled files.
        sys.dont_write_bytecode = True
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        work = [
            (
                change,
                [(tests, 10 + TIMES_THE_USUAL * usual[tuple(tests)]) for tests in stages[file]],
            )
            for file, of_file in changes.items()
            for change in random.Random(0).sample(of_file, math.ceil(len(of_file) * options.sample))
        ]
        random.Random(0).shuffle(work)  # wherever it stops, each file has had its share
        outcomes: list[Outcome] = []
        start = time.perf_counter()
        with get_context("fork").Pool(options.processes, enter_copy, [folder]) as pool:
            for outcome in pool.imap_unordered(try_change, work):
                outcomes.append(outcome)
                if outcome[-1] is False:
                    print("", *outcome[:2], sep="\n", flush=True)
                minutes = (time.perf_counter() - start) / 60
                line = f"\r{len(outcomes)} of {len(work)} changes, {minutes:.0f} minutes "
                print(line, end="", file=sys.stderr, flush=True)
                if minutes > options.minutes:
                    break
        os.chdir(ROOT)
    print_scores(outcomes, {file: len(of_file) for file, of_file in changes.items()})


if __name__ == "__main__":
    main()
