"""The notebooks of a course: what students see is the workbook, marked, and nothing more."""

import re

import course
import nbformat
import pytest
from solving import WORKBOOK

from scratchcnn.exercises.declaration import EXERCISES

every_notebook = pytest.mark.parametrize("path", WORKBOOK, ids=lambda path: path.stem)


def marked(path):
    notebook = nbformat.read(path, as_version=4)
    return notebook, course.mark(notebook)


def metadata(notebook):
    return [cell.metadata["nbgrader"] for cell in notebook.cells if "nbgrader" in cell.metadata]


@every_notebook
def test_every_exercise_of_the_lesson_has_a_stub_and_a_check_worth_points(path):
    notebook, names = marked(path)
    expected = {n for n, exercise in EXERCISES.items() if f"{exercise.lesson:02}" == path.name[:2]}
    assert set(names) == expected
    ids = [each["grade_id"] for each in metadata(notebook)]
    assert ids == [part for name in names for part in (name, f"check-{name}")]
    for each in metadata(notebook):
        check = each["grade_id"].startswith("check-")
        assert (each["solution"], each["grade"], each["locked"]) == (not check, check, check)
        assert each.get("points") == (course.POINTS if check else None)


@every_notebook
def test_only_marks_links_and_outputs_are_changed(path):
    before, after = nbformat.read(path, as_version=4), marked(path)[0]
    for old, new in zip(before.cells, after.cells, strict=True):
        assert new.id == old.id
        if old.cell_type == "code":
            assert new.source == old.source
            assert new.outputs == []
        else:
            assert not re.search(r"\]\((?!https?:|#)", new.source)
            assert re.sub(r"[\[\]]|\([^)]*\)", "", new.source) == re.sub(
                r"[\[\]]|\([^)]*\)", "", old.source
            )


@every_notebook
def test_nothing_that_students_see_gives_a_solution_away(path):
    notebook, names = marked(path)
    seen = nbformat.writes(notebook)
    for name in names:
        for line in EXERCISES[name].source.rpartition('"""')[2].splitlines():
            assert len(line.strip()) < 25 or line.strip() not in seen
        for mistake in EXERCISES[name].mistakes:
            assert mistake.message not in seen


def test_writing_it_again_changes_nothing_and_leaves_the_rest_alone(tmp_path):
    course.write_course(tmp_path)
    (tmp_path / "gradebook.db").write_bytes(b"grades")
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    course.write_course(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == files
    assert len(files) == len(WORKBOOK) + 3


def test_a_stub_without_a_check_is_no_exercise_of_the_course():
    cells = ["def relu(x):\n    raise NotDone('relu')", "check(other)", "x = 3"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    assert course.mark(notebook) == []
    assert metadata(notebook) == []
