"""Images of any size fit into the frames; what is no gray image is refused with its cure."""

import io

import numpy as np
import pytest
from browser.scene import new_model
from PIL import Image
from widgets.by_size import FILTERING, OF_A_NETWORK, network, pictures

from scratchcnn import Conv2D, Dense, Flatten, ReLU, Residual, Sequential
from scratchcnn.widgets import (
    AdversarialExplorer,
    FilterExplorer,
    GradCamExplorer,
    GradientExplorer,
    LiveTraining,
    NetworkExplorer,
    PoolingExplorer,
    Recorder,
    TrainingScrubber,
)
from scratchcnn.widgets.images import as_images

SIZES = [(3, 3), (28, 28), (64, 64), (128, 128), (200, 100), (60, 512)]
Y = np.arange(4)


MAKERS = FILTERING | {name: OF_A_NETWORK[name] for name in ("gradient", "scrubber", "live")}


def overlap(one, other):
    return all(
        one[start] < other[start] + other[size] and other[start] < one[start] + one[size]
        for start, size in (("x", "width"), ("y", "height"))
    )


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_regions_stay_inside_the_frame_and_apart(name, size):
    explorer = MAKERS[name](*size)
    assert explorer.last_error is None
    regions = explorer.stage.regions
    for k, region in enumerate(regions):
        assert region["x"] + region["width"] <= explorer.stage.width
        assert region["y"] + region["height"] <= explorer.stage.height
        assert not any(overlap(region, other) for other in regions[:k])
    picture = Image.open(io.BytesIO(explorer.render()))
    assert picture.size == (explorer.stage.width, explorer.stage.height)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_picture_fills_its_region_and_no_more(size):
    explorer = PoolingExplorer(np.ones((1, *size)) * [[0.0] + [1.0] * (size[1] - 1)])
    explorer.set(kind="average", window=1, stride=1, nudge=(0, 0))
    box = next(r for r in explorer.stage.regions if r["name"] == "pooled")
    assert 0.7 * 252 <= max(box["width"], box["height"]) <= 252
    frame = np.asarray(Image.open(io.BytesIO(explorer.render())).convert("RGB")).astype(int)
    right, bottom = box["x"] + box["width"], box["y"] + box["height"]
    beside = frame[int(box["y"]) : int(bottom), int(right) + 4 : 540]
    assert (beside == 255).all()


def test_the_true_size_of_a_reduced_picture_is_said():
    canvas_words = FilterExplorer(pictures(300, 400)).stage.alt
    assert "298 by 398 pixels" in canvas_words


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros(784), r"\(784,\).*images\.reshape\(-1, 28, 28\)"),
        (np.zeros((100, 784)), r"\(100, 784\).*images\.reshape\(-1, 28, 28\)"),
        (np.zeros((120, 120, 3)), r"one color picture.*images\.mean\(axis=2\), or"),
        (np.zeros((120, 120, 3), np.uint8), r"one color picture.*images\.mean\(axis=2\) / 255, or"),
        (np.zeros((120, 120, 4)), r"one color picture.*images\[:, :, :3\]\.mean\(axis=2\)"),
        (np.zeros((5, 28, 28, 3)), r"color pictures.*images\.mean\(axis=3\)"),
        (np.zeros((5, 1, 28, 28)), r"channel axis comes first.*images\[:, 0\]"),
        (np.zeros((5, 3, 28, 28)), r"channel axis comes first.*images\.mean\(axis=1\)"),
        (np.zeros((2, 600, 600)), r"at most 512 by 512 pixels.*images\[:, ::2, ::2\]"),
        (np.zeros((1000, 1400)), r"at most 512 by 512 pixels.*images\[::3, ::3\]"),
        (np.zeros((0, 28, 28)), "N > 0"),
        (np.full((2, 4, 4), np.nan), "NaN"),
    ],
)
def test_what_is_no_gray_image_is_refused_with_the_cure(images, message):
    with pytest.raises(ValueError, match=message):
        as_images(images)


