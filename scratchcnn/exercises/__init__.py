"""The workbook: check what you wrote, get hints, see solutions and your progress."""

from importlib import import_module
from pkgutil import iter_modules

from scratchcnn.exercises import topics
from scratchcnn.exercises.board import join, leave
from scratchcnn.exercises.checking import check
from scratchcnn.exercises.hints import hint, solution
from scratchcnn.exercises.not_done import NotDone
from scratchcnn.exercises.own import from_workbook
from scratchcnn.exercises.progress import progress
from scratchcnn.exercises.result import Result

# Every file of topics declares exercises, so adding one means adding a file, and nothing else.
for _module in iter_modules(topics.__path__):
    import_module(f"scratchcnn.exercises.topics.{_module.name}")

__all__ = [
    "NotDone",
    "Result",
    "check",
    "from_workbook",
    "hint",
    "join",
    "leave",
    "progress",
    "solution",
]
