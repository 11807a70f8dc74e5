"""What is done to the course's notebooks on their way into the running course."""

import json

import nbformat
from website import running


def notebook(text):
    cell = nbformat.v4.new_code_cell("a = 1\nprint(a)")
    cell.outputs = [
        nbformat.v4.new_output("stream", name="stdout", text=text),
        nbformat.v4.new_output("display_data", {"text/plain": "one\ntwo"}),
    ]
    return nbformat.writes(nbformat.v4.new_notebook(cells=[cell])).encode()


def test_texts_are_in_one_piece_and_nothing_else_changes():
    before = notebook("1\n2\n")
    after = running.marked(before)
    (cell,) = json.loads(after)["cells"]
    assert cell["source"] == "a = 1\nprint(a)"
    assert cell["outputs"][0]["text"] == "1\n2\n"
    assert cell["outputs"][1]["data"] == {"text/plain": "one\ntwo"}
    old, new = (nbformat.reads(text.decode(), as_version=4) for text in (before, after))
    nbformat.validate(new)
    assert new.metadata.pop("scratchcnn")
    assert new == old


def test_a_notebook_that_changes_has_another_mark(tmp_path):
    for name, text in (("one", "1"), ("other", "2")):
        (tmp_path / f"{name}.ipynb").write_bytes(running.marked(notebook(text)))
    marks = running.originals(tmp_path)
    assert set(marks) == {"one.ipynb", "other.ipynb"}
    assert marks["one.ipynb"] != marks["other.ipynb"]


def test_the_notebooks_lie_where_their_links_lead(tmp_path):
    running.copy_notebooks(tmp_path)
    copied = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert {"01_convolution.ipynb", "workbook/01_convolution.ipynb", "playground.ipynb"} <= copied
    assert "results/keras_seeds.json" in copied
    assert not [path for path in copied if "checkpoint" in path or "progress" in path]
