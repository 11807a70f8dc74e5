"""A real browser on a real JupyterLab; skipped where either is missing."""

from pathlib import Path

import built_site
import pytest
import xdist.scheduler
from browser.lab import Watch, find_browser, open_workbench, opened, run_all, running_lab
from browser.places import DESKTOP, FOLDER, Lab, Lite, pyodide
from browser.scene import NAMES
from serve import serving
from website.running import build

WEBSITE = ("test_site.py", "test_home_explorer.py")


class EachNotebookAlone(xdist.scheduler.LoadScopeScheduling):
    """Give a worker a file of tests at a time, of `test_notebooks.py` one test at a time.

    The files that visit the website go to one worker, which builds it once.

    ``--dist loadgroup`` would do, but its groups are lost on pytest 9.2.
    """

    def _split_scope(self, nodeid):
        """Tests for which this returns the same go to one worker."""
        file, _, _ = nodeid.partition("::")
        if file.endswith(WEBSITE):
            return "website"
        return nodeid if file.endswith("test_notebooks.py") else file


def pytest_xdist_make_scheduler(config, log):
    return EachNotebookAlone(config, log)


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium, or a skipped test."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = find_browser()
    with api.sync_playwright() as playwright:
        if path is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("no Chromium found: install one, or name it in SCRATCHCNN_CHROMIUM")
        # No other address can be reached; what is asked of one is counted besides (`Watch`).
        alone = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", alone])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(chromium, tmp_path_factory):
    """A Jupyter server for the course's notebooks."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed: pip install -e .[lab]")
    with running_lab(tmp_path_factory.mktemp("lab")) as (address, served):
        yield Lab(address, served)


@pytest.fixture(scope="session")
def lite(chromium, tmp_path_factory):
    """The running course, served from a folder of a site."""
    distribution = pyodide()
    pytest.importorskip("jupyterlite_core", reason="JupyterLite is not installed: .[site]")
    site = tmp_path_factory.mktemp("site")
    build(site / FOLDER / "lite", distribution)
    with serving(site) as address:
        yield Lite(f"{address}/{FOLDER}/lite")


@pytest.fixture(scope="session", params=["lab", "lite"])
def place(request):
    """Where the course runs: what a test says must hold in both."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def open_page(chromium):
    """Open pages of 1280 x 720; what they ask for and report is watched."""
    # One context, so that a page finds in the cache what an earlier one has loaded.
    context = chromium.new_context(viewport={"width": 1280, "height": 720})

    def open_one(address):
        page = context.new_page()
        page.set_default_timeout(60_000)
        watch = Watch(page, address)
        page.goto(address)
        return page, watch

    yield open_one
    context.close()


@pytest.fixture(scope="session")
def workbench(open_page, place):
    """A JupyterLab, in which notebooks are opened one after the other, and its watch."""
    page, watch = open_workbench(open_page, place.start)
    watch.assert_clean()
    yield page, watch
    page.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The pages of the website, in a folder of a host."""
    pytest.importorskip("furo", reason="what builds the website is not installed: .[site]")
    return built_site.build(tmp_path_factory.mktemp("host") / FOLDER / "pages")


@pytest.fixture(scope="session")
def address(site):
    """The address of its home page's folder."""
    with serving(site.parents[2]) as host:
        yield f"{host}/{FOLDER}/pages"


@pytest.fixture
def visit(chromium, address):
    """Open a page of the site; in the end, nothing may have been asked of another address."""
    contexts, asked, errors = [], [], []

    def visit(name, viewport=DESKTOP, scheme="light", **options):
        context = chromium.new_context(viewport=viewport, color_scheme=scheme, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("response", lambda answer: answer.status < 400 or errors.append(answer.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}/{name}")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not [url for url in asked if not url.startswith((address, "data:"))]
    assert not errors


@pytest.fixture(scope="module")
def page(workbench, place):
    """A notebook with every explorer, and a tiny one."""
    cells = ["from browser.scene import make"]
    cells += [f"{name} = make({name!r})\n{name}" for name in (*NAMES, "tiny")]
    place.write(workbench[0], "scene.ipynb", cells)
    with opened(workbench, "scene.ipynb") as page:
        page.place = place
        run_all(page)
        page.wait_for_function(
            "count => document.querySelectorAll('.sc-picture[alt]').length === count",
            arg=len(NAMES) + 1,
        )
        yield page
