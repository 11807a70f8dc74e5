"""Training on a cluster whose workers die, hang, answer late, or have other layers."""

import os
import signal
import sys
import threading

import numpy as np
import psutil
import pytest
from small_training import as_bytes, at_step, images, network, processes, train, weights_after

from scratchcnn import Adam, Dense, Flatten, Layer, Sequential, distributed
from scratchcnn.distributed import session as session_module

pytest.importorskip("distributed.client", reason="Dask is not installed: pip install -e .[cluster]")

UNIX = pytest.mark.skipif(sys.platform == "win32", reason="needs signals")


@pytest.fixture
def impatient(cluster, monkeypatch):
    """The cluster, with a deadline that a test can wait for."""
    monkeypatch.setattr(session_module, "SECONDS_TO_ANSWER", 0.5)
    monkeypatch.setattr(cluster, "deadline", 2.0)
    return cluster


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


def test_training_on_a_cluster_reports_as_fit_does(cluster):
    model = network()
    history = distributed.fit(
        model, *images(), epochs=2, verbose=False, validation_data=images(20), cluster=cluster
    )
    assert history is model.history
    assert list(history.history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
