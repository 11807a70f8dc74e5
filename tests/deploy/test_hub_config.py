"""The configuration of the JupyterHub: who gets in, under which account, and how servers start."""

import asyncio
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("jupyterhub", reason="JupyterHub is not installed: make .venv/installed-hub")
if sys.platform == "win32":
    pytest.skip("a hub does not run on Windows", allow_module_level=True)

from deploy.hub import CONFIG
from traitlets.config.loader import PyFileConfigLoader

ORDINARY, ROOT = 1000, 0


def load(monkeypatch, folder, account=ORDINARY, config=CONFIG):
    """Return what the configuration sets if it is read under an account of this number."""
    monkeypatch.setenv("SCRATCHCNN_HUB", str(folder))
    monkeypatch.setattr("os.geteuid", lambda: account)
    monkeypatch.setattr("subprocess.run", lambda *arguments, **options: None)  # looks for fonts
    return PyFileConfigLoader(config.name, config.parent).load_config()


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        yield load(patch, tmp_path_factory.mktemp("hub"))


@pytest.fixture
def authenticator(config):
    return config.JupyterHub.authenticator_class(config=config)


def test_the_trial_is_not_reached_from_elsewhere(config):
    assert config.JupyterHub.bind_url.startswith("http://127.0.0.1:")


@pytest.fixture
def password(monkeypatch, tmp_path):
    """The password of a hub that has been started once, in the folder `tmp_path`."""
    load(monkeypatch, tmp_path)
    return (tmp_path / "password").read_text(encoding="utf-8").strip()


def test_whoever_starts_the_trial_sees_its_password_and_other_accounts_do_not(
    password, monkeypatch, tmp_path, capsys
):
    assert len(password) >= 10
    assert (tmp_path / "password").stat().st_mode & 0o077 == 0
    load(monkeypatch, tmp_path)
    assert password in capsys.readouterr().out  # the same as the first time


def test_only_the_password_opens_the_trial(password, monkeypatch, tmp_path):
    trial = load(monkeypatch, tmp_path).JupyterHub.authenticator_class()

    def enter(**form):
        return asyncio.run(trial.authenticate(None, {"username": "ada", **form}))

    assert enter(password=password) == "ada"
    for wrong in ("", password[:-1], password + "x", "\u00e4"):
        assert enter(password=wrong) is None
    assert enter() is None


def test_what_a_student_is_called_is_a_simple_name_to_the_last_letter(authenticator):
    assert all(map(authenticator.validate_username, ["ada", "ada-1", "teacher", "a" * 32]))
    odd = ["../ada", "a/b", "..", "", ".ssh", "A", "ada..", "ada lovelace", "x$(id)", "a;b", "a\\b"]
    odd += ["ada@school.example", "ada\n", "a%2f..", "a" * 33]
    assert not [name for name in odd if authenticator.validate_username(name)]


@pytest.fixture
def changed(tmp_path):
    """Write the configuration with a change, as somebody does for a real class."""

    def changed(before, after):
        (tmp_path / "scratchcnn").mkdir(exist_ok=True)
        config = tmp_path / "deploy" / "jupyterhub" / CONFIG.name
        config.parent.mkdir(parents=True, exist_ok=True)
        text = CONFIG.read_text(encoding="utf-8")
        assert before in text
        config.write_text(text.replace(before, after), encoding="utf-8")
        return config

    return changed


def test_root_can_try_the_hub(monkeypatch, tmp_path):
    assert load(monkeypatch, tmp_path, ROOT).Spawner.args == ["--allow-root"]
    assert "args" not in load(monkeypatch, tmp_path).Spawner


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("authenticator_class = Trial", 'authenticator_class = "pam"'),
        ('bind_url = "http://127.0.0.1:', 'bind_url = "http://:'),
    ],
)
def test_a_hub_that_others_reach_does_not_give_them_the_rights_of_root(
    monkeypatch, tmp_path, changed, before, after
):
    with pytest.raises(SystemExit, match="from an ordinary account"):
        load(monkeypatch, tmp_path, ROOT, changed(before, after))


def test_a_hub_with_real_accounts_is_started_by_root_and_no_server_is_roots(
    monkeypatch, tmp_path, changed
):
    config = changed("SimpleLocalProcessSpawner", "LocalProcessSpawner")
    assert "--allow-root" not in load(monkeypatch, tmp_path, ROOT, config).Spawner.get("args", [])


class Starting:
    """A spawner whose servers live for two looks at them."""

    now, most, code = 0, 0, 1

    async def start(self):
        Starting.now += 1
        Starting.most = max(Starting.most, Starting.now)
        self.polls = 0
        return "127.0.0.1", 1

    async def poll(self):
        self.polls += 1
        if self.polls <= 2:
            return None
        Starting.now -= 1
        return self.code


@pytest.fixture
def in_turn(config, monkeypatch):
    """A kind of spawner whose servers die before they answer."""
    base = config.JupyterHub.spawner_class.__mro__[1]
    monkeypatch.setitem(base.start.__globals__, "can_connect", lambda ip, port: False)
    monkeypatch.setattr(Starting, "most", 0)
    return type("Spawner", (base, Starting), {"turns": asyncio.Semaphore(3)})


def test_servers_start_a_few_at_a_time_and_one_that_dies_holds_up_nobody(in_turn):
    async def start_all():
        starts = (in_turn().start() for _ in range(8))
        return await asyncio.gather(*starts, return_exceptions=True)

    outcomes = asyncio.run(start_all())
    assert ["exit code 1" in str(outcome) for outcome in outcomes] == [True] * 8
    assert Starting.most == 3


@pytest.mark.parametrize(("code", "why"), [(7, "exit code 7"), (os.EX_CANTCREAT, "folder")])
def test_a_student_whose_server_has_died_reads_why(in_turn, monkeypatch, code, why):
    monkeypatch.setattr(Starting, "code", code)
    with pytest.raises(Exception, match=why) as raised:
        asyncio.run(in_turn().start())
    assert why in raised.value.jupyterhub_message


@pytest.fixture
def start_server(monkeypatch, tmp_path):
    """The script that starts a student's server, in a folder that cannot be prepared."""
    spec = importlib.util.spec_from_file_location(
        "start_server", CONFIG.with_name("start_server.py")
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    served = []
    monkeypatch.delenv("MEM_LIMIT", raising=False)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", "")
    monkeypatch.setitem(sys.modules, "rfc3987_syntax", None)
    monkeypatch.setattr("jupyterhub.singleuser.main", lambda: served.append(1))
    monkeypatch.setattr("os.chdir", lambda folder: None)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(subprocess, "run", lambda *a, **b: SimpleNamespace(returncode=1))
    return module, served


def test_without_lessons_no_server_starts_and_the_hub_learns_why(start_server):
    module, served = start_server
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == os.EX_CANTCREAT
    assert not served


def test_who_has_the_lessons_from_before_can_make_room_on_a_full_disk(start_server, tmp_path):
    module, served = start_server
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "results").symlink_to(tmp_path)
    module.main()
    assert served
