"""Images that go through together, innermost in memory, have the logits of `forward`."""

import numpy as np
import pytest
from drawn import assert_close, examples, numbers, paddings, pairs, randomize, seeds, windows
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scratchcnn import (
    AvgPool2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    ReLU,
    Sequential,
    softmax,
)
from scratchcnn.fast import inference_convolution
from scratchcnn.fast.executor import FastExecutor
from scratchcnn.fast.fused import fuse
from scratchcnn.fast.inference import Inference, is_worth_it
from scratchcnn.fast.inference_convolution import (
    MIN_CHANNELS_FOR_WINOGRAD,
    Convolution,
    Winograd,
    convolution,
)
from scratchcnn.reference import loops


def inference(model, batch_size):
    """Return the inference of a network for so many images at a time."""
    return Inference(fuse(model.layers), batch_size)


def logits(model, x):
    """Return what the faster executor gives for images."""
    with FastExecutor(model) as running:
        return running.logits(x)


@st.composite
def networks(draw):
    """One or two convolutions with and without what may stand behind them, and dense layers."""
    layers = []
    for _ in range(draw(st.integers(1, 2))):
        filters = draw(st.sampled_from([1, 3, MIN_CHANNELS_FOR_WINOGRAD]))
        rest = draw(paddings), draw(st.booleans())
        relu = [ReLU()] if draw(st.booleans()) else []
        if draw(st.booleans()):  # as Winograd's products want it, given enough channels
            conv = Conv2D(
                filters, (draw(st.integers(1, 3)), 3), (draw(st.integers(1, 2)), 1), *rest
            )
            layers += [conv, *relu, MaxPool2D((draw(st.integers(1, 3)), 2))]
        else:
            pooling = [MaxPool2D(draw(pairs))] if draw(st.booleans()) else []
            layers += [Conv2D(filters, draw(windows), draw(pairs), *rest), *relu, *pooling]
    layers += [Dropout(0.5), Flatten()]
    layers += [Dense(4), ReLU()] if draw(st.booleans()) else []
    size = draw(st.integers(8, 14)), draw(st.integers(8, 14)), draw(st.sampled_from([1, 2, 9]))
    layers.append(Dense(3, use_bias=draw(st.booleans())))
    try:
        model = Sequential(layers, size, dtype="float64")
    except ValueError:  # a window that does not fit
        assume(False)
    return model


@settings(max_examples=examples(150, 2000), deadline=None)
@given(
    model=networks(),
    batch_size=st.integers(1, 5),
    rows=st.sampled_from(["all rows at once", "one by one"]),
    seed=seeds,
)
def test_random_networks_have_the_logits_of_forward(model, batch_size, rows, seed):
    randomize(model.params, np.random.default_rng(seed))
    x = numbers((batch_size, *model.input_shape), seed)
    assert is_worth_it(fuse(model.layers))
    with pytest.MonkeyPatch.context() as patch:
        if rows == "one by one":
            patch.setattr(inference_convolution, "MAX_PRODUCTS_AT_ONCE", 1)
        running = inference(model, batch_size)
        for _ in range(2):  # nothing of the first time may be left for the second
            assert_close(running.logits(x), model.forward(x))
            x = x[::-1].copy()


@pytest.mark.parametrize("count", [1, 63, 64, 65, 200, 256, 257, 600])
def test_however_many_images_have_the_logits_of_forward(count):
    layers = [Conv2D(2, 3), ReLU(), MaxPool2D(2), Flatten(), Dense(3)]
    model = Sequential(layers, (8, 8, 1), dtype="float64")
    x = numbers((count, 8, 8, 1), 0)
    assert_close(logits(model, x), model.forward(x))


@pytest.mark.parametrize("width", [10, 11])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("kernel_size", [(3, 3), (2, 3), (1, 3)])
def test_winograds_four_products_are_the_six_of_the_loops_exactly(kernel_size, padding, width):
    """Of whole numbers: then halves are exact, and the order of a sum is all the same."""
    conv, pool = Conv2D(5, kernel_size, padding=padding), MaxPool2D(2)
    model = Sequential([conv, pool], (9, width, MIN_CHANNELS_FOR_WINOGRAD), dtype="float64")
    for k, param in enumerate(model.params.values()):
        param[...] = numbers(param.shape, k, ties=True)
    x = numbers((3, *model.input_shape), 7, ties=True)
    step = convolution(fuse(model.layers)[0], x.transpose(1, 3, 2, 0).copy())
    assert type(step) is Winograd
    step.run()
    maps = loops.conv2d_forward(x, *conv.params.values(), padding=padding)
    # (OH, F, OW, N) -> (N, OH, OW, F)
    assert np.array_equal(step.y.transpose(3, 0, 2, 1), loops.max_pool2d_forward(maps))


