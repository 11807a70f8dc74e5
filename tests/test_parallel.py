"""Several cores give the same numbers as one, and leave things as they were."""

import threading

import numpy as np
import pytest

from scratchcnn import Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU, Sequential, parallel
from scratchcnn.parallel import Crew, openblas, products_on_one_core

needs_openblas = pytest.mark.skipif(
    openblas() is None, reason="NumPy computes with another library than OpenBLAS here"
)


def network(dtype="float32"):
    layers = [Conv2D(4, 3), ReLU(), MaxPool2D(2), Dropout(0.3), Flatten(), Dropout(0.3), Dense(3)]
    return Sequential(layers, (8, 8, 1), seed=5, dtype=dtype)


@pytest.fixture
def data():
    rng = np.random.default_rng(1)
    return rng.standard_normal((300, 8, 8, 1)), rng.integers(3, size=300)


def test_a_crew_gives_results_in_the_order_of_the_pieces():
    with Crew(network()) as crew:
        assert crew.map(lambda model, number: -number, [(k,) for k in range(50)]) == [
            -k for k in range(50)
        ]


@needs_openblas
def test_pieces_meet_on_several_cores(monkeypatch):
    monkeypatch.setattr(parallel, "cores", lambda: 2)
    together = threading.Barrier(2, timeout=20)
    with Crew(network()) as crew:
        # Each waits inside until the other is there as well.
        assert sorted(crew.map(lambda model: together.wait(), [(), ()])) == [0, 1]


@needs_openblas
def test_each_core_has_a_twin_of_its_own_that_shares_the_parameters(monkeypatch):
    monkeypatch.setattr(parallel, "cores", lambda: 2)
    model, together = network(), threading.Barrier(2, timeout=20)

    def meet(twin):
        together.wait()
        return twin

    with Crew(model) as crew:
        first, second = crew.map(meet, [(), ()])
    assert len({id(first), id(second), id(model)}) == 3
    for key, param in model.params.items():
        assert first.params[key] is param
        assert second.params[key] is param


def test_a_single_piece_is_done_by_the_model_itself():
    model = network()
    with Crew(model) as crew:
        assert crew.map(lambda network: network, [()]) == [model]


@needs_openblas
@pytest.mark.parametrize("number", [1, 2, 5])
def test_the_number_of_cores_changes_no_bit(number, data, monkeypatch):
    def train():
        model = network()
        history = model.fit(*data, epochs=2, batch_size=150, verbose=False).history
        return [*model.get_weights(), model.predict(data[0]), *history.values()]

    expected = train()
    monkeypatch.setattr(parallel, "cores", lambda: number)
    for ours, theirs in zip(train(), expected, strict=True):
        assert np.array_equal(ours, theirs)


def test_without_openblas_the_numbers_are_the_same(data, monkeypatch):
    expected = network("float64").predict(data[0])
    monkeypatch.setattr(parallel, "openblas", lambda: None)
    np.testing.assert_allclose(network("float64").predict(data[0]), expected, rtol=1e-12)


def test_an_error_in_a_piece_reaches_the_caller():
    def fail(model, number):
        raise ValueError(f"piece {number} fails")

    with Crew(network()) as crew, pytest.raises(ValueError, match="piece 0 fails"):
        crew.map(fail, [(0,), (1,)])


@needs_openblas
def test_products_stay_on_one_core_only_inside():
    get_threads, set_threads = openblas()
    before = get_threads()
    set_threads(2)
    try:
        with products_on_one_core() as possible:
            assert possible
            assert get_threads() == 1
            with products_on_one_core():
                pass
            assert get_threads() == 1
        assert get_threads() == 2
        with pytest.raises(ZeroDivisionError), products_on_one_core():
            1 / 0  # noqa: B018
        assert get_threads() == 2
    finally:
        set_threads(before)


def test_no_thread_stays_behind(data):
    model = network()
    model.fit(*data, batch_size=300, verbose=False)
    model.predict(data[0])
    assert [thread.name for thread in threading.enumerate() if "crew" in thread.name] == []
