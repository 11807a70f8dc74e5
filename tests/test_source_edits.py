"""An edit of the source is obeyed, as far as a trial with a few images can tell.

A copy of the library is edited, method by method: what is returned, what is added or what is
assigned is multiplied by 1.5, or cut off at 6, which only large numbers show. The trial of
`scratchcnn.fast` cannot see an edit that makes no difference to its few images, such as
one for batches of more than 30; on a class or an object such edits are seen (test_edits.py).
"""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from edits import NETWORKS, methods_called

pytestmark = pytest.mark.slow

PACKAGE = Path(sys.modules["scratchcnn"].__file__).parent

IN_A_COPY = """
import importlib, json, sys
from pathlib import Path

sys.dont_write_bytecode = True  # two edits of a file within a second would be taken for one
folder, tests, *_ = sys.argv[1:]
sys.path[:0] = [folder, tests]
for edit in json.load(sys.stdin):
    path = Path(folder, edit["file"])
    original = path.read_text()
    path.write_text(edit["source"])
    for name in [name for name in sys.modules if name.split(".")[0] in ("scratchcnn", "edits")]:
        del sys.modules[name]
    edits = importlib.import_module("edits")
    done = {}
    for name in edit["networks"]:
        for batch_size in (1, 32):
            try:
                plain = edits.in_the_plain_way(edits.answers, edits.network(name), batch_size)
            except Exception as error:
                plain = str(error)
            try:
                ours, messages = edits.with_warnings(edits.answers, edits.network(name), batch_size)
            except Exception as error:
                ours, messages = str(error), []
            obeyed = ours == plain if isinstance(plain, str) else edits.equal(ours, plain, 1e-7)
            done[f"{name}, {batch_size}"] = bool(obeyed), messages
    path.write_text(original)
    print(json.dumps([edit["what"], done]))
"""


class Larger(ast.NodeTransformer):
    """Multiply by 1.5 what statements of one kind hold, in the body of one method."""

    def __init__(self, kind, template):
        self.kind, self.template, self.count = kind, template, 0

    def generic_visit(self, node):
        super().generic_visit(node)
        if isinstance(node, self.kind) and node.value is not None:
            self.count += 1
            node.value = ast.parse(self.template.format(ast.unparse(node.value))).body[0].value
        return node


KINDS = {
    "returned": (ast.Return, "({}) * 1.5"),
    "added": (ast.AugAssign, "({}) * 1.5"),
    "assigned": (ast.Assign, "({}) * 1.5"),
    "cut off": (ast.Return, "np.minimum({}, 6)"),
}


def source_edits(only):
    """Yield the edits of one kind of every method that computes numbers, one at a time."""
    places = {}
    for name in NETWORKS:
        for place, value in methods_called(name).items():
            if isinstance(value, np.ndarray | float | None) and place[1] != "trainable":
                places.setdefault(place, []).append(name)
    for (cls, method), names in places.items():
        if only == "cut off" and method not in ("forward", "_sum_windows"):
            continue
        file = Path(cls.__module__.replace(".", "/") + ".py")
        tree = ast.parse((PACKAGE.parent / file).read_text())
        body = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == cls.__name__)
        function = next(n for n in body.body if isinstance(n, ast.FunctionDef) and n.name == method)
        edit = Larger(*KINDS[only])
        if only == "assigned":  # gradients and numbers on the way, not shapes
            for statement in function.body:
                target = getattr(statement, "targets", [None])[0]
                if isinstance(target, ast.Subscript):
                    edit.generic_visit(statement)
        else:
            edit.visit(function)
        if edit.count:
            source = ast.unparse(tree)
            what = f"{only} by {cls.__name__}.{method}"
            joined = [name for name in names if name in ("conv, relu, pool", "two of them")]
            chosen = [*joined, *(name for name in names if name not in joined)][:4]
            yield {"what": what, "file": str(file), "source": source, "networks": chosen}


@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_of_the_source_is_obeyed(kind, tmp_path):
    shutil.copytree(
        PACKAGE, tmp_path / "scratchcnn", ignore=shutil.ignore_patterns("__pycache__", "widgets")
    )
    made = list(source_edits(kind))
    run = subprocess.run(
        [sys.executable, "-c", IN_A_COPY, str(tmp_path), str(Path(__file__).parent)],
        input=json.dumps(made),
        capture_output=True,
        text=True,
        timeout=200,
        env=os.environ | {"PYTHONPATH": ""},
    )
    assert run.returncode == 0, run.stderr
    results = dict(map(json.loads, run.stdout.splitlines()))
    assert results.keys() == {edit["what"] for edit in made}
    failed = [
        f"what is {what}, in {case}"
        for what, cases in results.items()
        for case, (obeyed, _) in cases.items()
        if not obeyed
    ]
    assert failed == []
    messages = {m for cases in results.values() for _, said in cases.values() for m in said}
    assert all("source has been edited" in message for message in messages)
    assert len(messages) == 1
