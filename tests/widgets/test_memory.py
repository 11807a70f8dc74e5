"""A thousand updates of an explorer leave the kernel as large as it was."""

import json
from pathlib import Path

import nbformat
import pytest
from browser.scene import NAMES

pytestmark = pytest.mark.slow

nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
psutil = pytest.importorskip("psutil", reason="psutil, which every kernel brings, is missing")

TESTS = Path(__file__).parent.parent
LIMIT = 5_000_000  # bytes

# The kernel sends what it draws to a client, as to a browser. The first updates fill what is
# bounded: caches of text, the scores of a recording's snapshots.
CODE = """
import dataclasses, gc, itertools, json, os, sys
sys.path.insert(0, {tests!r})
import psutil
from browser.scene import make

KEYS = {{
    "filter": ("feature map", ["ArrowUp", "ArrowLeft", "ArrowDown", "ArrowRight"]),
    "pooling": ("image", ["ArrowUp", "ArrowLeft", "ArrowDown", "ArrowRight"]),
    "softmax": ("scores", ["ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown"]),
    "gradient": ("column 0", ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"]),
    "scrubber": ("loss", ["Home", *["ArrowRight"] * 200]),
    "gradcam": ("image", [" ", "ArrowUp", " ", "ArrowDown", "Delete"]),
    "adversarial": ("changed", ["ArrowRight", "PageUp", "ArrowLeft", "PageDown"]),
    "network": ("network", ["End", " ", "Enter", " ", "Enter", "PageDown", "ArrowUp", "Delete"]),
    "bench": ("right", ["1", "+", "ArrowDown", "Delete", "3", "Escape", "ArrowUp"]),
    "pad": ("pad", [" ", *["ArrowRight"] * 9, " ", "Delete", *["ArrowLeft"] * 9]),
}}

def update(explorer, events, count):
    for event in itertools.islice(events, count):
        if event is None:  # live training draws without an event of the page
            explorer.change(lambda state: dataclasses.replace(state, step=state.step + 1))
        else:
            explorer._on_message(explorer.stage, {{"events": [event]}}, [])
        assert explorer.last_error is None

def size():
    gc.collect()
    return psutil.Process().memory_info().rss

explorer = make({name!r})
region, keys = KEYS.get({name!r}, (None, [None]))
events = itertools.cycle(
    [key and {{"kind": "key", "region": region, "key": key}} for key in keys])
update(explorer, events, 210)
before = size()
update(explorer, events, 1000)
print(json.dumps([before, size()]))
"""


@pytest.mark.parametrize("name", NAMES)
def test_a_thousand_updates_leave_the_kernel_as_large_as_it_was(name):
    cell = nbformat.v4.new_code_cell(CODE.format(tests=str(TESTS), name=name))
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    before, after = json.loads(cell.outputs[0].text)
    print(f"{name:10} {(after - before) / 1e6:+.2f} MB")
    assert after - before < LIMIT