def test_each_cure_makes_images_of_what_was_refused():
    colors = np.random.default_rng(0).integers(0, 256, (120, 100, 4), dtype=np.uint8)
    assert as_images(np.zeros((100, 784)).reshape(-1, 28, 28)).shape == (100, 28, 28)
    gray = as_images(colors[:, :, :3].mean(axis=2) / 255)
    assert gray.shape == (1, 120, 100)
    assert gray.max() <= 1
    assert as_images(colors[:, :, 0]).shape == (1, 120, 100)
    assert as_images(np.zeros((1000, 1400))[::3, ::3]).shape == (1, 334, 467)


def test_small_images_may_have_three_or_four_columns():
    assert as_images(np.zeros((5, 3, 3))).shape == (5, 3, 3)
    assert as_images(np.zeros((1, 4, 4))).shape == (1, 4, 4)


@pytest.mark.parametrize(
    ("explorer", "side", "least"), [(FilterExplorer, 2, 3), (PoolingExplorer, 1, 2)]
)
def test_an_image_too_small_for_the_window_is_an_error_that_says_the_least(explorer, side, least):
    with pytest.raises(ValueError, match=f"at least {least} by {least} pixels"):
        explorer(np.zeros((1, side, side)))


@pytest.mark.parametrize(
    "make",
    [GradientExplorer, lambda model, *data: TrainingScrubber(Recorder(model), *data), LiveTraining],
)
@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((784,), r"x\.reshape\(-1, 28, 28, 1\)"),
        ((4, 784), r"x\.reshape\(-1, 28, 28, 1\)"),
        ((28, 28, 3), r"make it gray with x\.mean\(axis=-1, keepdims=True\)\[None\]"),
        ((4, 28, 28, 3), r"make it gray with x\.mean\(axis=-1, keepdims=True\)$"),
    ],
)
def test_explorers_of_a_network_name_the_cure_too(make, shape, message):
    with pytest.raises(ValueError, match=message):
        make(new_model(), np.zeros(shape), Y)


SHOWING = [GradientExplorer, NetworkExplorer, GradCamExplorer, AdversarialExplorer]


@pytest.mark.parametrize("make", SHOWING)
@pytest.mark.parametrize(
    ("shape", "image"), [((784,), "28, 28, 1"), ((28, 28), "28, 28, 1"), ((6,), "height, width, 1")]
)
def test_a_network_for_other_input_than_images_is_refused_with_the_cure(make, shape, image):
    model = Sequential([Flatten(), Dense(10)], input_shape=shape, seed=0)
    with pytest.raises(ValueError, match=rf"shows images \(N, H, W, C\).*input_shape=\({image}\)"):
        make(model, np.zeros((4, *shape)), Y)
    if image == "28, 28, 1":
        cured = Sequential([Flatten(), Flatten(), Dense(10)], input_shape=(28, 28, 1))
        cured.set_weights(model.get_weights())
        if make is not GradCamExplorer:
            assert make(cured, np.zeros((4, 28, 28, 1)), Y).last_error is None


def test_gradcam_refuses_a_network_without_feature_maps():
    model = Sequential([Flatten(), Dense(8), ReLU(), Dense(10)], input_shape=(28, 28, 1))
    with pytest.raises(ValueError, match="no layer that returns feature maps"):
        GradCamExplorer(model, pictures(28, 28, 1), Y)


def test_early_gradcam_asks_a_layer_that_has_maps():
    layers = [Conv2D(4, 3), Flatten(), Dense(8), ReLU(), Dense(10)]
    explorer = GradCamExplorer(Sequential(layers, (28, 28, 1)), pictures(28, 28, 1), Y)
    explorer.set(kind="early Grad-CAM")
    assert explorer.last_error is None


@pytest.mark.parametrize(
    "make", [lambda model, *data: TrainingScrubber(Recorder(model), *data), LiveTraining]
)
def test_a_convolution_inside_another_layer_is_not_said_to_be_missing(make):
    layers = [Residual([Conv2D(1, 3, padding="same")]), Flatten(), Dense(10)]
    model = Sequential(layers, input_shape=(28, 28, 1), seed=0)
    with pytest.raises(ValueError, match="only convolutions are inside other layers"):
        make(model, pictures(28, 28, 1), Y)


def test_color_images_can_be_followed_through_a_network_for_color():
    explorer = GradientExplorer(network(32, 32, 3), pictures(32, 32, 3), Y)
    assert explorer.last_error is None
