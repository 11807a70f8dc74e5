"""Images read together, innermost in memory, give the logits of `forward`."""

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
    reader_convolution,
    softmax,
)
from scratchcnn.fast.inference import Reader, can_read
from scratchcnn.fast.inference_convolution import (
    CHANNELS_FOR_WINOGRAD,
    Convolution,
    Winograd,
    convolution,
)
from scratchcnn.reference import loops


def reader_of(model, images):
    """Return a reader that takes so many images at a time."""
    reader = Reader(model.twin())
    reader.images = images
    return reader


@st.composite
def networks(draw):
    """One or two convolutions with and without what may stand behind them, and dense layers."""
    layers = []
    for _ in range(draw(st.integers(1, 2))):
        filters = draw(st.sampled_from([1, 3, CHANNELS_FOR_WINOGRAD]))
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
    images=st.integers(1, 5),
    count=st.integers(1, 11),
    rows=st.sampled_from(["all rows at once", "one by one"]),
    seed=seeds,
)
def test_however_many_images_have_the_logits_of_forward(model, images, count, rows, seed):
    randomize(model.params, np.random.default_rng(seed))
    x = numbers((count, *model.input_shape), seed)
    assert can_read(model)
    reader = reader_of(model, images)
    with pytest.MonkeyPatch.context() as patch:
        if rows == "one by one":
            patch.setattr(reader_convolution, "PRODUCTS_AT_ONCE", 1)
        for _ in range(2):  # nothing of the first time may be left for the second
            assert_close(reader(x), model.forward(x))
            x = x[::-1].copy()


@pytest.mark.parametrize("width", [10, 11])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("kernel_size", [(3, 3), (2, 3), (1, 3)])
def test_winograds_four_products_are_the_six_of_the_loops_exactly(kernel_size, padding, width):
    """Of whole numbers: then halves are exact, and the order of a sum is all the same."""
    conv, pool = Conv2D(5, kernel_size, padding=padding), MaxPool2D(2)
    model = Sequential([conv, pool], (9, width, CHANNELS_FOR_WINOGRAD), dtype="float64")
    for k, param in enumerate(model.params.values()):
        param[...] = numbers(param.shape, k, ties=True)
    x = numbers((3, *model.input_shape), 7, ties=True)
    step = convolution(model.stages[0], x.transpose(1, 3, 2, 0).copy())
    assert type(step) is Winograd
    step.run()
    maps = loops.conv2d_forward(x, *conv.params.values(), padding=padding)
    # (OH, F, OW, N) -> (N, OH, OW, F)
    assert np.array_equal(step.y.transpose(3, 0, 2, 1), loops.max_pool2d_forward(maps))


@pytest.mark.parametrize(
    ("conv", "channels", "pool_size"),
    [
        (Conv2D(4, 3), CHANNELS_FOR_WINOGRAD - 1, 2),
        (Conv2D(4, (3, 2)), CHANNELS_FOR_WINOGRAD, 2),
        (Conv2D(4, 3, strides=(1, 2)), CHANNELS_FOR_WINOGRAD, 2),
        (Conv2D(4, 3), CHANNELS_FOR_WINOGRAD, (2, 3)),
    ],
)
def test_winograd_is_left_alone_where_it_does_not_fit_or_pay(conv, channels, pool_size):
    model = Sequential([conv, MaxPool2D(pool_size)], (12, 13, channels))
    step = convolution(model.stages[0], np.empty((12, channels, 13, 2), "float32"))
    assert type(step) is Convolution


def test_in_single_precision_the_error_is_that_of_forward():
    def convnet(dtype):
        layers = [Conv2D(32, 3), ReLU(), MaxPool2D(2), Conv2D(64, 3), ReLU(), MaxPool2D(2)]
        return Sequential([*layers, Flatten(), Dense(10)], (28, 28, 1), dtype=dtype)

    model, exact = convnet("float32"), convnet("float64")
    exact.set_weights(model.get_weights())
    x = numbers((64, 28, 28, 1), 0).astype("float32")
    logits = exact.forward(x)
    assert_close(Reader(model)(x), logits, 2e-6)
    assert_close(model.forward(x), logits, 2e-6)


class Doubled(ReLU):
    """A layer of the reader's own making."""

    def forward(self, x, training=False):
        return 2 * super().forward(x, training)


@pytest.mark.parametrize("layer", [Doubled(), AvgPool2D(2), MaxPool2D(3, 2)])
def test_what_is_not_known_goes_through_forward(layer):
    model = Sequential([Conv2D(2, 3), layer, Flatten(), Dense(3)], (8, 8, 1))
    x = numbers((130, 8, 8, 1), 0)
    assert not can_read(model)
    pieces = [x[start : start + model.images_at_once] for start in range(0, 130, 64)]
    expected = np.concatenate([model.forward(piece) for piece in pieces])
    assert np.array_equal(Reader(model)(x), expected)


def test_a_network_with_a_forward_of_its_own_reads_with_it():
    class Negative(Sequential):
        def forward(self, x, training=False):
            return -super().forward(x, training)

    model = Negative([Conv2D(2, 3), MaxPool2D(2), Flatten(), Dense(3)], (8, 8, 1))
    x = numbers((200, 8, 8, 1), 0).astype("float32")
    assert_close(model.predict(x), softmax(model.forward(x)), 1e-6)


def test_a_network_without_convolutions_has_nothing_to_gain():
    assert not can_read(Sequential([Flatten(), Dense(3)], (8, 8, 1)))


def test_predictions_follow_the_parameters():
    model = Sequential([Conv2D(2, 3), MaxPool2D(2), Flatten(), Dense(3)], (8, 8, 1))
    x = numbers((200, 8, 8, 1), 0).astype("float32")
    before = model.predict(x)
    model.set_weights([2 * weight for weight in model.get_weights()])
    assert_close(model.predict(x), softmax(model.forward(x)), 1e-6)
    assert np.abs(model.predict(x) - before).max() > 0.01


def test_a_reader_keeps_the_parameters_that_it_began_with():
    layers = [Conv2D(1, 3), MaxPool2D(2), Conv2D(3, 3), Flatten(), Dense(3)]
    model = Sequential(layers, (9, 9, 1), dtype="float64")
    reader, x = reader_of(model, 4), numbers((4, 9, 9, 1), 0)
    before = reader(x)
    model.set_weights([weight + 1 for weight in model.get_weights()])
    assert np.array_equal(reader(x), before)


def test_the_larger_a_network_the_fewer_images_are_read_together():
    def images(*layers, size=28):
        return Reader(Sequential([*layers, Flatten(), Dense(10)], (size, size, 1))).images

    assert images(Conv2D(8, 3), MaxPool2D(2)) == 64
    assert images(Conv2D(32, 3), MaxPool2D(2), Conv2D(64, 3), MaxPool2D(2)) == 64
    assert images(Conv2D(40, 3, padding="same"), Conv2D(40, 3, padding="same")) == 32
    assert images(Conv2D(64, 3), MaxPool2D(2), size=128) == 16
