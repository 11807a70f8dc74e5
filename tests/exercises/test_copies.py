"""Working copies: an update renews those in which nothing was written, and touches no other."""

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import nbformat
import numpy as np
import pytest

from scratchcnn.exercises import check, copies, from_workbook, my_workbook, solution, start_afresh

STUB = 'def softmax(z):\n    raise NotDone("softmax")'
OTHERS = 'raise NotDone("cross_entropy")\nraise NotDone("cross_entropy_backward")'
BEGIN = "import numpy as np\nfrom scratchcnn.exercises import NotDone"
NAME = "04_softmax.ipynb"


def write(path, *sources, **metadata):
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [nbformat.v4.new_code_cell(source) for source in (BEGIN, *sources, OTHERS)]
    for number, cell in enumerate(cells):
        cell.id = f"cell{number}"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)


def sources_of(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


def edit(path, old, new):
    """Do what a student does in Jupyter, which keeps all else in the file."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace(old, new)
    nbformat.write(notebook, path)


def run(path):
    """Leave what running a notebook leaves: outputs and numbers."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["language_info"] = {"name": "python", "version": "3.13"}
    for number, cell in enumerate(notebook.cells, 1):
        cell.execution_count = number
        cell.outputs = [nbformat.v4.new_output("stream", text="hello")]
    nbformat.write(notebook, path)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course with one workbook, and a student's place in it."""
    notebooks = tmp_path / "notebooks"
    write(notebooks / "workbook" / NAME, STUB)
    monkeypatch.chdir(notebooks)
    return notebooks


@pytest.fixture
def original(course):
    return course / "workbook" / NAME


@pytest.fixture
def copy(course):
    my_workbook()
    return course / "my_workbook" / NAME


def test_each_workbook_gets_a_copy_beside_the_originals(course, original):
    before = original.read_bytes()
    note = my_workbook()
    copy = course / "my_workbook" / NAME
    assert note.message == "Your working copies are in notebooks/my_workbook.\nNew: 04_softmax."
    assert sources_of(copy) == sources_of(original)
    nbformat.validate(nbformat.read(copy, as_version=4))
    assert original.read_bytes() == before
    assert [path.name for path in course.rglob("*") if path.is_file()] == [NAME, NAME]


def test_a_second_time_there_is_nothing_to_do(copy):
    before = copy.stat()
    assert my_workbook().message == "Your working copies are in notebooks/my_workbook."
    assert copy.stat() == before


@pytest.mark.parametrize("change", [lambda path: None, run], ids=["as it came", "run"])
def test_an_update_renews_a_copy_in_which_nothing_was_written(copy, original, change):
    change(copy)
    write(original, STUB, "check(softmax)")
    assert "Renewed, since you had not written in it yet: 04_softmax." in my_workbook().message
    assert sources_of(copy) == sources_of(original)
    write(original, STUB, "check(softmax)", "# once more")  # a renewed one is as good as a new one
    my_workbook()
    assert sources_of(copy) == sources_of(original)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (STUB, "def softmax(z):\n    return z"),
        (BEGIN, BEGIN + "\nx = 3"),
        (STUB, STUB + "  # later"),
    ],
    ids=["answer", "line", "comment"],
)
def test_an_update_touches_nothing_in_which_something_was_written(copy, original, old, new):
    edit(copy, old, new)
    before = copy.read_bytes()
    write(original, STUB, "check(softmax)")
    message = my_workbook().message
    assert copy.read_bytes() == before
    assert (
        "Changed in the course since you started; your copy was left alone: 04_softmax." in message
    )
    assert 'start_afresh("05")' in message


def test_an_added_cell_counts_as_written(copy, original):
    notebook = nbformat.read(copy, as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("A thought"))
    nbformat.write(notebook, copy)
    write(original, STUB, "check(softmax)")
    my_workbook()
    assert sources_of(copy)[-1] == "A thought"


def test_without_an_update_a_copy_is_left_alone_whatever_is_in_it(copy):
    edit(copy, STUB, "def softmax(z):\n    return z")
    before = copy.read_bytes()
    assert my_workbook().message == "Your working copies are in notebooks/my_workbook."
    assert copy.read_bytes() == before


def test_work_that_was_done_in_the_original_is_copied_and_counts_as_written(course, original):
    edit(original, STUB, solution("softmax", ask=False))
    my_workbook()
    copy = course / "my_workbook" / NAME
    assert sources_of(copy) == sources_of(original)
    write(original, STUB, "check(softmax)")  # the update
    my_workbook()
    assert "np.exp" in sources_of(copy)[1]


