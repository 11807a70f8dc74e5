"""The gradient explorer shows the library's activations, gradients and steps."""

import copy
import re

import pytest
from browser.scene import images, make, recording
from widgets.events import key, numbers, point

from scratchcnn import (
    AvgPool2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
)
from scratchcnn.trace import trace
from scratchcnn.widgets import GradientExplorer
from scratchcnn.widgets.layer_columns import MOST_COLUMNS, columns_of


@pytest.fixture
def explorer():
    return make("gradient")


def deep_model(dtype="float32"):
    layers = [
        Conv2D(4, 3, padding="same"),
        ReLU(),
        MaxPool2D(2),
        Conv2D(6, 3),
        ReLU(),
        AvgPool2D(2),
    ]
    layers += [Dropout(0.5), Flatten(), Dense(10)]
    return Sequential(layers, input_shape=(28, 28, 1), seed=1, dtype=dtype)


@pytest.mark.parametrize("index", [0, 4])
def test_loss_probabilities_and_gradients_are_those_of_forward_and_backward(explorer, index):
    explorer.set(image=index)
    x, y = (array[1000 + index : 1001 + index] for array in images())
    model, loss = copy.deepcopy(recording().model), SoftmaxCrossEntropy()
    scores = x
    for layer in model.layers:
        scores = layer.forward(scores)
    value = loss.forward(scores, y)
    gradient = loss.backward()
    # Layer by layer: where the flat background ties, the network's shortcuts may choose another
    # of the pixels that differ by rounding only.
    for layer in reversed(model.layers):
        gradient = layer.backward(gradient)
    result = explorer.trace(explorer.state)
    assert result.loss == pytest.approx(value)
    assert result.input_gradient == pytest.approx(gradient[0], abs=1e-7)
    for name, expected in model.grads.items():
        assert result.grads[name] == pytest.approx(expected, abs=1e-6), name
    assert f"correct class {y[0]}, loss {value:.4f}" in explorer.stage.alt
    chances = numbers(re.search(r"Probabilities: (.*?)\. Above", explorer.stage.alt)[1])
    assert chances[1::2] == pytest.approx(model.predict(x)[0], abs=6e-4)


def test_every_layer_with_maps_has_a_column_and_every_convolution_one_of_kernels():
    model = deep_model()
    x, y = images()
    columns = columns_of(trace(model, x[0], int(y[0])).layers)
    names = ["kernels 1", "conv 1", "relu 1", "pool 1", "kernels 2", "conv 2", "relu 2", "pool 2"]
    assert [column.title for column in columns] == names
    assert (columns[1].values == model.layers[0].forward(x[:1])[0]).all()
    for column in columns:
        assert column.values.shape == column.gradients.shape


def test_a_deep_network_fits_the_frame():
    x, y = images()
    explorer = GradientExplorer(deep_model(), x[:5], y[:5])
    assert explorer.last_error is None
    edges = [region["x"] + region["width"] for region in explorer.stage.regions]
    starts = [region["x"] for region in explorer.stage.regions]
    assert len(edges) == 8
    assert all(edge <= start for edge, start in zip(edges, starts[1:], strict=False))


def test_a_very_deep_network_shows_no_more_columns_than_can_be_read():
    x, y = images()
    layers = [layer for _ in range(8) for layer in (Conv2D(2, 3, padding="same"), ReLU())]
    model = Sequential([*layers, Flatten(), Dense(10)], input_shape=(28, 28, 1))
    explorer = GradientExplorer(model, x[:2], y[:2])
    assert explorer.last_error is None
    assert len(explorer.stage.regions) == MOST_COLUMNS
    assert explorer.stage.regions[0]["label"].startswith("conv 1,")


def test_a_step_moves_every_weight_against_its_gradient(explorer):
    explorer.set(image=2, learning_rate=0.1)
    before = explorer.state.weights
    result = explorer.trace(explorer.state)
    explorer.step()
    gradients, after = result.grads.values(), explorer.trace(explorer.state)
    for old, gradient, new in zip(before, gradients, explorer.state.weights, strict=True):
        assert new == pytest.approx(old - 0.1 * gradient, abs=1e-7)
    assert f"fell from {result.loss:.4f} to {after.loss:.4f}" in explorer.stage.alt


def test_too_large_a_step_makes_the_loss_rise_and_it_is_said(explorer):
    explorer.set(label=3, learning_rate=10.0)
    for _ in range(3):
        explorer.step()
        if "rose from" in explorer.stage.alt:
            break
    assert "rose from" in explorer.stage.alt


def test_the_network_that_was_given_never_changes():
    x, y = images()
    model = deep_model()
    before = model.get_weights()
    GradientExplorer(model, x[:3], y[:3]).step()
    for old, new in zip(before, model.get_weights(), strict=True):
        assert (old == new).all()


def test_reset_brings_back_the_trained_weights_and_the_correct_class(explorer):
    frame = explorer.stage.frame
    explorer.set(label=5)
    explorer.step()
    assert explorer.stage.frame != frame
    explorer.reset()
    assert explorer.stage.frame == frame


def test_another_image_brings_its_own_class(explorer):
    explorer.controls["image"].value = 3
    assert explorer.controls["label"].value == images()[1][1003]
    assert explorer.state.steps == 0


def test_keys_and_pointer_choose_a_tile_that_is_described(explorer):
    key(explorer, "column 0", "ArrowRight", "ArrowDown")
    assert (explorer.state.column, explorer.state.tile) == (0, 4)
    kernel = recording().model.layers[0].params["kernel"][:, :, 0, 4]
    assert explorer.stage.caption.startswith("kernel 4: [")
    assert numbers(explorer.stage.caption)[1:10] == pytest.approx(kernel.ravel(), abs=6e-3)
    point(explorer, "column 1", "hover", 0.99, 0.99)  # an empty place: the last tile
    assert (explorer.state.column, explorer.state.tile) == (1, 7)
    maps = recording().model.layers[0].forward(explorer.images[:1])[0, :, :, 7]
    low, high = numbers(explorer.stage.caption)[1:3]
    assert (low, high) == pytest.approx((maps.min(), maps.max()), abs=6e-4)
