"""Files are compiled for a browser's Python by one of the same version."""

import importlib.util
import sys

import pytest
from website import compiled
from website.distribution import Package as Listed
from website.distribution import compile_all, compiled_library
from website.wheels import build, files_of, packed

VERSION = ".".join(map(str, sys.version_info[:3]))
FILES = {"a/__init__.py": b"def f(x):\n    return 1 / x\n", "a/data.txt": b"data"}
PLACE = "/lib/site"


def load(folder, name):
    """Import a module from a folder, under a name that no other has."""
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop(name, None)


def written(files, folder):
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def test_this_python_is_found_for_its_own_version_and_none_for_one_that_does_not_exist():
    found = compiled.find_python(VERSION)
    assert found == sys.executable
    assert compiled.find_python("3.99.0") is None


def test_without_sources_only_what_was_compiled_is_left_and_it_can_be_imported(tmp_path):
    files = compiled.compiled(FILES, sys.executable, PLACE)
    assert files.keys() == {"a/__init__.pyc", "a/data.txt"}
    module = load(written(files, tmp_path), "a")
    with pytest.raises(ZeroDivisionError) as error:
        module.f(0)
    frame = error.traceback[-1]
    assert (str(frame.path), frame.lineno + 1) == (f"{PLACE}/a/__init__.py", 2)


def test_with_sources_python_takes_what_was_compiled_and_does_not_look_at_the_source(tmp_path):
    files = compiled.compiled(FILES, sys.executable, PLACE, sources=True)
    (path,) = files.keys() - FILES.keys()
    assert path == f"a/__pycache__/__init__.{sys.implementation.cache_tag}.pyc"
    folder = written(files, tmp_path)
    (folder / "a" / "__init__.py").write_text("def f(x):\n    return 'changed'\n")
    assert load(folder, "a").f(1) == 1


def test_a_file_that_is_not_python_of_this_version_stays_as_it_is():
    files = {"old.py": b"print 'hello'\n"}
    assert compiled.compiled(files, sys.executable, PLACE) == files


def test_the_same_files_are_compiled_to_the_same_bytes():
    once, twice = (compiled.compiled(FILES, sys.executable, PLACE) for _ in range(2))
    assert once == twice


def test_a_compiled_package_is_a_wheel_whose_hash_the_lock_file_has():
    file, wheel = build("a", "1", FILES)
    entry = {"file_name": file, "sha256": "of the source"}
    result = compile_all(
        {"a": Listed(entry, wheel), "b": Listed(entry, None)}, VERSION, sys.executable
    )
    assert "a/__init__.pyc" in files_of(result["a"].content)
    assert result["a"].entry["sha256"] != "of the source"
    assert result["b"] == Listed(entry, None)  # at its makers', as it is


def test_pythons_own_library_stays_an_archive(tmp_path):
    library = tmp_path / "library.zip"
    library.write_bytes(compiled_library(packed(FILES), "3.12.7", sys.executable))
    assert load(library, "a").f(2) == 0.5
