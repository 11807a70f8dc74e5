"""Every figure is reached from `plots`, and nothing loads before it is needed."""

import pkgutil
import subprocess
import sys

import pytest

from scratchcnn import plots


def test_the_names_for_completion_are_all_there():
    for name in dir(plots):
        assert callable(getattr(plots, name)), name


def test_no_module_hides_a_figure_of_the_same_name():
    modules = {module.name for module in pkgutil.iter_modules(plots.__path__)}
    assert not modules & set(dir(plots))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="draw_filters"):
        _ = plots.draw_filters


def run(code):
    subprocess.run([sys.executable, "-c", code], check=True)


def test_matplotlib_loads_with_the_first_figure_only():
    run(
        "import sys; from scratchcnn import plots; dir(plots)\n"
        "assert 'matplotlib' not in sys.modules\n"
        "plots.images\n"
        "assert 'matplotlib' in sys.modules and 'IPython' not in sys.modules\n"
    )


@pytest.mark.parametrize("missing", ["matplotlib", "PIL"])
def test_where_a_package_is_missing_the_error_names_the_extra(monkeypatch, missing):
    for name in [*sys.modules]:
        if name.split(".")[0] == missing or name.startswith("scratchcnn.plots."):
            monkeypatch.delitem(sys.modules, name)
    # Not delattr, which asks for the name first, and so would load it.
    monkeypatch.delitem(vars(plots), "images", raising=False)

    class Blocker:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name.split(".")[0] == missing:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(sys, "meta_path", [Blocker, *sys.meta_path])
    with pytest.raises(ImportError, match=rf"{missing}.*scratchcnn\[course\]"):
        _ = plots.images
