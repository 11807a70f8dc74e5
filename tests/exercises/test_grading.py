"""Grading: right answers get all points, wrong ones fewer, and nothing in a notebook does harm."""

import subprocess
import threading
from pathlib import Path

import pytest

import scratchcnn
from scratchcnn.exercises.checking import examine
from scratchcnn.exercises.declaration import EXERCISES
from scratchcnn.exercises.grading import grade
from scratchcnn.exercises.grading.grade import share

pytestmark = pytest.mark.slow  # each grade starts a Python of its own

START = "import numpy as np\nfrom scratchcnn.exercises import NotDone, check, hint, solution"
RIGHT = "def relu(x):\n    return np.maximum(x, 0)"
STUB = "def relu(x):\n    raise NotDone('relu')"
MISTAKES = [(exercise, mistake) for exercise in EXERCISES.values() for mistake in exercise.mistakes]


def relu(body, before=""):
    """Return a cell with a function that does this first, and is right otherwise."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"{before}\ndef relu(x):\n{lines}    return np.maximum(x, 0)"


def graded(*cells, at=None, seconds=5.0):
    """Grade relu in a notebook that begins like the workbook."""
    return grade([START, *cells], "relu", at=at, seconds=seconds)


@pytest.fixture
def victim(tmp_path):
    """A file that nobody may touch."""
    path = tmp_path / "victim.txt"
    path.write_text("precious", encoding="utf-8")
    yield path
    assert path.read_text(encoding="utf-8") == "precious"
    assert [each.name for each in tmp_path.iterdir()] == ["victim.txt"]


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_gets_all_points(name):
    found = grade([START, "from scratchcnn import Layer", EXERCISES[name].source], name)
    assert found.result.passed, found.result.message
    assert found.share == 1


@pytest.mark.parametrize(
    ("exercise", "mistake"), MISTAKES, ids=[f"{e.name}: {m.name}" for e, m in MISTAKES]
)
def test_a_typical_mistake_gets_some_of_the_points(exercise, mistake):
    assert share(examine(mistake.function, exercise), exercise) in (0.25, 0.5)


def test_in_another_process_a_mistake_is_named_as_in_this_one():
    found = graded("def relu(x):\n    return abs(x)")
    expected = examine(abs, EXERCISES["relu"])
    assert found.share == 0.25
    assert found.result.mistake == expected.mistake == "absolute value"
    assert found.result.message == expected.message


def test_half_of_the_cases_are_worth_half_of_the_points():
    found = graded("def relu(x):\n    return np.maximum(x, 0) if x.ndim == 1 else x * 2.5")
    right = [case for case in EXERCISES["relu"].cases if case.arguments[0].ndim == 1]
    assert found.share == (0.5 if 2 * len(right) >= len(EXERCISES["relu"].cases) else 0)


@pytest.mark.parametrize(
    "cells",
    [
        [STUB],
        [],
        ["relu = 3"],
        ["def relu(): pass"],
        ["def relu(x):\n    return x + 1000"],
        ["def relu(x):\n    return np.maximum(x 0)"],
        ["def relu(x):\n    return undefined"],
    ],
    ids=["stub", "nothing", "number", "no argument", "wrong", "syntax error", "error"],
)
def test_what_is_not_done_gets_no_points_and_a_word(cells):
    found = graded(*cells)
    assert found.share == 0
    assert found.result.message.count("relu") >= 1


def test_a_syntax_error_and_a_students_own_line_are_quoted():
    assert "line 2: invalid syntax" in graded("def relu(x):\n    return (x 0)").result.message
    message = graded("def relu(x):\n    y = x\n    return z").result.message
    assert "NameError: name 'z' is not defined\nline 3, in relu:  return z" in message


# What it says, and a notebook that means no good.
HARM = {
    "ran too long": relu("while True: pass"),
    "ran too long ": relu("while True:\n    try:\n        while True: pass\n    except: pass"),
    "ran too long  ": relu("while True: print('x' * 10_000)"),
    "do not come to an end": relu("LIMIT", "LIMIT = [1 for _ in iter(int, 1)]"),
    "Python ended": relu("import os\nos._exit(0)"),
    "Python ended ": relu("END", "import os\nEND = os._exit(0)"),
    "SystemExit": relu("raise SystemExit"),
    "KeyboardInterrupt": relu("raise KeyboardInterrupt"),
    "RecursionError": relu("return relu(x)"),
    "MemoryError": relu("return np.ones(10**10)"),
    "far more numbers": relu("return np.zeros((10**4, 10**4))"),
    "MemoryError ": relu("return np.ones(2**29) + np.ones(2**29)"),
    "os.remove is not allowed": relu("import os\nos.remove(VICTIM)"),
    "shutil.rmtree is not allowed": relu("import shutil\nshutil.rmtree(FOLDER)"),
    "os.system is not allowed": relu("import os\nos.system('rm ' + VICTIM)"),
    "subprocess.Popen is not allowed": relu("import subprocess\nsubprocess.run(['rm', VICTIM])"),
    "os.rename is not allowed": relu("import os\nos.rename(VICTIM, VICTIM + '2')"),
    "os.kill is not allowed": relu("import os\nos.kill(os.getppid(), 9)"),
    "ctypes": relu("import ctypes\nctypes.CDLL(None).unlink(VICTIM.encode())"),
    "gc.get_objects is not allowed": relu("import gc\ngc.get_objects()"),
    "socket": relu("import socket\nsocket.create_connection(('127.0.0.1', 9))"),
    "opening this file": relu("open(VICTIM, 'w').write('gone')"),
    "opening this file ": relu("import os\nos.open(VICTIM, os.O_TRUNC)"),
    "opening this file  ": relu("np.save(FOLDER + '/mine.npy', x)"),
    "opening this file   ": relu("raise ValueError(open(VICTIM).read())"),
    "opening this file    ": relu("open('mine.txt', 'w')"),
    "opening this file     ": relu("open(SOLUTION).read()"),
    "nobody shows you the solution": relu("exec(solution('relu', ask=False))"),
    "scratchcnn.exercises": relu("from scratchcnn.exercises.topics import activations"),
    "made no sense": relu(
        "import os\nfor n in range(3, 20):\n"
        "    try: os.write(n, b'{}\\n')\n"
        "    except OSError: pass"
    ),
}


@pytest.mark.parametrize("words", HARM)
def test_what_means_no_good_ends_with_no_points_and_a_word(words, victim):
    solution = Path(scratchcnn.__file__).parent / "exercises" / "topics" / "activations.py"
    names = (
        f"VICTIM = {str(victim)!r}\nFOLDER = {str(victim.parent)!r}\nSOLUTION = {str(solution)!r}"
    )
    found = graded(names, HARM[words], seconds=1.5 if "long" in words or "come" in words else 10)
    assert found.share == 0
    assert words.strip() in found.result.message
    assert "precious" not in found.result.message


@pytest.mark.parametrize(
    "cell",
    [
        "check = lambda f: True",
        "import scratchcnn.exercises as e\ne.check = e.examine = check = lambda *a: True",
        "import sys\nsys.modules['scratchcnn.exercises.checking'] = None",
        "import scratchcnn.exercises.result\nscratchcnn.exercises.result.Result.passed = True",
        "import builtins\nbuiltins.all = builtins.any = lambda *a: True",
        "np.isclose = np.allclose = lambda *a, **k: np.True_",
        "class Same(np.ndarray):\n    def __eq__(self, other): return True",
    ],
)
def test_what_a_notebook_patches_changes_no_grade(cell):
    wrong = "def relu(x):\n    " + cell.replace("\n", "\n    ") + "\n    return x + 1000"
    assert graded(cell, wrong).share == 0
    assert graded(RIGHT).share == 1


def test_cells_that_the_function_does_not_need_are_not_run(victim):
    found = graded(f"import os\nos.remove({str(victim)!r})", "1 / 0", "while True: pass", RIGHT)
    assert found.share == 1


def test_the_process_knows_nothing_of_the_teachers_variables(monkeypatch):
    monkeypatch.setenv("SECRET", "precious")
    found = graded(relu("import os\nraise ValueError(sorted(os.environ))"))
    assert "SECRET" not in found.result.message
    assert "OPENBLAS_NUM_THREADS" in found.result.message


def test_another_thread_can_grade_too():
    found = []
    loop = relu("while True: pass")
    thread = threading.Thread(target=lambda: found.append(graded(loop, seconds=0.5)))
    thread.start()
    thread.join()
    assert "ran too long" in found[0].result.message


def test_ctrl_c_stops_the_grading_itself(monkeypatch):
    def interrupted(channel):
        raise KeyboardInterrupt

    monkeypatch.setattr("scratchcnn.exercises.grading.wire.receive", interrupted)
    with pytest.raises(KeyboardInterrupt):
        graded(RIGHT)


def test_no_process_and_no_folder_is_left_over(tmp_path, monkeypatch):
    started, Popen = [], subprocess.Popen

    def recorded(*arguments, **options):
        started.append(Popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr("subprocess.Popen", recorded)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for cell in (RIGHT, relu("import os\nos._exit(1)"), relu("while True: pass")):
        graded(cell, seconds=0.5)
    assert list(tmp_path.iterdir()) == []
    assert len(started) == 3
    assert all(process.returncode is not None for process in started)


def test_a_function_of_an_earlier_workbook_is_ours_and_one_of_this_lesson_is_nobodys():
    cells = [
        "from scratchcnn.exercises import from_workbook",
        "softmax = from_workbook('softmax')\nrelu_backward = from_workbook('relu_backward')",
    ]
    right = relu("assert np.allclose(softmax(np.zeros((1, 2))), 0.5)")
    assert graded(*cells, right).share == 1
    found = graded(*cells, relu("return relu_backward(x, x)"))
    assert found.result.state == "waiting"
