"""The network explorer takes the library's numbers apart, and switches parts of it off."""

import math
from dataclasses import replace

import numpy as np
import pytest
from browser.scene import images, make, recording, shapes
from widgets.events import key, numbers, point

from scratchcnn import (
    SHAPE_CLASSES,
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
    softmax,
)
from scratchcnn.widgets import NetworkExplorer
from scratchcnn.widgets.colors import BLUE, LINE
from scratchcnn.widgets.frames import Canvas
from scratchcnn.widgets.network_layout import MOST_COLUMNS, columns_for
from scratchcnn.widgets.network_run import NetworkRun
from scratchcnn.widgets.network_state import NetworkState, activations, steps_of, sum_of
from scratchcnn.widgets.network_view import DASH, MOST_LINES, RED, dashes
from scratchcnn.widgets.network_words import factor_name

HEIGHT = 300  # of the part that can be clicked


@pytest.fixture
def explorer():
    return make("network")


@pytest.fixture(scope="module")
def all_layers():
    layers = [Conv2D(4, 3, padding="same"), BatchNorm(), ReLU(), MaxPool2D(3, 2), Dropout(0.3)]
    layers += [Residual([Conv2D(4, 3, padding="same")]), AvgPool2D(2), Conv2D(6, 3, 2), Flatten()]
    layers += [Dense(12), ReLU(), Dense(5)]
    return Sequential(layers, input_shape=(28, 26, 3), seed=1, dtype="float64")


def click(explorer, layer, channel, row, column):
    """Click the middle of a pixel."""
    found = explorer.run.sum(explorer.state)
    place = next(c for c in explorer._columns(explorer.state, found) if c.layer == layer)
    x, y = place.center(channel, row, column)
    point(explorer, "network", "press", x / 800, y / HEIGHT)


def test_every_number_of_every_layer_is_the_sum_of_its_parts(all_layers):
    rng = np.random.default_rng(0)
    image = rng.normal(size=(1, 28, 26, 3))
    all_layers.forward(rng.normal(size=(20, 28, 26, 3)), training=True)  # moves the averages
    steps = steps_of(all_layers)
    found = activations(steps, image, frozenset())
    assert np.allclose(found[-1], all_layers.forward(image))
    for k, step in enumerate(steps):
        H, W, C = step.shape
        for _ in range(5):
            pixel, channel = (int(rng.integers(H)), int(rng.integers(W))), int(rng.integers(C))
            result = sum_of(step, found[k], channel, pixel)
            total = found[k + 1].reshape(step.shape)[(*pixel, channel)]
            assert result.total == pytest.approx(total)
            assert result.products.sum() + result.rest == pytest.approx(total)
            assert result.by_channel.sum() == pytest.approx(result.products.sum())


def test_a_convolutions_parts_are_window_kernel_and_bias(all_layers):
    image = np.random.default_rng(0).normal(size=(1, 28, 26, 3))
    layer = all_layers.layers[0]
    layer.params["bias"][:] = [1.0, 2.0, 3.0, 4.0]
    result = sum_of(steps_of(all_layers)[0], image, 2, (0, 25))
    assert result.corner == (-1, 24)
    assert np.allclose(result.inputs, np.pad(image[0], ((1, 1), (1, 1), (0, 0)))[0:3, 25:28])
    # Weights that meet padding count for nothing.
    assert np.allclose(result.products, result.inputs * layer.params["kernel"][:, :, :, 2])
    assert result.rest == pytest.approx(3.0)
    order = [abs(float(result.by_channel[channel])) for channel in result.channels]
    assert order == sorted(order, reverse=True)


def test_max_pooling_passes_on_the_pixel_that_won():
    step = steps_of(Sequential([MaxPool2D(2), Flatten(), Dense(2)], (4, 4, 1)))[0]
    result = sum_of(step, np.arange(16.0).reshape(1, 4, 4, 1), 0, (1, 0))
    assert result.inputs[:, :, 0].tolist() == [[8, 9], [12, 13]]
    assert result.weights[:, :, 0].tolist() == [[0, 0], [0, 1]]
    assert (result.total, result.rest) == (13, 0)


def test_relu_of_a_negative_number_is_connected_to_that_number_alone():
    step = steps_of(Sequential([ReLU(), Flatten(), Dense(2)], (3, 3, 2)))[0]
    result = sum_of(step, np.full((1, 3, 3, 2), -1.0), 1, (2, 0))
    assert (result.corner, result.channels, result.total) == ((2, 0), [1], 0)
    assert result.inputs[0, 0, 1] == -1


