"""The course that `make course` writes, taken by nbgrader from release to feedback.

nbgrader lives in an environment of its own: `make grading` runs this file there.
"""

import copy
import json
import re
import subprocess
import sys
from importlib import import_module

import course
import nbformat
import pytest
from solving import solve
from traitlets.config import PyFileConfigLoader

api = pytest.importorskip("nbgrader.apps.api", reason="nbgrader is not installed: make grading")
Gradebook = pytest.importorskip("nbgrader.api").Gradebook

pytestmark = pytest.mark.slow

FIRST = "01_convolution"
NAMES = sorted(path.stem for path in course.WORKBOOK.glob("[0-9]*.ipynb"))

# Typical wrong answers in students' words, and what the check says to them.
WRONG = {
    "one_output": ("return (x[i:i + k.shape[0], j:j + k.shape[1]] * k[::-1, ::-1]).sum()", "flip"),
    "correlate": (
        "H, W = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1\n"
        "    KH, KW = k.shape\n"
        "    return [[(x[i:i+KH, j:j+KW] * k[::-1, ::-1]).sum() for j in range(W)] "
        "for i in range(H)]",
        "not cross-correlation",
    ),
    "output_size": ("return (size + 2 * padding - kernel) // stride", "+ 1"),
    "max_pool": (
        "H, W = x.shape[0] // size, x.shape[1] // size\n"
        "    return x[:H * size, :W * size].reshape(H, size, W, size).mean(axis=(1, 3))",
        "average pooling",
    ),
    "relu": ("return abs(x)", "absolute value"),
    "dense": ("return x @ w", "b"),
}


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def is_check(cell):
    return cell.metadata.get("nbgrader", {}).get("grade", False)


def with_answers(notebook, answers):
    """Put these lines in the place of what the stubs raise."""
    for cell in code_cells(notebook):
        for name, lines in answers.items():
            cell.source = cell.source.replace(f'raise NotDone("{name}")', lines)
    return notebook


def solved(notebook):
    for cell in code_cells(notebook):
        solve(cell)
    return notebook


class Course:
    """A course in a folder, and nbgrader."""

    def __init__(self, folder):
        self.folder = folder
        self.exercises = course.write_course(folder)
        config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
        config.CourseDirectory.root = str(folder)
        self.nbgrader = api.NbGraderAPI(config=config)

    def release(self, name):
        done = self.nbgrader.generate_assignment(name)
        assert done["success"], done["log"]
        return nbformat.read(self.released(name), as_version=4)

    def released(self, name):
        return self.folder / "release" / name / f"{name}.ipynb"

    def submit(self, student, name, content):
        path = self.folder / "submitted" / student / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        else:
            path.write_text(json.dumps(content), encoding="utf-8")  # however broken it is

    def grade(self, name, students):
        """Return the points of each exercise and the feedback, for each student."""
        found = {}
        for student in students:
            done = self.nbgrader.autograde(name, student)
            assert done["success"], done["log"]
            done = self.nbgrader.generate_feedback(name, student)
            assert done["success"], done["log"]
            with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}", "scratchcnn") as book:
                submission = book.find_submission_notebook(name, name, student)
                assert not any(grade.needs_manual_grade for grade in submission.grades)
                points = {grade.name: grade.auto_score for grade in submission.grades}
            page = self.folder / "feedback" / student / name / f"{name}.html"
            found[student] = points, page.read_text(encoding="utf-8")
        return found


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """A course, and its first workbook as released."""
    one = Course(tmp_path_factory.mktemp("course"))
    one.release(FIRST)
    return one


@pytest.fixture
def first(taught):
    return nbformat.read(taught.released(FIRST), as_version=4)


@pytest.mark.parametrize("name", NAMES)
def test_solutions_get_all_points_stubs_none_and_wrong_answers_some(taught, name):
    released = taught.release(name)
    answers = {key: lines for key, (lines, _) in WRONG.items()}
    taught.submit("sol", name, solved(copy.deepcopy(released)))
    taught.submit("stu", name, copy.deepcopy(released))
    taught.submit("wro", name, with_answers(released, answers))
    found = taught.grade(name, ["sol", "stu", "wro"])
    checks = [f"check-{exercise}" for exercise in taught.exercises[name]]
    assert found["sol"][0] == dict.fromkeys(checks, 4)
    assert found["stu"][0] == dict.fromkeys(checks, 0)
    for exercise in taught.exercises[name]:
        assert f"{exercise} waits for your answer" in found["stu"][1]
        points = found["wro"][0][f"check-{exercise}"]
        if exercise in WRONG:
            assert points in (1, 2), exercise
            assert WRONG[exercise][1] in found["wro"][1]
        else:
            assert points == 0


