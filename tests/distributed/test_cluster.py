"""The processes of a cluster: their settings and versions, a scheduler elsewhere, and their end."""

import os
import re
import signal
import subprocess
import sys

import numpy as np
import psutil
import pytest
from small_training import as_bytes, at_step, network, processes, train, weights_after

import scratchcnn
from scratchcnn import distributed
from scratchcnn.distributed import cluster as cluster_module

pytest.importorskip("distributed.client", reason="Dask is not installed: pip install -e .[cluster]")

UNIX = pytest.mark.skipif(sys.platform == "win32", reason="needs signals")


@UNIX
def test_ctrl_c_in_a_terminal_does_not_reach_the_workers(cluster):
    workers = processes(cluster)
    for number in workers.values():
        os.kill(number, signal.SIGINT)
    assert processes(cluster).items() >= workers.items()


@UNIX
def test_workers_keep_memory_that_they_have_used_as_this_process_does(cluster):
    def new_pages():
        import resource

        size = resource.getpagesize()
        first = np.ones(2**20)  # 8 MiB; freed, and asked for again
        del first
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        second = np.ones(2**20)
        return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) * size / second.nbytes

    assert max(cluster.client.run(new_pages).values()) < 0.1


def test_a_worker_of_another_version_is_named_when_the_cluster_is_checked(cluster, monkeypatch):
    monkeypatch.setattr(scratchcnn, "__version__", "0.0.1")
    cure = (
        r"worker tcp://\S+ has other versions: scratchcnn \S+ \(here 0\.0\.1\)\. Install the same"
    )
    with pytest.raises(distributed.ClusterError, match=cure):
        cluster.check_versions()


@pytest.fixture
def scheduler():
    """A scheduler and one worker in processes of their own, as on another machine."""
    python = [sys.executable, "-m"]
    command = [*python, "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard"]
    first = subprocess.Popen([*command, "--host", "127.0.0.1"], stderr=subprocess.PIPE, text=True)
    found = (re.search(r"Scheduler at: +(tcp://\S+)", line) for line in first.stderr)
    address = next(match[1] for match in found if match)
    command = [*python, "distributed.cli.dask_worker", address, "--no-dashboard", "--no-nanny"]
    second = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    yield address, first
    for process in (second, first):
        process.kill()
        process.wait()
    first.stderr.close()


def test_a_scheduler_elsewhere_is_used_by_its_address_and_may_go_away(scheduler, expected):
    address, process = scheduler
    with distributed.Cluster(address) as cluster:
        cluster.client.wait_for_workers(1, timeout=30)
        assert repr(cluster) == f"<Cluster: 1 worker at {address}>"
        assert train(cluster) == expected

        model, seen = network(), []
        end = at_step(2, lambda: (process.kill(), process.wait()))
        with pytest.raises(distributed.ClusterError, match="the scheduler is gone"):
            train(cluster, model, callbacks=[weights_after(model, seen), end])
        assert len(seen) == 2
        assert as_bytes(model) == seen[-1]


def test_an_address_where_nobody_answers_is_named_with_the_commands_that_start_a_cluster():
    with pytest.raises(distributed.ClusterError, match=r"at tcp://127\.0\.0\.1:9: start one with"):
        distributed.Cluster("tcp://127.0.0.1:9", deadline=0.5)


def test_in_a_browser_everything_is_computed_in_one_process(monkeypatch, capsys, expected):
    monkeypatch.setattr(
        cluster_module, "close_all", lambda: None
    )  # the other tests still need theirs
    monkeypatch.setattr(sys, "platform", "emscripten")
    assert distributed.start(workers=4) is None
    assert "browser" in capsys.readouterr().out
    with pytest.raises(distributed.ClusterError, match="browser"):
        distributed.Cluster()
    assert train(distributed.start()) == expected


# The last one of this file: it closes the cluster of the others as well.
def test_closing_ends_all_processes_and_can_be_repeated():
    first = distributed.start(workers=1)
    assert repr(first) == "<Cluster: 1 worker here>"
    (number,) = processes(first).values()
    second = distributed.start(workers=1)  # as when a notebook's cell runs again
    assert not psutil.pid_exists(number)
    assert repr(first) == "<Cluster: closed>"
    with pytest.raises(distributed.ClusterError, match="scheduler is gone"):
        train(first)
    second.close()
    second.close()
