"""The lock file lists what the course and its kernel need, and nothing else."""

import hashlib
import json

import pytest
from website import distribution, wheels
from website.distribution import Package, makers_packages, reachable, read_lock, write


def listed(name, *depends):
    return Package({"name": name, "file_name": f"{name}.whl", "depends": list(depends)}, b"")


def test_only_what_is_needed_is_reached():
    packages = {one.entry["name"]: one for one in (
        listed("a", "b"), listed("b", "c", "a"), listed("c"), listed("d", "a"))}  # fmt: skip
    assert list(reachable(packages, ("a",))) == ["a", "b", "c"]


def test_a_need_that_is_not_there_is_an_error():
    with pytest.raises(KeyError, match="b"):
        reachable({"a": listed("a", "b")}, ("a",))


def test_a_file_that_is_not_what_the_lock_file_says_is_refused(tmp_path):
    entry = {"name": "a", "file_name": "a.zip", "depends": [], "sha256": "0" * 64}
    (tmp_path / "a.zip").write_bytes(b"changed")
    with pytest.raises(ValueError, match="not the file"):
        makers_packages({"packages": {"a": entry}}, tmp_path)


def test_without_a_distribution_the_makers_address_stands_in_the_lock_file(tmp_path):
    lock = read_lock(None)
    packages = {"numpy": makers_packages(lock, None)["numpy"]}
    size = write(lock, packages, tmp_path)
    written = json.loads((tmp_path / "pyodide-lock.json").read_text())
    address = written["packages"]["numpy"]["file_name"]
    assert address.startswith(f"https://cdn.jsdelivr.net/pyodide/v{lock['info']['version']}/full/")
    assert size == lock["packages"]["numpy"]["size"] > 1e6
    assert [path.name for path in tmp_path.iterdir()] == ["pyodide-lock.json"]


def test_a_package_at_hand_is_written_beside_the_lock_file_with_its_hash(tmp_path):
    content = b"a wheel"
    package = Package(distribution.entry("a", "a-1-py3-none-any.whl", content, [], ["a"]), content)
    assert write({"info": {"version": "0"}}, {"a": package}, tmp_path) == len(content)
    written = json.loads((tmp_path / "pyodide-lock.json").read_text())["packages"]["a"]
    assert written["file_name"] == "a-1-py3-none-any.whl"
    assert written["sha256"] == hashlib.sha256(content).hexdigest()
    assert (tmp_path / written["file_name"]).read_bytes() == content


def test_all_that_the_course_needs_is_kept_of_the_makers_lock_file():
    own = {name: listed(name, *needs) for name, needs in (
        distribution.COURSE | distribution.KERNEL).items()}  # fmt: skip
    own |= {name: listed(name) for name in ("piplite", *distribution.EMPTY)}
    packages = {**makers_packages(read_lock(None), None), **own}
    reached = reachable(packages, (*distribution.STARTED, "scratchcnn"))
    assert reached.keys() == packages.keys()


def test_what_a_mended_package_no_longer_needs_is_left_out_but_not_at_the_makers(tmp_path):
    files = {
        "IPython/__init__.py": b"from .terminal.embed import embed\n",
        "IPython/core/history.py": b"import re\nimport sqlite3\n",
    }
    name, wheel = wheels.build("ipython", "8", files)
    (tmp_path / name).write_bytes(wheel)
    listed = {
        "file_name": name,
        "depends": ["prompt_toolkit", "sqlite3", "traitlets"],
        "sha256": hashlib.sha256(wheel).hexdigest(),
    }
    lock = {"packages": {"ipython": listed}}
    mended = makers_packages(lock, tmp_path)["ipython"]
    assert mended.entry["depends"] == ["traitlets"]
    assert hashlib.sha256(mended.content).hexdigest() == mended.entry["sha256"]
    assert b"embed import" not in wheels.files_of(mended.content)["IPython/__init__.py"]
    at_makers = makers_packages(lock, None)["ipython"]
    assert at_makers.entry["depends"] == ["prompt-toolkit", "sqlite3", "traitlets"]
