"""JupyterLab in a browser: start it, open notebooks, and read explorers off the page."""

import base64
import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import nbformat

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
# Those that train much have a file, and so a worker, of their own.
LONG = ("04_training.ipynb", "05_keras_comparison.ipynb", "06_going_deeper.ipynb")
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


def write_notebook(path, cells):
    """Write a notebook with these cells of code."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
        },
    )
    nbformat.write(notebook, path)


class Watch:
    """Everything that a page asks for, and every error it reports."""

    def __init__(self, page, address):
        self.host = address.split("/")[2]
        self.foreign, self.errors = [], []
        page.on("request", self._on_request)
        page.on("websocket", lambda socket: self._check(socket.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
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
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def assert_clean(self):
        """Nothing from outside, no error."""
        assert not self.foreign, self.foreign
        assert not self.errors, self.errors


def open_notebook(open_page, lab, name):
    """Open a notebook in JupyterLab, the file browser folded away, its kernel ready."""
    page, watch = open_page(f"{lab[0]}/tree/{name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")
    wait_for_kernel(page)
    return page, watch


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
        await sessionContext.session.kernel.info;
    }""")


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


class OnPage:
    """An explorer as the page shows it."""

    def __init__(self, page, number):
        self.page = page
        self.root = page.locator(".scratchcnn-explorer").nth(number)
        self.picture = self.root.locator(".sc-picture")

    @property
    def handle(self):
        return self.root.element_handle()

    @property
    def alt(self):
        return self.picture.get_attribute("alt")

    @property
    def caption(self):
        return self.root.locator(".sc-caption").inner_text()

    @property
    def error(self):
        return self.root.locator(".sc-error").inner_text()

    @property
    def frame(self):
        """The bytes of the picture that the page shows."""
        code = """async (picture) => {
            const bytes = new Uint8Array(await (await fetch(picture.src)).arrayBuffer());
            return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
        }"""
        return base64.b64decode(self.picture.evaluate(code))

    def region(self, name):
        return self.root.locator(f'[data-region="{name}"]')

    def press(self, region, *keys):
        """Put the focus on a region and press keys."""
        self.region(region).focus()
        for key in keys:
            self.page.keyboard.press(key)

    def places(self, region, shares):
        """Return the pixels of the page at places of a region, 0 to 1 each way."""
        box = self.region(region).bounding_box()
        return [
            (round(box["x"] + fx * box["width"]), round(box["y"] + fy * box["height"]))
            for fx, fy in shares
        ]

    def shares(self, region, pixels):
        """Return where in a region pixels of the page are, 0 to 1 each way."""
        box = self.region(region).bounding_box()
        return [((x - box["x"]) / box["width"], (y - box["y"]) / box["height"]) for x, y in pixels]

    def click(self, region, fx, fy):
        ((x, y),) = self.places(region, [(fx, fy)])
        self.page.mouse.click(x, y)

    def settle(self):
        """Wait until the kernel has answered every event and its frame is decoded."""
        self.wait_until("root.querySelector('.sc-stage').ariaBusy === 'false'")

    def wait_until(self, condition, wish=None, seconds=20):
        """Wait for a condition in JavaScript on ``root`` and ``wish``."""
        arguments = [self.handle, wish]
        code = f"([root, wish]) => {condition}"
        self.page.wait_for_function(code, arg=arguments, timeout=1000 * seconds)

    def wait_for(self, part, text):
        """Wait until ``part`` ("caption" or "error", or the picture's "alt") contains ``text``.

        For what buttons and sliders do, whose events do not go through the stage.
        """
        content = f"root.querySelector('.sc-{part}')?.textContent"
        if part == "alt":
            content = "root.querySelector('.sc-picture').alt"
        with contextlib.suppress(Exception):  # the comparison says more than "too late"
            self.wait_until(f"{content}.includes(wish)", text, 10)
        assert text in getattr(self, part), f"{part} is: {getattr(self, part)}"

    def reset(self, twin):
        """Press Reset and wait until the page shows what ``twin``, freshly made, does.

        JupyterLab may deliver what buttons say and what the stage says in two threads, so
        that a key pressed at once could overtake the button.
        """
        self.push("Reset")
        self.wait_for("alt", twin.stage.alt)

    def push(self, name):
        """Press a button with the keyboard."""
        self.root.get_by_role("button", name=name, exact=True).press("Enter")


OUTPUTS = """async () => {
    const cells = jupyterapp.shell.currentWidget.content.widgets;
    for (const cell of cells) {  // out of sight, cells are drawn only when they come into view
        cell.node.scrollIntoView();
        await new Promise(requestAnimationFrame);
    }
    const outputs = cells.flatMap((cell) => cell.model.sharedModel.outputs ?? []);
    const explorers = outputs.filter((output) =>
        output.data && "application/vnd.jupyter.widget-view+json" in output.data
        && String(output.data["text/plain"]).includes("run this cell to play with it"));
    const errors = outputs.filter((output) => output.output_type === "error");
    return [explorers.length, errors.map((output) => output.evalue)];
}"""


def run_and_look(workbench, name):
    """Run a notebook of the course, and look at every explorer in it."""
    page, watch = workbench
    page.evaluate(
        """async (path) => {
            const { content } = await jupyterapp.commands.execute("docmanager:open", { path });
            jupyterapp.shell.activateById(content.parent.id);
        }""",
        name,
    )
    wait_for_kernel(page, name)
    run_all(page, seconds=180)
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
    page.evaluate("""async () => {
        const notebook = jupyterapp.shell.currentWidget;
        await notebook.sessionContext.shutdown();
        notebook.dispose();  // close() would ask whether to save
    }""")
    watch.assert_clean()
