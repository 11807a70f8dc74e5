"""Several cores give the same numbers as one, and leave things as they were."""

import sys
import threading
import tracemalloc

import numpy as np
import pytest

from scratchcnn import Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU, Sequential
from scratchcnn.fast import workers
from scratchcnn.fast.executor import FastExecutor, Worker
from scratchcnn.fast.workers import WorkerPool, products_on_one_core
from scratchcnn.layers.base import Layer

needs_blas = pytest.mark.skipif(
    workers.blas() is None, reason="threadpoolctl is missing, or does not know NumPy's BLAS"
)


def network(dtype="float32"):
    layers = [Conv2D(4, 3), ReLU(), MaxPool2D(2), Dropout(0.3), Flatten(), Dropout(0.3), Dense(3)]
    return Sequential(layers, (8, 8, 1), seed=5, dtype=dtype)


@pytest.fixture
def data():
    rng = np.random.default_rng(1)
    return rng.standard_normal((600, 8, 8, 1)), rng.integers(3, size=600)


def trained(data):
    """Return all numbers that a network gives."""
    model = network()
    history = model.fit(*data, epochs=2, batch_size=150, validation_data=data, verbose=False)
    return [*model.get_weights(), model.predict(data[0]), *history.history.values()]


def same(ours, theirs):
    return all(np.array_equal(*pair) for pair in zip(ours, theirs, strict=True))


def threads():
    return [thread for thread in threading.enumerate() if "scratchcnn" in thread.name]


def test_results_come_in_the_order_of_the_parts():
    with WorkerPool(lambda: None) as pool:
        results = pool.map(lambda worker, number: -number, [(k,) for k in range(50)])
        assert list(results) == [-k for k in range(50)]


def test_a_single_part_starts_no_thread(monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 2)
    with WorkerPool(object) as pool:
        (thread,) = pool.map(lambda worker: threading.current_thread(), [()])
    assert thread is threading.current_thread()


@needs_blas
def test_each_core_has_a_worker_of_its_own(monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 2)
    together = threading.Barrier(2, timeout=20)

    def meet(worker):
        together.wait()  # each waits inside until the other is there as well
        return worker

    with WorkerPool(object) as pool:
        first, second = pool.map(meet, [(), ()])
    assert first is not second


def test_workers_share_the_parameters_and_nothing_else():
    model = network()
    first, second = ([layer.replica() for layer in model.layers] for _ in "12")
    for mine, yours, original in zip(first, second, model.layers, strict=True):
        assert mine is not yours
        assert mine.grads is not yours.grads
        for key, param in original.params.items():
            assert mine.params[key] is param
            assert yours.params[key] is param


def test_layers_inside_a_layer_have_replicas_too():
    """Kept in a list, and again in an attribute: both are the same replica."""

    class Block(Layer):
        def build(self, input_shape, rng, dtype="float32"):
            super().build(input_shape, rng, dtype)
            self.first, others = Conv2D(1, 3, padding="same"), [ReLU()]
            self.sublayers = (self.first, *others)
            for layer in self.sublayers:
                layer.build(input_shape, rng, dtype)

    block = Block()
    block.build((8, 8, 1), np.random.default_rng(0))
    replica = block.replica()
    assert replica.first is replica.sublayers[0]
    for mine, original in zip(replica.sublayers, block.sublayers, strict=True):
        assert mine is not original
    assert replica.first.params["kernel"] is block.first.params["kernel"]
    assert replica.first.grads is not block.first.grads


@needs_blas
@pytest.mark.parametrize("number", [1, 2, 5])
def test_the_number_of_cores_changes_no_bit(number, data, monkeypatch):
    expected = trained(data)
    monkeypatch.setattr(workers, "cores", lambda: number)
    assert same(trained(data), expected)


def test_where_no_thread_can_be_started_all_runs_on_one(data, monkeypatch):
    """As in a browser's Python."""
    monkeypatch.setattr(workers, "cores", lambda: 4)
    expected, refused = trained(data), []

    def start(thread):
        refused.append(thread.name)
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    assert same(trained(data), expected)
    assert refused or workers.blas() is None  # it was tried
    assert threads() == []


