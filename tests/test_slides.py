"""Slides: where each one begins, and nothing fetched from the internet."""

import lessons
import nbformat
import pytest
import slides

new = nbformat.v4


def kinds(*cells):
    notebook = new.new_notebook(cells=list(cells))
    slides.mark(notebook)
    return [cell.metadata["slideshow"]["slide_type"] for cell in notebook.cells]


def text(source, *tags):
    return new.new_markdown_cell(source, metadata={"tags": list(tags)})


@pytest.mark.parametrize("path", lessons.lessons(), ids=lambda path: path.stem)
def test_every_cell_says_where_it_goes_on_the_slides(path):
    for cell in nbformat.read(path, as_version=4).cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type")
        assert kind in ("slide", "subslide", "skip", "-"), "run `tools/slides.py mark`"


def test_a_heading_and_a_question_begin_a_slide():
    assert kinds(text("# Title"), text("Words."), text("**Predict.**", "predict")) == [
        "slide",
        "-",
        "slide",
    ]


def test_what_does_not_fit_below_goes_on_the_next_slide_down():
    codes = [new.new_code_cell("\n".join(["x = 1"] * 15)) for _ in range(2)]
    assert kinds(text("## 1. Section"), *codes) == ["slide", "-", "subslide"]


def test_what_is_optional_or_folded_away_is_skipped():
    folded = new.new_code_cell("x = 1", metadata={"jupyter": {"source_hidden": True}})
    assert kinds(text("## On your own"), text("1. Try.", "optional"), folded) == [
        "slide",
        "skip",
        "skip",
    ]


def test_a_figure_takes_the_height_at_which_it_is_shown():
    png = "iVBORw0KGgoAAAANSUhEUgAAAyAAAAJYCAY" + "A" * 40  # 800 x 600 pixels
    output = new.new_output(
        "display_data", {"image/png": png}, metadata={"image/png": {"width": 400}}
    )
    cell = new.new_code_cell(
        "x = 1", outputs=[output], metadata={"jupyter": {"source_hidden": True}}
    )
    assert slides.height(cell) == pytest.approx(300, abs=20)


def test_slides_fetch_nothing_and_hide_folded_code(tmp_path, monkeypatch):
    monkeypatch.setattr(slides, "SLIDES", tmp_path)
    notebook = new.new_notebook(
        cells=[
            text("# The loss\n\nIt is $L$."),
            new.new_code_cell(
                "secret = 1", metadata={"jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
            ),
            new.new_code_cell("shown = 2"),
        ]
    )
    slides.mark(notebook)
    slides.build(notebook, "lesson")
    page = (tmp_path / "lesson.html").read_text(encoding="utf-8")
    assert "<math" in page
    assert "shown" in page
    assert "secret" not in page
    assert page.count('src="') == page.count('src="reveal.js/') == 1
