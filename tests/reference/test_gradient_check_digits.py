"""check_gradients on real digits, whose flat background is full of kinks."""

import warnings

import numpy as np
import pytest
from drawn import numbers

from scratchcnn import (
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
    check_gradients,
    load_mnist,
)

pytestmark = pytest.mark.slow

NETWORKS = {
    "course": lambda: [Conv2D(8, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)],
    "relu": lambda: [Conv2D(4, 3), ReLU(), MaxPool2D(2), Flatten(), Dense(10)],
    "pooled first": lambda: [MaxPool2D(2), Conv2D(4, 3, 2), ReLU(), Flatten(), Dense(10)],
    "smooth": lambda: [Conv2D(4, 3), AvgPool2D(2), Flatten(), Dense(10)],
    "residual": lambda: [
        MaxPool2D(2),
        Residual([Conv2D(4, 3, 2, padding="same"), ReLU(), Conv2D(4, 3, padding="same")]),
        Flatten(),
        Dense(10),
    ],
}
SCALES = {"0 to 1": lambda x: x / 255, "centered": lambda x: x / 255 - 0.5}
every_network = pytest.mark.parametrize("name", NETWORKS)
every_scale = pytest.mark.parametrize("scale", SCALES)


def digits(scale, count=3):
    (x, y), _ = load_mnist()
    return SCALES[scale](x[:count, ..., None].astype("float64")), y[:count]


def built(layers, shape=(28, 28, 1)):
    return Sequential(layers, shape, dtype="float64")


@every_network
@every_scale
@pytest.mark.filterwarnings("ignore:.*could only be checked near x")
def test_right_networks_pass_on_digits(name, scale):
    model = built(NETWORKS[name]())
    errors = check_gradients(model, *digits(scale), samples=40)
    assert errors.keys() == {"x", *model.params}
    assert max(errors.values()) < 1e-6


@every_network
def test_right_networks_pass_on_smooth_numbers_with_hardly_a_kink(name):
    model = built(NETWORKS[name]())
    errors = check_gradients(model, numbers((3, 28, 28, 1), 0), np.arange(3), samples=40)
    assert max(errors.values()) < 1e-6
    assert sum(errors.kinks.values()) <= 2


def test_pixels_in_a_flat_window_stand_at_kinks_and_are_counted():
    layer = MaxPool2D(2)
    layer.build((28, 28, 1), np.random.default_rng(0), "float64")
    x, _ = digits("0 to 1", 1)
    errors = check_gradients(layer, x, samples=28 * 28)
    # Each pixel that shares its window's maximum with another one.
    windows = x[0, :, :, 0].reshape(14, 2, 14, 2).swapaxes(1, 2).reshape(-1, 4)
    largest = windows == windows.max(axis=1, keepdims=True)
    tied = largest.sum(axis=1) > 1
    assert errors.kinks == {"x": int(largest[tied].sum())}
    assert errors["x"] < 1e-6
    assert f"x: {errors['x']:.1e} ({errors.kinks['x']} at kinks)" in repr(errors)


def test_without_kinks_nothing_is_counted():
    layer = ReLU()
    layer.build((5,), np.random.default_rng(0), "float64")
    errors = check_gradients(layer, np.array([[-2.0, -1, 1, 2, 3]]))
    assert errors.kinks == {}
    assert "kink" not in repr(errors)


def test_zeros_before_a_relu_stand_at_a_kink_and_the_others_are_checked():
    layer = ReLU()
    layer.build((4,), np.random.default_rng(0), "float64")
    assert check_gradients(layer, np.array([[0.0, 1, 0, -1]])).kinks == {"x": 2}


def test_where_everything_is_a_kink_a_warning_says_so():
    layer = ReLU()
    layer.build((4,), np.random.default_rng(0), "float64")
    with pytest.warns(RuntimeWarning, match="dx could only be checked near x: all 4 numbers"):
        check_gradients(layer, np.zeros((1, 4)))


def test_wrong_code_is_caught_even_where_everything_is_a_kink():
    class Tripled(ReLU):
        def input_gradient(self, dy):
            return 3 * super().input_gradient(dy)

    layer = Tripled()
    layer.build((100,), np.random.default_rng(0), "float64")
    with pytest.raises(AssertionError, match="Tripled: dL/dx"):
        check_gradients(layer, np.zeros((1, 100)))


@every_scale
def test_no_warning_where_something_was_checked(scale):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_gradients(built(NETWORKS["course"]()), *digits(scale), samples=20)


# Wrong code. Where it is wrong at kinks only, the check cannot know: no gradient is right there.


class NotTransposed(Dense):
    def input_gradient(self, dy):
        return super().input_gradient(dy)[:, ::-1]


class WithoutBatchSum(Dense):
    def parameter_gradients(self, dy):
        super().parameter_gradients(dy)
        self.grads["bias"] = dy[0].copy()


class MissingFactor(Dense):
    def parameter_gradients(self, dy):
        super().parameter_gradients(dy)
        self.grads["kernel"] = self.grads["kernel"] * 0.999


class FlippedKernel(Conv2D):
    def parameter_gradients(self, dy):
        super().parameter_gradients(dy)
        self.grads["kernel"] = self.grads["kernel"][::-1, ::-1].copy()


class MissingCorner(Conv2D):
    """Forgets the last place of the window."""

    def parameter_gradients(self, dy):
        super().parameter_gradients(dy)
        self.grads["kernel"][-1, -1] = 0


