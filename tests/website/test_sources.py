"""How notebooks and guides become the sources of the website."""

import nbformat
import pytest
from website.sources import WIDGET, Links, home, lesson

new = nbformat.v4
PNG = "iVBORw0KGgoAAAANSUhEUgAAAyAAAAJYCAY" + "A" * 40  # 800 x 600 pixels
PLACES = {
    "docs/guide.md": "guide.md",
    "notebooks/01_one.ipynb": "lessons/01_one.ipynb",
    "notebooks/02_two.ipynb": "lessons/02_two.ipynb",
}


def links(source="notebooks/01_one.ipynb", running=True):
    return Links(source, PLACES[source], PLACES, running)


def page(*cells, running=True):
    """Return the first lesson as a page, with a title and these cells."""
    title = new.new_markdown_cell("# Slide a window\n\nWords.")
    return lesson(new.new_notebook(cells=[title, *cells]), links(running=running)).cells


def code(data, metadata=None):
    output = new.new_output("execute_result", data, metadata=metadata or {})
    return new.new_code_cell("x", outputs=[output])


@pytest.mark.parametrize(
    ("source", "written", "followed"),
    [
        ("notebooks/01_one.ipynb", "[two](02_two.ipynb)", "[two](02_two.ipynb)"),
        ("docs/guide.md", "[one](../notebooks/01_one.ipynb#a)", "[one](lessons/01_one.ipynb#a)"),
        ("notebooks/01_one.ipynb", "[guide](../docs/guide.md)", "[guide](../guide.md)"),
        ("docs/guide.md", "[out](https://example.org)", "[out](https://example.org)"),
        ("docs/guide.md", "![picture](picture.png)", "![picture](picture.png)"),
        ("docs/guide.md", "[here](#below)", "[here](#below)"),
        ("docs/guide.md", "[the Makefile](../Makefile)", "the Makefile"),
    ],
)
def test_a_link_leads_to_the_page_on_the_site(source, written, followed):
    assert links(source).follow(written) == followed


def test_a_link_to_the_workbook_leads_to_where_it_runs():
    text = "[workbook](workbook/01_one.ipynb)"
    address = "../lite/lab/index.html?path=workbook/01_one.ipynb"
    assert f'href="{address}"' in links().follow(text)


def test_without_the_running_course_its_links_lead_to_words():
    followed = links(running=False).follow('[workbook](workbook/01_one.ipynb), <a href="run:">')
    assert followed.count('href="../running.html"') == 2


def test_a_link_that_leads_nowhere_is_an_error():
    with pytest.raises(SystemExit, match=r"guide\.md links to gone\.md"):
        links("docs/guide.md").follow("[gone](gone.md)")


def test_only_a_site_with_the_running_course_speaks_of_it():
    text = "a\n<!-- running -->\nb\n<!-- end -->\nc"
    assert links().follow(text) == "a\nb\nc"
    assert links(running=False).follow(text) == "a\nc"


def test_a_lesson_begins_with_its_number_and_a_way_to_run_it():
    title, button, words = page()[0].source.split("\n\n")
    assert title == "# Lesson 01: Slide a window"
    assert 'href="../lite/lab/index.html?path=01_one.ipynb"' in button
    assert words == "Words."


def test_a_figure_keeps_its_alternative_text_and_its_place():
    cell = page(code({"image/png": PNG}, {"image/png": {"alt": "A curve.", "width": 400}}))[1]
    assert cell.metadata["mystnb"]["image"]["alt"] == "A curve."
    assert cell.outputs[0].metadata["image/png"]["height"] == 300


def test_an_explorer_is_a_picture_with_a_way_to_the_explorer():
    data = {"image/png": PNG, WIDGET: {}, "text/plain": "run this cell to play with it"}
    cell = page(code(data, {"image/png": {"alt": "An explorer.", "width": 400}}))[1]
    picture, way = cell.outputs
    assert WIDGET not in picture.data
    assert "lite/lab/index.html?path=01_one.ipynb" in way.data["text/html"]


def test_without_the_running_course_a_page_says_how_to_run_it_on_a_computer():
    data = {"image/png": PNG, WIDGET: {}, "text/plain": "run this cell to play with it"}
    cell = code(data, {"image/png": {"alt": "An explorer.", "width": 400}})
    title, explorer = page(cell, running=False)
    button = '<a class="button" href="../running.html">How to run this page on your computer</a>'
    assert button in title.source
    link = '<a href="../running.html">run the course on your computer</a>'
    assert link in explorer.outputs[1].data["text/html"]


def test_a_mission_stays_words():
    cell = page(code({WIDGET: {}, "text/plain": "Mission 1: Draw a digit."}))[1]
    assert [output.data for output in cell.outputs] == [{"text/plain": "Mission 1: Draw a digit."}]


def test_a_cell_with_two_pictures_is_an_error():
    cell = code({"image/png": PNG}, {"image/png": {"alt": "A curve.", "width": 400}})
    cell.outputs *= 2
    with pytest.raises(SystemExit, match="two pictures"):
        page(cell)


def test_what_a_progress_bar_has_left_is_left_out():
    assert page(code({"text/html": "", "text/plain": "<object>"}))[1].outputs == []


def test_the_home_page_lists_every_lesson_in_order():
    text = home("% menu\n\n% table", PLACES)
    assert text.index("01 one <lessons/01_one>") < text.index("02 two <lessons/02_two>")
    assert text.index("[01 one](lessons/01_one.ipynb)") < text.index("[02 two]")
