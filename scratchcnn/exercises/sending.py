"""Sender: send outcomes to the class board while the student goes on working."""

from __future__ import annotations

import json
import sys
import threading
import urllib.request
from collections import deque
from collections.abc import Callable
from http.client import HTTPException
from importlib import import_module
from itertools import islice
from typing import Any
from urllib.error import HTTPError

MOST_WAITING = 500  # outcomes; beyond that, the oldest are dropped
AT_ONCE = 50  # outcomes in one message
TIMEOUT = 5.0  # seconds for one step of a connection
LONGEST_ANSWER = 4000  # bytes
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds before a message is sent again

Outcome = dict[str, Any]
Post = Callable[[str, bytes], tuple[int, bytes]]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A board does not send anybody elsewhere."""

    def redirect_request(self, *arguments: Any, **options: Any) -> None:
        """Follow nothing: the answer then counts as an error."""


def post(url: str, body: bytes) -> tuple[int, bytes]:
    """Send a message and return the status and the beginning of the answer, or raise OSError."""
    # A class board is in the same network, where a proxy would only be in the way.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            return answer.status, answer.read(LONGEST_ANSWER)
    except HTTPError as error:
        with error:
            return error.code, error.read(LONGEST_ANSWER)


class Sender:
    """Sends what it is given, in a thread of its own, until the board has taken it.

    Parameters
    ----------
    url : str
        Where the board takes outcomes.
    student : str
        The random number under which the board knows this student.
    name : str
        The code name.
    post : callable
        ``post(url, body)`` returns status and answer.
    """

    def __init__(self, url: str, student: str, name: str, post: Post = post) -> None:
        self.url, self.student, self.name, self._post = url, student, name, post
        self._waiting: deque[Outcome] = deque(maxlen=MOST_WAITING)
        self._changed = threading.Condition()
        self.closed = False
        self.welcomed = threading.Event()  # the board has answered for the first time
        self.called, self.problem = "", ""  # how the board calls this student, or why it does not

    def start(self) -> None:
        """Begin to send; raises RuntimeError where threads cannot be started."""
        threading.Thread(target=self._run, name="class board", daemon=True).start()

    def put(self, outcome: Outcome) -> None:
        """Take an outcome to be sent. This never waits."""
        with self._changed:
            if not self.closed:
                self._waiting.append(outcome)
                self._changed.notify_all()

    def close(self) -> None:
        """Send nothing more."""
        with self._changed:
            self.closed = True
            self._waiting.clear()
            self._changed.notify_all()

    def waiting(self) -> int:
        """Return how many outcomes are not sent yet."""
        return len(self._waiting)

    def says(self, name: str, seconds: float) -> str:
        """Return in words whether the board has answered, within so many seconds."""
        self.welcomed.wait(seconds)
        if self.problem:
            return self.problem
        if not self.called:
            return f"The board does not answer yet. You are {name}; your notebook keeps trying."
        if self.called != name:
            return f"Somebody else is called {name}, so on the board you are {self.called}."
        return f"You have joined the class board as {name}."

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while True:
            with self._changed:
                # The first message says hello and may be empty.
                self._changed.wait_for(
                    lambda: self.closed or self._waiting or not self.welcomed.is_set()
                )
                if self.closed:
                    return
                batch = list(islice(self._waiting, AT_ONCE))
            if self._sent(batch):
                pause = FIRST_PAUSE
                continue
            with self._changed:
                self._changed.wait_for(lambda: self.closed, pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _sent(self, batch: list[Outcome]) -> bool:
        """Send a message; return False if it has to be sent once more."""
        message = {"student": self.student, "name": self.name, "outcomes": batch}
        try:
            status, body = self._post(self.url, json.dumps(message).encode())
            return self._understood(batch, status, body)
        except (OSError, HTTPException, ValueError, LookupError, TypeError, RecursionError):
            return False  # no network, no board, or something else that is no board

    def _understood(self, batch: list[Outcome], status: int, body: bytes) -> bool:
        if status == 429 or not (200 <= status < 300 or 400 <= status < 500):
            return False
        answer = json.loads(body)
        if status < 300:
            self.called = str(answer["name"])[:40]
        elif status == 403:  # the teacher has closed the door, or removed the name
            self.problem = str(answer["problem"])[:200]
            self.close()
        else:
            str(answer["problem"])  # the board will never take it, so it is not sent again
        done = {outcome["id"] for outcome in batch}
        with self._changed:
            left = [outcome for outcome in self._waiting if outcome["id"] not in done]
            self._waiting.clear()
            self._waiting.extend(left)
            self._changed.notify_all()
        self.welcomed.set()
        return True


class BrowserSender(Sender):
    """Sends from a browser's Python, which has no threads: the page sends, and nobody waits."""

    _sending = False

    def start(self) -> None:
        """Say hello."""
        self._go_on()

    def put(self, outcome: Outcome) -> None:
        """Take an outcome, and send it with all that could not be sent before."""
        super().put(outcome)
        self._go_on()

    def says(self, name: str, seconds: float) -> str:
        """Return what can be said without waiting."""
        return f"If your browser can reach the board, you will appear there as {name}."

    def _go_on(self) -> None:
        import asyncio

        if not self._sending and not self.closed:
            self._sending = True
            self._task = asyncio.ensure_future(self._send_all())

    async def _send_all(self) -> None:
        pyfetch = import_module("pyodide.http").pyfetch

        try:
            while not self.closed and (self._waiting or not self.welcomed.is_set()):
                batch = list(islice(self._waiting, AT_ONCE))
                message = {"student": self.student, "name": self.name, "outcomes": batch}
                # Plain text is sent without asking the board first whether it may be.
                answer = await pyfetch(
                    self.url,
                    method="POST",
                    body=json.dumps(message),
                    headers={"Content-Type": "text/plain"},
                    redirect="error",
                )
                if not self._understood(batch, answer.status, await answer.bytes()):
                    return
        except Exception:
            return  # the next check tries again
        finally:
            self._sending = False


def start_sender(url: str, student: str, name: str) -> Sender | None:
    """Return a sender that is at work, or None where none can be started."""
    kind = BrowserSender if sys.platform == "emscripten" else Sender
    sender = kind(url, student, name)
    try:
        sender.start()
    except RuntimeError:  # no more threads
        return None
    return sender
