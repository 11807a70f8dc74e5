"""Mirrors of every kind, and a cache that holds whole files or none."""

import gzip
import os
import shutil
import socket
import sys
import threading
from dataclasses import replace

import mirror_server
import pytest
from small_mnist import CONTENTS, FILES, IMAGES, LABELS, PLAIN, ZIPPED, is_right, put, whole_files

from scratchcnn import load_mnist
from scratchcnn.data import datasets, downloads, fashion, mnist
from scratchcnn.data.idx import DataError

ALL = sorted(ZIPPED)
# What each kind of bad mirror is reported as.
BAD = {
    "forbidden": "answers 403 Forbidden",
    "page": "is not an IDX file: it begins with b'<!DOCTYP'",
    "nothing": "ends after 0 of ",
    "halves": "stops in the middle|is a truncated or damaged gzip",
    "cuts": "is a truncated or damaged gzip",
    "swaps": "has the right form but is not the official file",
    "bomb": "continues after the ",
    "endless": "sends more than ",
    "gibberish": "many",
    "loops": "gives no answer that makes sense",
    "stalls": "falls silent|is silent for 0.2 seconds",
    "waits": "is silent for 0.2 seconds",
}


@pytest.fixture
def mirrors(monkeypatch):
    """Serve the small files on loopback, past any proxy."""
    monkeypatch.setenv("no_proxy", "*")
    with mirror_server.Mirrors() as mirrors:
        yield mirrors


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """Put the small files in the place of MNIST's, and an empty cache in place of the user's."""
    monkeypatch.delenv("SCRATCHCNN_DATA", raising=False)
    monkeypatch.setattr(mnist, "MNIST", replace(mnist.MNIST, files=FILES))
    monkeypatch.setattr(datasets, "cache_folder", lambda: tmp_path / "deep")
    return tmp_path / "deep" / "mnist"


@pytest.fixture
def use(monkeypatch):
    """Use these mirrors and no others; wait only briefly for those that never answer."""

    class Mirrors(tuple):
        def __iter__(self):
            for url in super().__iter__():
                seconds = 0.2 if url.endswith(("/stalls/", "/waits/")) else 20
                monkeypatch.setattr(downloads, "TIMEOUT_SECONDS", seconds)
                yield url

    return lambda *urls: monkeypatch.setattr(
        mnist, "MNIST", replace(mnist.MNIST, mirrors=Mirrors(urls))
    )


