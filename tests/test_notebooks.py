"""The rules that keep notebooks executable, comparable and readable by everybody."""

from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted([*FOLDER.glob("*.ipynb"), *FOLDER.glob("workbook/*.ipynb")])
COURSE = sorted(FOLDER.glob("[0-9]*.ipynb"))

TAGS = {"hide-input", "nbval-ignore-output", "not-in-a-browser", "optional", "predict", "rounding"}
FOLDED = {"source_hidden": True}


def read(path):
    return nbformat.read(path, as_version=4)


def code_cells(path):
    return [cell for cell in read(path).cells if cell.cell_type == "code" and cell.source.strip()]


def outputs(path):
    return [output for cell in code_cells(path) for output in cell.outputs]


every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
every_lesson = pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)


def test_the_lessons_begin_with_numbers_of_their_own():
    numbers = [int(path.name[:2]) for path in COURSE]
    assert len(set(numbers)) == len(numbers) >= 5


@every_notebook
def test_every_code_cell_was_executed_in_order(path):
    counts = [cell.execution_count for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1)), "run `make notebooks` and commit the result"


@every_notebook
def test_the_format_is_valid_and_free_of_what_differs_between_machines(path):
    notebook = read(path)
    nbformat.validate(notebook)
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        assert cell.metadata.keys() <= {"tags", "jupyter", "slideshow"}
        assert set(cell.metadata.get("tags", ())) <= TAGS
        assert cell.metadata.get("jupyter", FOLDED) == FOLDED


@every_notebook
def test_no_error_and_no_warning_is_stored(path):
    for output in outputs(path):
        assert output.output_type != "error"
        assert output.get("name") != "stderr", output.get("text")


@every_notebook
def test_every_figure_has_alternative_text(path):
    for output in outputs(path):
        for kind in ("image/png", "image/jpeg", "image/svg+xml"):
            if kind in output.get("data", {}):
                alt = output.metadata.get(kind, {}).get("alt", "")
                assert len(alt.split()) >= 5, f"a figure says only {alt!r}"


@every_notebook
def test_the_file_stays_small(path):
    assert path.stat().st_size < 1_000_000


@every_notebook
def test_a_folded_cell_is_folded_in_every_reader_of_notebooks(path):
    for cell in code_cells(path):
        tags = cell.metadata.get("tags", ())
        assert ("jupyter" in cell.metadata) == ("hide-input" in tags), cell.source


@every_lesson
def test_a_lesson_asserts_what_it_claims(path):
    asserting = [cell for cell in code_cells(path) if "assert " in cell.source]
    assert len(asserting) >= 5


@every_notebook
def test_few_outputs_go_uncompared(path):
    ignored = [c for c in code_cells(path) if "nbval-ignore-output" in c.metadata.get("tags", [])]
    assert len(ignored) <= len(code_cells(path)) / 4


@every_notebook
def test_markers_for_tests_are_tags_not_comments(path):
    for cell in code_cells(path):
        assert "NBVAL" not in cell.source
