"""JupyterLab in a browser: start it, open notebooks, and read explorers off the page."""

import contextlib
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from browser.on_page import OnPage
from browser.words import alike

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
ARTIFACTS = ROOT / "test-artifacts"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser():
    """Return the path of a Chromium, or None."""
    named = os.environ.get("SCRATCHCNN_CHROMIUM")
    return named or next(filter(None, map(shutil.which, BROWSERS)), None)


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    """Say whether something listens on a port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
        return True
    return False


@contextlib.contextmanager
def running(command, port, folder):
    """Run a server until the test is over; wait until it answers."""
    settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True, exist_ok=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTER_PLATFORM_DIRS": "1",
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), str(ROOT)]),
    }
    log = open(folder / "server.log", "w")  # noqa: SIM115
    server = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 90
        while not answers(port):
            assert server.poll() is None, (folder / "server.log").read_text()
            assert time.monotonic() < deadline, (folder / "server.log").read_text()
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def lab_options():
    """Return the options with which `make lab` starts JupyterLab."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (options,) = re.findall(r"^\t\$\(BIN\)/jupyter lab (.*)$", text, re.MULTILINE)
    return shlex.split(options)


@contextlib.contextmanager
def running_lab(folder):
    """Run JupyterLab as `make lab` does, on a copy of the notebooks: its address, and the copy."""
    served, port = folder / "notebooks", free_port()
    shutil.copytree(ROOT / "notebooks", served, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    command = [sys.executable, "-m", "jupyterlab", *lab_options(), "--no-browser"]
    command += ["--ip=127.0.0.1", f"--port={port}", "--allow-root"]
    command += ["--IdentityProvider.token=", "--ServerApp.password="]
    command += ["--expose-app-in-browser", "--JupyterNotebookApp.expose_app_in_browser=True"]
    with running(command, port, folder) as address:
        yield address, served


def open_workbench(open_page, start):
    """Open a JupyterLab that fills the window; return its page and its watch."""
    page, watch = open_page(f"{start}?reset")
    page.wait_for_function("window.jupyterapp?.restored.then(() => true)")
    page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")
    return page, watch


def new_notebook(cells):
    """Return a notebook with these cells of code."""
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": python, "language_info": {"name": "python"}},
    )


NOT_OURS = (
    # Where the tools that build the running course are installed, JupyterLab finds its kernel too.
    "Shared module @jupyterlite/services doesn't exist",
    # Without a server, nobody knows the files of a traceback, which JupyterLab asks for.
    "/lite/api/contents/",
    "/lite/api/resolvePath",
    # A test may close a notebook while JupyterLab still draws it.
    "Cannot read properties of null (reading 'insertWidget')",
    "Cannot read properties of null (reading 'footer')",
)


class Watch:
    """Everything that a page asks for, and every error it reports."""

    def __init__(self, page, address):
        self.host = address.split("/")[2]
        self.foreign, self.errors = [], []
        page.on("request", self._on_request)
        page.on("websocket", lambda socket: self._check(socket.url))
        page.on("pageerror", lambda error: self._note(str(error)))
        page.on("console", self._on_console)

    def _on_request(self, request):
        self._check(request.url)

    def _check(self, url):
        if url.startswith(("data:", "blob:", "about:")):
            return
        if url.split("/")[2] != self.host:
            self.foreign.append(url)

    def _on_console(self, message):
        if message.type == "error":
            self._note(f"{message.text} ({message.location.get('url', '')})")

    def _note(self, error):
        if not any(known in error for known in NOT_OURS):
            self.errors.append(error)

    def forget(self):
        """Start again with nothing seen."""
        self.foreign.clear()
        self.errors.clear()

    def assert_clean(self):
        """Nothing from outside, no error."""
        assert not self.foreign, self.foreign
        assert not self.errors, self.errors


OPEN = """async ([path, kernel]) => {
    const options = { path, ...(kernel && { kernel: { id: kernel } }) };
    const { content } = await jupyterapp.commands.execute("docmanager:open", options);
    jupyterapp.shell.activateById(content.parent.id);
}"""
CLOSE = """async (keep) => {
    for (const panel of [...jupyterapp.shell.widgets("main")]) {
        if (!panel.sessionContext) continue;  // the launcher
        if (!keep) await panel.sessionContext.shutdown();
        panel.dispose();  // close() would ask whether to save
    }
    // Notebooks that shared a kernel leave sessions behind, and with these about, the browser's
    // Jupyter finds no kernel for the notebook that is opened next.
    if (!keep) await jupyterapp.serviceManager.sessions.shutdownAll();
}"""