def test_the_caption_adds_up_to_the_librarys_score(explorer):
    key(explorer, "network", "End")
    answer = explorer.state.channel
    x = images()[0][1000:1001]
    score = recording().model.forward(x)[0, answer]
    listed = numbers(explorer.stage.caption.split("score of ")[1].split(".  ")[0])
    assert listed[0] == answer
    assert listed[1] == pytest.approx(score, abs=6e-4)
    p = softmax(recording().model.forward(x))[0]
    assert explorer.probabilities[0] == pytest.approx(p, abs=1e-6)
    assert f"The network says {p.argmax()}" in explorer.stage.caption


def test_what_is_off_is_zero_for_the_rest_of_the_network(explorer):
    key(explorer, "network", "Home", ".", *["PageUp"] * 8, "PageDown", "PageDown", " ")
    assert explorer.state.off == {(1, 2)}
    model, x = recording().model, images()[0][1000:1100]
    weights = model.get_weights()
    kernel = weights[0].copy()
    kernel[:, :, :, 2] = 0
    model.set_weights([kernel, *weights[1:]])
    scores = model.forward(x)
    model.set_weights(weights)
    now, before = explorer.probabilities
    assert now == pytest.approx(softmax(scores)[0], abs=1e-6)
    assert before == pytest.approx(softmax(model.forward(x))[0], abs=1e-6)
    labels = images()[1][1000:1100]
    accuracies = [float((s.argmax(axis=1) == labels).mean()) for s in (scores, model.forward(x))]
    assert explorer.accuracy == pytest.approx(accuracies)
    assert numbers(explorer.stage.caption)[-2:] == pytest.approx(accuracies, abs=6e-4)
    assert "Off: conv map 2." in explorer.stage.caption
    key(explorer, "network", " ")
    assert not explorer.state.off


def test_all_on_and_delete_switch_everything_on(explorer):
    key(explorer, "network", " ", "PageDown", " ", "Delete")
    assert not explorer.state.off
    explorer.toggle()
    assert len(explorer.state.off) == 1
    explorer.all_on()
    assert not explorer.state.off


@pytest.mark.parametrize("end", ["Home", "End"])
def test_neither_the_image_nor_a_class_can_be_switched_off(explorer, end):
    key(explorer, "network", end, " ")
    assert not explorer.state.off


def test_keys_walk_through_layers_maps_and_pixels_and_stay_inside(explorer):
    key(explorer, "network", "Home", ",")
    assert explorer.state.layer == 0
    key(explorer, "network", *["ArrowUp"] * 30, *["ArrowRight"] * 30)
    assert explorer.state.pixel == (0, 27)
    key(explorer, "network", ".", *["PageDown"] * 9)
    assert (explorer.state.layer, explorer.state.channel) == (1, 7)
    assert explorer.state.pixel == (0, 25)  # the same place in a map of 26 x 26
    key(explorer, "network", ".")
    assert (explorer.state.layer, explorer.state.pixel) == (2, (0, 12))
    key(explorer, "network", ".", ".", *["ArrowDown"] * 12)
    assert (explorer.state.layer, explorer.state.channel) == (3, 9)
    key(explorer, "network", "ArrowUp", "ArrowLeft")
    assert explorer.state.layer == 2
    assert explorer.controls["layer"].value == 2


def test_enter_follows_the_chosen_connection_back_to_the_image(explorer):
    key(explorer, "network", "End", "+", "+", "-")
    found = explorer.run.sum(explorer.state)
    assert explorer.state.rank == 1
    key(explorer, "network", "Enter")
    assert (explorer.state.layer, explorer.state.channel) == (2, found.channels[1])
    assert explorer.state.pixel == found.strongest(found.channels[1])
    pooled = explorer.run.maps(explorer.state, 2)[(*explorer.state.pixel, explorer.state.channel)]
    key(explorer, "network", "Enter")
    row, column = explorer.state.pixel
    assert explorer.run.maps(explorer.state, 1)[row, column, explorer.state.channel] == pooled
    key(explorer, "network", "Enter", "Enter")
    assert explorer.state.layer == 0
    assert explorer.stage.caption.startswith("image, row")


def test_a_click_chooses_the_pixel_under_it_even_with_the_same_numbers_as_before(explorer):
    click(explorer, 1, 3, 20, 5)
    assert (explorer.state.layer, explorer.state.channel, explorer.state.pixel) == (1, 3, (20, 5))
    click(explorer, 1, 3, 12, 5)
    click(explorer, 2, 3, 12, 5)
    assert (explorer.state.layer, explorer.state.channel, explorer.state.pixel) == (2, 3, (12, 5))
    click(explorer, 0, 0, 27, 1)
    assert (explorer.state.layer, explorer.state.pixel) == (0, (27, 1))
    before = explorer.state
    point(explorer, "network", "press", 0.5, 0.02)  # a title
    assert explorer.state == before
    point(explorer, "network", "press", 0.9, 0.97)
    assert (explorer.state.layer, explorer.state.channel) == (3, 9)


