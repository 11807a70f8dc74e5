"""The notebooks in a student's folder on a hub: what is renewed, and what is left alone."""

import importlib.util
import json
import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LESSON, WORKBOOK = "01_convolution.ipynb", "workbook/01_convolution.ipynb"

spec = importlib.util.spec_from_file_location(
    "prepare_home", ROOT / "deploy" / "jupyterhub" / "prepare_home.py"
)
prepare_home = importlib.util.module_from_spec(spec)
spec.loader.exec_module(prepare_home)


@pytest.fixture
def course(tmp_path):
    """A course with one lesson and one workbook, so that it can be changed."""
    for name in (LESSON, WORKBOOK, "results/ablation.json"):
        target = tmp_path / "course" / "notebooks" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "notebooks" / name, target)
    return tmp_path / "course"


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def first_cell(path):
    return "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])


def write_into(path, text):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][0]["source"] = text
    path.write_text(json.dumps(notebook), encoding="utf-8")


def test_a_new_student_gets_lessons_originals_copies_and_results(course, home):
    prepare_home.prepare(course, home)
    mine = home / "notebooks"
    assert first_cell(mine / LESSON) == first_cell(course / "notebooks" / LESSON)
    assert first_cell(mine / "my_workbook" / LESSON) == first_cell(mine / WORKBOOK)
    assert json.loads((mine / "results" / "ablation.json").read_text(encoding="utf-8"))["runs"]


def test_originals_are_read_only_and_what_a_student_writes_in_is_not(course, home):
    prepare_home.prepare(course, home)
    mine = home / "notebooks"
    assert not (mine / WORKBOOK).stat().st_mode & 0o222
    for name in (LESSON, f"my_workbook/{LESSON}"):
        assert (mine / name).stat().st_mode & 0o200


def test_what_a_student_has_written_stays_when_the_course_changes(course, home):
    prepare_home.prepare(course, home)
    mine = home / "notebooks"
    for name in (LESSON, f"my_workbook/{LESSON}"):
        write_into(mine / name, "mine")
    for name in (LESSON, WORKBOOK):
        write_into(course / "notebooks" / name, "newer")
    prepare_home.prepare(course, home)
    assert first_cell(mine / LESSON) == "mine"
    assert first_cell(mine / "my_workbook" / LESSON) == "mine"
    assert first_cell(mine / WORKBOOK) == "newer"


def test_a_lesson_in_which_nothing_was_written_follows_the_course_even_if_it_was_run(course, home):
    prepare_home.prepare(course, home)
    mine = home / "notebooks" / LESSON
    notebook = json.loads(mine.read_text(encoding="utf-8"))
    next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")["outputs"] = []
    mine.write_text(json.dumps(notebook), encoding="utf-8")
    write_into(course / "notebooks" / LESSON, "newer")
    prepare_home.prepare(course, home)
    assert first_cell(mine) == "newer"


def test_when_the_course_moves_the_results_are_found_in_its_new_place(course, home):
    prepare_home.prepare(course, home)
    moved = course.rename(course.with_name("moved"))
    prepare_home.prepare(moved, home)
    assert (home / "notebooks" / "results" / "ablation.json").exists()


def test_results_of_a_student_are_not_replaced_by_those_of_the_course(course, home):
    (home / "notebooks" / "results").mkdir(parents=True)
    prepare_home.prepare(course, home)
    assert os.listdir(home / "notebooks" / "results") == []


NEW = "01_renamed.ipynb"


def rename_in(course):
    for folder in (course / "notebooks", course / "notebooks" / "workbook"):
        (folder / LESSON).rename(folder / NEW)


def test_what_the_course_has_renamed_is_there_once_if_nothing_was_written_in_it(course, home):
    prepare_home.prepare(course, home)
    rename_in(course)
    prepare_home.prepare(course, home)
    mine = home / "notebooks"
    for folder in (mine, mine / "workbook", mine / "my_workbook"):
        assert [path.name for path in folder.glob("*.ipynb")] == [NEW]


def test_what_a_student_has_written_stays_when_the_course_no_longer_has_it(course, home):
    prepare_home.prepare(course, home)
    mine = home / "notebooks"
    shutil.copyfile(mine / LESSON, mine / "my copy.ipynb")
    (mine / "my own.ipynb").write_text('{"cells": []}', encoding="utf-8")
    (mine / "damaged.ipynb").write_text("{", encoding="utf-8")
    for folder in (mine, mine / "my_workbook"):
        write_into(folder / LESSON, "mine")
    rename_in(course)
    prepare_home.prepare(course, home)
    for folder in (mine, mine / "my_workbook"):
        assert first_cell(folder / LESSON) == "mine"
    assert {"my copy.ipynb", "my own.ipynb", "damaged.ipynb"} <= set(os.listdir(mine))


def test_a_course_that_cannot_be_seen_takes_nothing_away(course, home):
    prepare_home.prepare(course, home)
    before = sorted((home / "notebooks").rglob("*.ipynb"))
    shutil.rmtree(course / "notebooks")
    prepare_home.prepare(course, home)
    assert sorted((home / "notebooks").rglob("*.ipynb")) == before


def test_a_working_copy_that_cannot_be_made_is_an_error(course, home):
    (home / "notebooks").mkdir(parents=True)
    (home / "notebooks" / "my_workbook").write_text("in the way", encoding="utf-8")
    with pytest.raises(OSError, match="working copy"):
        prepare_home.prepare(course, home)


def test_without_a_change_nothing_is_written_again(course, home):
    prepare_home.prepare(course, home)
    files = [path for path in (home / "notebooks").rglob("*.ipynb") if path.is_file()]
    before = {path: path.stat().st_mtime_ns for path in files}
    prepare_home.prepare(course, home)
    assert {path: path.stat().st_mtime_ns for path in files} == before
    assert len(files) == 3


def test_the_list_of_fonts_is_taken_over_so_that_no_kernel_looks_for_them(course, home, tmp_path):
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    (fonts / "fontlist-v1.json").write_text("{}", encoding="utf-8")
    prepare_home.prepare(course, home, fonts)
    assert (home / ".cache" / "matplotlib" / "fontlist-v1.json").exists()


def test_a_folder_that_cannot_be_prepared_is_an_error_and_not_half_a_course(course, home):
    home.mkdir()
    (home / "notebooks").write_text("in the way", encoding="utf-8")
    with pytest.raises(OSError, match="notebooks"):
        prepare_home.prepare(course, home)
    assert os.listdir(home) == ["notebooks"]