@contextlib.contextmanager
def opened(workbench, name, kernel=None, keep=False):
    """Open a notebook, its kernel ready; close it in the end, and look at what was watched.

    With ``keep`` the kernel goes on, and its id, as ``kernel``, gives it to another notebook.
    """
    page, watch = workbench
    watch.forget()  # what a notebook that failed has left
    try:
        page.evaluate(OPEN, [name, kernel])
        wait_for_kernel(page, name)
        yield page
    finally:
        page.evaluate(CLOSE, keep)
    watch.assert_clean()


def wait_for_kernel(page, name=""):
    """Wait until the notebook ``name`` is loaded, in front, and its kernel can run cells."""
    page.wait_for_function(
        """(name) => {
            const notebook = window.jupyterapp?.shell?.currentWidget;
            return notebook?.sessionContext && notebook.context.path.endsWith(name);
        }""",
        arg=name,
    )
    page.evaluate("""async () => {
        const { context, sessionContext } = jupyterapp.shell.currentWidget;
        await context.ready;
        await sessionContext.ready;
    }""")
    page.wait_for_function("jupyterapp.shell.currentWidget.sessionContext.session?.kernel")
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.info")


def run_all(page, seconds=120):
    """Run all cells, and wait until the kernel has run them."""
    code = """async (limit) => {
        const late = new Promise((_, fail) => setTimeout(() => fail("too slow"), limit));
        await Promise.race([jupyterapp.commands.execute("notebook:run-all-cells"), late]);
        const cells = jupyterapp.shell.currentWidget.content.widgets;
        const code = cells.filter((cell) => cell.model.type === "code");
        return code.every((cell) => cell.model.executionCount !== null);
    }"""
    assert page.evaluate(code, 1000 * seconds), "not all cells have run"


def screenshot(page, name):
    """Keep a picture to look at."""
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}.png")


TEXTS = """() => {
    const outputs = (cell) => cell.model.sharedModel.outputs ?? [];
    return jupyterapp.shell.currentWidget.content.widgets.map(outputs);
}"""


def texts(outputs):
    """Return what a cell says in text: (kind or stream, text), pieces of a stream joined."""
    said = []
    for output in outputs:
        kind = output.get("name") or output["output_type"]
        text = (
            output.get("text") or output.get("evalue") or output.get("data", {}).get("text/plain")
        )
        if said and said[-1][0] == kind == output.get("name"):
            text = said.pop()[1] + "".join(text)
        said.append((kind, "".join(text or "")))
    return said


def assert_as_stored(page, name, exact=True):
    """The page's cells say what the notebook in the repository says, but for tagged ones.

    If not ``exact``, the last digits of numbers in cells tagged "rounding" may differ: thousands of
    updates in a browser's Python round each sum in another order. Cells tagged "not-in-a-browser"
    say instead what a browser does not have.
    """
    stored = nbformat.read(ROOT / "notebooks" / name, as_version=4).cells
    for cell, outputs in zip(stored, page.evaluate(TEXTS), strict=True):
        new, old = texts(outputs), texts(cell.get("outputs", []))
        assert not [text for kind, text in new if kind in ("stderr", "error")], cell.source
        tags = cell.metadata.get("tags", [])
        if "not-in-a-browser" in tags and not exact:
            assert "browser" in " ".join(text for _, text in new), cell.source
        elif "rounding" in tags and not exact:
            for (_, one), (_, other) in zip(new, old, strict=True):
                assert alike(one, other, 1e-2), cell.source
        elif "nbval-ignore-output" not in tags:
            assert new == old, cell.source


OUTPUTS = """async () => {
    const notebook = jupyterapp.shell.currentWidget.content;
    const outputs = (cell) => cell.model.sharedModel.outputs ?? [];
    const isExplorer = ({ data }) => data && "application/vnd.jupyter.widget-view+json" in data
        && String(data["text/plain"]).includes("run this cell to play with it");
    // Out of sight, cells are drawn only when they come into view: screen by screen, all do.
    const view = notebook.outerNode;
    for (let top = 0; top < view.scrollHeight; top += view.clientHeight) {
        view.scrollTop = top;
        await new Promise(requestAnimationFrame);
    }
    const all = notebook.widgets.flatMap(outputs);
    const errors = all.filter((output) => output.output_type === "error");
    return [all.filter(isExplorer).length, errors.map((output) => output.evalue)];
}"""


def look_at_explorers(page, name):
    """Find no error in a notebook that has run, and look at every explorer in it."""
    explorers, errors = page.evaluate(OUTPUTS)
    assert errors == []
    page.wait_for_function(
        "count => document.querySelectorAll('.sc-picture[alt]').length === count", arg=explorers
    )
    for number in range(explorers):
        on_page = OnPage(page, number)
        on_page.root.scroll_into_view_if_needed()
        on_page.wait_until("root.querySelector('.sc-picture').naturalWidth > 100")
        assert on_page.alt
        assert on_page.error == ""
        screenshot(page, f"notebook-{name[:2]}-{number}")
