"""A JupyterHub for a class: one server for each student, on one computer.

As it is, it listens on this computer only, lets in every name with one password, and runs all
servers under the account that starts the hub: enough to try it. "For a real class" marks what to
change; README.md, beside this file, says how.
"""

import asyncio
import compileall
import hmac
import os
import secrets
import subprocess
import sys
from pathlib import Path

from jupyterhub.auth import Authenticator
from jupyterhub.spawner import SimpleLocalProcessSpawner, SpawnException
from jupyterhub.utils import can_connect

c = get_config()  # noqa: F821 - JupyterHub defines it

HERE = Path(__file__).absolute().parent
COURSE = HERE.parent.parent
# Users, running servers and, without real accounts, the students' folders.
FOLDER = Path(os.environ.get("SCRATCHCNN_HUB", COURSE / "build" / "hub")).absolute()
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
MEMORY = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
GIB, MIB = 2**30, 2**20


class InTurn:
    """Start only a few servers at once.

    A start keeps a core busy for two seconds. If fifty begin together, all are ready at the end; if
    they take turns, half are ready in half of the time, and the last is no later.
    """

    turns = asyncio.Semaphore(2 * CORES)

    async def start(self) -> tuple[str, int]:
        """Wait for a turn, start the server, and pass the turn on when it answers or has died."""
        async with self.turns:
            ip, port = await super().start()
            while (code := await self.poll()) is None and not can_connect(ip, port):
                await asyncio.sleep(0.1)
        if code is None:
            return ip, port
        what = f"Your server ended at once, with exit code {code}."
        if code == os.EX_CANTCREAT:  # start_server.py
            what = "Your folder could not be prepared. Perhaps the disk is full."
        what += " Your teacher finds the reason in the hub's log."
        problem = SpawnException(what, reason="ended", status_code=500)
        problem.jupyterhub_message = what  # for the page on which the student waits
        raise problem


# For a real class: SystemdSpawner, from jupyterhub-systemdspawner, in place of
# SimpleLocalProcessSpawner. It runs each server under the student's own account, in the account's
# home folder, and enforces the limits below. LocalProcessSpawner does the same without the limits.
# DockerSpawner needs an image with the course, in which start_server.py is run.
class Spawner(InTurn, SimpleLocalProcessSpawner):
    """A server under the account of the hub, in a folder of its own. It protects nobody."""


c.JupyterHub.spawner_class = Spawner

FOLDER.mkdir(mode=0o711, parents=True, exist_ok=True)
(FOLDER / "hub.sqlite").touch(mode=0o600)

# For a real class: put a server with TLS in front (nginx, Caddy), and leave this address as it is;
# or listen on "https://:443", with c.JupyterHub.ssl_key and c.JupyterHub.ssl_cert.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
# To a browser, all servers at one address are one website: a page that a student has made, opened
# by another, may act in the other's name. To prevent this, give each server an address of its own,
# such as https://ada.hub.school.example; it needs a DNS entry and a certificate for all of them.
# c.JupyterHub.subdomain_host = "https://hub.school.example"
c.JupyterHub.db_url = f"sqlite:///{FOLDER / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(FOLDER / "cookie_secret")

# The proxy comes from npm. `make hub` puts it into the environment of the hub.
PROXY = Path(sys.prefix) / "node_modules" / ".bin" / "configurable-http-proxy"
if PROXY.exists():
    c.ConfigurableHTTPProxy.command = [str(PROXY)]
c.ConfigurableHTTPProxy.pid_file = str(FOLDER / "proxy.pid")


# Who may enter. All lines from here to `print` are for a trial. For a real class, put one in their
# place that sets authenticator_class to "pam" (accounts of this computer) or "generic-oauth" (the
# school's sign-in, from oauthenticator); then name the students in allowed_users, and remove
# allow_all. Not "native" (jupyterhub-nativeauthenticator 1.3.0): with JupyterHub 6, nobody can log
# in, and whoever is the first to sign up as "teacher" becomes the administrator.
class Trial(Authenticator):
    """Believes every name that comes with the password of this hub."""

    async def authenticate(self, handler: object, data: dict[str, str]) -> str | None:
        """Return the name if the password is right."""
        right = hmac.compare_digest(data.get("password", "").encode(), kept_password().encode())
        return data["username"] if right else None


