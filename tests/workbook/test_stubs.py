"""The workbook as it ships: stubs that agree with the exercises, and no solution."""

import ast
import inspect
from pathlib import Path

import nbformat
import pytest

from scratchcnn.exercises.declaration import EXERCISES

FOLDER = Path(__file__).parent.parent.parent / "notebooks" / "workbook"
WORKBOOK = sorted(FOLDER.glob("*.ipynb"))

every_notebook = pytest.mark.parametrize("path", WORKBOOK, ids=lambda path: path.stem)


def code_of(path):
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


def stubs_of(path):
    """Return the functions that wait for an answer, by name."""
    trees = [ast.parse(source) for source in code_of(path)]
    return {
        node.name: node
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and "NotDone" in ast.unparse(node.body[-1])
    }


def test_the_workbook_is_there():
    assert WORKBOOK


@every_notebook
def test_a_notebook_has_the_exercises_of_its_lesson(path):
    lesson = int(path.name[:2])
    assert set(stubs_of(path)) == {n for n, each in EXERCISES.items() if each.lesson == lesson}


@every_notebook
def test_stub_and_declaration_agree_in_arguments_and_docstring(path):
    for name, stub in stubs_of(path).items():
        reference = EXERCISES[name].reference
        declared = ast.parse(inspect.getsource(reference)).body[0]
        assert ast.unparse(stub.args) == ast.unparse(declared.args)
        assert ast.get_docstring(stub) == ast.get_docstring(declared)


@every_notebook
def test_a_stub_does_nothing_but_say_that_it_is_not_done(path):
    for name, stub in stubs_of(path).items():
        assert [ast.unparse(line) for line in stub.body[1:]] == [f"raise NotDone('{name}')"]


@every_notebook
def test_every_stub_is_checked_by_the_cell_that_comes_next(path):
    sources = code_of(path)
    for name in stubs_of(path):
        (at,) = (i for i, source in enumerate(sources) if f"def {name}(" in source)
        assert f"check({name})" in sources[at + 1]


@every_notebook
def test_nothing_in_a_notebook_gives_a_solution_away(path):
    everything = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
    for name in stubs_of(path):
        for line in EXERCISES[name].source.rpartition('"""')[2].splitlines():
            assert len(line.strip()) < 25 or line.strip() not in everything


@every_notebook
def test_as_it_ships_every_check_waits(path):
    cells = nbformat.read(path, as_version=4).cells
    for name in stubs_of(path):
        (cell,) = (c for c in cells if c.cell_type == "code" and f"check({name})" in c.source)
        (output,) = cell.outputs
        assert output["data"]["text/plain"] == f"… {name} waits for your answer."
