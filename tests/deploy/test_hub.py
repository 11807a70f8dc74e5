"""A JupyterHub as `make hub` starts it, with a student who works on it."""

import asyncio
import shutil
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("jupyterhub", reason="JupyterHub is not installed: make .venv/installed-hub")

from deploy.hub import Hub, memory_of
from deploy.student import Student

PROXY = Path(sys.prefix) / "node_modules" / ".bin" / "configurable-http-proxy"
if not PROXY.exists() and not shutil.which("configurable-http-proxy"):
    pytest.skip("its proxy is not installed: make .venv/installed-hub", allow_module_level=True)
if sys.platform != "linux":
    pytest.skip("a hub is tested on Linux, where its limits hold", allow_module_level=True)

LESSON = "01_convolution.ipynb"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A hub on free ports; afterwards, nothing of it is left."""
    hub = Hub(tmp_path_factory.mktemp("hub"))
    try:
        hub.start()
        yield hub
    finally:
        assert hub.end() == []


async def work(hub):
    """Do what a student does in a first hour, and a hub that is killed in the middle of it."""
    student = Student(hub.url, "ada", hub.password())
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


async def log_in(hub, name, password):
    student = Student(hub.url, name, password)
    try:
        await student.log_in()
    finally:
        await student.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "password"), [("ada", ""), ("ada", "wrong"), ("teacher", ""), ("ada lovelace", None)]
)
def test_without_the_password_or_with_an_odd_name_nobody_gets_in(hub, name, password):
    with pytest.raises(RuntimeError, match="403"):
        asyncio.run(log_in(hub, name, hub.password() if password is None else password))


async def start(hub, name):
    student = Student(hub.url, name, hub.password())
    try:
        await student.log_in()
        await student.start_server()
    finally:
        await student.close()


@pytest.mark.slow
def test_a_student_whose_folder_cannot_be_prepared_is_told_so_and_does_not_wait(hub):
    (hub.folder / "students" / "bob").mkdir(parents=True)
    (hub.folder / "students" / "bob" / "notebooks").write_text("in the way", encoding="utf-8")
    begin = time.monotonic()
    with pytest.raises(RuntimeError, match="Your folder could not be prepared"):
        asyncio.run(start(hub, "bob"))
    assert time.monotonic() - begin < 50  # http_timeout is 60
