"""Pyodide for the course: which of its packages a page loads, and a lock file that says so.

The kernel loads what a cell imports, if the lock file lists it. So the course's wheel and all that
it needs are in the lock file, and nobody has to install anything.

``pyodide-lock.json`` beside this file is the part of Pyodide's own that the course needs, with the
size of each file in bytes. A site for which no distribution is at hand loads these from where
Pyodide's makers serve them. `renew` writes it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from website import wheels

ROOT = Path(__file__).parent.parent.parent
MAKERS = "https://cdn.jsdelivr.net/pyodide/v{version}/full/"
CORE = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
LOCK = Path(__file__).parent / "pyodide-lock.json"

# What the kernel itself needs, and the course. Everything else is loaded because one of these
# needs it.
STARTED = ("micropip", "piplite", "ipykernel", "comm", "pyodide-kernel", "jedi", "ipython")
COURSE = {
    "scratchcnn": ["numpy", "matplotlib", "pillow", "ipywidgets", "anywidget", "tqdm"],
    "ipywidgets": ["comm", "ipython", "traitlets"],
    "anywidget": ["ipywidgets", "psygnal", "typing-extensions"],
    "psygnal": [],
    "typing-extensions": [],
    "tqdm": [],
    "comm": ["traitlets"],
}
# The kernel's own wheels lie in its front end.
KERNEL = {
    "ipykernel": ["comm", "pyodide-kernel"],
    "pyodide-kernel": ["comm", "ipython", "matplotlib-inline"],
}
# A kernel shows no result where a value has shown itself, and no line where nothing is written.
# This one shows empty ones.
MENDED = {
    "pyodide_kernel/display.py": [
        ("if self.publish_execution_result:", "if self.publish_execution_result and self.data:"),
        ("if self.publish_stream_callback:", "if text and self.publish_stream_callback:"),
    ]
}
# Asked for by others, and needed by nothing in the course: names are completed without jedi, and
# figures need neither another back end nor what PDF needs.
EMPTY = {
    "jedi": "Nothing: names are completed without it.",
    "micropip": "Nothing: the course installs nothing.",
}
NEEDLESS = {"matplotlib-pyodide", "fonttools", "pytz"}
WITHOUT = {
    "numpy": r"/tests/|\.pyi$|\.h$|\.a$|^numpy/(f2py|distutils|_core/include|random/_examples)/",
    # Fonts of other families than the ones that figures and their formulas are drawn with.
    "matplotlib": r"\.pyi$|mpl-data/(sample_data|images|fonts/(afm|pdfcorefonts))/|web_backend/"
    r"|/ttf/(DejaVuSerif|DejaVuSansMono-)",
    "pillow": r"\.pyi$",
}


@dataclass
class Package:
    """A package as the lock file lists it, and its wheel (None: at the makers')."""

    entry: dict[str, Any]
    content: bytes | None


def entry(
    name: str, file: str, content: bytes, depends: list[str], imports: list[str]
) -> dict[str, Any]:
    """Return what the lock file says about a wheel."""
    return {
        "name": name,
        "version": file.split("-")[1],
        "file_name": file,
        "install_dir": "site",
        "sha256": hashlib.sha256(content).hexdigest(),
        "package_type": "package",
        "imports": imports,
        "depends": depends,
        "unvendored_tests": False,
    }


def own_packages(kernel: Path, version: str) -> dict[str, Package]:
    """Return the packages in plain Python that Pyodide does not bring.

    Parameters
    ----------
    kernel : Path
        The folder of the kernel's own wheels.
    version : str
        The course's version.
    """
    packages = {}
    for name, depends in COURSE.items():
        if name == "scratchcnn":
            file, content = wheels.of_folder(name, version, ROOT / "scratchcnn")
        else:
            file, content = wheels.repack(name)
        module = name.replace("-", "_")
        packages[name] = Package(entry(name, file, content, depends, [module]), content)
    for name, depends in KERNEL.items():
        module = name.replace("-", "_")
        (path,) = kernel.glob(f"{module}-*.whl")
        content = wheels.mend(path.read_bytes(), MENDED)
        packages[name] = Package(entry(name, path.name, content, depends, [module]), content)
    file, content = wheels.of_folder("piplite", version, Path(__file__).parent / "browser/piplite")
    packages["piplite"] = Package(entry("piplite", file, content, [], ["piplite"]), content)
    for name, why in EMPTY.items():
        file, content = wheels.empty(name, "0", why)
        packages[name] = Package(entry(name, file, content, [], []), content)
    return packages


def makers_packages(lock: dict[str, Any], folder: Path | None) -> dict[str, Package]:
    """Return the packages that Pyodide's own lock file lists, slimmed where they are at hand."""
    packages = {}
    for name, listed in lock["packages"].items():
        depends = [one.replace("_", "-") for one in listed["depends"]]
        listed = {**listed, "depends": [one for one in depends if one not in NEEDLESS]}
        path = folder and folder / listed["file_name"]
        if path is None or not path.is_file():
            packages[name] = Package(listed, None)
            continue
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != listed["sha256"]:
            raise ValueError(f"{path} is not the file that pyodide-lock.json describes")
        if path.suffix == ".whl":
            content = wheels.slim(content, WITHOUT.get(name, r"\.pyi$"))
            listed["sha256"] = hashlib.sha256(content).hexdigest()
        packages[name] = Package(listed, content)
    return packages


def reachable(packages: dict[str, Package], roots: tuple[str, ...]) -> dict[str, Package]:
    """Return the packages that the roots need, with all that those need."""
    found, waiting = {}, list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = packages[name]
            waiting += packages[name].entry["depends"]
    return dict(sorted(found.items()))


def read_lock(folder: Path | None) -> dict[str, Any]:
    """Return the lock file of a distribution, or the one that is kept here."""
    path = LOCK if folder is None else folder / "pyodide-lock.json"
    lock: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return lock


def write(lock: dict[str, Any], packages: dict[str, Package], folder: Path) -> int:
    """Write wheels and lock file; return how many bytes a page loads of all of them.

    What is not at hand is loaded from the makers' address.
    """
    folder.mkdir(parents=True, exist_ok=True)
    listed, total = {}, 0
    for name, package in packages.items():
        listed[name] = package.entry
        if package.content is None:
            address = MAKERS.format(version=lock["info"]["version"])
            listed[name] = {**package.entry, "file_name": address + package.entry["file_name"]}
            total += package.entry["size"]
        else:
            (folder / package.entry["file_name"]).write_bytes(package.content)
            total += len(package.content)
    text = json.dumps({"info": lock["info"], "packages": listed}, indent=1)
    (folder / "pyodide-lock.json").write_text(text, encoding="utf-8")
    return total


def renew(folder: Path) -> None:
    """Keep of a distribution's lock file what the course needs."""
    lock = read_lock(folder)
    own = {name: Package({"depends": depends}, None) for name, depends in (COURSE | KERNEL).items()}
    own |= {name: Package({"depends": []}, None) for name in ("piplite", *EMPTY)}
    needed = reachable({**makers_packages(lock, None), **own}, (*STARTED, "scratchcnn"))
    kept = {}
    for name in sorted(needed.keys() & lock["packages"].keys() - own.keys()):
        listed = lock["packages"][name]
        kept[name] = {**listed, "size": (folder / listed["file_name"]).stat().st_size}
    core = {name: (folder / name).stat().st_size for name in CORE}
    text = json.dumps({"info": lock["info"], "core": core, "packages": kept}, indent=1)
    LOCK.write_text(text + "\n", encoding="utf-8")