def test_work_that_was_only_begun_in_the_original_counts_as_well(course, original):
    edit(original, STUB, STUB.replace("raise", "e = np.exp(z)\n    raise"))
    run(original)  # Jupyter cannot do one without the other
    my_workbook()
    copy = course / "my_workbook" / NAME
    write(original, STUB, "check(softmax)")
    my_workbook()
    assert "e = np.exp(z)" in sources_of(copy)[1]


def test_work_in_the_original_takes_the_place_of_a_copy_in_which_nothing_was_written(
    copy, original
):
    edit(original, STUB, solution("softmax", ask=False))
    my_workbook()
    write(original, STUB)
    my_workbook()
    assert "np.exp" in sources_of(copy)[1]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"cells": [3]}', '{"cells": 3}', "\x00"])
def test_a_copy_that_cannot_be_read_stays_as_it_is(copy, content):
    copy.write_text(content, encoding="utf-8")
    assert "Your copy cannot be read; it was left alone: 04_softmax." in my_workbook().message
    assert copy.read_text(encoding="utf-8") == content


@pytest.mark.parametrize("metadata", [{}, {"scratchcnn": 3}, {"scratchcnn": {"original": None}}])
def test_a_notebook_of_ones_own_with_the_same_name_is_left_alone(course, metadata):
    copy = course / "my_workbook" / NAME
    write(copy, "print('mine')", **metadata)
    before = copy.read_bytes()
    assert my_workbook().message == "Your working copies are in notebooks/my_workbook."
    assert copy.read_bytes() == before


def test_an_original_that_cannot_be_read_is_named_and_the_others_are_copied(course, original):
    write(course / "workbook" / "05_dense.ipynb", "raise")
    original.write_text("{", encoding="utf-8")
    message = my_workbook().message
    assert "The original cannot be read: 04_softmax." in message
    assert "New: 05_dense." in message


def test_links_are_left_alone_even_if_they_lead_nowhere(course, tmp_path):
    copy, elsewhere = course / "my_workbook" / NAME, tmp_path / "elsewhere.ipynb"
    copy.parent.mkdir()
    try:
        copy.symlink_to(elsewhere)
    except OSError:
        pytest.skip("links cannot be made here")
    assert "copied" not in my_workbook().message
    assert not elsewhere.exists()
    elsewhere.write_bytes(copies.fresh(course / "workbook" / NAME))
    write(course / "workbook" / NAME, STUB, "check(softmax)")
    my_workbook()
    assert copy.is_symlink()


def test_a_folder_that_cannot_be_written_is_met_calmly(course):
    (course / "my_workbook").write_text("in the way", encoding="utf-8")
    message = my_workbook().message
    assert message.startswith("There are no working copies.\nCould not be copied (")
    assert "You can work in workbook itself." in message


def test_when_the_disk_is_full_the_old_copy_is_still_complete(copy, original, monkeypatch):
    write(original, STUB, "check(softmax)")
    before = copy.read_bytes()

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert "Could not be copied (No space left on device): 04_softmax." in my_workbook().message
    assert copy.read_bytes() == before
    assert [path.name for path in copy.parent.iterdir()] == [NAME]


def test_starting_afresh_keeps_what_was_there_under_a_dated_name(copy, original):
    edit(copy, STUB, solution("softmax", ask=False))
    mine = copy.read_bytes()
    first = start_afresh("04")
    assert sources_of(copy) == sources_of(original)
    assert first.headline == "04_softmax.ipynb is as new."
    start_afresh("04")
    kept = sorted(
        path for path in copy.parent.iterdir() if path.name.startswith("old_04_softmax_20")
    )
    assert len(kept) == 2
    assert mine in [path.read_bytes() for path in kept]
    assert any(path.name in first.message for path in kept)


def test_a_damaged_copy_can_be_begun_anew(copy, original):
    copy.write_text("{", encoding="utf-8")
    start_afresh("04")
    assert sources_of(copy) == sources_of(original)


def test_what_was_kept_is_not_taken_for_the_workbook(copy, capsys, monkeypatch):
    edit(copy, STUB, solution("softmax", ask=False))
    monkeypatch.chdir(copy.parent)
    from_workbook("softmax")
    assert "✓ softmax: yours" in capsys.readouterr().out
    start_afresh("04")
    capsys.readouterr()
    from_workbook("softmax")
    assert capsys.readouterr().out.startswith("… softmax waits for your answer in workbook 04")


