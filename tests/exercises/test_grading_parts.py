"""The parts of grading: what a function needs, what may pass between processes, and the lock."""

import ctypes
import io
import subprocess
import sys
import textwrap
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchcnn.exercises.grading import confine, wire
from scratchcnn.exercises.grading.needed import Unreadable, needed

KINDS = ["list", "tuple", "dict", "array", "scalar", "large", "generator", "object", "class"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda part: st.lists(part) | st.tuples(st.sampled_from(KINDS), part, part, part).map(list),
)


def sources(cells, name="f", at=99):
    return [source.strip() for _, source in needed(cells, name, at)]


def test_only_what_the_function_needs_is_taken_in_its_order():
    cells = [
        "import numpy as np\nimport os",
        "K = np.ones(3)\nprint(K)\nJUNK = 1",
        "def g(x):\n    return x * K",
        "def f(x):\n    return g(x)\nf(3)",
    ]
    assert sources(cells) == [
        "import numpy as np", "K = np.ones(3)", "def g(x):\n    return x * K",
        "def f(x):\n    return g(x)",
    ]  # fmt: skip


def test_a_copy_of_the_stub_further_down_undoes_nothing():
    written, stub = "def f(x):\n    return x", "def f(x):\n    raise NotDone('f')"
    assert sources([written, stub]) == [written]
    assert sources([stub, written]) == [written]
    assert sources([stub]) == [stub]
    layer = "class f:\n    def forward(self):\n        raise NotDone('f')"
    assert sources(["class f:\n    pass", layer]) == ["class f:\n    pass"]


def test_what_stands_below_the_check_counts_only_if_nothing_stands_above():
    above, below = "def f(x):\n    return x", "def f(x):\n    return 0"
    assert sources([above, "check(f)", below], at=1) == [above]
    assert sources(["check(f)", below], at=0) == [below]


def test_a_variable_of_its_own_is_nothing_that_the_notebook_has_to_give():
    cells = [
        "x = y = n = slow()",
        "def f(x):\n    y = [n for n in x]\n    return lambda n: n + len(y) + size",
        "size = 3",
    ]
    assert sources(cells) == cells[1:]


def test_magic_commands_decorators_and_blocks_are_understood():
    cells = [
        "%matplotlib inline\n!ls\nfrom functools import cache",
        "try:\n    import fast as g\nexcept ImportError:\n    g = None",
        "@cache\ndef f(x):\n    return g",
    ]
    assert len(sources(cells)) == 3
    assert sources(cells)[-1] == cells[-1]


def test_a_cell_that_cannot_be_read_disturbs_only_the_function_in_it():
    broken = "def f(x):\n    return (x 0)"
    with pytest.raises(Unreadable, match="line 2: invalid syntax"):
        sources([broken])
    assert sources([broken], "g") == []
    assert sources([broken, "def f(x):\n    return x"]) == ["def f(x):\n    return x"]


def test_lines_keep_their_numbers():
    ((cell, source),) = needed(["# one\n\ndef f(x):\n    return x"], "f", 9)
    assert cell == "<cell 1>"
    assert source.splitlines()[2] == "def f(x):"


@pytest.mark.parametrize(
    "value",
    [
        None, True, 3, -2.5, float("inf"), "word", [1, [2.0]], (1, "a"), {"a": 1},
        np.arange(6).reshape(2, 3), np.array(2.5), np.float32(1.5), np.asfortranarray(np.eye(3)),
        np.arange(6.0)[::2], np.zeros((0, 3)), np.array([True]), np.array([1j]), np.array(["a"]),
    ],
    ids=repr,
)  # fmt: skip
def test_numbers_and_words_travel_as_they_are(value):
    channel = io.BytesIO()
    wire.send(channel, {"value": wire.encode(value, lambda thing: 0)})
    channel.seek(0)
    came = wire.decode(wire.receive(channel)["value"], lambda *thing: None)
    assert type(came) is type(value)
    assert np.array_equal(came, value) if isinstance(value, np.ndarray) else came == value
    assert getattr(came, "dtype", None) == getattr(value, "dtype", None)


def test_a_generator_goes_on_where_it_was():
    rng = np.random.default_rng(3)
    rng.random(5)
    came = wire.decode(wire.encode(rng, lambda thing: 0), lambda *thing: None)
    assert came.random() == rng.random()


def test_of_huge_arrays_and_objects_only_a_description_travels():
    encoded = wire.encode(np.zeros((2000, 2000)), lambda thing: 0)
    assert len(str(encoded)) < 100
    assert wire.decode(encoded, lambda *thing: None).shape == (2000, 2000)
    assert wire.encode(len, lambda thing: 7)[:2] == ["object", 7]
    assert wire.decode(wire.encode(np.array([len]), lambda thing: 0), print).dtype == object


@given(JSON)
def test_whatever_comes_is_a_value_or_garbled(data):
    with suppress(wire.Garbled):
        wire.decode(data, lambda *thing: None)


@pytest.mark.parametrize("line", [b"{", b"[1]\n", b"\xff\n", b"[" * 100_000 + b"\n"])
def test_lines_that_are_no_messages_are_garbled(line):
    with pytest.raises(wire.Garbled):
        wire.receive(io.BytesIO(line))


def kernel_has_landlock():
    if not sys.platform.startswith("linux"):
        return False
    return ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1) > 0  # asks for its version


def locked(code, tmp_path):
    """Run code behind the kernel's lock alone, without Python's audit events."""
    if not kernel_has_landlock():
        pytest.skip("this system has no Landlock")
    begin = f"""
        import os, sys
        sys.path.insert(0, {str(Path(confine.__file__).parent)!r})
        import confine
        os.chdir({str(tmp_path)!r})
        print(confine.landlock(), flush=True)
        """
    script = textwrap.dedent(begin) + code
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "True\n"
    return done.stderr


@pytest.mark.parametrize(
    "code",
    [
        "open('new', 'w')",
        "open('victim', 'w')",
        "open('victim', 'a')",
        "os.remove('victim')",
        "os.rename('victim', 'other')",
        "os.truncate('victim', 0)",
        "os.mkdir('folder')",
        "os.symlink('victim', 'link')",
        "os.execv('/bin/sh', ['sh', '-c', 'rm victim'])",
        "os.kill(os.getppid(), 0)",
    ],
)
def test_the_kernel_refuses_what_gets_past_python(code, tmp_path):
    (tmp_path / "victim").write_text("precious", encoding="utf-8")
    assert "PermissionError" in locked(code, tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["victim"]
    assert (tmp_path / "victim").read_text(encoding="utf-8") == "precious"


def test_reading_and_computing_go_on_behind_the_lock(tmp_path):
    (tmp_path / "victim").write_text("precious", encoding="utf-8")
    assert locked("import numpy; assert open('victim').read() == 'precious'", tmp_path) == ""
