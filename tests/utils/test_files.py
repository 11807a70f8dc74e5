"""write_atomic: a file under its final name is the old one or the whole new one."""

import os

import pytest
from small_mnist import put

from scratchcnn._utils import files


@pytest.fixture
def meanwhile(monkeypatch):
    """Do something at the moment when a file has been written but not yet renamed."""

    def arrange(act):
        replace = os.replace

        def act_and_replace(source, target):
            monkeypatch.setattr(os, "replace", replace)
            act(source, target)
            replace(source, target)

        monkeypatch.setattr(os, "replace", act_and_replace)

    return arrange


def test_a_file_is_replaced_in_one_step(tmp_path, meanwhile):
    path, seen = put(tmp_path, {"file": b"old"}) / "file", []
    meanwhile(lambda *paths: seen.extend(path.read_bytes() for path in paths))
    files.write_atomic(path, b"new")
    assert seen == [b"new", b"old"]
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("file", b"new")]


def test_two_that_write_at_once_do_not_disturb_each_other(tmp_path, meanwhile):
    path = tmp_path / "file"
    meanwhile(lambda *_: files.write_atomic(path, b"the second"))
    files.write_atomic(path, b"the first")
    assert [entry.read_bytes() for entry in tmp_path.iterdir()] == [b"the first"]


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_others_may_read_the_cache_as_far_as_the_umask_lets_them(tmp_path):
    umask = os.umask(0o022)
    try:
        files.write_atomic(tmp_path / "file", b"for all")
    finally:
        os.umask(umask)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644
