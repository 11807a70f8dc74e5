"""Pages for readers without Jupyter: formulas as MathML, and nothing fetched from the internet."""

import importlib.util
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("notebook_tool", ROOT / "tools/notebooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_formula_becomes_mathml(tool, path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            converted = tool.with_mathml(cell.source)
            assert converted.count("<math") == converted.count("</math>")
            assert "$$" not in converted


def test_code_and_its_dollars_stay_as_they_are(tool):
    text = "Say `a $x$ b`:\n```\nprice = $5 + $6\n```"
    assert tool.with_mathml(text) == text


def test_a_formula_that_cannot_be_drawn_is_an_error(tool):
    with pytest.raises(ValueError, match="no MathML"):
        tool.with_mathml(r"$$\begin{aligned} a &= 1 \\ b &= 2 \end{aligned}$$")


@pytest.mark.parametrize(
    ("formula", "signs"),
    [("= -7", 1), ("(-2)", 1), (r"3 \cdot -2", 1), ("a - b", 0), ("(a) - b", 0), ("k[i] - b", 0)],
)
def test_a_minus_that_is_a_sign_stands_at_its_number(tool, formula, signs):
    assert tool.with_mathml(f"${formula}$").count('<mo form="prefix">&#x02212;') == signs


@pytest.mark.parametrize(("formula", "spaces"), [(r"\log p", 1), (r"\log_2 x", 1), (r"\log(p)", 0)])
def test_a_logarithm_keeps_its_distance(tool, formula, spaces):
    assert tool.with_mathml(f"${formula}$").count("<mspace") == spaces


def test_a_page_fetches_nothing(tool, tmp_path, monkeypatch):
    monkeypatch.setattr(tool, "PAGES", tmp_path)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("The loss $L$.")])
    tool.write_page(notebook, Path("lesson.ipynb"))
    page = (tmp_path / "lesson.html").read_text(encoding="utf-8")
    assert "<math" in page
    assert "src=" not in page.replace("data:", "")
    assert "max-width: 66rem" in page


def test_the_code_of_a_folded_cell_waits_behind_a_word(tool, tmp_path, monkeypatch):
    monkeypatch.setattr(tool, "PAGES", tmp_path)
    folded = nbformat.v4.new_code_cell("set_up = 1", metadata={"tags": ["hide-input"]})
    notebook = nbformat.v4.new_notebook(cells=[folded, nbformat.v4.new_code_cell("shown = 1")])
    tool.write_page(notebook, Path("lesson.ipynb"))
    page = (tmp_path / "lesson.html").read_text(encoding="utf-8")
    before, after = page.split("<details><summary>Code</summary>")
    assert "set_up" not in before
    assert "set_up" in after.split("</details>")[0]
    assert "shown" not in after.split("</details>")[0]
