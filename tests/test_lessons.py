"""The rules that make a lesson one that a class can follow in an hour."""

import ast
import re

import lessons
import nbformat
import pytest

LONGEST = 55  # minutes of a class hour


def read(path):
    return nbformat.read(path, as_version=4)


def markdown(path):
    return [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]


def visible_code(path):
    return [
        cell.source
        for cell in read(path).cells
        if cell.cell_type == "code" and not lessons.is_folded(cell)
    ]


def questions(path):
    return [cell.source for cell in read(path).cells if "predict" in lessons.tags(cell)]


every_lesson = pytest.mark.parametrize("path", lessons.lessons(), ids=lambda path: path.stem)


@every_lesson
def test_a_lesson_fits_a_class_hour(path):
    assert lessons.minutes(read(path)) <= LONGEST


@every_lesson
def test_a_lesson_takes_the_minutes_that_it_claims(path):
    notebook = read(path)
    measured = lessons.minutes(notebook)
    assert lessons.claimed_minutes(notebook) == pytest.approx(measured, rel=0.1)


@every_lesson
def test_a_lesson_opens_with_what_it_holds_and_ends_with_exercises_and_a_summary(path):
    opening, text = "\n".join(markdown(path)[:4]), "\n".join(markdown(path))
    assert opening.startswith("# ")
    for word in ("do", "learn", "need", "minutes"):
        assert re.search(rf"\b{word}\b", opening.lower())
    assert "\n## On your own" in text
    assert "\n## Summary" in text
    assert "**Next:**" in markdown(path)[-1]


@every_lesson
def test_every_heading_begins_a_cell(path):
    for source in markdown(path):
        prose = re.sub(r"```.*?```", "", source, flags=re.DOTALL)
        later_lines = prose.splitlines()[1:]
        assert not [line for line in later_lines if re.match(r"#+ ", line)]


@every_lesson
def test_sections_are_numbered_from_one(path):
    titles = re.findall(r"^## (.+)", "\n".join(markdown(path)), flags=re.MULTILINE)
    numbered = [title for title in titles if title not in ("On your own", "Summary")]
    for number, title in enumerate(numbered, start=1):
        assert title.startswith(f"{number}. ")


@every_lesson
def test_a_lesson_lets_the_class_predict_before_a_cell_answers(path):
    cells = read(path).cells
    asked = [place for place, cell in enumerate(cells) if "predict" in lessons.tags(cell)]
    assert len(asked) >= 4
    assert all(any(cell.cell_type == "code" for cell in cells[place:]) for place in asked)


@every_lesson
def test_every_question_offers_answers_of_which_one_is_correct_and_explains_each(path):
    for question in questions(path):
        answers = re.findall(
            r"<details>\n<summary>(.+?)</summary>\n\n(.+?)\n\n</details>", question, re.DOTALL
        )
        assert len(answers) == question.count("<details>") >= 3
        assert sum(reply.startswith("**Correct.**") for _, reply in answers) == 1
        assert all(len(reply.split()) >= 4 for _, reply in answers)


@every_lesson
def test_visible_code_imports_nothing_but_the_subject(path):
    subject = {"numpy", "scratchcnn"} | ({"keras"} if "keras" in path.name else set())
    for source in visible_code(path):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module]
            else:
                continue
            assert {module.split(".")[0] for module in modules} <= subject


@every_lesson
def test_visible_code_shows_a_figure_in_one_line_without_words(path):
    for source in visible_code(path):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "plots.show":
                assert node.lineno == node.end_lineno, ast.unparse(node)
                assert not node.keywords, "alternative text belongs to the plot function"
            assert not (
                isinstance(node, ast.Import | ast.ImportFrom) and "plt" in ast.unparse(node)
            )


def test_minutes_count_words_visible_lines_figures_and_explorers():
    new = nbformat.v4
    picture = new.new_output("display_data", {"image/png": "", "text/plain": "a figure"})
    explorer = new.new_output(
        "display_data", {"image/png": "", "text/plain": "Pad: run this cell to play with it"}
    )
    folded = {"jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
    lesson = new.new_notebook(
        cells=[
            new.new_markdown_cell("# One two <b>three</b> - 4"),
            new.new_code_cell("a = 1\n\nb = 2", outputs=[picture]),
            new.new_code_cell("c = 3", outputs=[explorer], metadata=folded),
            new.new_markdown_cell("not counted", metadata={"tags": ["optional"]}),
            new.new_code_cell("d = 4", outputs=[picture], metadata={"tags": ["optional"]}),
        ]
    )
    assert lessons.minutes(lesson) == pytest.approx(4 / 130 + 2 / 8 + 1 + 2)
