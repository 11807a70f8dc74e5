"""The cache on a full disk, a read-only disk, under a kill, and under thirty processes."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import mirror_server
import pytest
from small_mnist import IMAGES, LABELS, ZIPPED, is_right, load, put, run, start, whole_files

pytestmark = pytest.mark.slow

ALL = sorted(ZIPPED)
LOAD = "import sys, small_mnist; small_mnist.load_and_report(*sys.argv[1:])"
# A file may not grow beyond 16 kB: the images of 47 kB stop half way, the rest fits.
LIMITED = f"import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (16_384, 16_384)); {LOAD}"
# The same, but the system kills the process there; without a core dump.
KILLED = f"""
import resource, signal
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
{LIMITED}
"""

posix = pytest.mark.skipif(os.name != "posix", reason="limits of a process are POSIX's")


@pytest.fixture
def mirrors(monkeypatch):
    """Serve the small files on loopback, past any proxy and any folder of the user's."""
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.delenv("SCRATCHCNN_DATA", raising=False)
    with mirror_server.Mirrors() as mirrors:
        yield mirrors


@pytest.fixture(scope="module")
def mounted(tmp_path_factory):
    """Return a function that gives the command to run another with a file system of its own.

    That file system is seen by the command alone and is gone when it ends.
    """
    if not shutil.which("unshare"):
        pytest.skip("without unshare no file system can be mounted for one process")
    unshare = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]

    def command(mount):
        return [*unshare, "sh", "-ec", f'{mount}\nexec "$0" "$@"']

    probe = command(f"mount -t tmpfs tmpfs '{tmp_path_factory.mktemp('probe')}'")
    if subprocess.run([*probe, "true"], capture_output=True).returncode:
        pytest.skip("this system does not let us mount a file system for one process")
    return command


@pytest.fixture(scope="module")
def powerless():
    """Return the command that runs another bound by permissions, which root is not."""
    if os.name != "posix":
        pytest.skip("permissions are POSIX's")
    if os.geteuid() != 0:
        return []
    command = ["setpriv", "--bounding-set=-all"]
    if not shutil.which("setpriv") or subprocess.run([*command, "true"]).returncode:
        pytest.skip("root is bound by no permission here")
    return command


def test_thirty_processes_fill_one_cache_at_once(tmp_path, mirrors):
    # They find wrong files, so that each wants to write, and somebody watches meanwhile.
    cache = put(tmp_path, dict.fromkeys(ZIPPED, b"wrong"))
    code = """if True:
        import multiprocessing, multiprocessing.connection, pathlib, sys
        import pooch, requests, small_mnist

        context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        barrier, results = context.Barrier(30), context.SimpleQueue()
        arguments = (barrier, results, *sys.argv[1:])
        processes = [
            context.Process(target=small_mnist.load_at_once, args=arguments) for _ in range(30)
        ]
        for process in processes:
            process.start()
        seen = set()
        running = {process.sentinel for process in processes}
        while running:
            running -= set(multiprocessing.connection.wait(running, timeout=0.001))
            for path in pathlib.Path(sys.argv[1]).glob("*.gz"):
                try:
                    seen.add((path.name, path.read_bytes()))
                except PermissionError:  # Windows: just being replaced
                    pass
        whole = {*small_mnist.ZIPPED.items(), *((name, b"wrong") for name in small_mnist.ZIPPED)}
        assert seen <= whole, [(name, len(content)) for name, content in seen - whole]
        for process in processes:
            process.join()
        codes = [process.exitcode for process in processes]
        assert codes == [0] * 30, codes
        assert [results.get() for _ in processes] == [True] * 30
    """
    run(code, cache, mirrors.url("good"))
    assert whole_files(cache) == ALL


@pytest.mark.parametrize("ending", ["kill", "interrupt"])
def test_a_download_ended_half_way_leaves_nothing(ending, tmp_path, mirrors):
    cache = put(tmp_path / "cache", {})
    process = start(LOAD, cache, mirrors.url("stalls"))
    try:
        assert mirrors.half_sent.wait(30)
        if ending == "interrupt" and os.name == "posix":
            process.send_signal(signal.SIGINT)
            assert "KeyboardInterrupt" in process.communicate(timeout=30)[1]
    finally:
        process.kill()
        process.communicate()
    assert whole_files(cache) == []


