"""The workbook as it ships: stubs that agree with the exercises, and no solution."""

import ast
from pathlib import Path

import nbformat
import pytest
from solving import functions_in, stub_of

from scratchcnn.exercises.declaration import EXERCISES

FOLDER = Path(__file__).parent.parent.parent / "notebooks" / "workbook"
WORKBOOK = sorted(FOLDER.glob("*.ipynb"))

every_notebook = pytest.mark.parametrize("path", WORKBOOK, ids=lambda path: path.stem)


def code_of(path):
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


def stubs_of(path):
    """Return the functions and classes that wait for an answer, by name."""
    trees = [ast.parse(source) for source in code_of(path)]
    return {
        node.name: node
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and "NotDone" in ast.unparse(functions_in(node)[-1].body[-1])
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
        # They differ only in the lines below the docstrings.
        declared = ast.parse(stub_of(EXERCISES[name])).body[0]
        assert ast.dump(stub) == ast.dump(declared)


@every_notebook
def test_a_stub_does_nothing_but_say_that_it_is_not_done(path):
    for name, stub in stubs_of(path).items():
        for function in functions_in(stub):
            assert [ast.unparse(line) for line in function.body[1:]] == [f"raise NotDone('{name}')"]


@every_notebook
def test_every_stub_is_checked_by_the_cell_that_comes_next(path):
    sources = code_of(path)
    for name in stubs_of(path):
        begins = f"def {name}(", f"class {name}("
        (at,) = (i for i, source in enumerate(sources) if source.startswith(begins))
        assert f"check({name})" in sources[at + 1]


@every_notebook
def test_nothing_in_a_notebook_gives_a_solution_away(path):
    everything = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
    for name in stubs_of(path):
        source = EXERCISES[name].source
        functions = functions_in(ast.parse(source).body[0])
        statements = [line for function in functions for line in function.body[1:]]
        for statement in statements:
            for line in ast.get_source_segment(source, statement).splitlines():
                assert len(line.strip()) < 25 or line.strip() not in everything


@every_notebook
def test_as_it_ships_every_check_waits(path):
    cells = nbformat.read(path, as_version=4).cells
    for name in stubs_of(path):
        (cell,) = (c for c in cells if c.cell_type == "code" and f"check({name})" in c.source)
        (output,) = cell.outputs
        waits = f"… {name} waits for your answer.\n"
        assert output["data"]["text/plain"].startswith(waits)
