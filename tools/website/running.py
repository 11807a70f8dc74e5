"""The running course: JupyterLab in a browser, with the lessons, the workbook and the playground.

Nothing is downloaded. With a distribution of Pyodide, the site has its own copy of what the course
needs, and asks no other address for anything. Without it, a visitor's browser loads Pyodide from
where its makers serve it.

If there is a Python of the same version as the browser's (python3.12, on the path, of pyenv or of
uv), it compiles the files beforehand, and the course starts in two thirds of the time.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import scratchcnn
from website import compiled, distribution

ROOT = Path(__file__).parent.parent.parent
PARTS = Path(__file__).parent / "browser"
KERNEL = "@jupyterlite/pyodide-kernel-extension"
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "anywidget", KERNEL)
APPS = ("lab", "notebooks")
# With an icon, so that the browser does not look for one at the root of the host.
HEAD = """<link rel="icon" href="../icon-120x120.png">
<script type="module" src="../page.js"></script>
"""
# JupyterLite's `startNew` as built: let{path:a,name:i}=e,o=this._sessions.find(e=>e.name===i)
SAME_NAME = re.compile(
    r"(let\{path:(\w+),name:(\w+)\}=\w+,\w+=this\._sessions\.find\((\w+)=>\4\.)name===\3"
)
NOTEBOOKS = ("*.ipynb", "workbook/*.ipynb", "results/*.json", "results/*.npz", "images/*")


def build(target: Path, pyodide: Path | None) -> None:
    """Build the running course in a new folder, with a copy of Pyodide or, if None, without."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        copy_notebooks(source / "files")
        (source / "jupyter-lite.json").write_text(json.dumps(settings()), encoding="utf-8")
        command = [sys.executable, "-m", "jupyter", "lite", "build", f"--lite-dir={source}"]
        command += [
            f"--output-dir={target}",
            "--contents=files",
            *(f"--apps={app}" for app in APPS),
        ]
        command += ["--no-sourcemaps", "--no-unused-shared-packages"]
        done = subprocess.run(command, cwd=source, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
    add_page(target)
    add_pyodide(target, pyodide)
    mend_sessions(target)
    slim(target)


def copy_notebooks(target: Path) -> None:
    """Copy what the running course shows: at the same places, so that links hold."""
    for pattern in NOTEBOOKS:
        for path in sorted((ROOT / "notebooks").glob(pattern)):
            copy = target / path.relative_to(ROOT / "notebooks")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(
                marked(path.read_bytes()) if path.suffix == ".ipynb" else path.read_bytes()
            )


def marked(notebook: bytes) -> bytes:
    """Return a notebook that says which original it is: a copy that a visitor saves says so too.

    Texts are in one piece. In a file they are lists of lines, which a Jupyter server joins; where
    there is none, commas would appear between the lines of stored outputs.
    """
    content = json.loads(notebook)
    content["metadata"]["scratchcnn"] = {"original": hashlib.sha256(notebook).hexdigest()[:16]}
    for cell in content["cells"]:
        outputs = cell.get("outputs", [])
        for texts in (cell, *outputs, *(output.get("data", {}) for output in outputs)):
            for key, text in texts.items():
                if key in ("source", "text") or "/" in key:
                    texts[key] = "".join(text)
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def originals(files: Path) -> dict[str, str]:
    """Return which original of each notebook the course has now."""
    return {
        path.relative_to(files).as_posix(): json.loads(path.read_bytes())["metadata"]["scratchcnn"][
            "original"
        ]
        for path in sorted(files.rglob("*.ipynb"))
    }


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
            "settingsOverrides": json.loads((PARTS / "overrides.json").read_text(encoding="utf-8")),
            "litePluginSettings": {f"{KERNEL}:kernel": kernel},
        },
    }


def add_pyodide(target: Path, source: Path | None) -> None:
    """Put Pyodide, the wheels and the loader where the kernel looks for them."""
    folder = target / "static" / "pyodide"
    lock = distribution.read_lock(source)
    own = distribution.own_packages(
        target / "extensions" / KERNEL / "static" / "pypi", scratchcnn.__version__
    )
    packages = {**distribution.makers_packages(lock, source), **own}
    packages = distribution.reachable(packages, (*distribution.STARTED, "scratchcnn"))
    python = compiled.find_python(lock["info"]["python"])
    if python:
        packages = distribution.compile_all(packages, lock["info"]["python"], python)
    else:
        print(f"no Python like {lock['info']['python']} here to compile with: a slower start")
    total = distribution.write(lock, packages, folder)
    address = "./"
    if source is None:
        address = distribution.MAKERS.format(version=lock["info"]["version"])
        sizes = lock["core"]
    else:
        for name in distribution.CORE:
            shutil.copyfile(source / name, folder / name)
        if python:
            library = folder / "python_stdlib.zip"
            small = distribution.compiled_library(
                library.read_bytes(), lock["info"]["python"], python
            )
            library.write_bytes(small)
        sizes = {name: (folder / name).stat().st_size for name in distribution.CORE}
    total += sizes["pyodide.asm.wasm"] + sizes["python_stdlib.zip"]  # scripts are not counted
    shutil.copyfile(PARTS / "startup.py", folder / "startup.py")
    loader = (PARTS / "loader.mjs").read_text(encoding="utf-8")
    loader = loader.replace("%SOURCE%", address).replace("%TOTAL%", str(total))
    (folder / "loader.mjs").write_text(loader, encoding="utf-8")


def add_page(target: Path) -> None:
    """Add what the course's pages do besides JupyterLab's."""
    (target / "originals.json").write_text(
        json.dumps(originals(target / "files")), encoding="utf-8"
    )
    shutil.copyfile(PARTS / "page.js", target / "page.js")
    for app in APPS:
        page = target / app / "index.html"
        text = page.read_text(encoding="utf-8")
        text = text.replace("<title>JupyterLite</title>", "<title>scratchcnn</title>")
        page.write_text(text.replace("</head>", f"{HEAD}</head>", 1), encoding="utf-8")


def mend_sessions(target: Path) -> None:
    """Let a lesson and its workbook, which have the same file name, each have a kernel.

    JupyterLite takes a session for the one that is asked for if the names of the files are equal.
    """
    found = 0
    for path in (target / "build").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        mended, count = SAME_NAME.subn(r"\1path===\2", text)
        if count:
            path.write_text(mended, encoding="utf-8")
        found += count
    if found != 1:
        raise SystemExit(f"JupyterLite looks for sessions in another way: {found} places, not 1")


def slim(target: Path) -> None:
    """Remove what no browser asks for: extensions of other things that happen to be installed here.

    Fonts come in four older formats besides the one that every browser with WebAssembly reads.
    """
    config = target / "jupyter-lite.json"
    content = json.loads(config.read_text(encoding="utf-8"))
    data = content["jupyter-config-data"]
    for extension in data["federated_extensions"]:
        if extension["name"] not in EXTENSIONS:
            shutil.rmtree(target / "extensions" / extension["name"])
    kept = [one for one in data["federated_extensions"] if one["name"] in EXTENSIONS]
    data["federated_extensions"] = kept
    config.write_text(json.dumps(content, indent=1), encoding="utf-8")
    for pattern in ("build/fa-*.svg", "build/fa-*.eot", "build/fa-*.ttf", "build/fa-*.woff"):
        for path in target.glob(pattern):
            path.unlink()
    for path in [*target.glob("rspack.config*.js"), *(target / "extensions").rglob("*.whl")]:
        path.unlink()
    shutil.rmtree(target / "doc")
