"""A real browser on a real JupyterLab; skipped where either is missing."""

import shutil
import sys
from pathlib import Path

import pytest
from browser.lab import CLOSE, ROOT, Watch, find_browser, free_port, running


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium, or a skipped test."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = find_browser()
    with api.sync_playwright() as playwright:
        if path is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("no Chromium found: install one, or name it in SCRATCHCNN_CHROMIUM")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(chromium, tmp_path_factory):
    """The address of a JupyterLab that serves the course's notebooks, and its folder."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed: pip install -e .[lab]")
    folder = tmp_path_factory.mktemp("lab")
    served = folder / "served"
    shutil.copytree(ROOT / "notebooks", served, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1"]
    command += [f"--port={port}", "--allow-root", "--IdentityProvider.token="]
    command += ["--ServerApp.password=", f"--ServerApp.root_dir={served}"]
    command += ["--expose-app-in-browser", "--JupyterNotebookApp.expose_app_in_browser=True"]
    with running(command, port, folder) as address:
        yield f"{address}/lab", served


@pytest.fixture(scope="session")
def open_page(chromium):
    """Open pages of 1280 x 720; what they ask for and report is watched."""
    opened = []

    def open_one(address):
        page = chromium.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(60_000)
        watch = Watch(page, address)
        opened.append((page, watch))
        page.goto(address)
        return page, watch

    yield open_one
    for page, _ in opened:
        page.close()


@pytest.fixture(scope="session")
def empty_workbench(open_page, lab):
    """A JupyterLab with nothing open yet, and its watch."""
    page, watch = open_page(f"{lab[0]}?reset")
    page.wait_for_function("window.jupyterapp?.restored.then(() => true)")
    page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")
    return page, watch


@pytest.fixture
def workbench(empty_workbench):
    """The same for one test, which opens a notebook in it: cleared away afterwards."""
    yield empty_workbench
    page, watch = empty_workbench
    page.evaluate(CLOSE)
    watch.foreign.clear()
    watch.errors.clear()