@pytest.mark.parametrize("name", ["", "05", 5, "softmax"])
def test_an_unknown_name_is_answered_with_those_that_there_are(copy, name):
    before = copy.read_bytes()
    assert start_afresh(name).message == f"There is no workbook {name}. There are 04."
    assert copy.read_bytes() == before


@pytest.mark.parametrize("name", ["04", "4", 4, "04_softmax", "04_softmax.ipynb"])
def test_a_workbook_can_be_named_in_several_ways(copy, name):
    assert start_afresh(name).headline == "04_softmax.ipynb is as new."


def test_if_a_new_copy_cannot_be_written_the_old_one_is_where_it_was(copy, monkeypatch):
    before = copy.read_bytes()

    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copies, "write_atomic", full)
    assert "could not be replaced" in start_afresh("04").message
    assert copy.read_bytes() == before
    assert [path.name for path in copy.parent.iterdir()] == [NAME]


def test_progress_goes_along_once(course):
    theirs = course / "workbook" / "workbook_progress.json"
    theirs.write_text("{}", encoding="utf-8")
    my_workbook()
    mine = course / "my_workbook" / "workbook_progress.json"
    assert mine.read_text(encoding="utf-8") == "{}"
    mine.write_text('{"relu": {}}', encoding="utf-8")
    my_workbook()
    assert mine.read_text(encoding="utf-8") == '{"relu": {}}'


@pytest.mark.parametrize("place", [".", "..", "workbook", "my_workbook"])
def test_the_originals_are_found_from_each_place_where_one_may_stand(copy, monkeypatch, place):
    monkeypatch.chdir(copy.parent.parent / place)
    assert copies.find_originals() == copy.parent.parent / "workbook"


def test_from_anywhere_else_those_of_the_course_are_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    course = Path(__file__).parents[2] / "notebooks" / "workbook"
    assert copies.find_originals() == course
    monkeypatch.setattr(copies, "__file__", str(tmp_path / "a" / "b" / "copies.py"))
    assert my_workbook().message == "The folder notebooks/workbook was not found."


def test_the_command_makes_copies_and_begins_anew(course):
    def command(*arguments):
        line = [sys.executable, "-m", "scratchcnn.exercises", *arguments]
        done = subprocess.run(line, capture_output=True, text=True, encoding="utf-8")
        return done.returncode, done.stdout

    assert command() == (0, "Your working copies are in notebooks/my_workbook.\nNew: 04_softmax.\n")
    code, words = command("afresh", "04")
    assert code == 0
    assert words.startswith("04_softmax.ipynb is as new.\nWhat you had is now old_04_softmax_20")
    assert command("afresh")[0] == 2


def right(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def test_who_writes_in_the_original_is_led_to_the_copy(course, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", str(course / "workbook" / NAME))
    monkeypatch.chdir(course / "workbook")
    result = check(right, "softmax")
    assert result.passed
    assert "You are writing in the original" in result.message
    assert "continue in your own copy, my_workbook/04_softmax.ipynb." in result.message
    assert "my_workbook()" in result.message


@pytest.mark.parametrize("folder", ["my_workbook", "workbook", "."])
def test_nobody_else_reads_that(copy, monkeypatch, folder):
    place = copy.parent.parent / folder
    if folder == "workbook":  # as tests and tools run it, outside Jupyter's server
        monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    else:
        monkeypatch.setenv("JPY_SESSION_NAME", str(place / NAME))
    monkeypatch.chdir(place)
    assert "original" not in check(right, "softmax").message


def test_in_a_browser_there_are_no_copies(course, monkeypatch):
    monkeypatch.setattr(copies, "IN_BROWSER", True)
    assert "you need no copies" in my_workbook().message
    assert not (course / "my_workbook").exists()


def test_make_check_takes_the_copies_if_there_are_any(course, original):
    check_workbook = import_module("check_workbook")
    assert check_workbook.workbooks(course) == [original]
    my_workbook()
    start_afresh("04")
    assert check_workbook.workbooks(course) == [course / "my_workbook" / NAME]


def test_make_lab_makes_the_copies_before_it_opens_jupyter():
    makefile = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")
    recipe = makefile.partition("\nlab: ")[2].partition("\n\n")[0]
    assert 0 < recipe.find("-m scratchcnn.exercises") < recipe.find("jupyter lab")


def test_the_workbooks_of_the_course_count_as_not_written_in():
    folder = Path(__file__).parents[2] / "notebooks" / "workbook"
    for path in sorted(folder.glob("*.ipynb")):
        notebook = json.loads(copies.fresh(path))
        assert copies.origin(notebook) == copies.digest(copies.read(path)), path.name