def a_closed_port():
    """Return the address of a mirror that does not exist."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"


def test_the_cache_is_where_the_system_keeps_caches():
    pooch = pytest.importorskip("pooch")
    assert downloads.cache_folder() == pooch.os_cache("scratchcnn")


def test_what_was_downloaded_is_kept_and_used_again(cache, mirrors, use):
    use(mirrors.url("good"))
    assert is_right(load_mnist(full=True))
    assert mirrors.requests == [f"/good/{file.name}.gz" for file in FILES]
    assert whole_files(cache) == ALL
    assert is_right(load_mnist(full=True))
    assert len(mirrors.requests) == 4


@pytest.mark.parametrize("behavior", ["unzips", "encodes"])
def test_a_mirror_may_remove_the_gzip(behavior, cache, mirrors, use):
    use(mirrors.url(behavior))
    for _ in range(2):
        assert is_right(load_mnist(full=True))
    assert [(cache / name).read_bytes() for name in ZIPPED] == list(CONTENTS)
    assert len(mirrors.requests) == 4


@pytest.mark.parametrize("behavior", BAD)
def test_after_a_bad_mirror_comes_the_next(behavior, cache, mirrors, use):
    use(mirrors.url(behavior), mirrors.url("good"))
    assert is_right(load_mnist(full=True))
    assert whole_files(cache) == ALL
    assert mirrors.requests[0] == f"/{behavior}/{IMAGES}.gz"
    assert mirrors.requests.count(f"/good/{IMAGES}.gz") == 1


@pytest.mark.parametrize("behavior", BAD)
def test_bad_mirrors_alone_give_one_error_and_leave_nothing(behavior, cache, mirrors, use):
    use(mirrors.url(behavior), mirrors.url("forbidden"))
    with pytest.raises(DataError, match=BAD[behavior]) as caught:
        load_mnist(full=True)
    assert f"{mirrors.url(behavior)}{IMAGES}.gz " in str(caught.value)
    assert f"{mirrors.url('forbidden')}{IMAGES}.gz answers 403 Forbidden" in str(caught.value)
    assert not cache.exists()


def test_without_a_network_the_error_says_where_to_put_the_files(cache, use):
    use(a_closed_port(), a_closed_port())
    with pytest.raises(DataError) as caught:
        load_mnist(full=True)
    message = str(caught.value)
    assert message.count("cannot be reached") == 2
    assert f"Put these four files, gzipped or not, into {cache}\n" in message
    assert "SCRATCHCNN_DATA" in message
    assert all(name in message for name in ZIPPED)
    assert len(message.splitlines()) == 11
    assert caught.value.__suppress_context__  # no screen full of the network's own errors

    put(cache, {**PLAIN, f"{LABELS}.gz": ZIPPED[f"{LABELS}.gz"]})
    assert is_right(load_mnist(full=True)), "the advice must work"


def test_a_silent_mirror_is_given_up_after_twenty_seconds(cache, use, monkeypatch):
    import requests

    waited = []

    def get(url, **options):
        waited.append(options["timeout"])
        raise requests.ConnectTimeout

    monkeypatch.setattr(requests, "get", get)
    use("http://one/", "http://two/")
    with pytest.raises(DataError, match=r"http://one/.* is silent for 20 seconds\n.*http://two/"):
        load_mnist(full=True)
    assert waited == [20, 20]


def test_a_mirror_that_cannot_prove_who_it_is_is_not_trusted(cache, mirrors, use):
    use(mirrors.url("good").replace("http:", "https:"))
    with pytest.raises(DataError, match="offers no secure connection that this computer trusts"):
        load_mnist(full=True)
    assert mirrors.requests == []


def wrong_contents(name):
    right = ZIPPED[name]
    half = len(right) // 2
    return {
        "empty": b"",
        "half": right[:half],
        "page": mirror_server.PAGE,
        "flipped": right[:half] + bytes([right[half] ^ 255]) + right[half + 1 :],
        "bomb": 64 * gzip.compress(bytes(2**20)),
        "another": ZIPPED[f"{LABELS}.gz" if name.startswith(IMAGES) else f"{IMAGES}.gz"],
    }


@pytest.mark.parametrize("fault", wrong_contents(ALL[0]))
def test_wrong_files_in_the_cache_are_healed(fault, cache, mirrors, use):
    put(cache, {name: wrong_contents(name)[fault] for name in ZIPPED})
    use(mirrors.url("good"))
    assert is_right(load_mnist(full=True))
    assert whole_files(cache) == ALL
    use()
    assert is_right(load_mnist(full=True))


def test_a_wrong_file_in_the_cache_is_named_when_it_cannot_be_healed(cache, use):
    put(cache, ZIPPED | {f"{LABELS}.gz": b"?"})
    use(a_closed_port())
    with pytest.raises(DataError) as caught:
        load_mnist(full=True)
    assert f"{cache / LABELS}.gz is not an IDX file: it begins with b'?'" in str(caught.value)


def test_a_file_that_another_process_has_just_put_there_is_good_enough(
    cache, mirrors, use, monkeypatch, recwarn
):
    def refuse(source, target):  # as Windows does while others read the target
        shutil.copy(source, target)
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(os, "replace", refuse)
    use(mirrors.url("good"))
    assert is_right(load_mnist(full=True))
    assert whole_files(cache) == ALL
    assert [str(warning.message) for warning in recwarn] == []


def test_a_bar_shows_the_progress_of_each_file(cache, mirrors, use, monkeypatch):
    import tqdm

    shown = []

    class Bar(tqdm.tqdm):
        def close(self):
            shown.append((self.desc, self.n, self.total, self.leave))
            super().close()

    monkeypatch.setattr(tqdm, "tqdm", Bar)
    use(mirrors.url("good"))
    load_mnist(full=True)
    sizes = {name: len(content) for name, content in ZIPPED.items()}
    assert set(shown) == {(name, size, size, False) for name, size in sizes.items()}


def test_threads_do_not_disturb_each_other(cache, mirrors, use):
    use(mirrors.url("good"))
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(is_right(load_mnist(full=True))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 8
    assert whole_files(cache) == ALL


def test_without_tqdm_the_download_works_without_a_bar(cache, mirrors, use, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    use(mirrors.url("good"))
    assert is_right(load_mnist(full=True))


def test_without_pooch_the_error_names_the_extra_and_the_folder(use, monkeypatch):
    monkeypatch.delenv("SCRATCHCNN_DATA", raising=False)
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ImportError, match=r'pip install "scratchcnn\[course\]".*SCRATCHCNN_DATA'):
        load_mnist(full=True)


@pytest.mark.parametrize("dataset", [mnist.MNIST, fashion.FASHION], ids=lambda each: each.title)
def test_mirrors_are_folders_and_one_at_least_is_encrypted(dataset):
    assert all(url.startswith(("http://", "https://")) for url in dataset.mirrors)
    assert all(url.endswith("/") for url in dataset.mirrors)
    assert any(url.startswith("https://") for url in dataset.mirrors)