def test_a_network_for_color_has_a_connection_from_each_channel():
    model, x, y, _ = shapes()
    explorer = NetworkExplorer(model, x, y, SHAPE_CLASSES)
    assert len(explorer.run.sum(explorer.state).channels) == 3
    assert "channel 2" in explorer.stage.alt
    key(explorer, "network", "End")
    assert "score of" in explorer.stage.caption


def test_the_alt_text_has_the_products_of_the_window(explorer):
    terms = explorer.stage.alt.split(": ")[-1].split("; ")
    factors = np.array([numbers(term) for term in terms])
    assert factors.shape == (9, 3)
    assert factors[:, 0] * factors[:, 1] == pytest.approx(factors[:, 2], abs=2e-3)
    assert factors[:, 2].sum() == pytest.approx(explorer.run.sum(explorer.state).total, abs=6e-3)


def test_of_a_deep_network_the_layers_around_the_chosen_one_show():
    shapes = [(8, 8, 1)] + [(8, 8, 40)] * 30 + [(1, 1, 10)]
    for layer in (1, 15, 30, 31):
        layers = [column.layer for column in columns_for(shapes, layer, {layer: 39})]
        assert layers[0] == 0
        assert len(layers) == MOST_COLUMNS + 1
        assert {layer - 1, min(layer, 30)} <= set(layers)
    chosen = next(c for c in columns_for(shapes, 15, {15: 39}) if c.layer == 15)
    assert chosen.corner(39) is not None
    assert chosen.corner(0) is None


def test_what_subtracts_is_dashed_so_that_color_is_not_needed(explorer, monkeypatch):
    lines, original = [], Canvas.line

    def line(self, *points, color=LINE, line=1):
        if color in (RED, BLUE) and len(points) == 2:
            lines.append((color, points))
        original(self, *points, color=color, line=line)

    key(explorer, "network", "End", "ArrowDown")
    monkeypatch.setattr(Canvas, "line", line)
    key(explorer, "network", "ArrowDown")
    found = explorer.run.sum(explorer.state)
    column = next(c for c in explorer._columns(explorer.state, found) if c.layer == 2)
    starts = {True: set(), False: set()}  # of what adds, and of what subtracts
    for channel in found.channels[:MOST_LINES]:
        share, start = found.by_channel[channel], column.center(channel, 6, 6)
        if start is not None and share:
            starts[bool(share > 0)].add(start)
    whole = [points for color, points in lines if color == RED]
    pieces = [points for color, points in lines if color == BLUE]
    assert {start for start, _ in whole} == starts[True]
    assert {start for start, _ in pieces} >= starts[False]
    assert starts[True]
    assert starts[False]
    assert starts[True].isdisjoint(start for start, _ in pieces)
    assert min(math.dist(*points) for points in whole) > 2 * DASH
    assert max(math.dist(*points) for points in pieces) < 2 * DASH


def test_the_gaps_of_a_dashed_line_are_as_long_as_its_dashes():
    parts = dashes((0, 0), (100, 0))
    drawn = sum(end[0] - start[0] for start, end in parts)
    assert len(parts) == 10
    assert drawn == pytest.approx(50)


def test_it_says_what_the_image_shows_and_whether_the_answer_is_right(explorer):
    answers = explorer.run.steps and [
        int(explorer.run.probabilities(replace(explorer.state, image=k))[0].argmax())
        for k in range(len(explorer.run.images))
    ]
    labels = explorer.run.labels.tolist()
    assert {a == b for a, b in zip(answers, labels, strict=True)} == {True, False}
    for image, (answer, label) in enumerate(zip(answers, labels, strict=True)):
        explorer.set(image=image)
        assert f"correct class {label}" in explorer.stage.alt
        assert (f"Correct: {label}." in explorer.stage.caption) == (answer != label)


def test_pooling_has_no_weights(all_layers):
    run = NetworkRun(all_layers, np.zeros((1, 28, 26, 3)), np.zeros(1, int))
    names = {run.titles[k]: factor_name(run, NetworkState(layer=k)) for k in range(1, run.last + 1)}
    assert {name for title, name in names.items() if "conv" in title or "dense" in title} == {
        "weights"
    }
    assert names["pool 1"] == "1 for the largest"
    assert names["pool 2"] == "its effect"


def test_a_network_that_ends_in_global_pooling_shows_its_classes():
    model = Sequential([Conv2D(3, 3), GlobalAvgPool2D()], (8, 8, 1), seed=0)
    explorer = NetworkExplorer(model, np.zeros((2, 8, 8, 1)), np.zeros(2, int))
    key(explorer, "network", "End", "ArrowDown")
    assert explorer.last_error is None
    assert "score of" in explorer.stage.caption
