"""`import scratchcnn` is light, and imports point one way."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import scratchcnn

PACKAGE = Path(scratchcnn.__file__).parent
HEAVY = ["matplotlib", "ipywidgets", "IPython", "anywidget", "keras", "jax", "pooch", "tqdm", "PIL"]


def run(code):
    """Run ``code`` in a fresh Python and return what it prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def loaded_by(code):
    """Return which heavy packages are loaded after ``code``."""
    ask = f"import sys; print([name for name in {HEAVY} if name in sys.modules])"
    return ast.literal_eval(run(f"{code}\n{ask}"))


def test_importing_the_package_loads_numpy_and_nothing_heavy():
    assert loaded_by("import scratchcnn") == []


def test_importing_the_package_leaves_for_later_what_only_a_model_needs():
    later = ["numpy.random", "concurrent.futures", "hashlib", "zipfile", "html"]
    ask = f"import sys; print([name for name in {later} if name in sys.modules])"
    assert run(f"import scratchcnn\n{ask}") == "[]"


def test_every_module_of_the_library_itself_loads_nothing_heavy():
    names = [path.stem for path in PACKAGE.glob("[!_]*.py")]
    assert len(names) > 15
    assert loaded_by("\n".join(f"import scratchcnn.{name}" for name in names)) == []


def test_predicting_and_loading_the_sample_load_nothing_heavy():
    code = (
        "from scratchcnn import *\n"
        "(x, y), _ = load_mnist()\n"
        "model = Sequential([Flatten(), Dense(10)], (28, 28, 1))\n"
        "model.predict(x[:5, ..., None])"
    )
    assert loaded_by(code) == []


def test_everything_public_exists_and_has_a_docstring():
    assert sorted(set(scratchcnn.__all__)) == sorted(scratchcnn.__all__)
    for name in scratchcnn.__all__:
        assert getattr(scratchcnn, name).__doc__


def imports_of(path):
    """Return the names of the library's modules that the file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_no_module_of_the_library_imports_plots_or_widgets_at_the_top(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    text = "\n".join(map(ast.unparse, top))
    assert "plots" not in text
    assert "widgets" not in text


@pytest.mark.parametrize(
    ("module", "others"),
    [
        ("layer", {"network", "training", "optimizers", "convolution", "fused"}),
        ("loops", {"network", "training", "optimizers", "fused", "dense", "activations"}),
        ("convolution", {"network", "training", "optimizers", "fused"}),
        ("pooling", {"network", "training", "optimizers", "fused"}),
        ("dense", {"network", "training", "optimizers", "fused"}),
        ("softmax", {"network", "training", "optimizers", "fused"}),
        ("optimizers", {"network", "training", "convolution", "dense"}),
    ],
)
def test_imports_point_from_numpy_to_layers_to_network(module, others):
    imported = imports_of(PACKAGE / f"{module}.py")
    assert imported.isdisjoint({f"scratchcnn.{other}" for other in others})
