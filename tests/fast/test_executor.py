"""A batch in pieces is the batch."""

import numpy as np
import pytest

from scratchcnn import (
    SGD,
    Conv2D,
    Dense,
    DivergenceError,
    Dropout,
    Flatten,
    MaxPool2D,
    Sequential,
    SoftmaxCrossEntropy,
    softmax,
)
from scratchcnn.fast.executor import learn
from scratchcnn.fast.workers import Crew


def network(*more):
    layers = [Conv2D(4, 3), MaxPool2D(2), *more, Flatten(), Dense(3)]
    return Sequential(layers, (8, 8, 1), seed=5, dtype="float64")


@pytest.fixture
def data():
    rng = np.random.default_rng(1)
    return rng.standard_normal((601, 8, 8, 1)), rng.integers(3, size=601)


@pytest.mark.parametrize("count", [1, 64, 65, 200])
def test_the_gradients_of_pieces_add_up_to_those_of_the_batch(count, data):
    x, labels = data[0][:count], data[1][:count]
    model, loss_function = network(), SoftmaxCrossEntropy()
    logits = model.forward(x, training=True)
    expected_loss = loss_function.forward(logits, labels)
    model.backward(loss_function.backward())
    expected = model.grads
    model = network()
    with Crew(model) as crew:
        loss, right = learn(crew, x, labels)
    assert loss == pytest.approx(expected_loss, rel=1e-12)
    assert right == (logits.argmax(axis=1) == labels).sum()
    assert model.grads.keys() == expected.keys()
    for key, gradient in expected.items():
        np.testing.assert_allclose(model.grads[key], gradient, rtol=1e-9, atol=1e-14)


def test_the_first_images_of_a_long_batch_and_the_last_drop_different_inputs(data):
    """Two pieces of equal images give different gradients only if their dropout differs."""
    x, labels = np.repeat(data[0][:1], 128, axis=0), np.repeat(data[1][:1], 128)
    seen = []

    class Spy(Dropout):
        def forward(self, x, training=False):
            y = super().forward(x, training)
            seen.append(y[0] == 0)
            return y

    model = network(Spy(0.5))
    with Crew(model) as crew:
        learn(crew, x, labels)
        learn(crew, x, labels)
    assert len(seen) == 4
    assert len({mask.tobytes() for mask in seen}) == 4


def test_a_layer_may_write_its_gradients_into_the_same_array_every_time(data):
    class Writer(Dense):
        def parameter_gradients(self, dy):
            super().parameter_gradients(dy)
            if not hasattr(self, "mine"):
                self.mine = np.empty_like(self.grads["kernel"])
            self.mine[...] = self.grads["kernel"]
            self.grads["kernel"] = self.mine

    def gradient(dense):
        model = Sequential([Flatten(), dense], (8, 8, 1), seed=5, dtype="float64")
        with Crew(model) as crew:
            learn(crew, *data)
        return model.grads["dense/kernel" if type(dense) is Dense else "writer/kernel"]

    assert np.array_equal(gradient(Writer(3)), gradient(Dense(3)))


def test_a_network_that_draws_nothing_leaves_the_order_of_images_alone(data):
    """The order of the next epoch is the same, in however many pieces this one was learned."""
    model = network()
    before = model.rng.bit_generator.state
    with Crew(model) as crew:
        learn(crew, *data)
    assert model.rng.bit_generator.state == before


def test_two_dropouts_of_a_piece_drop_different_inputs(data):
    seen = []

    class Spy(Dropout):
        def forward(self, x, training=False):
            y = super().forward(x, training)
            seen.append(np.isnan(y[0]) | (y[0] == 0))
            return y

    model = network(Spy(0.5), Spy(0.5))
    with Crew(model) as crew:
        learn(crew, data[0][:65], data[1][:65])
    first, both = seen[:2]
    assert (both & ~first).any()


def test_predictions_and_losses_of_many_images_are_those_of_each(data):
    model = network()
    logits = np.concatenate([model.forward(x[None]) for x in data[0]])
    np.testing.assert_allclose(model.predict(data[0]), softmax(logits), rtol=1e-12)
    loss, accuracy = model.evaluate(*data)
    assert loss == pytest.approx(SoftmaxCrossEntropy().forward(logits, data[1]), rel=1e-12)
    assert accuracy == (logits.argmax(axis=1) == data[1]).mean()


def test_a_piece_is_smaller_the_larger_the_network_but_never_tiny():
    assert network().images_at_once == 64
    layers = [Conv2D(8, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)]
    assert Sequential(layers, (28, 28, 1)).images_at_once == 64
    layers = [Conv2D(16, 3), Flatten(), Dense(10)]
    assert Sequential(layers, (28, 28, 1)).images_at_once == 24
    layers = [Conv2D(64, 3), Flatten(), Dense(10)]
    assert Sequential(layers, (28, 28, 1)).images_at_once == 16


@pytest.mark.filterwarnings("error")  # which would come as a RuntimeWarning
def test_divergence_in_pieces_is_an_error_and_no_warning(data):
    x, labels = data
    model = network()
    with pytest.raises(DivergenceError):
        model.fit(x, labels, epochs=60, batch_size=601, optimizer=SGD(1e30), verbose=False)
