"""The running course: JupyterLab in a browser, in build/site/lite/.

    python tools/lite.py [FOLDER]

Nothing is downloaded. The packages of a browser's Python come from a distribution of Pyodide that
the environment variable SCRATCHCNN_PYODIDE names.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from website import distribution

ROOT = Path(__file__).parent.parent
PARTS = Path(__file__).parent / "website"
VARIABLE = "SCRATCHCNN_PYODIDE"
KERNEL = "@jupyterlite/pyodide-kernel-extension"
CORE = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
NOTEBOOKS = ("*.ipynb", "workbook/*.ipynb", "results/*.json", "images/*")


def main() -> None:
    """Build."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "site" / "lite")
    named = os.environ.get(VARIABLE)
    build(target.resolve(), Path(named) if named else None)


def build(target: Path, pyodide: Path | None) -> None:
    """Build the running course in a folder, from a distribution of Pyodide."""
    assert pyodide is not None
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        copy_notebooks(source / "files")
        (source / "jupyter-lite.json").write_text(json.dumps(settings()), encoding="utf-8")
        overrides = PARTS / "overrides.json"
        shutil.rmtree(target, ignore_errors=True)
        command = [sys.executable, "-m", "jupyter", "lite", "build", f"--lite-dir={source}"]
        command += [f"--output-dir={target}", "--contents=files", "--apps=lab", "--apps=notebooks"]
        command += ["--no-sourcemaps", "--no-unused-shared-packages"]
        command += [f"--settings-overrides={overrides}"]
        done = subprocess.run(command, cwd=source, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
    add_pyodide(target, pyodide)


def copy_notebooks(target: Path) -> None:
    """Copy what the running course shows: at the same places, so that links hold."""
    for pattern in NOTEBOOKS:
        for path in sorted((ROOT / "notebooks").glob(pattern)):
            copy = target / path.relative_to(ROOT / "notebooks")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def settings() -> dict:
    """Return what JupyterLite is told."""
    kernel = {
        "pyodideUrl": "./static/pyodide/loader.mjs",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {"packages": [*distribution.STARTED, "scratchcnn"]},
    }
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "scratchcnn",
            "exposeAppInBrowser": True,
            "litePluginSettings": {f"{KERNEL}:kernel": kernel},
        },
    }


def add_pyodide(target: Path, source: Path) -> None:
    """Put Pyodide, the wheels and the loader where the kernel looks for them."""
    folder = target / "static" / "pyodide"
    lock = json.loads((source / "pyodide-lock.json").read_text(encoding="utf-8"))
    own = distribution.own_packages(target / "extensions" / KERNEL / "static" / "pypi", version())
    packages = {**distribution.makers_packages(lock, source), **own}
    packages = distribution.reachable(packages, (*distribution.STARTED, "scratchcnn"))
    distribution.write(lock, packages, folder)
    for name in CORE:
        shutil.copyfile(source / name, folder / name)
    total = sum(path.stat().st_size for path in folder.iterdir())
    loader = (PARTS / "loader.mjs").read_text(encoding="utf-8")
    loader = loader.replace("%SOURCE%", "./").replace("%TOTAL%", str(total))
    (folder / "loader.mjs").write_text(loader, encoding="utf-8")


def version() -> str:
    """Return the course's version."""
    import tomllib

    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


if __name__ == "__main__":
    main()