def kept_password() -> str:
    """Return the password in the hub's folder, which only its owner reads; make one at first."""
    file = FOLDER / "password"
    file.touch(mode=0o600)
    if not file.read_text().strip():
        file.write_text(secrets.token_hex(5) + "\n")
    return file.read_text().strip()


c.JupyterHub.authenticator_class = Trial
c.JupyterHub.template_vars = {
    "announcement_login": "Take any name, and the password shown in the hub's terminal."
}
print(f"\nSign in with any name, and this password: {kept_password()}\n")
# SimpleLocalProcessSpawner, the one with this setting, runs all servers under the hub's account. If
# that is root's, only the trial may do so, whose password nobody but root can read.
if os.geteuid() == 0 and hasattr(Spawner, "home_dir_template"):
    trial = getattr(c.JupyterHub.authenticator_class, "__name__", "") == "Trial"
    if not (trial and c.JupyterHub.bind_url.startswith("http://127.0.0.1:")):
        sys.exit(
            "Started as root, this hub would give every student the rights of root. Change its "
            "spawner (deploy/jupyterhub/README.md), or start it from an ordinary account."
        )
    c.Spawner.args = ["--allow-root"]

c.Authenticator.allow_all = True
c.Authenticator.admin_users = {"teacher"}
# Each name becomes a folder. The end has to be named: the hub asks only how a name begins.
c.Authenticator.username_pattern = r"[a-z0-9][a-z0-9_-]{0,31}$"

c.SimpleLocalProcessSpawner.home_dir_template = str(FOLDER / "students" / "{username}")
c.Spawner.cmd = [sys.executable, str(HERE / "start_server.py")]
c.Spawner.notebook_dir = "~/notebooks"
c.Spawner.default_url = "/lab/tree/01_convolution.ipynb"
c.Spawner.environment = {
    "SCRATCHCNN_COURSE": str(COURSE),
    "JUPYTER_CONFIG_PATH": str(HERE / "server"),  # settings of the students' servers
    "SCRATCHCNN_FONTS": str(FOLDER / "matplotlib"),
    # One thread each: fifty students are more than the cores in any case.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # Fewer memory arenas, each with gaps. (MALLOC_TRIM_THRESHOLD_ would save 30 MiB a kernel, but
    # every large array then needs new pages, and training takes nearly twice as long.)
    "MALLOC_ARENA_MAX": "2",
    # "SCRATCHCNN_SOLUTIONS": "off",  # then solution() shows none
}

# Limits. A process that wants more gets a MemoryError, instead of taking the memory of all others
# (start_server.py); with SystemdSpawner, the limit is for all processes of a student together.
c.Spawner.mem_limit = "2G"
c.Spawner.cpu_limit = 1.0  # obeyed by SystemdSpawner and DockerSpawner
# The hub refuses a server for which there is no memory left. In most lessons, a student takes
# less than MEMORY_EACH; for a class that runs lesson 11 at once, set it to 1 GiB
# (docs/teaching.md has the measurements).
MEMORY_EACH = 300 * MIB
c.JupyterHub.active_server_limit = max(int((MEMORY - 2 * GIB) / MEMORY_EACH), 1)
c.JupyterHub.concurrent_spawn_limit = 0  # everybody may come at once, and waits for a turn
c.Spawner.start_timeout = 300  # seconds, with the wait for a turn
c.Spawner.http_timeout = 60

# When the hub stops, or is killed, the servers keep running; the next start finds them.
c.JupyterHub.cleanup_servers = False

# A server that nobody has used for an hour is shut down. What was saved stays, and the next visit
# starts it again.
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"],
    }
]

# What each student's kernel would otherwise do again. Students cannot write into the shared course,
# so it is compiled here; and finding the fonts of a computer takes seconds.
compileall.compile_dir(COURSE / "scratchcnn", quiet=1)
if not any((FOLDER / "matplotlib").glob("fontlist*.json")):
    subprocess.run(
        [sys.executable, "-c", "import matplotlib.font_manager"],
        env={**os.environ, "MPLCONFIGDIR": str(FOLDER / "matplotlib")},
        check=False,
    )