@pytest.mark.parametrize(
    ("conv", "channels", "pool_size"),
    [
        (Conv2D(4, 3), MIN_CHANNELS_FOR_WINOGRAD - 1, 2),
        (Conv2D(4, (3, 2)), MIN_CHANNELS_FOR_WINOGRAD, 2),
        (Conv2D(4, 3, strides=(1, 2)), MIN_CHANNELS_FOR_WINOGRAD, 2),
        (Conv2D(4, 3), MIN_CHANNELS_FOR_WINOGRAD, (2, 3)),
    ],
)
def test_winograd_is_left_alone_where_it_does_not_fit_or_pay(conv, channels, pool_size):
    model = Sequential([conv, MaxPool2D(pool_size)], (12, 13, channels))
    step = convolution(fuse(model.layers)[0], np.empty((12, channels, 13, 2), "float32"))
    assert type(step) is Convolution


def test_in_single_precision_the_error_is_that_of_forward():
    def convnet(dtype):
        layers = [Conv2D(32, 3), ReLU(), MaxPool2D(2), Conv2D(64, 3), ReLU(), MaxPool2D(2)]
        return Sequential([*layers, Flatten(), Dense(10)], (28, 28, 1), dtype=dtype)

    model, exact = convnet("float32"), convnet("float64")
    exact.set_weights(model.get_weights())
    x = numbers((64, 28, 28, 1), 0).astype("float32")
    expected = exact.forward(x)
    assert_close(inference(model, 64).logits(x), expected, 2e-6)
    assert_close(model.forward(x), expected, 2e-6)


@pytest.mark.parametrize("layer", [AvgPool2D(2), MaxPool2D(3, 2)])
def test_what_is_not_known_goes_through_forward(layer):
    model = Sequential([Conv2D(2, 3), layer, Flatten(), Dense(3)], (8, 8, 1))
    x = numbers((130, 8, 8, 1), 0).astype("float32")
    assert not is_worth_it(fuse(model.layers))
    assert_close(logits(model, x), model.forward(x), 1e-6)


def test_a_network_with_a_forward_of_its_own_reads_with_it():
    class Negative(Sequential):
        def forward(self, x, training=False):
            return -super().forward(x, training)

    model = Negative([Conv2D(2, 3), MaxPool2D(2), Flatten(), Dense(3)], (8, 8, 1))
    x = numbers((200, 8, 8, 1), 0).astype("float32")
    assert_close(model.predict(x), softmax(model.forward(x)), 1e-6)


def test_a_network_without_convolutions_has_nothing_to_gain():
    assert not is_worth_it(Sequential([Flatten(), Dense(3)], (8, 8, 1)).layers)


def test_predictions_follow_the_parameters():
    model = Sequential([Conv2D(2, 3), MaxPool2D(2), Flatten(), Dense(3)], (8, 8, 1))
    x = numbers((200, 8, 8, 1), 0).astype("float32")
    before = model.predict(x)
    model.set_weights([2 * weight for weight in model.get_weights()])
    assert_close(model.predict(x), softmax(model.forward(x)), 1e-6)
    assert np.abs(model.predict(x) - before).max() > 0.01


def test_parameters_that_change_while_a_network_learns_are_those_of_the_next_logits():
    layers = [Conv2D(3, 3), ReLU(), MaxPool2D(2), Flatten(), Dense(3)]
    model = Sequential(layers, (8, 8, 1), dtype="float64")
    x = numbers((300, 8, 8, 1), 0)
    with FastExecutor(model) as running:
        for _ in range(3):
            assert_close(running.logits(x), model.forward(x))
            assert_close(running.logits(x[:5]), model.forward(x[:5]))
            for param in model.params.values():
                param += 0.1


def test_the_larger_a_network_the_fewer_images_go_through_together():
    def size(*layers, size=28):
        model = Sequential([*layers, Flatten(), Dense(10)], (size, size, 1))
        return Inference(fuse(model.layers), 1000).batch_size

    sizes = [size(Conv2D(8, 3), size=pixels) for pixels in (14, 28, 56, 112, 224)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1] == size(Conv2D(64, 3), MaxPool2D(2), size=224) >= 8
    assert Inference(fuse(Sequential([Flatten(), Dense(2)], (2, 2, 1)).layers), 5).batch_size == 5