def without_checks(notebook):
    notebook.cells = [cell for cell in notebook.cells if not is_check(cell)]


def changed_checks(notebook):
    for cell in filter(is_check, notebook.cells):
        cell.source = "4.0"
        cell.metadata.nbgrader.points = 1000


def checks_as_text(notebook):
    for cell in filter(is_check, notebook.cells):
        cell.cell_type = "markdown"


def without_metadata(notebook):
    for cell in notebook.cells:
        cell.metadata = {}


def copied(notebook):
    notebook.cells = [*notebook.cells, *copy.deepcopy(notebook.cells)]


def copied_stubs_below(notebook):
    stubs = copy.deepcopy(notebook.cells)
    solved(notebook)
    notebook.cells = [*notebook.cells, *stubs]


def cells_of_their_own(notebook):
    mine = nbformat.v4.new_code_cell("4.0")
    mine.metadata["nbgrader"] = {
        "grade": True, "grade_id": "mine", "points": 100, "locked": True, "solution": False,
        "task": False, "schema_version": 3,
    }  # fmt: skip
    old, strange = nbformat.v4.new_code_cell(""), nbformat.v4.new_code_cell("\ud800")
    old.metadata["nbgrader"], strange.metadata["nbgrader"] = {}, {"schema_version": 99}
    notebook.cells += [mine, old, strange]


def errors_everywhere(notebook):
    for place in range(len(notebook.cells), -1, -3):
        notebook.cells.insert(place, nbformat.v4.new_code_cell("1 / 0"))
        notebook.cells.insert(place, nbformat.v4.new_code_cell("while True: pass"))
        notebook.cells.insert(place, nbformat.v4.new_code_cell("this is no Python"))


KEEPS_POINTS = [
    without_checks, changed_checks, checks_as_text, without_metadata, copied, copied_stubs_below,
    cells_of_their_own, errors_everywhere,
]  # fmt: skip


@pytest.mark.parametrize("change", KEEPS_POINTS, ids=lambda change: change.__name__)
def test_what_happens_to_other_cells_changes_no_grade(taught, first, change):
    student = f"r-{change.__name__}"
    notebook = first if change is copied_stubs_below else solved(first)
    change(notebook)
    taught.submit(student, FIRST, notebook)
    points, page = taught.grade(FIRST, [student])[student]
    assert list(points.values()) == [4, 4, 4, 4]
    assert page.count("4 of 4 points") == 4


@pytest.mark.parametrize("change", KEEPS_POINTS, ids=lambda change: change.__name__)
def test_and_without_answers_it_wins_no_points(taught, first, change):
    if change is copied_stubs_below:
        pytest.skip("this one brings the solutions")
    student = f"w-{change.__name__}"
    change(first)
    taught.submit(student, FIRST, first)
    points, page = taught.grade(FIRST, [student])[student]
    assert list(points.values()) == [0, 0, 0, 0]
    assert page.count("0 of 4 points") == 4


HARM = {
    "ran too long": "while True: pass",
    "os.remove is not allowed": "import os; os.remove({victim!r})",
    "shutil.rmtree is not allowed": "import shutil; shutil.rmtree({folder!r})",
    "Python ended": "import os; os._exit(0)",
    "nobody shows you the solution": "return solution('output_size', ask=False)",
    "opening this file": "open({book!r}, 'w')",
}


@pytest.mark.parametrize("words", HARM)
def test_an_answer_that_does_harm_costs_its_own_points_and_nothing_else(
    taught, first, words, tmp_path, monkeypatch
):
    limits = import_module("scratchcnn.exercises.grading.grade")  # the function hides it
    monkeypatch.setattr(limits, "SECONDS", 2)
    (tmp_path / "victim").write_text("precious", encoding="utf-8")
    student, book = f"h-{list(HARM).index(words)}", str(taught.folder / "gradebook.db")
    places = {"victim": str(tmp_path / "victim"), "folder": str(tmp_path), "book": book}
    patch = nbformat.v4.new_code_cell(
        "check = lambda function: True\nimport scratchcnn.exercises as e\ne.check = check"
    )
    with_answers(first, {"output_size": HARM[words].format(**places)})
    notebook = solved(first)
    notebook.cells.insert(0, patch)
    taught.submit(student, FIRST, notebook)
    taught.submit(f"{student}-after", FIRST, notebook | {"cells": []})
    found = taught.grade(FIRST, [student, f"{student}-after"])
    points, page = found[student]
    # correlate_strided calls it, or has a formula of its own.
    assert points["check-output_size"] == 0
    assert [points["check-one_output"], points["check-correlate"]] == [4, 4]
    assert words in page
    assert sum(found[f"{student}-after"][0].values()) == 0
    assert (tmp_path / "victim").read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize(
    "content",
    ["no JSON {", "[]", '{"cells": 3}', '{"cells": [3]}', "[" * 100_000, '{"cells": [{}]}', ""],
    ids=["no JSON", "list", "number", "numbers", "deep", "empty cell", "empty"],
)
def test_a_file_that_is_no_notebook_gets_no_points_and_a_word(taught, content, request):
    student = "f-" + request.node.callspec.id.replace(" ", "-")
    taught.submit(student, FIRST, content)
    points, page = taught.grade(FIRST, [student])[student]
    assert list(points.values()) == [0, 0, 0, 0]
    assert "could not be read as a notebook" in page


