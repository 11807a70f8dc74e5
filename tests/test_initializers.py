"""Initial kernels: the limits and deviations of Keras's definitions, and reproducible."""

import numpy as np
import pytest

from scratchcnn import Conv2D, Dense, Sequential
from scratchcnn.initializers import INITIALIZERS, fans, get_initializer

CONV, DENSE = (3, 5, 16, 32), (400, 120)
# Variance by Keras's definition (VarianceScaling): scale / fan.
VARIANCES = {
    "glorot_uniform": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "glorot_normal": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "he_uniform": lambda fan_in, fan_out: 2 / fan_in,
    "he_normal": lambda fan_in, fan_out: 2 / fan_in,
}
every_initializer = pytest.mark.parametrize("name", sorted(VARIANCES))
every_shape = pytest.mark.parametrize("shape", [CONV, DENSE], ids=["conv", "dense"])


def draw(name, shape, seed=0):
    return get_initializer(name)(shape, np.random.default_rng(seed))


def test_every_initializer_is_tested():
    assert VARIANCES.keys() == INITIALIZERS.keys()


def test_the_fans_of_a_kernel_count_what_an_output_sums_and_an_input_feeds():
    assert fans(DENSE) == (400, 120)
    assert fans(CONV) == (3 * 5 * 16, 3 * 5 * 32)
    assert fans((3, 3, 1, 8)) == (9, 72)


@every_initializer
@every_shape
def test_mean_and_deviation_follow_the_definition(name, shape):
    kernel = draw(name, shape)
    deviation = np.sqrt(VARIANCES[name](*fans(shape)))
    assert kernel.shape == shape
    assert abs(kernel.mean()) < 5 * deviation / np.sqrt(kernel.size)
    # For these sizes the sample's deviation itself deviates by less than 0.5%.
    assert kernel.std() == pytest.approx(deviation, rel=0.02)


@every_initializer
@every_shape
def test_nothing_lies_beyond_the_limit_and_much_close_to_it(name, shape):
    kernel, deviation = draw(name, shape), np.sqrt(VARIANCES[name](*fans(shape)))
    # A uniform distribution ends at sqrt(3) deviations; a normal one is cut at two of the
    # deviations it had before its tails were cut.
    limit = deviation * (np.sqrt(3) if "uniform" in name else 2 / 0.87962566103423978)
    assert 0.99 * limit < np.abs(kernel).max() <= limit


def test_uniform_numbers_are_spread_evenly_and_normal_ones_are_not():
    for name, share in (("glorot_uniform", 0.5), ("glorot_normal", 0.7152)):
        kernel = draw(name, DENSE)
        # Half of an even spread lies in the inner half; of a normal cut at two deviations
        # (P(|z| < 1) / P(|z| < 2) = 0.6827 / 0.9545).
        assert (np.abs(kernel) < np.abs(kernel).max() / 2).mean() == pytest.approx(share, abs=0.01)


@every_initializer
@every_shape
def test_keras_draws_from_the_same_distribution(keras, name, shape):
    theirs = np.asarray(keras.initializers.get(name)(shape, dtype="float32"))
    ours = draw(name, shape)
    assert ours.std() == pytest.approx(theirs.std(), rel=0.02)
    assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=0.02)


@every_initializer
def test_the_same_seed_draws_the_same_numbers(name):
    assert np.array_equal(draw(name, CONV, 1), draw(name, CONV, 1))
    assert not np.array_equal(draw(name, CONV, 1), draw(name, CONV, 2))


@every_initializer
def test_layers_start_with_the_kernel_asked_for_and_a_bias_of_zero(name):
    for layer, shape in (
        (Conv2D(32, (3, 5), kernel_initializer=name), (8, 8, 16)),
        (Dense(120, kernel_initializer=name), (400,)),
    ):
        layer.build(shape, np.random.default_rng(0), "float64")
        kernel = layer.params["kernel"]
        assert np.array_equal(kernel, draw(name, kernel.shape))
        assert not layer.params["bias"].any()


def test_glorot_uniform_is_what_layers_start_with_unless_told_otherwise():
    model = Sequential([Dense(120)], (400,), seed=0)
    assert np.array_equal(model.get_weights()[0], draw("glorot_uniform", DENSE).astype("float32"))


@pytest.mark.parametrize(
    "layer", [lambda name: Conv2D(2, 3, kernel_initializer=name), get_initializer]
)
def test_an_unknown_name_is_refused_with_those_there_are(layer):
    with pytest.raises(ValueError, match=r"kernel_initializer.*'zeros'.*he_normal"):
        layer("zeros")
