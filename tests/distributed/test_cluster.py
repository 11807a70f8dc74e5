"""Workers that die, hang, answer late, or are of another version; and a scheduler that goes."""

import os
import re
import signal
import subprocess
import sys
import threading

import numpy as np
import psutil
import pytest
from small_training import as_bytes, images, network, train

import scratchcnn
from scratchcnn import Adam, Dense, Flatten, Layer, Sequential, distributed
from scratchcnn.distributed import cluster as cluster_module
from scratchcnn.distributed import session as session_module

pytest.importorskip("distributed.client", reason="Dask is not installed: pip install -e .[cluster]")

UNIX = pytest.mark.skipif(sys.platform == "win32", reason="needs signals")


@pytest.fixture(autouse=True)
def all_there(cluster):
    """Begin with all workers, also after a test that has killed some."""
    cluster.limit = None
    if cluster.client.status == "running":
        cluster.restore()
        cluster.client.wait_for_workers(4, timeout=60)


@pytest.fixture(scope="module")
def expected():
    return train()


@pytest.fixture
def impatient(cluster, monkeypatch):
    """The cluster, with a deadline that a test can wait for."""
    monkeypatch.setattr(session_module, "SECONDS_TO_ANSWER", 0.5)
    monkeypatch.setattr(cluster, "deadline", 2.0)
    return cluster


def processes(cluster):
    """Return the process number of each worker, by its address; there are at least two."""
    cluster.restore()
    cluster.client.wait_for_workers(min(2, cluster.started), timeout=60)
    return cluster.client.run(os.getpid)


def at_step(step, action):
    return lambda end: action() if end.step == step else None


def weights_after(model, seen):
    return lambda end: seen.append(as_bytes(model))


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_any_number_of_workers_gives_the_same_weights_to_the_bit_after_200_steps(cluster, workers):
    cluster.limit = workers
    assert train(cluster, epochs=100) == train(epochs=100)


def test_no_more_workers_are_used_than_the_limit_says(cluster):
    cluster.limit = 2
    session = cluster.session(network())
    assert session._addresses() == cluster.workers[:2]


@UNIX
def test_a_worker_that_is_killed_in_mid_epoch_loses_nothing(cluster, expected):
    victim = next(iter(processes(cluster).values()))
    kill = at_step(2, lambda: os.kill(victim, signal.SIGKILL))
    assert train(cluster, callbacks=[kill]) == expected


@UNIX
def test_all_workers_may_be_killed_at_once(cluster, expected):
    victims = processes(cluster).values()
    kill = at_step(2, lambda: [os.kill(victim, signal.SIGKILL) for victim in victims])
    assert train(cluster, callbacks=[kill]) == expected


@UNIX
@pytest.mark.slow
def test_twenty_runs_with_a_worker_killed_at_random_give_twenty_right_results(cluster):
    rng, right = np.random.default_rng(), train(epochs=4)
    results = []
    for _ in range(20):
        victim = rng.choice([*processes(cluster).values()])
        # In the middle of a step: a few milliseconds after the one before has ended.
        kill = threading.Timer(rng.uniform(0, 0.03), os.kill, (int(victim), signal.SIGKILL))
        callbacks = [at_step(rng.integers(1, 8), kill.start)]
        results.append(train(cluster, epochs=4, callbacks=callbacks))
        kill.join()
        assert not psutil.pid_exists(victim) or psutil.Process(victim).status() == "zombie"
    assert results == [right] * 20


@UNIX
def test_a_worker_that_hangs_is_left_out_and_its_late_answer_is_not_used(impatient, expected):
    address, victim = next(iter(processes(impatient).items()))
    stop = at_step(1, lambda: os.kill(victim, signal.SIGSTOP))
    go_on = at_step(3, lambda: os.kill(victim, signal.SIGCONT))  # now its answer to step 2 comes
    try:
        assert train(impatient, callbacks=[stop, go_on]) == expected
    finally:
        os.kill(victim, signal.SIGCONT)
    assert impatient.avoided == {address}


@UNIX
def test_if_all_workers_hang_the_error_names_them_and_training_can_go_on_later(impatient, expected):
    workers, model, optimizer, seen = processes(impatient), network(), Adam(0.003), []
    stop = at_step(2, lambda: [os.kill(number, signal.SIGSTOP) for number in workers.values()])
    try:
        with pytest.raises(distributed.ClusterError, match="no worker is left") as raised:
            train(
                impatient, model, optimizer=optimizer, callbacks=[weights_after(model, seen), stop]
            )
    finally:
        for number in workers.values():
            os.kill(number, signal.SIGCONT)
    assert all(address in str(raised.value) for address in workers)
    assert "set a longer deadline" in str(raised.value)
    assert len(seen) == 2
    assert as_bytes(model) == seen[-1]
    train(impatient, model, epochs=1, optimizer=optimizer)
    assert optimizer.iterations == 4
    assert train(impatient) == expected


