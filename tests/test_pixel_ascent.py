"""Changing images along a gradient: the step is right, and it does what it is for."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from scratchcnn import Conv2D, Dense, Flatten, ReLU, Sequential, SoftmaxCrossEntropy
from scratchcnn.pixel_ascent import loss_gradient, maximize_unit, sign_step

LABELS = np.array([0, 2, 1])


@pytest.fixture
def model():
    layers = [Conv2D(4, 3), ReLU(), Flatten(), Dense(3)]
    return Sequential(layers, (6, 7, 2), seed=3, dtype="float64")


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def x(rng):
    return rng.uniform(-0.4, 0.4, (3, 6, 7, 2))


def losses(model, x):
    loss = SoftmaxCrossEntropy()
    return np.array([loss.forward(model(x[n : n + 1]), LABELS[n : n + 1]) for n in range(len(x))])


def test_the_gradient_is_the_slope_of_each_images_own_loss(model, x):
    dx, step = loss_gradient(model, x, LABELS), 1e-6
    for n, i, j, c in [(0, 0, 0, 0), (1, 2, 5, 1), (2, 5, 6, 0)]:
        up, down = x.copy(), x.copy()
        up[n, i, j, c] += step
        down[n, i, j, c] -= step
        slope = (losses(model, up) - losses(model, down))[n] / (2 * step)
        assert dx[n, i, j, c] == pytest.approx(slope, abs=1e-7)


def test_a_sign_step_moves_every_pixel_equally_far_and_raises_the_loss(model, x):
    moved = sign_step(model, x, LABELS, 0.01)
    assert_allclose(np.abs(moved - x), 0.01)
    assert (losses(model, moved) > losses(model, x)).all()
    dx = loss_gradient(model, x, LABELS)
    assert_allclose(
        losses(model, sign_step(model, x, LABELS, 1e-6)) - losses(model, x),
        1e-6 * np.abs(dx).sum(axis=(1, 2, 3)),
        rtol=1e-3,
    )


def test_no_other_step_of_that_size_raises_the_loss_more(model, x, rng):
    best = losses(model, sign_step(model, x, LABELS, 1e-4))
    for _ in range(50):
        other = x + 1e-4 * rng.choice([-1, 1], x.shape)
        assert (losses(model, other) < best).all()


def test_pixels_stay_within_the_limits_and_no_step_changes_nothing(model, x):
    far = sign_step(model, x, LABELS, 0.3)
    assert far.min() == -0.5
    assert far.max() == 0.5
    assert sign_step(model, x, LABELS, 5.0, limits=(-2, 3)).max() == 3
    assert (sign_step(model, x, LABELS, 0) == x).all()


def test_a_negative_strength_is_refused(model, x):
    with pytest.raises(ValueError, match="strength"):
        sign_step(model, x, LABELS, -0.1)


def test_an_image_that_excites_a_unit_excites_it_more_than_noise_and_any_real_image(model, x):
    for channel in range(4):
        image = maximize_unit(model, layer=0, channel=channel)
        assert image.shape == (6, 7, 2)
        assert np.abs(image).max() <= 0.5
        both = np.concatenate([image[None], x])
        response = model.layers[0].forward(both)[..., channel].mean(axis=(1, 2))
        assert (response[0] > response[1:]).all()


def test_for_one_kernel_of_the_images_size_it_is_the_sign_of_the_kernel():
    model = Sequential([Conv2D(2, 5)], (5, 5, 1), seed=0, dtype="float64")
    kernel = model.get_weights()[0][..., 1]
    image = maximize_unit(model, layer=0, channel=1, steps=1000, decay=0.0)
    strong = np.abs(kernel) > 0.1 * np.abs(kernel).max()
    assert_allclose(image[strong], 0.5 * np.sign(kernel)[strong])


def test_the_unit_may_be_a_score_and_a_seed_gives_the_same_image_again(model):
    first, again = (maximize_unit(model, layer=-1, channel=2, steps=20) for _ in range(2))
    assert (first == again).all()
    assert (first != maximize_unit(model, layer=-1, channel=2, steps=20, seed=1)).any()
    assert model(first[None])[0].argmax() == 2
