"""Layers as a reader writes them: in any style and any place, they work like the library's own."""

import copy
import pickle

import numpy as np
import pytest
from drawn import assert_close, numbers

from scratchcnn import (
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
    check_gradients,
    load_model,
)
from scratchcnn.layers.base import Layer


class TwoParts(Layer):
    """One learned factor for each channel; the backward pass in its two parts."""

    def __init__(self, start=2.0):
        super().__init__()
        self.start = start

    def build(self, input_shape, rng, dtype="float32"):
        super().build(input_shape, rng, dtype)
        self.params["factor"] = np.full(input_shape[-1], self.start)

    def forward(self, x, training=False):
        self.cache = self.check_input(x)
        return self.cache * self.params["factor"]

    def parameter_gradients(self, dy):
        self.grads["factor"] = (dy * self.recall()).sum(axis=tuple(range(dy.ndim - 1)))

    def input_gradient(self, dy):
        return dy * self.params["factor"]


class OnePart(TwoParts):
    """The same with a backward pass of its own."""

    def backward(self, dy):
        self.grads["factor"] = (dy * self.cache).sum(axis=tuple(range(dy.ndim - 1)))
        return dy * self.params["factor"]


class WholeDictionaries(OnePart):
    """The same, which assigns dictionaries instead of entries."""

    def build(self, input_shape, rng, dtype="float32"):
        super().build(input_shape, rng, dtype)
        self.params = {"factor": np.full(input_shape[-1], self.start)}

    def backward(self, dy):
        self.grads = {"factor": (dy * self.cache).sum(axis=tuple(range(dy.ndim - 1)))}
        return dy * self.params["factor"]


class Forgetful(Layer):
    """The same without super().__init__(), check_input and recall."""

    def __init__(self, start=2.0):
        self.start = start

    def param_shapes(self, input_shape):
        return {"factor": input_shape[-1:]}

    def initial_values(self, name, shape, rng):
        return np.full(shape, self.start)

    def forward(self, x, training=False):
        self.seen = x
        return x * self.params["factor"]

    def backward(self, dy):
        self.grads["factor"] = (dy * self.seen).sum(axis=tuple(range(dy.ndim - 1)))
        return dy * self.params["factor"]


STYLES = [TwoParts, OnePart, WholeDictionaries, Forgetful]
every_style = pytest.mark.parametrize("style", STYLES, ids=lambda style: style.__name__)
PLACES = {
    "first": lambda own: [own, Conv2D(2, 3), MaxPool2D(2), Flatten(), Dense(3)],
    "middle": lambda own: [Conv2D(2, 3), own, MaxPool2D(2), Flatten(), Dense(3)],
    "last": lambda own: [Conv2D(2, 3), MaxPool2D(2), Flatten(), Dense(3), own],
    "inside": lambda own: [Residual([ReLU(), own]), MaxPool2D(2), Flatten(), Dense(3)],
    "deep": lambda own: [
        Residual([Conv2D(2, 3, strides=2, padding="same"), BatchNorm(), Residual([own])]),
        Flatten(),
        Dense(3),
    ],
}
every_place = pytest.mark.parametrize("place", PLACES)
X, Y = numbers((20, 6, 6, 1), 0), np.arange(20) % 3


def network(place, own, dtype="float32"):
    return Sequential(PLACES[place](own), (6, 6, 1), dtype=dtype)


def own_factor(model):
    (name,) = [name for name in model.params if name.endswith("/factor")]
    return name, model.params[name]


@every_style
@every_place
def test_it_is_checked_and_learns(style, place):
    model = network(place, style(), "float64")
    name, factor = own_factor(model)
    assert (factor == 2).all()
    errors = check_gradients(model, X[:3], Y[:3], samples=20, training=place == "deep")
    assert name in errors
    history = model.fit(X, Y, epochs=2, batch_size=5, verbose=False, validation_data=(X, Y))
    assert np.isfinite(history.history["val_loss"]).all()
    assert own_factor(model)[1] is factor
    assert (factor != 2).all()


@every_style
@every_place
def test_it_is_saved_loaded_copied_and_printed(style, place, tmp_path):
    model = network(place, style(start=3.0))
    model.fit(X, Y, verbose=False)
    model.save(tmp_path / "model.npz")
    others = (
        load_model(tmp_path / "model.npz"),
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
    )
    for other in others:
        assert repr(other) == repr(model)
        assert np.array_equal(other.predict(X), model.predict(X))
        assert own_factor(other)[0] == own_factor(model)[0]
    assert f"{style.__name__}(3.0)" in repr(model)
    summary = str(model.summary())
    assert own_factor(model)[0].split("/")[0] in summary
    assert f"{model.count_params():,}" in summary


@every_style
def test_by_itself_it_is_checked_too(style):
    layer = style()
    layer.build((3,), np.random.default_rng(0), "float64")
    assert max(check_gradients(layer, numbers((4, 3), 0)).values()) < 1e-6


def test_all_styles_learn_the_same():
    weights = []
    for style in STYLES:
        model = network("middle", style(), "float64")
        model.fit(X, Y, epochs=2, verbose=False)
        weights.append(model.get_weights())
    for other in weights[1:]:
        for ours, theirs in zip(weights[0], other, strict=True):
            assert_close(ours, theirs)


