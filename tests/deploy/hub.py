"""A JupyterHub as `deploy/jupyterhub` configures it, on free ports and in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "deploy" / "jupyterhub" / "jupyterhub_config.py"


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Hub:
    """Starts, kills and ends a hub, and everything that it has started.

    Parameters
    ----------
    folder : path
        Where its data are; the log is ``hub.log``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        port, inner, api = free_ports(3)
        self.url = f"http://127.0.0.1:{port}"
        self.command = [
            sys.executable, "-m", "jupyterhub", f"--config={CONFIG}",
            f"--JupyterHub.bind_url={self.url}",
            f"--JupyterHub.hub_port={inner}",
            f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{api}",
        ]  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None
        self.started: dict[int, psutil.Process] = {}

    def start(self, seconds: float = 120) -> None:
        """Start the hub, for the first time or again, and wait until it answers."""
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "SCRATCHCNN_HUB": str(self.folder), "PYTHONPATH": path}
        with open(self.folder / "hub.log", "ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env=environment, stdout=log, stderr=log
            )
        end = time.monotonic() + seconds
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the hub did not start:\n{self.log()[-3000:]}")
            time.sleep(0.2)
        self.remember()

    def answers(self) -> bool:
        """Return whether the hub is reached through its proxy."""
        try:
            with urllib.request.urlopen(f"{self.url}/hub/health", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def password(self) -> str:
        """Return the password that everybody signs in with."""
        return (self.folder / "password").read_text(encoding="utf-8").strip()

    def log(self) -> str:
        """Return what the hub has written."""
        return (self.folder / "hub.log").read_text(encoding="utf-8", errors="replace")

    def remember(self) -> None:
        """Note all processes that the hub has started, so that they can be ended later."""
        if self.process is None:
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            hub = psutil.Process(self.process.pid)
            for one in [hub, *hub.children(recursive=True)]:
                self.started.setdefault(one.pid, one)
        for one in list(self.started.values()):  # a killed hub has no children any more
            with contextlib.suppress(psutil.NoSuchProcess):
                for child in one.children(recursive=True):
                    self.started.setdefault(child.pid, child)

    def processor_seconds(self) -> float:
        """Return the processor time that everything started by this hub has taken until now."""
        self.remember()
        total = 0.0
        for one in self.started.values():
            with contextlib.suppress(psutil.NoSuchProcess):
                times = one.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
        return total

    def servers(self) -> dict[str, psutil.Process]:
        """Return the running server of each student, by the student's name."""
        found = {}
        for one in self.started.values():
            with contextlib.suppress(psutil.NoSuchProcess):
                if any(part.endswith("start_server.py") for part in one.cmdline()):
                    found[one.environ()["JUPYTERHUB_USER"]] = one
        return found

    def kill(self) -> None:
        """Kill the hub itself, so that it can neither save nor stop anything."""
        assert self.process is not None
        self.remember()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> list[str]:
        """End everything; return the command lines of what had to be killed."""
        self.remember()
        running = [one for one in self.started.values() if one.is_running()]
        # A server ends its kernels when it is asked to end.
        for one in running:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.terminate()
        _, stubborn = psutil.wait_procs(running, timeout=30)
        left = []
        for one in stubborn:
            with contextlib.suppress(psutil.NoSuchProcess):
                left.append(" ".join(one.cmdline()))
                one.kill()
        psutil.wait_procs(stubborn, timeout=10)
        return left


def memory_of(server: psutil.Process) -> tuple[int, int]:
    """Return the bytes of a server and of its kernels, with a fair share of what is shared."""
    own = server.memory_full_info().pss
    return own, sum(one.memory_full_info().pss for one in server.children(recursive=True))
