"""The package of explorers: its names come when asked for, and say what they need."""

import builtins
import importlib
import sys

import pytest

import scratchcnn
from scratchcnn import callbacks, widgets


def test_every_public_name_can_be_loaded_and_has_a_docstring():
    assert dir(widgets) == sorted(widgets.__all__)
    for name in widgets.__all__:
        assert getattr(widgets, name).__doc__


def test_the_recorder_is_the_librarys():
    assert widgets.Recorder is callbacks.Recorder


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"scratchcnn\.widgets.*FilterExplore'"):
        widgets.FilterExplore  # noqa: B018


@pytest.fixture
def without(monkeypatch):
    """Make a package look as if it were not installed."""

    def hide(package):
        real = builtins.__import__

        def refuse(name, *arguments, **options):
            if name.partition(".")[0] == package:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            return real(name, *arguments, **options)

        for name in list(sys.modules):
            if name.startswith("scratchcnn.widgets"):
                monkeypatch.delitem(sys.modules, name)
        monkeypatch.setattr(scratchcnn, "widgets", widgets)  # put back afterwards
        monkeypatch.setattr(builtins, "__import__", refuse)
        return importlib.import_module("scratchcnn.widgets")

    return hide


@pytest.mark.parametrize("package", ["anywidget", "ipywidgets", "PIL", "matplotlib"])
def test_a_missing_package_is_an_error_that_names_the_extra(without, package):
    fresh = without(package)
    with pytest.raises(
        ModuleNotFoundError, match=f"{package} is not installed.*scratchcnn\\[course\\]"
    ):
        fresh.PoolingExplorer  # noqa: B018


def test_a_recorder_needs_none_of_them(without):
    assert without("ipywidgets").Recorder.__name__ == "Recorder"
