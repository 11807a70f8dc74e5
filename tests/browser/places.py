"""Where the course runs: in a JupyterLab with a kernel, and in one that is all in the browser."""

import os
from pathlib import Path

import nbformat
import pytest
from browser.lab import ROOT, new_notebook

VARIABLE = "SCRATCHCNN_PYODIDE"
FOLDER = "some/folder"  # a site can stand anywhere
DESKTOP = {"width": 1280, "height": 720}


class Lab:
    """A Jupyter server for a copy of the notebooks.

    Attributes
    ----------
    start : str
        The address of its JupyterLab.
    exact : bool
        Whether its pictures and numbers are those of this Python to the last bit.
    """

    name, exact = "lab", True

    def __init__(self, address, served):
        self.address, self.served = address, served
        self.start = f"{address}/lab"

    def write(self, page, name, cells):
        """Put a notebook with these cells of code beside the others."""
        nbformat.write(new_notebook(cells), self.served / name)


class Lite:
    """The running course as a site in a folder; Python runs in the browser."""

    name, exact = "lite", False

    def __init__(self, address):
        self.address = address
        self.start = f"{address}/lab/index.html"

    def write(self, page, name, cells):
        """Put a notebook with these cells of code into the browser's storage, and what it needs."""
        save(page, name, "notebook", new_notebook(cells))
        scene = ROOT / "tests" / "browser" / "scene.py"
        save(page, "browser", "directory", None)
        save(page, "browser/scene.py", "file", scene.read_text(encoding="utf-8"))


def save(page, path, kind, content):
    """Save a file in the browser's storage."""
    code = """async ([path, type, content]) => {
        const format = { notebook: "json", directory: "json", file: "text" }[type];
        const options = { type, format, content };
        await jupyterapp.serviceManager.contents.save(path, options);
    }"""
    page.evaluate(code, [path, kind, content])


def pyodide():
    """Return the folder of a distribution of Pyodide, or skip the test."""
    folder = os.environ.get(VARIABLE)
    if not folder or not (Path(folder) / "pyodide.mjs").is_file():
        pytest.skip(f"{VARIABLE} does not name the folder of a Pyodide distribution")
    return Path(folder).resolve()