@UNIX
def test_an_interrupt_ends_the_waiting_for_workers_and_leaves_the_weights_whole(cluster, expected):
    workers, model, seen = processes(cluster), network(), []

    def stop_and_interrupt():
        for number in workers.values():
            os.kill(number, signal.SIGSTOP)
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()

    try:
        with pytest.raises(KeyboardInterrupt):
            train(
                cluster,
                model,
                callbacks=[weights_after(model, seen), at_step(2, stop_and_interrupt)],
            )
    finally:
        for number in workers.values():
            os.kill(number, signal.SIGCONT)
    assert as_bytes(model) == seen[-1]
    assert train(cluster) == expected


@UNIX
def test_ctrl_c_in_a_terminal_does_not_reach_the_workers(cluster):
    workers = processes(cluster)
    for number in workers.values():
        os.kill(number, signal.SIGINT)
    assert processes(cluster).items() >= workers.items()


def test_an_answer_to_another_question_is_refused_and_nothing_is_updated(cluster, monkeypatch):
    model, collect, kept = network(), session_module.Session._collect, []

    def late(session, futures):
        kept.append(collect(session, futures))
        return kept[max(0, len(kept) - 2)]  # from the second step on, those of the step before

    monkeypatch.setattr(session_module.Session, "_collect", late)
    seen = []
    with pytest.raises(distributed.ClusterError, match=r"answered for step 0, shard 0, when asked"):
        train(cluster, model, callbacks=[weights_after(model, seen)])
    assert len(seen) == 1
    assert as_bytes(model) == seen[0]


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


def test_a_worker_of_another_version_that_joins_later_is_named_at_its_first_task(
    cluster, monkeypatch
):
    model = network()
    before = as_bytes(model)
    monkeypatch.setattr(np, "__version__", "1.26.0")
    with pytest.raises(distributed.ClusterError, match=r"numpy \S+ \(here 1\.26\.0\)"):
        train(cluster, model)
    assert as_bytes(model) == before


def test_a_layer_that_was_edited_here_is_noticed_at_the_first_step(cluster, monkeypatch):
    forward = Dense.forward
    monkeypatch.setattr(Dense, "forward", lambda self, x, training=False: 2 * forward(self, x))
    model = network()
    before = as_bytes(model)
    with (
        pytest.warns(RuntimeWarning, match="Dense"),
        pytest.raises(distributed.ClusterError, match="another gradient than this computer"),
    ):
        train(cluster, model)
    assert as_bytes(model) == before


def test_a_layer_that_was_written_in_a_notebook_travels_to_the_workers(cluster):
    def forward(self, x, training=False):
        return 2 * self.check_input(x)

    body = {"forward": forward, "input_gradient": lambda self, dy: 2 * dy, "__module__": "__main__"}
    doubled = type("Doubled", (Layer,), body)
    results = []
    for where in (cluster, None):
        model = Sequential([doubled(), Flatten(), Dense(3)], input_shape=(10, 10, 1))
        results.append(train(where, model))
    assert results[0] == results[1]


def test_a_layer_from_a_module_that_the_workers_do_not_have_is_named(cluster, monkeypatch):
    alone = type(sys)("only_here")
    monkeypatch.setitem(sys.modules, "only_here", alone)
    alone.Same = type("Same", (Layer,), {"__module__": "only_here"})
    model = Sequential([alone.Same(), Flatten(), Dense(3)], input_shape=(10, 10, 1))
    with pytest.raises(distributed.ClusterError, match="cannot import only_here"):
        train(cluster, model)


def test_an_error_of_a_layer_arrives_as_it_is(cluster):
    def forward(self, x, training=False):
        raise ZeroDivisionError("the student divides by 0")

    broken = type("Broken", (Layer,), {"forward": forward, "__module__": "__main__"})
    model = Sequential([broken(), Flatten(), Dense(3)], input_shape=(10, 10, 1))
    with pytest.raises(ZeroDivisionError, match="the student"):
        train(cluster, model)


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


def test_training_on_a_cluster_reports_as_fit_does(cluster):
    model = network()
    history = distributed.fit(
        model, *images(), epochs=2, verbose=False, validation_data=images(20), cluster=cluster
    )
    assert history is model.history
    assert list(history.history) == ["loss", "accuracy", "val_loss", "val_accuracy"]


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
