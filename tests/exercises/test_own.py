"""from_workbook finds what a student wrote in another workbook, and runs nothing else of it."""

import json

import numpy as np
import pytest

from scratchcnn.exercises import from_workbook, solution

RIGHT = solution("softmax", ask=False)
STUB = 'from scratchcnn.exercises import NotDone\ndef softmax(z):\n    raise NotDone("softmax")\n'
WAITS = (
    "… softmax waits for your answer in workbook 04 (save it there). Until then, ours stands in.\n"
)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder, *sources, name="04_softmax.ipynb"):
    cells = [{"cell_type": "code", "source": source.splitlines(True)} for source in sources]
    cells.insert(0, {"cell_type": "markdown", "source": ["# Build it"]})
    (folder / name).write_text(json.dumps({"cells": cells}))


def test_a_right_function_is_found_with_its_helpers_and_constants(here, capsys):
    write(
        here,
        "import numpy as np\nAXIS = 1",
        "def shifted(z):\n    return z - z.max(axis=AXIS, keepdims=True)",
        "def softmax(z):\n    e = np.exp(shifted(z))\n    return e / e.sum(axis=1, keepdims=True)",
    )
    assert np.allclose(from_workbook("softmax")(np.zeros((1, 2))), 0.5)
    assert capsys.readouterr().out == "✓ softmax: yours, from workbook 04\n"


def test_nothing_else_of_the_notebook_runs(here, capsys):
    write(
        here,
        "import numpy as np\nprint('here')\nopen('trace', 'w').write('')\nraise SystemExit",
        RIGHT,
        "softmax = None or (lambda z: z)",
    )
    assert np.allclose(from_workbook("softmax")(np.zeros((1, 2))), 0.5)
    assert "here" not in capsys.readouterr().out
    assert not (here / "trace").exists()


def test_cells_that_python_cannot_read_are_left_out(here):
    write(here, "import numpy as np\nimport no_such_module", RIGHT, "%timeit 1", "def softmax(z")
    assert np.allclose(from_workbook("softmax")(np.zeros((1, 2))), 0.5)


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ([], WAITS),
        ([STUB], WAITS),
        (
            ["def softmax(z):\n    return z"],
            WAITS.replace("waits for your answer", "is not right yet"),
        ),
    ],
    ids=["no such function", "stub", "wrong"],
)
def test_ours_stands_in_for_what_is_missing_and_says_so(here, capsys, sources, words):
    write(here, *sources)
    function = from_workbook("softmax")
    assert capsys.readouterr().out == words
    assert np.allclose(function(np.zeros((1, 2))), 0.5)
    assert repr(function) == "<ours in the place of your softmax>"


@pytest.mark.parametrize("content", [None, "", "{}", '{"cells": 3}', '{"cells": [{}]}'])
def test_a_missing_or_damaged_notebook_is_met_calmly(here, capsys, content):
    if content is not None:
        (here / "04_softmax.ipynb").write_text(content)
    from_workbook("softmax")
    assert "waits for your answer" in capsys.readouterr().out


def test_an_unknown_name_gets_the_nearest_one():
    with pytest.raises(ValueError, match="Do you mean softmax"):
        from_workbook("sofmax")