@every_style
@every_place
def test_a_gradient_that_is_left_out_is_an_error_that_names_it_and_never_an_old_one(style, place):
    class Lazy(style):
        """Leaves out its gradient after the second step."""

        steps = 0

        def parameter_gradients(self, dy):
            self.steps += 1
            if self.steps <= 2:
                super().parameter_gradients(dy)

        def backward(self, dy):
            if style is TwoParts:
                return super().backward(dy)
            self.steps += 1
            if self.steps <= 2:
                return super().backward(dy)
            return dy * self.params["factor"]

    model = network(place, Lazy())
    for _ in range(2):
        model.forward(X, training=True)
        model.backward(np.ones((20, 3)))
    name = own_factor(model)[0]
    outer, _, key = name.partition("/")
    model.forward(X, training=True)
    with pytest.raises(RuntimeError, match=rf"^{outer}: .*left out \['{key}'\]"):
        model.backward(np.ones((20, 3)))
    before = model.get_weights()
    with pytest.raises(RuntimeError, match=rf"^{outer}: .*left out \['{key}'\]"):
        model.fit(X, Y, verbose=False)
    trainable = [weight for key, weight in model.weights.items() if "moving" not in key]
    kept = [old for key, old in zip(model.weights, before, strict=True) if "moving" not in key]
    assert all(map(np.array_equal, trainable, kept))  # no step was made


@every_style
def test_a_check_of_a_layer_that_leaves_out_its_gradient_says_so(style):
    class Careless(style):
        careful = True

        def parameter_gradients(self, dy):
            if self.careful:
                super().parameter_gradients(dy)

        def backward(self, dy):
            if self.careful or style is TwoParts:
                return super().backward(dy)
            return dy * self.params["factor"]

    layer = Careless()
    layer.build((3,), np.random.default_rng(0), "float64")
    check_gradients(layer, numbers((4, 3), 0))
    layer.careful = False  # the gradient of the first check is still there
    with pytest.raises(RuntimeError, match=r"Careless.* \['factor'\]"):
        check_gradients(layer, numbers((4, 3), 0))


def test_adding_to_a_gradient_that_is_not_there_yet_says_how_to_begin():
    class Adding(TwoParts):
        def parameter_gradients(self, dy):
            self.grads["factor"] += (dy * self.recall()).sum(axis=(0, 1, 2))

    model = network("first", Adding())
    model.forward(X)
    with pytest.raises(KeyError, match=r"Every backward pass starts without gradients"):
        model.backward(np.ones((20, 3)))


def test_a_subclass_of_a_layer_goes_by_its_own_name():
    class Sobel(Conv2D):
        pass

    model = Sequential([Sobel(2, 3), Sobel(2, 3), Conv2D(1, 1), Flatten(), Dense(3)], (6, 6, 1))
    assert [layer.name for layer in model.layers[:3]] == ["sobel", "sobel_1", "conv2d"]


def test_a_layer_with_others_inside_and_parameters_of_its_own():
    class Weighted(Residual):
        """What the layers inside make, times a learned number, and the input."""

        def param_shapes(self, input_shape):
            return {"weight": (1,)}

        def forward(self, x, training=False):
            self.inner = super().forward(x, training)
            return self.inner * self.params["weight"]

        def backward(self, dy):
            self._grads["weight"] = np.array([(dy * self.inner).sum()])
            return super().backward(dy * self.params["weight"])

    model = network("first", Weighted([Conv2D(1, 3, padding="same")]), "float64")
    assert list(model.params)[:3] == [
        "weighted/weight",
        "weighted/conv2d/kernel",
        "weighted/conv2d/bias",
    ]
    model.params["weighted/weight"] = [2]
    assert max(check_gradients(model, X[:3], Y[:3], samples=20).values()) < 1e-6
    model.layers[0].params = {"conv2d/bias": [7]}
    assert model.params["weighted/weight"] == 2  # what is not named stays
    assert model.params["weighted/conv2d/bias"] == 7
    model.fit(X, Y, verbose=False)
    assert model.params["weighted/weight"] != 2


def test_a_build_that_does_not_call_ours_is_refused_by_name():
    class Broken(Layer):
        def build(self, input_shape, rng, dtype="float32"):
            pass

    with pytest.raises(TypeError, match=r"Broken\.build must call super\(\)\.build"):
        Sequential([Broken(), Dense(3)], (4,))


def test_a_layer_that_loses_its_argument_says_how_to_keep_it():
    class Losing(Layer):
        def __init__(self, start):
            super().__init__()

    assert repr(Losing(3)) == "<Losing>"
    with pytest.raises(
        TypeError, match=r"Losing does not keep .*'start': write self\.start = start"
    ):
        Losing(3).get_config()


class WithoutReturn(Layer):
    """What students forget most often."""

    def __init__(self, method):
        self.method = method

    def forward(self, x, training=False):
        return None if self.method == "forward" else x

    def backward(self, dy):
        return None if self.method == "backward" else dy


@pytest.mark.parametrize(
    ("method", "place", "message"),
    [
        ("forward", 0, "conv2d: x is None"),
        ("forward", 1, "flatten: x is None"),
        ("forward", 3, "logits is None"),
        ("backward", 1, "conv2d: dy is None"),
        ("backward", 3, "dense: dy is None"),
    ],
)
def test_a_forgotten_return_is_named(method, place, message):
    layers = [Conv2D(2, 3), Flatten(), Dense(3)]
    layers.insert(place, WithoutReturn(method))
    model = Sequential(layers, (4, 4, 1))
    with pytest.raises(TypeError, match=f"^{message}: .* forget to return it"):
        model.fit(np.ones((2, 4, 4, 1)), [0, 1], verbose=False)


class Around(Layer):
    """Has a layer inside that it never builds: the one that does the work is made by hand."""

    def __init__(self):
        self.sublayers = (Flatten(),)

    def forward(self, x, training=False):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dy):
        return dy * (self.x > 0)


def test_a_layer_inside_another_may_stay_unbuilt():
    model = Sequential([Around(), Flatten(), Dense(3)], (4, 4, 1))
    model.fit(np.ones((2, 4, 4, 1)), [0, 1], verbose=False)
    assert model.predict(np.ones((70, 4, 4, 1))).shape == (70, 3)
