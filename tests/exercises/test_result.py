"""A result reads the same in words and in color, and a notebook shows it once."""

import re
from html import unescape

import pytest

from scratchcnn.exercises import NotDone, check
from scratchcnn.exercises.declaration import EXERCISES


def words_of(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.mark.parametrize("function", [EXERCISES["relu"].reference, lambda x: x, lambda x: x < 0])
def test_the_box_says_in_words_what_the_text_says(function):
    result = check(function, "relu")
    assert words_of(result._repr_html_()) == " ".join(result.message.split())
    assert repr(result) == result.message


def test_pass_and_fail_differ_in_words_and_sign_not_only_in_color():
    passed = check(EXERCISES["relu"].reference)
    failed = check(lambda x: x, "relu")
    assert passed.message.startswith("✓ relu is right")
    assert failed.message.startswith("✗ relu is not right yet")


def test_what_a_function_returns_cannot_write_into_the_page():
    html = check(lambda x: "<script>alert(1)</script>" + 0, "relu")._repr_html_()
    assert "<script>" not in html
    html = check(lambda x: ["<script>"], "relu")._repr_html_()
    assert "<script>" not in html


def test_a_stub_called_by_itself_gives_one_sentence():
    error = NotDone("correlate")
    assert str(error) == "correlate waits for your answer."
    assert error._render_traceback_() == ["correlate waits for your answer."]


@pytest.mark.slow
def test_a_notebook_shows_a_check_once_wherever_it_stands_in_the_cell():
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    sources = [
        "import numpy as np\nfrom scratchcnn.exercises import check\n"
        "def relu(x):\n    return np.maximum(x, 0)\ncheck(relu)",
        "result = check(relu)\nassert result.passed",
        "result = check(relu)\nresult",
        "result",
        "from scratchcnn.exercises import NotDone\nraise NotDone('relu')",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    nbclient.NotebookClient(notebook, timeout=60, allow_errors=True).execute()
    for cell in notebook.cells[:4]:
        (output,) = cell.outputs
        assert output["data"]["text/plain"] == "✓ relu is right in all 4 cases."
        assert "relu is right" in output["data"]["text/html"]
    assert notebook.cells[4].outputs[0]["traceback"] == ["relu waits for your answer."]
