"""The teacher's guide: it says of each lesson what the lesson itself says."""

import re
from pathlib import Path

import lessons
import nbformat
import pytest

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOTEBOOKS = [*lessons.lessons(), lessons.PLAYGROUND]

every_lesson = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path):
    return nbformat.read(path, as_version=4)


def parts():
    """Return the guide's part on each notebook, by the notebook's file name, in order."""
    found = re.findall(r"^### \[.+?\]\(../notebooks/(.+?)\)(.*?)(?=^##|\Z)", GUIDE, re.M | re.S)
    return dict(found)


def table(text):
    """Return the cells of each row of the first table in a text, without its heading."""
    rows = re.findall(r"^\|(.+)\|$", text, re.M)[2:]
    return [[cell.strip() for cell in row.split("|")] for row in rows]


def term_plan(hours):
    return table(GUIDE.split(f"## A term of {hours} hours\n")[1].split("\n## ")[0])


def test_every_lesson_has_its_part_in_order():
    assert list(parts()) == [path.name for path in NOTEBOOKS]


@every_lesson
def test_the_table_of_a_lesson_names_its_sections_in_order(path):
    """If it does not: `python tools/lessons.py 03 --rows` prints the rows of lesson 03."""
    expected = [title for title, _ in lessons.table_rows(read(path))]
    assert [row[0] for row in table(parts()[path.name])] == expected


@every_lesson
def test_the_table_of_a_lesson_gives_its_minutes(path):
    """If it does not: `python tools/lessons.py 03 --rows` prints the rows of lesson 03."""
    rows = table(parts()[path.name])
    written = {row[0]: int(row[1]) for row in rows}
    measured = dict(lessons.table_rows(read(path)))
    both = written.keys() & measured.keys()
    off = {title: measured[title] for title in both if abs(written[title] - measured[title]) > 1}
    assert not off, "these sections take other minutes now"


@every_lesson
def test_every_row_says_what_to_do(path):
    for row in table(parts()[path.name]):
        assert len(row) == 3
        assert row[2]


@every_lesson
def test_every_part_says_what_to_ask_what_goes_wrong_what_to_skip_and_what_is_homework(path):
    part = parts()[path.name]
    for heading in ("Ask", "Mistakes", "Short of time", "Homework"):
        assert re.search(rf"^\*\*{heading}\.\*\* \S", part, re.M), heading


@pytest.mark.parametrize("path", lessons.lessons(), ids=lambda path: path.stem)
def test_the_heading_of_a_part_gives_the_minutes_that_the_lesson_promises(path):
    heading = parts()[path.name].splitlines()[0]
    assert heading == f", {lessons.claimed_minutes(read(path))} minutes"


@pytest.mark.parametrize("path", lessons.lessons(), ids=lambda path: path.stem)
def test_the_readme_gives_the_minutes_that_the_lesson_promises(path):
    row = re.search(rf"^\| \[.+?\]\(notebooks/{path.name}\) .*\| (\d+) \|$", README, re.M)
    assert int(row[1]) == lessons.claimed_minutes(read(path))


@pytest.mark.parametrize("path", lessons.lessons(), ids=lambda path: path.stem)
def test_homework_is_among_the_exercises_of_the_lesson(path):
    optional = [cell.source for cell in read(path).cells if "optional" in lessons.tags(cell)]
    exercises = set(re.findall(r"^(?:\*\*)?(\d)\. ", "\n".join(optional), re.M))
    homework = re.search(r"^\*\*Homework\.\*\* (.+?)\n\n", parts()[path.name], re.M | re.S)[1]
    assigned = set(re.findall(r"\d", homework))
    assert assigned
    assert assigned <= exercises


@pytest.mark.parametrize("hours", [14, 7])
def test_a_term_plan_fills_its_hours_with_lessons_that_exist(hours):
    plan = term_plan(hours)
    assert [int(hour) for hour, _ in plan] == list(range(1, hours + 1))
    named = {number for _, what in plan for number in re.findall(r"\b\d\d\b", what)}
    assert {"01", "06", "08"} <= named <= {path.name[:2] for path in lessons.lessons()}


def test_every_link_leads_somewhere():
    links = re.findall(r"\]\((.+?)\)", GUIDE)
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


def test_every_make_target_of_the_guide_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make\s+([a-z]+)`", GUIDE):
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_the_readme_leads_to_the_guide():
    assert "(docs/teaching.md)" in README


def test_opening_and_numbered_sections_have_a_row_and_exercises_and_summary_have_none():
    new = nbformat.v4
    titles = ["# A lesson", "## 1. First", "## On your own", "## Summary"]
    lesson = new.new_notebook(cells=[new.new_markdown_cell(title) for title in titles])
    lesson.cells.insert(2, new.new_markdown_cell("word " * 390))
    assert lessons.table_rows(lesson) == [("Opening", 1), ("1. First", 3)]