class WrongWayBack(Conv2D):
    def input_gradient(self, dy):
        return super().input_gradient(dy).swapaxes(1, 2).copy()


class OffByOne(Conv2D):
    def input_gradient(self, dy):
        return np.roll(super().input_gradient(dy), 1, axis=2)


class Leaking(ReLU):
    """Lets a little through where the input is negative."""

    def input_gradient(self, dy):
        return np.where(self.recall(), dy, 0.01 * dy)


class Through(ReLU):
    def input_gradient(self, dy):
        return dy


class LastWindowOnly(MaxPool2D):
    """Gives the whole gradient to the last pixel of each window."""

    def input_gradient(self, dy):
        self.cache = np.full_like(self.recall(), 3)
        return super().input_gradient(dy)


class Shared(MaxPool2D):
    """Spreads the gradient over the window, as a mean would."""

    def input_gradient(self, dy):
        winner = self.recall()
        total = 0
        for k in range(4):
            self.cache = np.full_like(winner, k)
            total = total + super().input_gradient(dy) / 4
        return total


def in_place_of(layers, wrong):
    """Replace the layer from which ``wrong`` is derived, the last of them."""
    base = wrong.__mro__[1]
    place = max(k for k, layer in enumerate(layers) if type(layer) is base)
    layers[place] = wrong(**layers[place].get_config())
    return layers


WRONG = [NotTransposed, WithoutBatchSum, MissingFactor, FlippedKernel, MissingCorner]
WRONG += [Leaking, Through, LastWindowOnly, Shared]
every_wrong = pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)


@every_wrong
@every_scale
@pytest.mark.filterwarnings("ignore:.*could only be checked near x")
def test_wrong_code_is_caught_on_digits(wrong, scale):
    x, y = digits(scale, 4)
    with pytest.raises(AssertionError, match="by central differences"):
        check_gradients(built(in_place_of(NETWORKS["relu"](), wrong)), x, y, samples=300)


@every_wrong
def test_wrong_code_is_caught_on_smooth_numbers(wrong):
    x = numbers((4, 28, 28, 1), 0)
    with pytest.raises(AssertionError, match="by central differences"):
        check_gradients(built(in_place_of(NETWORKS["relu"](), wrong)), x, np.arange(4))


@pytest.mark.parametrize("wrong", [WrongWayBack, OffByOne])
@pytest.mark.parametrize("data", ["0 to 1", "centered", "random"])
def test_a_wrong_gradient_of_the_image_is_caught_on_digits_too(wrong, data):
    x, y = digits(data, 4) if data != "random" else (numbers((4, 28, 28, 1), 0), np.arange(4))
    for name in ("course", "smooth"):
        with pytest.raises(AssertionError, match="by central differences"):
            check_gradients(built(in_place_of(NETWORKS[name](), wrong)), x, y, samples=300)


class EveryTie(MaxPool2D):
    """Gives the gradient to every pixel that shares the maximum."""

    def forward(self, x, training=False):
        self.x = x
        self.y = super().forward(x, training)
        return self.y

    def input_gradient(self, dy):
        largest = self.x == self.y.repeat(2, axis=1).repeat(2, axis=2)
        return dy.repeat(2, axis=1).repeat(2, axis=2) * largest


class AtZero(ReLU):
    """Lets the gradient through at exactly 0 as well."""

    def forward(self, x, training=False):
        y = super().forward(x, training)
        self.cache = x >= 0
        return y


@pytest.mark.parametrize("wrong", [EveryTie, AtZero])
def test_what_is_wrong_at_kinks_only_passes_and_the_kinks_are_counted(wrong):
    """Both differ from ours where no gradient is right; that ours is as in JAX, others test."""
    layer = wrong()
    layer.build((28, 28, 1), np.random.default_rng(0), "float64")
    errors = check_gradients(layer, digits("0 to 1", 1)[0], samples=28 * 28)
    assert errors["x"] < 1e-6
    assert errors.kinks["x"] > 100
    assert not check_gradients(layer, numbers((1, 28, 28, 1), 0)).kinks


def test_every_tie_is_caught_where_a_parameter_moves_all_pixels_of_a_window():
    """In front of the pooling, a kernel moves the pixels of a flat window together: no kink."""
    x, y = digits("0 to 1")
    model = built([Conv2D(4, 3), EveryTie(2), Flatten(), Dense(10)])
    with pytest.raises(AssertionError, match=r"dL/dconv2d/(kernel|bias)"):
        check_gradients(model, x, y)


def test_a_batch_norm_that_forgets_the_batchs_mean_is_caught_on_digits():
    class Forgetting(BatchNorm):
        def input_gradient(self, dy):
            normalized, inverse_std, _ = self.recall()
            self.cache = normalized, inverse_std, False
            return super().input_gradient(dy)

    x, y = digits("centered", 4)
    for norm, right in ((BatchNorm(), True), (Forgetting(), False)):
        model = built([Conv2D(4, 3, 2, use_bias=False), norm, ReLU(), Flatten(), Dense(10)])
        if right:
            assert max(check_gradients(model, x, y, samples=40, training=True).values()) < 1e-6
        else:
            with pytest.raises(AssertionError, match="by central differences"):
                check_gradients(model, x, y, samples=40, training=True)
