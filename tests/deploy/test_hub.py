"""A JupyterHub as `make hub` starts it, with a student who works on it."""

import asyncio
import re
import shutil
import sys
from pathlib import Path

import pytest

pytest.importorskip("jupyterhub", reason="JupyterHub is not installed: make .venv/installed-hub")

from deploy.hub import CONFIG, Hub, memory_of
from deploy.student import Student
from traitlets.config.loader import PyFileConfigLoader

PROXY = Path(sys.prefix) / "node_modules" / ".bin" / "configurable-http-proxy"
if not PROXY.exists() and not shutil.which("configurable-http-proxy"):
    pytest.skip("its proxy is not installed: make .venv/installed-hub", allow_module_level=True)
if sys.platform != "linux":
    pytest.skip("a hub is tested on Linux, where its limits hold", allow_module_level=True)

LESSON = "01_convolution.ipynb"


@pytest.fixture
def hub(tmp_path):
    """A hub on free ports; afterwards, nothing of it is left."""
    hub = Hub(tmp_path)
    try:
        hub.start()
        yield hub
    finally:
        assert hub.end() == []


async def work(hub):
    """Do what a student does in a first hour, and a hub that is killed in the middle of it."""
    student = Student(hub.url, "ada")
    try:
        await student.log_in()
        await student.start_server()
        notebook = await student.open_notebook(LESSON)
        first, explorer = (
            next(cell for cell in notebook["cells"] if word in "".join(cell["source"]))
            for word in ("load_mnist", "widgets.FilterExplorer")
        )
        for cell in (first, explorer):
            await student.run("".join(cell["source"]), cell["id"])
        await student.move("ArrowRight")
        with pytest.raises(RuntimeError, match="MemoryError"):
            await student.run("everything = bytearray(3 * 2**30)")

        hub.remember()
        server, kernel = hub.servers()["ada"], student.kernel
        own, kernels = memory_of(server)
        assert 0 < own < 200 * 2**20
        assert 0 < kernels < 200 * 2**20

        hub.kill()
        await student.move("ArrowLeft")
        await asyncio.to_thread(hub.start)
        await student.visit()
        await student.connect()
        await student.move("ArrowRight")
        assert [running["id"] for running in await student.ask("GET", "kernels")] == [kernel]
        assert hub.servers()["ada"].pid == server.pid
    finally:
        await student.close()


@pytest.mark.slow
def test_a_student_works_with_an_explorer_and_loses_nothing_when_the_hub_is_killed(hub):
    asyncio.run(work(hub))


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCRATCHCNN_HUB", str(tmp_path_factory.mktemp("hub")))
        patch.setattr("subprocess.run", lambda *arguments, **options: None)  # looks for fonts
        return PyFileConfigLoader(CONFIG.name, CONFIG.parent).load_config()


def test_nobody_else_reaches_a_hub_that_believes_everybody(config):
    assert config.JupyterHub.authenticator_class == "dummy"
    assert config.JupyterHub.bind_url.startswith("http://127.0.0.1:")


def test_what_a_student_is_called_cannot_lead_to_another_folder(config):
    allowed = re.compile(config.Authenticator.username_pattern)
    assert allowed.fullmatch("ada-1")
    assert not any(map(allowed.fullmatch, ["../ada", "a/b", "..", "", ".ssh", "A"]))


def test_servers_start_a_few_at_a_time_and_one_that_dies_holds_up_nobody(config, monkeypatch):
    in_turn = config.JupyterHub.spawner_class.__mro__[1]
    starting, most = 0, 0

    class Fake:
        async def start(self):
            nonlocal starting, most
            starting += 1
            most = max(most, starting)
            return "127.0.0.1", 1

        polls = 0

        async def poll(self):
            nonlocal starting
            self.polls += 1
            if self.polls > 2:
                starting -= 1
                return 1  # died
            return None

    class Spawner(in_turn, Fake):
        turns = asyncio.Semaphore(3)

    async def start_all():
        return await asyncio.gather(*(Spawner().start() for _ in range(8)))

    monkeypatch.setitem(in_turn.start.__globals__, "can_connect", lambda ip, port: False)
    assert asyncio.run(start_all()) == [("127.0.0.1", 1)] * 8
    assert most == 3