@posix
def test_a_process_killed_while_it_writes_leaves_no_half_file(tmp_path, mirrors):
    cache = put(tmp_path / "cache", {})
    process = start(KILLED, cache, mirrors.url("good"))
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGXFSZ
    (unfinished,) = cache.iterdir()
    assert unfinished.name.startswith(f"{IMAGES}.gz.")
    assert unfinished.suffix == ".part"
    assert unfinished.stat().st_size == 16_384
    report = json.loads(
        run("import small_mnist, sys; " + LOAD, tmp_path / "next", mirrors.url("good"))
    )
    assert report["right"]


@posix
def test_a_file_that_cannot_be_written_whole_is_not_kept(tmp_path, mirrors):
    cache = put(tmp_path / "cache", {})
    report = json.loads(run(LIMITED, cache, mirrors.url("good")))
    assert report["right"]
    assert report["kept"] == [name for name in ALL if name != f"{IMAGES}.gz"]
    assert [
        f"MNIST cannot be saved in {cache}: File too large" in w for w in report["warnings"]
    ] == [True]


def test_on_a_full_disk_the_images_are_loaded_all_the_same(tmp_path, mirrors, mounted):
    full = mounted(f"mount -t tmpfs -o size=16k tmpfs '{tmp_path}'")
    report = json.loads(run(LOAD, tmp_path, mirrors.url("good"), before=full))
    assert report["right"]
    assert report["kept"] == [name for name in ALL if name != f"{IMAGES}.gz"]
    (warning,) = report["warnings"]
    assert warning.startswith(f"MNIST cannot be saved in {tmp_path}: No space left on device")


def test_a_read_only_cache_is_read(tmp_path, mirrors, mounted):
    put(tmp_path, ZIPPED)
    read_only = mounted(f"mount --bind -o ro '{tmp_path}' '{tmp_path}'")
    report = json.loads(run(LOAD, tmp_path, mirrors.url("good"), before=read_only))
    assert report == {"right": True, "warnings": [], "kept": ALL}
    assert mirrors.requests == []


def test_what_a_read_only_cache_lacks_is_downloaded_each_time(tmp_path, mirrors, mounted):
    cache = put(tmp_path, {f"{LABELS}.gz": ZIPPED[f"{LABELS}.gz"]})
    read_only = mounted(f"mount --bind -o ro '{tmp_path}' '{tmp_path}'")
    for times in (1, 2):
        report = json.loads(run(LOAD, cache, mirrors.url("good"), before=read_only))
        assert report["right"]
        assert report["kept"] == [f"{LABELS}.gz"]
        expected = f"MNIST cannot be saved in {cache}: Read-only file system"
        assert [warning.startswith(expected) for warning in report["warnings"]] == [True] * 3
        assert len(mirrors.requests) == 3 * times


def test_a_cache_without_permission_to_write(tmp_path, mirrors, powerless):
    cache = put(tmp_path / "cache", {})
    cache.chmod(0o555)
    report = json.loads(run(LOAD, cache, mirrors.url("good"), before=powerless))
    assert report["right"]
    assert report["kept"] == []
    expected = f"MNIST cannot be saved in {cache}: Permission denied"
    assert [warning.startswith(expected) for warning in report["warnings"]] == [True] * 4


def test_a_cache_without_permission_to_look(tmp_path, mirrors, powerless):
    # Neither of the four files can be opened: named, and downloaded.
    cache = put(tmp_path / "cache", ZIPPED)
    for path in cache.iterdir():
        path.chmod(0)
    code = LOAD.replace("load_and_report", "load")
    with pytest.raises(AssertionError, match=r"Permission denied\n.*answers 403 Forbidden"):
        run(code, cache, mirrors.url("forbidden"), before=powerless)
    run(code, cache, mirrors.url("good"), before=powerless)
    assert whole_files(cache) == ALL


def test_a_file_in_the_place_of_the_cache(tmp_path, mirrors):
    (tmp_path / "cache").write_bytes(b"")
    with pytest.warns(RuntimeWarning, match=r"cannot be saved in .*cache") as caught:
        assert is_right(load(tmp_path / "cache", mirrors.url("good")))
    assert len(caught) == 4
    # It points to the line that called load_mnist.
    assert {Path(warning.filename).name for warning in caught} == {"small_mnist.py"}
    assert (tmp_path / "cache").read_bytes() == b""
