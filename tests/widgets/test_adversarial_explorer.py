"""The adversarial explorer takes the library's step, as strong as its slider says."""

import numpy as np
import pytest
from browser.scene import make, shapes
from widgets.events import key, numbers

from scratchcnn import softmax
from scratchcnn.pixel_ascent import sign_step


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
