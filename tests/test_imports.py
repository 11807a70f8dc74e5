"""`import scratchcnn` is light, imports point one way, and none of them goes in a circle."""

import ast
import graphlib
import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from import_graph import import_graph, modules_of, part_of

import scratchcnn

PACKAGE = Path(scratchcnn.__file__).parent
GRAPH = import_graph(PACKAGE)

# Parts of the package, from the ground up. A part may import what stands on its own line or above.
LEVELS = [
    {"_utils"},
    {"batches", "data", "history", "initializers", "schedules"},
    {"layers", "losses", "optimizers", "preprocessing"},
    {"fast"},
    {
        "architecture",
        "attribution",
        "callbacks",
        "network",
        "pixel_ascent",
        "saving",
        "summary",
        "trace",
        "training",
    },
    {"distributed", "experiments", "keras_bridge", "keras_import", "reference"},
    {"plots"},
    {"exercises", "widgets"},
]
LEVEL_OF = {part: level for level, parts in enumerate(LEVELS) for part in parts}
NEED_MORE_THAN_NUMPY = {"plots", "widgets"}

# The one import that points the other way: `History.plot` loads the figures when it is called.
# The figures do not know History, so that this makes no circle.
EXCEPTIONS = {("history", "plots")}


def run(code):
    """Run ``code`` in a fresh Python and return what it prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def loaded_by(code):
    """Return which packages, besides Python's own, are loaded by ``code``."""
    # What has no specification was not imported: NumPy's compiled parts leave such names behind.
    ask = (
        "sorted({name.partition('.')[0] for name, module in sys.modules.items()"
        " if getattr(module, '__spec__', None)} - sys.stdlib_module_names)"
    )
    started_with = set(ast.literal_eval(run(f"import sys; print({ask})")))
    return set(ast.literal_eval(run(f"import sys\n{code}\nprint({ask})"))) - started_with


def parts_that_import(part):
    return {
        part_of(module)
        for module, targets in GRAPH.items()
        if part in map(part_of, targets) and part_of(module) != part
    }


def test_importing_the_package_loads_nothing_else_not_even_numpy():
    assert loaded_by("import scratchcnn") == {"scratchcnn"}


def test_every_module_of_the_core_loads_numpy_and_nothing_more():
    core = [name for name in GRAPH if part_of(name) not in NEED_MORE_THAN_NUMPY]
    assert len(core) > 25
    assert loaded_by("\n".join(f"import {name}" for name in core)) == {"scratchcnn", "numpy"}


def test_importing_every_public_name_at_once_loads_numpy_and_nothing_more():
    assert loaded_by("from scratchcnn import *") == {"scratchcnn", "numpy"}


def test_predicting_and_loading_the_sample_load_numpy_and_nothing_more():
    code = (
        "from scratchcnn import *\n"
        "(x, y), _ = load_mnist()\n"
        "model = Sequential([Flatten(), Dense(10)], (28, 28, 1))\n"
        "model.predict(x[:5, ..., None])"
    )
    assert loaded_by(code) == {"scratchcnn", "numpy"}


def test_everything_public_exists_and_has_a_docstring():
    assert sorted(set(scratchcnn.__all__)) == sorted(scratchcnn.__all__)
    for name in dir(scratchcnn):
        assert name == "__version__" or getattr(scratchcnn, name).__doc__, name


def test_type_checkers_are_told_the_same_public_names():
    tree = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    told = {alias.asname: (node.module, alias.name) for node in imports for alias in node.names}
    assert sorted([*told, "__version__"]) == sorted(dir(scratchcnn))
    for public, (module, name) in told.items():
        assert getattr(importlib.import_module(module), name) is getattr(scratchcnn, public)


def test_no_module_is_imported_in_a_circle():
    try:
        graphlib.TopologicalSorter(GRAPH).prepare()
    except graphlib.CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        pytest.fail(f"each of these imports the next: {circle}", pytrace=False)


def test_every_part_of_the_package_has_its_level():
    assert {part_of(module) for module in GRAPH} - set(LEVEL_OF) == set()


@pytest.mark.parametrize("part", sorted(LEVEL_OF))  # sets have no order
def test_imports_point_one_way(part):
    against = {
        f"{module} imports {target}"
        for module, targets in GRAPH.items()
        for target in targets
        if part_of(module) == part
        and LEVEL_OF.get(part_of(target), -1) > LEVEL_OF[part]
        and (part, part_of(target)) not in EXCEPTIONS
    }
    assert against == set()


def test_only_training_opens_the_door_to_what_makes_it_fast():
    assert parts_that_import("fast") <= {"training"}


def test_the_plain_loops_share_no_code_with_what_they_are_compared_with():
    assert {part_of(target) for target in GRAPH["scratchcnn.reference.loops"]} <= {
        "_utils",
        "reference",  # windows that are counted
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("from p.b import f", "from p import a"),
        ("def f():\n    import p.b", "def g():\n    from p.a import f"),
        ("if TYPE_CHECKING:\n    from p.b import T", "from .a import f"),
        ("from p import thing", "from p import a"),
        ("import_module('p.b')", "from p.a import f"),
    ],
)
def test_the_graph_sees_imports_of_every_kind(tmp_path, one, other):
    package = tmp_path / "p"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__init__.pyi").write_text("from p.b import thing as thing")
    (package / "a.py").write_text(one)
    (package / "b.py").write_text(other)
    assert list(modules_of(package)) == ["p", "p.a", "p.b"]
    assert import_graph(package) == {"p.a": {"p.b"}, "p.b": {"p.a"}}


def test_the_graph_counts_the_package_around_a_module_but_not_its_own(tmp_path):
    package = tmp_path / "p"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "inner" / "__init__.py").write_text("from p.inner.deep import f")
    (package / "inner" / "deep.py").write_text("from . import other")
    (package / "inner" / "other.py").touch()
    (package / "a.py").write_text("import p.inner.deep")
    graph = import_graph(package)
    assert graph["p.a"] == {"p.inner", "p.inner.deep"}
    assert graph["p.inner"] == {"p.inner.deep"}
    assert graph["p.inner.deep"] == {"p.inner.other"}
