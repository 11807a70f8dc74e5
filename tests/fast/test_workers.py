"""Several cores give the same numbers as one, and leave things as they were."""

import threading

import numpy as np
import pytest

from scratchcnn import Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU, Sequential
from scratchcnn.fast import workers as parallel
from scratchcnn.fast.workers import Crew, openblas, products_on_one_core
from scratchcnn.layers.base import Layer

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
        results = crew.map(lambda model, number: -number, [(k,) for k in range(50)])
        assert list(results) == [-k for k in range(50)]


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


@pytest.mark.parametrize("count", [8, 300])
def test_predictions_between_forward_and_backward_do_no_harm(count, data):
    x, labels = data
    model, dy = network(), np.ones((8, 3))
    model.forward(x[:8])
    model.backward(dy)
    expected = model.grads
    model.forward(x[:8])
    model.predict(x[-count:])
    model.evaluate(x[-count:], labels[-count:])
    model.backward(dy)
    for key, gradient in model.grads.items():
        assert np.array_equal(gradient, expected[key])


@needs_openblas
def test_layers_inside_a_layer_have_twins_too(monkeypatch):
    """A residual block: twins that shared its convolution would write over each other."""
    monkeypatch.setattr(parallel, "cores", lambda: 2)

    class Residual(Layer):
        def build(self, input_shape, rng, dtype="float32"):
            super().build(input_shape, rng, dtype)
            self.inner, self.others = Conv2D(1, 3, padding="same"), [Conv2D(1, 3, padding="same")]
            self.inner.build(input_shape, rng, dtype)
            self.others[0].build(input_shape, rng, dtype)

    layer = Residual()
    layer.build((8, 8, 1), np.random.default_rng(0))
    twin = layer.twin()
    for inside, original in ((twin.inner, layer.inner), (twin.others[0], layer.others[0])):
        assert inside is not original
        assert inside.params["kernel"] is original.params["kernel"]
        assert inside.workspace(3) is not original.workspace(3)


@needs_openblas
def test_crews_that_overlap_leave_the_threads_as_they_were():
    get_threads, set_threads = openblas()
    before = get_threads()
    set_threads(2)
    try:
        first, second = Crew(network()), Crew(network())
        first.__enter__()
        second.__enter__()
        first.__exit__()
        assert get_threads() == 1  # the second still counts on it
        second.__exit__()
        assert get_threads() == 2
    finally:
        set_threads(before)


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
        list(crew.map(fail, [(0,), (1,)]))


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
