"""Formulas: all of the course become MathML, in the website's pages and in the slides."""

import formulas
import lessons
import nbformat
import pytest


@pytest.mark.parametrize("path", lessons.lessons(), ids=lambda path: path.stem)
def test_every_formula_becomes_mathml(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            converted = formulas.with_mathml(cell.source)
            assert converted.count("<math") == converted.count("</math>")
            assert "$$" not in converted


def test_code_and_its_dollars_stay_as_they_are():
    text = "Say `a $x$ b`:\n```\nprice = $5 + $6\n```"
    assert formulas.with_mathml(text) == text


def test_a_formula_that_cannot_be_drawn_is_an_error():
    with pytest.raises(ValueError, match="no MathML"):
        formulas.with_mathml(r"$$\begin{aligned} a &= 1 \\ b &= 2 \end{aligned}$$")


@pytest.mark.parametrize(
    ("formula", "signs"),
    [("= -7", 1), ("(-2)", 1), (r"3 \cdot -2", 1), ("a - b", 0), ("(a) - b", 0), ("k[i] - b", 0)],
)
def test_a_minus_that_is_a_sign_stands_at_its_number(formula, signs):
    assert formulas.mathml(formula).count('<mo form="prefix">&#x02212;') == signs


@pytest.mark.parametrize(("formula", "spaces"), [(r"\log p", 1), (r"\log_2 x", 1), (r"\log(p)", 0)])
def test_a_logarithm_keeps_its_distance(formula, spaces):
    assert formulas.mathml(formula).count("<mspace") == spaces
