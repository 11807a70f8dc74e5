"""Remote: a student's function in another process, which can be called as if it were here."""

from __future__ import annotations

import builtins
import linecache
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from scratchcnn.exercises.grading import wire
from scratchcnn.exercises.not_done import NotDone
from scratchcnn.exercises.time_limit import OutOfTime
from scratchcnn.layers.base import Layer

PACKAGE = Path(__file__).parents[2]
STARTING = 60.0  # seconds in which a process must be ready, on a busy computer as well


class Ended(Exception):
    """The process ended before it had answered."""


class Process:
    """Another process, confined, with a student's code.

    Parameters
    ----------
    sources : dict
        The solutions that `from_workbook` may hand out in it, by name.
    """

    def __init__(self, sources: dict[str, str]) -> None:
        # An empty folder of its own, which it cannot write to either; and none of our variables.
        self._folder = tempfile.TemporaryDirectory(prefix="grading-")
        environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "HOME": os.devnull}
        if "SYSTEMROOT" in os.environ:  # without it, Python does not start on Windows
            environment["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
        paths = [str(PACKAGE.parent), str(Path(np.__file__).parents[1])]
        readable = {sys.prefix, sys.base_prefix, sys.exec_prefix, paths[1], str(PACKAGE)}
        worker = str(Path(__file__).with_name("worker.py"))
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-X", "utf8", worker, *paths, *sorted(readable)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder.name,
            env=environment,
            start_new_session=True,
        )
        self.broken: BaseException | None = None  # why it cannot be asked any more
        self._late = False
        self._objects: list[Any] = []
        self._timer: threading.Timer | None = None
        self.limit(STARTING)
        self._send({"sources": sources})
        self._receive()

    def limit(self, seconds: float) -> None:
        """Stop the process if it has not ended after so many seconds from now."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(seconds, self._stop_late)
        self._timer.daemon = True
        self._timer.start()

    def _stop_late(self) -> None:
        self._late = True
        self._process.kill()

    def close(self) -> None:
        """End the process."""
        if self._timer is not None:
            self._timer.cancel()
        self._process.kill()
        if hasattr(os, "killpg"):  # and whatever it may have started, against all odds
            with suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
        for channel in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # it wanted to hear more
                channel.close()  # type: ignore[union-attr]
        self._process.wait()
        self._folder.cleanup()

    def load(self, name: str, code: list[tuple[str, str]]) -> Any:
        """Run code there, ``[(name of the cell, source), ...]``, and return what it calls name."""
        return self.ask({"do": "load", "name": name, "code": code}, [])

    def ask(self, request: dict[str, Any], shared: list[Any]) -> Any:
        """Let the process do something. The arrays in ``shared`` change if it changes them."""
        if self.broken is not None:
            raise self.broken
        try:
            self._send(request)
            while "callback" in (reply := self._receive()):
                self._send(self._call_back(reply))
            changed = [wire.decode(each, self._find) for each in reply["shared"]]
            value = wire.decode(reply.get("value"), self._find)
            error = thrown(reply["error"]) if "error" in reply else None
        except (LookupError, TypeError, ValueError):
            self.broken = wire.Garbled()
            raise self.broken from None
        except BaseException as reason:  # somebody pressed Ctrl-C, or time is over
            self.broken = reason
            raise
        sys.stdout.write(str(reply.get("printed", ""))[:2000])
        for old, new in zip(shared, changed, strict=False):
            wire.update(old, new)
        if error is not None:
            raise_at(*error)
        return value

    def keep(self, value: Any) -> int:
        """Remember an object of ours that cannot travel."""
        self._objects.append(value)
        return len(self._objects) - 1

    def _find(self, kind: str, number: int, words: list[str]) -> Any:
        """Return what stands here for an object there."""
        name = words[0] if words and words[0].isidentifier() else "object"
        if kind == "object":
            return type(name, (Remote,), {})(self, number, words[-1])
        # A class has to be one, since some exercises ask whether it is a Layer.
        made = Remote(self, number, name)
        body = {"__new__": lambda cls, *rest, **options: made(*rest, **options)}
        return type(name, (Layer,) if "Layer" in words[1:] else (), body)

    def _call_back(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call a function of ours for the process: one that was an argument."""
        try:
            function = self._objects[int(request["callback"])]
            arguments = [wire.decode(each, self._find) for each in request["arguments"]]
            options = {k: wire.decode(v, self._find) for k, v in request["options"].items()}
            return {"value": wire.encode(function(*arguments, **options), self.keep)}
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"}

    def _send(self, message: dict[str, Any]) -> None:
        try:
            wire.send(self._process.stdin, message)  # type: ignore[arg-type]
        except OSError:
            self._gone()

    def _receive(self) -> dict[str, Any]:
        message = wire.receive(self._process.stdout)  # type: ignore[arg-type]
        if message is None:
            self._gone()
        assert message is not None
        return message

    def _gone(self) -> None:
        raise OutOfTime if self._late else Ended


class Remote:
    """Something that lives in another process."""

    def __init__(self, process: Process, number: int, text: str) -> None:
        vars(self).update(_process=process, _number=number, _text=text)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Call it there."""
        shared: list[Any] = []
        keep = self._process.keep
        request = {
            "do": "call",
            "id": self._number,
            "arguments": [wire.encode(each, keep, shared) for each in arguments],
            "options": {k: wire.encode(v, keep, shared) for k, v in options.items()},
        }
        return self._process.ask(request, shared)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what Python or NumPy look for by themselves
            raise AttributeError(name)
        return self._process.ask({"do": "get", "id": self._number, "name": name}, [])

    def __setattr__(self, name: str, value: Any) -> None:
        data = wire.encode(value, self._process.keep)
        self._process.ask({"do": "set", "id": self._number, "name": name, "value": data}, [])

    def __repr__(self) -> str:
        return str(self._text)


@contextmanager
def process(sources: dict[str, str]) -> Iterator[Process]:
    """Start a process, and end it whatever happens."""
    one = Process(sources)
    try:
        yield one
    finally:
        one.close()


def thrown(error: Any) -> tuple[BaseException, list[Any]]:
    """Return an exception that was raised there, and the student's lines that it went through."""
    kinds, text = [str(kind) for kind in error["kinds"]], str(error["text"])[:500]
    lines = [(str(file), int(line), str(name)) for file, line, name in error["lines"]]
    return exception(kinds, text, error["exercise"]), lines


def raise_at(error: BaseException, lines: list[Any]) -> None:
    """Raise an exception at a line of a student's cell, so that a message can quote the line."""
    if lines and lines[-1][0] in linecache.cache and 0 < lines[-1][1] < 10_000:
        file, line, name = lines[-1]
        code = compile("\n" * (line - 1) + "raise error", file, "exec").replace(co_name=name)
        exec(code, {"error": error})
    raise error


def exception(kinds: list[str], text: str, exercise: Any) -> Exception:
    """Return an exception whose class and bases have these names, the nearest first."""
    if kinds[0] == "NotDone":
        return NotDone(exercise) if isinstance(exercise, str) else NotDone()
    known = [getattr(builtins, kind, None) for kind in kinds]
    # Not those that end programs: ours goes on.
    near = [each for each in known if isinstance(each, type) and issubclass(each, Exception)]
    kind = near[0] if near else Exception
    if kind.__name__ != kinds[0] and kinds[0].isidentifier():
        kind = type(kinds[0], (kind,), {})
    try:
        return kind(text)
    except TypeError:  # some want more than a text
        return Exception(text)
