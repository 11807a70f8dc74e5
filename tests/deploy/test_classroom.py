"""The measurement of a class: how it counts its students."""

import asyncio
import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("jupyterhub", reason="JupyterHub is not installed: make .venv/installed-hub")

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "classroom.py"


@pytest.fixture
def room(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))  # the script adds to it
    spec = importlib.util.spec_from_file_location("classroom", SCRIPT)
    classroom = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(classroom)
    return classroom.Class(None, 3)


def test_a_student_who_fails_twice_is_one_student(room):
    students = [SimpleNamespace(name=name) for name in ("ada", "bob", "eve")]

    async def fail(student):
        if student.name == "bob":
            raise RuntimeError("no picture")

    async def lesson():
        for what in ("move", "look again"):
            await room.all(what, students, fail)

    asyncio.run(lesson())
    assert room.failed == {"bob"}
    assert sum(room.errors.values()) == 2
