"""The workbook: check what you wrote, get hints, see solutions and your progress."""

from importlib import import_module
from pkgutil import iter_modules

from scratchcnn.exercises import milestones, topics
from scratchcnn.exercises.board import join, leave
from scratchcnn.exercises.certificate import certificate
from scratchcnn.exercises.checking import check
from scratchcnn.exercises.copies import my_workbook, start_afresh
from scratchcnn.exercises.hints import hint, solution
from scratchcnn.exercises.milestone import milestone
from scratchcnn.exercises.not_done import NotDone
from scratchcnn.exercises.own import from_workbook
from scratchcnn.exercises.progress import progress
from scratchcnn.exercises.result import Result

# Every file of these folders declares something: to add one, add a file, and nothing else.
for _folder in (topics, milestones):
    for _module in iter_modules(_folder.__path__):
        import_module(f"{_folder.__name__}.{_module.name}")

__all__ = [
    "NotDone",
    "Result",
    "certificate",
    "check",
    "from_workbook",
    "hint",
    "join",
    "leave",
    "milestone",
    "my_workbook",
    "progress",
    "solution",
    "start_afresh",
]
