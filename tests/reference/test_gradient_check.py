"""check_gradients finds what is wrong, says where, and passes what is right."""

import numpy as np
import pytest
from drawn import build, numbers, spec

from scratchcnn import (
    AvgPool2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    ReLU,
    Sequential,
    check_gradients,
)

IMAGES = (3, 7, 6, 2)


def convolution():
    return build(spec(Conv2D, filters=3, kernel_size=3), IMAGES)


@pytest.mark.parametrize(
    ("drawn", "shape"),
    [
        (spec(Conv2D, filters=3, kernel_size=(3, 2), strides=(2, 1), padding="same"), IMAGES),
        (spec(MaxPool2D, pool_size=3, strides=2), IMAGES),
        (spec(AvgPool2D, pool_size=(2, 3), padding="same"), IMAGES),
        (spec(ReLU), IMAGES),
        (spec(Dropout, rate=0.5), IMAGES),
        (spec(Flatten), IMAGES),
        (spec(Dense, units=5), (4, 6)),
    ],
    ids=lambda value: value[0].__name__ if isinstance(value[0], type) else "",
)
def test_every_layer_passes_with_an_error_below_a_millionth(drawn, shape):
    layer = build(drawn, shape)
    errors = check_gradients(layer, numbers(shape, 0))
    assert errors.keys() == {"x", *layer.params}
    assert max(errors.values()) < 1e-6


def test_the_model_of_the_course_passes():
    layers = [Conv2D(8, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)]
    model = Sequential(layers, (28, 28, 1), dtype="float64")
    errors = check_gradients(model, numbers((5, 28, 28, 1), 0), np.arange(5))
    assert max(errors.values()) < 1e-6
    assert errors.keys() == {"x", "conv2d/kernel", "dense/kernel", "dense/bias"}


class Faulty(Dense):
    """A Dense whose backward pass has a fault that can be chosen."""

    fault = None

    def parameter_gradients(self, dy):
        super().parameter_gradients(dy)
        if self.fault == "sign":
            self.grads["bias"] = -self.grads["bias"]
        if self.fault == "mean instead of sum":
            self.grads["kernel"] = self.grads["kernel"] / len(dy)
        if self.fault == "one number":
            self.grads["kernel"][2, 1] *= 1.001
        if self.fault == "nan":
            self.grads["kernel"][0, 0] = np.nan

    def input_gradient(self, dy):
        dx = super().input_gradient(dy)
        return dx[::-1] if self.fault == "order of the batch" else dx


@pytest.mark.parametrize(
    ("fault", "place"),
    [
        ("sign", r"dL/dbias\[\d\]"),
        ("mean instead of sum", r"dL/dkernel\[\d, \d\]"),
        ("one number", r"dL/dkernel\[2, 1\]"),
        ("nan", r"dL/dkernel\[0, 0\].*nan"),
        ("order of the batch", r"dL/dx\[\d, \d\]"),
    ],
)
def test_a_faulty_backward_pass_is_found_and_named_with_place_and_values(fault, place):
    layer = Faulty(3)
    layer.build((4,), np.random.default_rng(0), "float64")
    x = numbers((5, 4), 0)
    check_gradients(layer, x)  # without a fault it passes
    layer.fault = fault
    with pytest.raises(AssertionError, match=rf"Faulty: {place}.* by backward, .* differences"):
        check_gradients(layer, x)


def test_a_fault_that_labels_bring_out_is_found_in_a_network():
    layer = Faulty(3)
    model = Sequential([layer], (4,), dtype="float64")
    layer.fault = "sign"
    with pytest.raises(AssertionError, match=r"Sequential: dL/dfaulty/bias\[\d\]"):
        check_gradients(model, numbers((5, 4), 0), np.array([0, 1, 2, 0, 1]))


def test_the_tolerance_decides():
    layer = convolution()
    check_gradients(layer, numbers(IMAGES, 0), tolerance=1e-6)
    with pytest.raises(AssertionError, match="tolerance 1e-16"):
        check_gradients(layer, numbers(IMAGES, 0), tolerance=1e-16)


def test_input_and_parameters_are_left_as_they_were():
    layer, x = convolution(), numbers(IMAGES, 0)
    x.flags.writeable = False
    before = {key: param.copy() for key, param in layer.params.items()}
    check_gradients(layer, x)
    for key, param in layer.params.items():
        assert np.array_equal(param, before[key])


def test_a_small_array_is_checked_whole_and_a_large_one_by_a_sample():
    layer = Faulty(300)
    layer.build((4,), np.random.default_rng(0), "float64")
    layer.fault = "one number"
    x = numbers((2, 4), 0)
    check_gradients(layer, x, samples=5)  # five of 1,200: the one fault is missed
    with pytest.raises(AssertionError, match=r"dL/dkernel\[2, 1\]"):
        check_gradients(layer, x, samples=1200)


def test_the_same_seed_checks_the_same_numbers():
    one, other, another = (
        check_gradients(convolution(), numbers(IMAGES, 0), samples=3, seed=s) for s in (1, 1, 2)
    )
    assert one == other != another


def test_single_precision_is_refused_with_the_cure():
    layer = build(spec(Dense, units=2), (1, 3), dtype="float32")
    with pytest.raises(TypeError, match=r'float32.*dtype="float64"'):
        check_gradients(layer, np.ones((1, 3)))


def test_an_input_of_the_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"\(3, 7, 6\)"):
        check_gradients(convolution(), np.ones((3, 7, 6)))


def test_labels_that_are_no_classes_are_refused():
    model = Sequential([Dense(3)], (4,), dtype="float64")
    with pytest.raises(ValueError, match="-1"):
        check_gradients(model, np.ones((2, 4)), np.array([0, -1]))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"model": None}, TypeError, "model is None, expected a layer"),
        ({"model": Dense(3)}, TypeError, 'dtype="float64"'),
        ({"x": np.full((2, 3), np.nan)}, ValueError, "x holds NaN or infinity"),
        ({"x": np.ones(3)}, ValueError, r"x has shape \(3,\), expected \(N, 3\)"),
        ({"x": None}, TypeError, "x is None"),
        ({"samples": 0}, ValueError, "samples must be at least 1, got 0"),
        ({"samples": 1.5}, TypeError, "samples must be a whole number, got 1.5"),
        ({"step": 0}, ValueError, "step must be above 0"),
        ({"step": -1e-5}, ValueError, "step must be in"),
        ({"step": "small"}, TypeError, "step must be a number, got 'small'"),
        ({"tolerance": np.nan}, ValueError, "tolerance must be in"),
        ({"tolerance": -1}, ValueError, "tolerance must be in"),
        ({"seed": "a"}, TypeError, "seed must be a whole number, got 'a'"),
        ({"seed": -1}, ValueError, "seed must be at least 0, got -1"),
    ],
)
def test_bad_arguments_are_named(change, error, message):
    arguments = {"model": build(spec(Dense, units=2), (2, 3)), "x": np.ones((2, 3))}
    with pytest.raises(error, match=message):
        check_gradients(**(arguments | change))
