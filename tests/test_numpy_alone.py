"""With NumPy and nothing else installed the library trains, and what cannot work says why."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scratchcnn._utils.extras import needs_extra

ROOT = Path(__file__).parent.parent

# Whatever comes neither with Python nor with NumPy cannot be found.
HIDE_EVERYTHING_ELSE = """
import sys
class Hidden:
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] not in {*sys.stdlib_module_names, "numpy", "scratchcnn"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hidden)
"""


def run_with_numpy_alone(code):
    return subprocess.run(
        [sys.executable, "-c", HIDE_EVERYTHING_ELSE + code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_everything_that_needs_no_figure_works_with_numpy_alone():
    done = run_with_numpy_alone(
        f"import runpy; runpy.run_path({str(ROOT / 'tools/numpy_alone.py')!r}, run_name='__main__')"
    )
    assert done.returncode == 0, done.stderr
    assert "all well" in done.stdout


@pytest.mark.parametrize(
    "code",
    ["from scratchcnn import plots; plots.images", "from scratchcnn.widgets import FilterExplorer"],
)
def test_figures_and_explorers_name_the_extra_that_they_need(code):
    done = run_with_numpy_alone(code)
    assert done.returncode == 1
    assert "is missing" in done.stderr or "is not installed" in done.stderr
    assert 'pip install "scratchcnn[course]"' in done.stderr


def test_a_cluster_names_the_extra_that_it_needs_and_shards_are_computed_without_it():
    code = (
        "from scratchcnn import *; from scratchcnn import distributed\n"
        "model = Sequential([Flatten(), Dense(10)], (28, 28, 1))\n"
        "(x, y), _ = load_mnist()\n"
        "distributed.fit(model, x[:64, ..., None] / 255 - 0.5, y[:64], verbose=False)\n"
        "print('in shards:', model.history)\n"
        "distributed.Cluster()"
    )
    done = run_with_numpy_alone(code)
    assert "in shards: <History of 1 epoch" in done.stdout
    assert 'pip install "scratchcnn[cluster]"' in done.stderr


def test_an_extra_is_named_with_the_package_that_it_brings():
    message = r"^nowhere is not installed.*'lab'.*scratchcnn\[lab\]"
    with pytest.raises(ModuleNotFoundError, match=message) as raised, needs_extra("lab"):
        import nowhere.at_all  # noqa: F401
    assert raised.value.name == "nowhere"


def test_a_module_of_the_library_that_is_missing_is_no_matter_of_extras():
    message = r"^No module named 'scratchcnn\.nowhere'"
    with pytest.raises(ModuleNotFoundError, match=message), needs_extra("course"):
        import scratchcnn.nowhere  # noqa: F401


def test_other_errors_pass_unchanged():
    with pytest.raises(ImportError, match="cannot import name"), needs_extra("course"):
        from math import nowhere  # noqa: F401
