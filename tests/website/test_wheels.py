"""Wheels for a browser's Python are made of what is installed, and pip would take them."""

import csv
import io
import zipfile

import pytest
from website import wheels

pytest.importorskip("ipywidgets", reason="ipywidgets is not installed: pip install -e .[course]")


def content(wheel):
    with zipfile.ZipFile(io.BytesIO(wheel)) as files:
        return {name: files.read(name) for name in files.namelist()}


def assert_is_a_wheel(file, wheel):
    files = content(wheel)
    name, version, *_ = file.split("-")
    folder = f"{name}-{version}.dist-info"
    assert b"Tag: py3-none-any" in files[f"{folder}/WHEEL"]
    assert f"Version: {version}" in files[f"{folder}/METADATA"].decode()
    rows = {path: (sha, size) for path, sha, size in csv.reader(
        files[f"{folder}/RECORD"].decode().splitlines())}  # fmt: skip
    assert rows.keys() == files.keys()
    for path, (sha, size) in rows.items():
        if not path.endswith("/RECORD"):
            assert (sha, size) == (f"sha256={wheels.digest(files[path])}", str(len(files[path])))


@pytest.mark.parametrize("name", ["ipywidgets", "psygnal", "tqdm"])
def test_an_installed_package_becomes_a_wheel_without_what_is_of_this_machine(name):
    file, wheel = wheels.repack(name)
    assert_is_a_wheel(file, wheel)
    files = content(wheel)
    assert f"{name}/__init__.py" in files
    ends = (".so", ".pyd", ".pyc", "INSTALLER", "direct_url.json")
    assert not [path for path in files if path.endswith(ends) or path.startswith(("..", "/"))]
    assert [path for path in files if "licen" in path.lower()]


def test_a_folder_becomes_a_wheel_with_all_its_files(tmp_path):
    folder = tmp_path / "small"
    (folder / "data").mkdir(parents=True)
    (folder / "__pycache__").mkdir()
    for name in ("__init__.py", "data/numbers.npz", "__pycache__/old.pyc"):
        (folder / name).write_bytes(b"x")
    file, wheel = wheels.of_folder("small", "1.2", folder)
    assert file == "small-1.2-py3-none-any.whl"
    assert_is_a_wheel(file, wheel)
    assert {path for path in content(wheel) if "dist-info" not in path} == {
        "small/__init__.py",
        "small/data/numbers.npz",
    }


def test_the_same_content_makes_the_same_file():
    assert wheels.repack("tqdm") == wheels.repack("tqdm")


def test_a_slim_wheel_lacks_what_it_shall_and_its_list_says_so():
    file, wheel = wheels.repack("tqdm")
    slimmed = wheels.slim(wheel, r"contrib/")
    assert_is_a_wheel(file, slimmed)
    assert content(wheel).keys() - content(slimmed).keys() > {"tqdm/contrib/__init__.py"}


def test_an_empty_wheel_only_says_why_it_is_there():
    file, wheel = wheels.empty("jedi", "0", "Nothing.")
    assert_is_a_wheel(file, wheel)
    assert all(path.startswith("jedi-0.dist-info/") for path in content(wheel))


def test_a_mended_wheel_has_the_new_piece_and_its_list_says_so():
    file, wheel = wheels.repack("tqdm")
    mended = wheels.mend(wheel, {"tqdm/std.py": [("class TqdmTypeError", "class Other")]})
    assert_is_a_wheel(file, mended)
    assert b"class Other(" in content(mended)["tqdm/std.py"]


def test_another_version_of_what_is_to_be_mended_is_refused():
    with pytest.raises(ValueError, match="another version"):
        wheels.mend(wheels.repack("tqdm")[1], {"tqdm/std.py": [("not there", "")]})