def test_where_only_some_threads_can_be_started_nothing_is_lost(data, monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 4)
    expected, start, started = trained(data), threading.Thread.start, []

    def start_one(thread):
        started.append(thread)
        if len(started) % 2 == 0:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_one)
    assert same(trained(data), expected)
    assert threads() == []


def test_without_threadpoolctl_the_numbers_are_the_same(data, monkeypatch):
    expected = trained(data)
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)  # importing it is an ImportError
    monkeypatch.setattr(workers, "blas", workers.blas.__wrapped__)  # ask again
    assert workers.blas() is None
    with products_on_one_core() as possible:
        assert not possible
    for ours, theirs in zip(trained(data), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, 1e-3, 1e-5)


def test_an_error_in_a_part_reaches_the_caller_and_the_pool_ends():
    def fail(worker, number):
        raise ValueError(f"part {number} fails")

    with WorkerPool(lambda: None) as pool, pytest.raises(ValueError, match="part 0 fails"):
        list(pool.map(fail, [(0,), (1,)]))
    assert threads() == []


def blas_threads():
    return {library["num_threads"] for library in workers.blas().info()}


@pytest.fixture
def two_blas_threads():
    with workers.blas().limit(limits=2):
        if blas_threads() != {2}:
            pytest.skip("BLAS takes no second thread here")
        yield


@needs_blas
@pytest.mark.usefixtures("two_blas_threads")
def test_products_stay_on_one_core_only_inside():
    with products_on_one_core() as possible:
        assert possible
        assert blas_threads() == {1}
        with products_on_one_core():
            pass
        assert blas_threads() == {1}
    assert blas_threads() == {2}
    with pytest.raises(ZeroDivisionError), products_on_one_core():
        1 / 0  # noqa: B018
    assert blas_threads() == {2}


@needs_blas
@pytest.mark.usefixtures("two_blas_threads")
def test_pools_that_overlap_leave_the_limit_as_it_was():
    first, second = FastExecutor(network()), FastExecutor(network())
    first.__enter__()
    second.__enter__()
    first.__exit__()
    assert blas_threads() == {1}  # the second still counts on it
    second.__exit__()
    assert blas_threads() == {2}


def test_no_thread_stays_behind(data):
    trained(data)
    assert threads() == []


def test_warnings_that_are_switched_off_stay_off_on_every_core(monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 2)
    with np.errstate(over="raise"), WorkerPool(lambda: None) as pool:
        assert {one["over"] for one in pool.map(lambda worker: np.geterr(), [(), ()])} == {"raise"}


def most_memory(cores, count, monkeypatch):
    """Return the peak of the memory that predicting and evaluating so many images takes."""
    monkeypatch.setattr(workers, "cores", lambda: cores)
    layers = [Conv2D(16, 3), ReLU(), MaxPool2D(2), Conv2D(32, 3), ReLU(), MaxPool2D(2)]
    model = Sequential([*layers, Flatten(), Dense(10)], (28, 28, 1))
    x, y = np.zeros((count, 28, 28, 1), "uint8"), np.zeros(count, int)
    tracemalloc.start()
    try:
        model.predict(x)
        model.evaluate(x, y)
        return tracemalloc.get_traced_memory()[1], model
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("cores", [1, 2, 8])
def test_memory_grows_with_the_cores_and_not_with_the_images(cores, monkeypatch):
    _, model = most_memory(1, 64, monkeypatch)
    tracemalloc.start()
    worker = Worker(model.replica())
    worker.logits(np.zeros((256, 28, 28, 1), "float32"), 1)
    of_a_worker = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    small, large = (most_memory(cores, count, monkeypatch)[0] for count in (256 * 8, 256 * 24))
    a_megabyte = 2**20
    assert of_a_worker < 64 * a_megabyte
    # Scores are a few bytes an image; everything else belongs to the workers.
    scores = 256 * 24 * 10 * 4 * 6
    assert small < cores * 1.1 * of_a_worker + scores + a_megabyte
    assert large < cores * 1.1 * of_a_worker + scores + a_megabyte


@pytest.mark.parametrize(
    ("limit", "expected"), [("1", 1), ("1000", None), ("", None), ("two", None)]
)
def test_omp_num_threads_can_only_lower_the_number_of_cores(limit, expected, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    all_of_them = workers.cores()
    monkeypatch.setenv("OMP_NUM_THREADS", limit)
    assert workers.cores() == (all_of_them if expected is None else expected)
