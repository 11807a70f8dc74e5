"""The adversarial explorer takes the library's step, as strong as its slider says."""

import numpy as np
import pytest
from browser.scene import make, shapes
from widgets.events import key, numbers

from scratchcnn import Conv2D, Dense, GlobalAvgPool2D, Sequential, softmax
from scratchcnn.pixel_ascent import sign_step
from scratchcnn.widgets import AdversarialExplorer


@pytest.fixture
def explorer():
    return make("adversarial")


def test_the_changed_image_and_its_probabilities_are_the_librarys(explorer):
    model, x, y, _ = shapes()
    explorer.set(image=2, levels=10)
    low, high = float(x.min()), float(x.max())
    strength = 10 / 255 * (high - low)
    expected = sign_step(model, x[2:3], y[2:3], strength, (low, high))[0]
    assert np.allclose(explorer.changed(explorer.state), expected)
    p = softmax(model(np.stack([expected, x[2]])))
    assert explorer.probabilities[0] == pytest.approx(p[0], abs=1e-5)
    losses = -np.log(p[:, y[2]])
    assert numbers(explorer.stage.caption)[-2:] == pytest.approx(losses, abs=1e-3)


def test_the_first_strength_is_zero_and_changes_nothing(explorer):
    assert np.array_equal(explorer.changed(explorer.state), explorer.images[0])
    now, before = explorer.probabilities
    assert now == pytest.approx(before)


def test_random_signs_move_as_many_pixels_and_raise_the_loss_less(explorer):
    explorer.set(levels=8)
    directed, moved = explorer.probabilities[0], explorer.step(explorer.state)
    explorer.controls["kind"].value = "random signs"
    by_chance, coins = explorer.probabilities[0], explorer.step(explorer.state)
    assert np.array_equal(moved == 0, coins == 0)
    assert 0.4 < (coins > 0).mean() < 0.6
    label = explorer.labels[0]
    assert directed[label] < by_chance[label]


def test_keys_change_the_strength_within_its_limits(explorer):
    key(explorer, "changed", "ArrowRight", "ArrowUp", "PageUp", "ArrowLeft")
    assert explorer.state.levels == 9
    assert explorer.controls["levels"].value == 9
    key(explorer, "changed", "Home", "ArrowDown")
    assert explorer.state.levels == 0
    key(explorer, "changed", "End", "ArrowRight")
    assert explorer.state.levels == 64


def test_pixels_without_influence_never_move_and_a_gray_level_is_a_255th_of_the_scale():
    layers = [Conv2D(2, 1, strides=2), GlobalAvgPool2D(), Dense(3)]  # sees every second pixel
    model = Sequential(layers, (6, 6, 1), seed=0)
    images = np.random.default_rng(0).uniform(0, 20, (1, 6, 6, 1)).astype("float32")
    images[0, 0, 0], images[0, 0, 1] = 0, 20
    explorer = AdversarialExplorer(model, images, np.array([0]))
    for kind in ("sign of dL/dx", "random signs"):
        explorer.set(kind=kind, levels=2)
        moved = explorer.changed(explorer.state) != images[0]
        assert not moved[1::2].any()
        assert not moved[:, 1::2].any()
        change = np.abs(explorer.changed(explorer.state) - images[0])
        assert change.max() == pytest.approx(2 / 255 * 20, rel=1e-4)
