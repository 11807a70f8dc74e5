"""Rescaling and Reshape: exact, gradient-checked, saved, and known to the check of pixels."""

import warnings

import numpy as np
import pytest

from scratchcnn import (
    Conv2D,
    Dense,
    Flatten,
    Rescaling,
    Reshape,
    Sequential,
    check_gradients,
    load_model,
)
from scratchcnn._utils.validation import scales_input


def network(*start, shape=(28, 28)):
    return Sequential([*start, Conv2D(2, 3), Flatten(), Dense(3)], shape, dtype="float64")


def pixels(count=100, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 28, 28), dtype=np.uint8)


def test_rescaling_multiplies_and_then_adds():
    model = Sequential([Rescaling(1 / 255, offset=-0.5)], (3,), dtype="float64")
    assert np.allclose(model(np.array([[0, 51, 255]])), [[-0.5, -0.3, 0.5]], rtol=0, atol=1e-15)
    assert np.allclose(model.backward(np.array([[255.0, 0, -51]])), [[1, 0, -0.2]])


def test_float32_stays_float32():
    model = Sequential([Rescaling(np.float64(0.1), np.float64(1))], (3,))
    assert model(np.zeros((2, 3), np.uint8)).dtype == np.float32


@pytest.mark.parametrize(
    ("target", "shape"),
    [((2, 6), (2, 6)), ((-1,), (12,)), ((3, -1, 1), (3, 4, 1)), ([4, 3], (4, 3))],
)
def test_reshape_keeps_the_order_of_the_numbers(target, shape):
    model = Sequential([Reshape(target)], (4, 3))
    x = np.arange(24, dtype=np.float32).reshape(2, 4, 3)
    y = model(x)
    assert y.shape == (2, *shape)
    assert np.array_equal(y.ravel(), x.ravel())
    assert np.array_equal(model.backward(y), x)


@pytest.mark.parametrize("target", [(5,), (5, -1), (-1, -1), (24, -1)])
def test_a_shape_that_does_not_hold_the_numbers_is_refused(target):
    with pytest.raises(ValueError, match=r"Reshape: .*\(4, 3\)"):
        Sequential([Reshape(target)], (4, 3))


@pytest.mark.parametrize("target", [3, (), (0, 3), (2.0, 6), (-2, 6), None, "12"])
def test_a_target_that_is_no_shape_is_refused(target):
    with pytest.raises(ValueError, match="target_shape is"):
        Reshape(target)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [(("1",), TypeError), (([1, 2],), TypeError), ((1, True), TypeError), ((np.inf,), ValueError)],
)
def test_a_scale_or_offset_that_is_no_number_is_refused(arguments, error):
    with pytest.raises(error, match=r"(scale|offset) is .*, expected a (finite )?number"):
        Rescaling(*arguments)


def test_gradients_are_right_behind_and_through_both():
    model = network(Rescaling(1 / 255, -0.5), Reshape((28, 28, 1)))
    assert check_gradients(model, pixels(2), np.array([0, 2]))


def test_they_are_saved_with_their_arguments(tmp_path):
    model = network(Rescaling(1 / 255, -0.5), Reshape((28, -1, 1)))
    model.save(tmp_path / "model.npz")
    loaded = load_model(tmp_path / "model.npz")
    assert np.array_equal(loaded(pixels()), model(pixels()))
    assert repr(loaded) == repr(model)


def test_raw_pixels_are_fine_where_the_network_scales_them():
    model = network(Reshape((28, 28, 1)), Rescaling(1 / 255))
    assert scales_input(model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.predict(pixels())


def test_raw_pixels_get_a_warning_where_scaling_comes_too_late():
    assert not scales_input(network(Reshape((28, 28, 1))))
    late = Sequential([Flatten(), Dense(3), Rescaling(0.01)], (28, 28))
    assert not scales_input(late)
    with pytest.warns(RuntimeWarning, match="far outside"):
        late.predict(pixels())
    assert not scales_input(Sequential([Flatten()], (2, 2)))


def test_many_images_get_the_same_answers_as_a_few():
    model = network(Rescaling(1 / 255, -0.5), Reshape((28, 28, 1)))
    x = pixels(200)
    few = np.concatenate([model.predict(x[k : k + 10]) for k in range(0, 200, 10)])
    assert np.abs(model.predict(x) - few).max() < 1e-12
