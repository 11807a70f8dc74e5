"""Python files, compiled: a browser's Python would do that at every start, for seconds.

Files can only be compiled by a Python of the same version as the browser's. Where there is none,
they stay as they are, and the course starts more slowly.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

# What the other Python does. A file that it cannot compile is not there to be imported.
COMPILE = """
import contextlib, pathlib, py_compile, sys
root, place, sources = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "True"
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
for path in root.rglob("*.py"):
    shown = f"{place}/{path.relative_to(root).as_posix()}"  # in tracebacks
    target = None if sources else path.with_suffix(".pyc")  # None: in __pycache__
    with contextlib.suppress(py_compile.PyCompileError):
        py_compile.compile(path, target, shown, True, invalidation_mode=mode)
"""


def find_python(version: str) -> str | None:
    """Return a Python of a version such as "3.12.7", or of another 3.12, or None."""
    major, minor, *_ = version.split(".")
    name = f"python{major}.{minor}"
    print_version = "import sys; print(*sys.version_info[:2], sys.implementation.name)"
    for path in candidates(name):
        done = subprocess.run([path, "-c", print_version], capture_output=True, text=True)
        if done.stdout.split() == [major, minor, "cpython"]:
            return path
    return None


def candidates(name: str) -> Iterator[str]:
    """Yield where a Python may be: this one, the one on the path, those of pyenv and uv."""
    yield sys.executable
    if found := shutil.which(name):
        yield found
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    uv = Path.home() / ".local" / "share" / "uv" / "python"
    for folder in (pyenv, uv):
        yield from sorted(map(str, folder.glob(f"*/bin/{name}")))


def compiled(
    files: Mapping[str, bytes], python: str, place: str, sources: bool = False
) -> dict[str, bytes]:
    """Return files with the Python files among them compiled.

    Parameters
    ----------
    files : dict of str to bytes
        Paths and contents.
    python : str
        What compiles them.
    place : str
        The folder in which they will lie; tracebacks name it.
    sources : bool
        Whether the sources stay as well, for tracebacks and for readers. Without them, files are
        as large as they were.
    """
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files.items():
            if path.endswith(".py"):
                file = Path(folder) / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        # Columns serve to underline a piece of the source, so they go with it.
        short = () if sources else ("-X", "no_debug_ranges")
        subprocess.run([python, *short, "-c", COMPILE, folder, place, str(sources)], check=True)
        made = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in Path(folder).rglob("*.pyc")
        }
    kept = {path: content for path, content in files.items() if f"{path}c" not in made}
    return {**kept, **dict(sorted(made.items()))}