def test_text_of_a_student_runs_nothing_on_the_page(taught, first):
    first.cells.insert(3, nbformat.v4.new_markdown_cell("<img src=x onerror=alert(1)> **mine**"))
    first.cells.insert(4, nbformat.v4.new_raw_cell("<script>alert(1)</script>"))
    first.cells[6].outputs = [
        nbformat.v4.new_output("display_data", {"text/html": "<script>alert(2)</script>"})
    ]
    with_answers(first, {"one_output": "raise ValueError('<script>alert(3)</script>')"})
    taught.submit("html", FIRST, first)
    _, page = taught.grade(FIRST, ["html"])["html"]
    assert "<strong>mine</strong>" in page
    assert "<img src=x" not in page
    assert not re.search(r"<script>alert", page)


def test_a_grade_by_hand_stays_when_it_is_graded_again(taught, first):
    taught.submit("hand", FIRST, first)
    taught.grade(FIRST, ["hand"])
    where = f"sqlite:///{taught.folder / 'gradebook.db'}"
    with Gradebook(where, "scratchcnn") as book:
        book.find_grade("check-correlate", FIRST, FIRST, "hand").manual_score = 3
        book.db.commit()
    assert taught.nbgrader.autograde(FIRST, "hand")["success"]
    with Gradebook(where, "scratchcnn") as book:
        assert book.find_grade("check-correlate", FIRST, FIRST, "hand").score == 3


def test_a_workbook_that_has_changed_since_is_graded_as_it_was_handed_out(taught):
    name = "07_looking_inside"
    released = taught.release(name)
    taught.submit("late", name, solved(released))
    source = taught.folder / "source" / name / f"{name}.ipynb"
    before = source.read_text(encoding="utf-8")
    try:
        changed = nbformat.reads(before, as_version=4)
        changed.cells = [cell for cell in changed.cells if "nbgrader" not in cell.metadata]
        nbformat.write(changed, source)
        assert taught.grade(name, ["late"])["late"][0] == {"check-saliency": 4}
    finally:
        source.write_text(before, encoding="utf-8")


def test_from_release_to_feedback_with_the_commands_of_the_guide(tmp_path):
    def run(*command):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    nbgrader = sys.executable, "-m", "nbgrader"
    said = run(sys.executable, course.__file__, str(tmp_path), "--points", "10")
    assert re.search(r"03_pooling +20 points: max_pool, max_pool_backward", said)
    run(*nbgrader, "generate_assignment", "03_pooling")
    released = nbformat.read(tmp_path / "release/03_pooling/03_pooling.ipynb", as_version=4)
    for student in ("ada", "bob"):
        folder = tmp_path / "submitted" / student / "03_pooling"
        folder.mkdir(parents=True)
        nbformat.write(released, folder / "03_pooling.ipynb")
        solved(released)
    log = run(*nbgrader, "autograde", "03_pooling")
    assert "SAWarning" not in log
    run(*nbgrader, "generate_feedback", "03_pooling")
    run(*nbgrader, "export")
    rows = (tmp_path / "grades.csv").read_text(encoding="utf-8").splitlines()
    scores = {row.split(",")[3]: row.split(",") for row in rows[1:]}
    assert [rows[0].split(",")[3], sorted(scores)] == ["student_id", ["ada", "bob"]]
    at = rows[0].split(",").index("raw_score")
    assert {name: float(row[at]) for name, row in scores.items()} == {"ada": 0, "bob": 20}
    page = (tmp_path / "feedback/bob/03_pooling/03_pooling.html").read_text(encoding="utf-8")
    assert "max_pool is right in all" in page


def test_where_nbgrader_itself_runs_a_notebook_a_check_that_fails_counts_as_failed(first, tmp_path):
    path = tmp_path / f"{FIRST}.ipynb"
    validate = sys.executable, "-m", "nbgrader", "validate", str(path)
    for notebook, expected in (
        (first, "correlate waits"),
        (solved(copy.deepcopy(first)), "Success!"),
    ):
        nbformat.write(notebook, path)
        done = subprocess.run(validate, capture_output=True, text=True, cwd=tmp_path)
        assert expected in done.stdout
