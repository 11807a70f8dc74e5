"""The process with a student's function: it does what the judge asks, and knows no solution.

The judge starts this file as a script, with the folders in which the package and NumPy lie, and all
others that may be read. Its standard input and output are the channel to the judge.
"""

from __future__ import annotations

import io
import os
import sys
import traceback
import types
import warnings
from importlib import import_module
from typing import Any

if __name__ == "__main__":
    # Where the package and NumPy lie; Python was told to look nowhere but in its own folders.
    sys.path = [sys.argv[1], *sys.path, sys.argv[2]]

import numpy as np

MOST_PRINTED = 2000  # characters


class Printed(io.TextIOBase):
    """Keeps the beginning of what is printed."""

    text = ""

    def write(self, text: str) -> int:
        """Keep ``text`` as long as there is room."""
        self.text += text[: max(MOST_PRINTED - len(self.text), 0)]
        return len(text)

    def take(self) -> str:
        """Return what has been printed since the last time."""
        text, self.text = self.text, ""
        return text


class Worker:
    """Does what the judge asks, until the channel closes."""

    def __init__(self, wire: Any, incoming: Any, outgoing: Any) -> None:
        self.wire, self.incoming, self.outgoing = wire, incoming, outgoing
        self.objects: list[Any] = []
        self.printed = Printed()

    def serve(self) -> None:
        """Answer every request."""
        while (request := self.wire.receive(self.incoming)) is not None:
            self.wire.send(self.outgoing, self.answer(request))

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do one thing, and say what came of it."""
        shared: list[Any] = []
        try:
            value = getattr(self, request["do"])(request, shared)
            reply = {"value": self.wire.encode(value, self.keep)}
        except BaseException as error:  # exit() as well
            reply = {"error": self.describe(error)}
        reply["printed"] = self.printed.take()
        reply["shared"] = [self.wire.encode(each, self.keep) for each in shared]
        return reply

    def load(self, request: dict[str, Any], shared: list[Any]) -> Any:
        """Run what the function needs, and return it."""
        space: dict[str, Any] = {"__name__": "__main__"}
        for file, source in request["code"]:
            exec(compile(source, file, "exec"), space)
        return space[request["name"]]

    def call(self, request: dict[str, Any], shared: list[Any]) -> Any:
        """Call something."""
        arguments = [self.wire.decode(each, self.find, shared) for each in request["arguments"]]
        options = {
            name: self.wire.decode(each, self.find, shared)
            for name, each in request["options"].items()
        }
        return self.objects[request["id"]](*arguments, **options)

    def get(self, request: dict[str, Any], shared: list[Any]) -> Any:
        """Return an attribute."""
        return getattr(self.objects[request["id"]], request["name"])

    def set(self, request: dict[str, Any], shared: list[Any]) -> None:
        """Change an attribute."""
        value = self.wire.decode(request["value"], self.find)
        setattr(self.objects[request["id"]], request["name"], value)

    def keep(self, value: Any) -> int:
        """Remember an object that cannot travel."""
        self.objects.append(value)
        return len(self.objects) - 1

    def find(self, kind: str, number: int, words: list[str]) -> Any:
        """Return a function that lives with the judge."""

        def theirs(*arguments: Any, **options: Any) -> Any:
            request = {
                "callback": number,
                "arguments": [self.wire.encode(each, self.keep) for each in arguments],
                "options": {k: self.wire.encode(v, self.keep) for k, v in options.items()},
            }
            self.wire.send(self.outgoing, request)
            reply = self.wire.receive(self.incoming)
            if "error" in reply:
                raise ValueError(reply["error"])
            return self.wire.decode(reply["value"], self.find)

        return theirs

    def describe(self, error: BaseException) -> dict[str, Any]:
        """Put an exception into words, with the student's lines that it went through."""
        lines = [
            [frame.f_code.co_filename, line or 0, frame.f_code.co_name]
            for frame, line in traceback.walk_tb(error.__traceback__)
            if frame.f_code.co_filename.startswith("<cell ")
        ]
        if isinstance(error, SyntaxError) and error.filename:
            lines.append([error.filename, error.lineno or 0, "<module>"])
        try:
            text = str(error)[:500]
        except Exception:  # a __str__ of its own
            text = ""
        exercise = getattr(error, "exercise", None)
        kind = type(error)
        return {
            "kinds": [each.__name__ for each in kind.__mro__],
            "text": error.msg if isinstance(error, SyntaxError) else text,
            "exercise": exercise if isinstance(exercise, str) else None,
            "lines": lines[-1:],
        }


def exercises(folder: str, sources: dict[str, str]) -> types.ModuleType:
    """Return what notebooks import as ``scratchcnn.exercises``: no answers in it."""
    space: dict[str, Any] = {"__name__": "scratchcnn.exercises.not_done"}
    with open(os.path.join(folder, "not_done.py"), encoding="utf-8") as file:
        exec(compile(file.read(), "not_done.py", "exec"), space)
    module: Any = types.ModuleType("scratchcnn.exercises")
    not_done = module.NotDone = space["NotDone"]

    def from_workbook(name: str, *rest: Any) -> Any:
        """Return our function of an earlier workbook: theirs is graded there."""
        if name not in sources:
            raise not_done(str(name))
        ours: dict[str, Any] = {"np": np}
        exec(compile(sources[name], "<ours>", "exec"), ours)
        return ours[name]

    def refused(*arguments: Any, **options: Any) -> Any:
        raise PermissionError("in grading, nobody shows you the solution")

    def nothing(name: str) -> Any:
        """Stand for `check`, `hint` and all the others, which grading does not need."""
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *arguments, **options: None

    module.from_workbook, module.solution = from_workbook, refused
    module.__getattr__ = nothing
    return module


def main() -> None:
    """Get everything ready, lock the door, and serve."""
    here, readable = os.path.dirname(os.path.abspath(__file__)), tuple(sys.argv[3:])
    sys.path.insert(0, here)
    wire, confine = import_module("wire"), import_module("confine").confine
    del sys.path[0]
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    worker = Worker(wire, incoming, outgoing)
    sys.stdout = sys.stderr = worker.printed
    sys.stdin = io.StringIO()
    first = wire.receive(incoming)
    assert first is not None
    module = exercises(os.path.dirname(here), first["sources"])
    import scratchcnn

    sys.modules["scratchcnn.exercises"] = scratchcnn.exercises = module
    for name in ("wire", "confine"):
        del sys.modules[name]
    np.seterr(all="ignore")
    warnings.simplefilter("ignore")
    confine(readable)
    wire.send(outgoing, {"value": None})
    worker.serve()


if __name__ == "__main__":
    main()
