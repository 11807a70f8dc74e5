"""Break the library on purpose, one line at a time, and see that the tests notice.

    python tools/mutants.py [layers] [mends]

Each fault is put into a copy of the package, and the tests that should notice run against the
copy. ``layers`` are faults in the arithmetic of the layers, ``mends`` take away what makes the
library survive a classroom; both are listed in faults.toml. A fault that goes unnoticed is a
hole in the tests.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "scratchcnn"
FAULTS = ROOT / "tools" / "faults.toml"
PATIENCE = 600  # seconds; with some faults a test would wait forever


@dataclass(frozen=True)
class Fault:
    """One line of the library to replace, and the test files that should notice.

    Attributes
    ----------
    what : str
        The fault in words.
    file : str
        In scratchcnn/.
    line, fault : str
        A piece of the source that is there once, and what takes its place.
    tests : str
        Names of test files, without ``test_`` and ``.py``.
    """

    what: str
    file: str
    line: str
    fault: str
    tests: str

    def apply(self, package: Path) -> None:
        """Put the fault into a copy of the package."""
        path = package / self.file
        source = path.read_text(encoding="utf-8")
        if source.count(self.line) != 1:
            raise ValueError(
                f"{self.file} has {self.line!r} {source.count(self.line)} times, not 1"
            )
        path.write_text(source.replace(self.line, self.fault), encoding="utf-8")


def main() -> None:
    """Try the faults, and fail if one goes unnoticed."""
    groups = read_faults()
    chosen = sys.argv[1:] or list(groups)
    if not groups.keys() >= set(chosen):
        sys.exit(__doc__)
    unnoticed = 0
    for fault in [fault for name in chosen for fault in groups[name]]:
        test = first_failure(fault)
        unnoticed += test is None
        print(f"{fault.what}\n    {test or 'NOBODY NOTICES'}", flush=True)
    sys.exit(f"{unnoticed} faults went unnoticed" if unnoticed else 0)


def read_faults() -> dict[str, list[Fault]]:
    """Return the faults of each group."""
    groups = tomllib.loads(FAULTS.read_text(encoding="utf-8"))
    return {name: [Fault(**fault) for fault in faults] for name, faults in groups.items()}


def first_failure(fault: Fault) -> str | None:
    """Return the first test that fails on a copy of the package with the fault, or None."""
    # -P: Python must not look into the current folder, where the sound package is.
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(PACKAGE, Path(folder) / PACKAGE.name)
        fault.apply(Path(folder) / PACKAGE.name)
        tests = [f"tests/test_{name}.py" for name in fault.tests.split()]
        options = ["-n0", "-x", "-q", "-rfE", "-p", "no:cacheprovider"]
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "pytest", *options, *tests],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": folder},
                capture_output=True,
                text=True,
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired:
            return f"no end after {PATIENCE} seconds"
    if done.returncode == 0:
        return None
    failed = re.search(r"^(?:FAILED|ERROR) tests/(\S+)", done.stdout, re.M)
    if failed is None:
        raise RuntimeError(f"{fault.what}:\n{done.stdout}{done.stderr}")
    return failed[1]


if __name__ == "__main__":
    main()
