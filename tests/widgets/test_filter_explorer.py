"""The filter explorer shows what the library's convolution computes."""

import re

import numpy as np
import pytest
from browser.scene import images, make
from widgets.events import key, numbers, point

from scratchcnn import Conv2D, load_mnist
from scratchcnn.widgets import DigitPad, FilterExplorer
from scratchcnn.widgets.convolution import convolve
from scratchcnn.widgets.kernels import PRESETS, learned_kernels


@pytest.fixture
def explorer():
    return make("filter")


def conv(image, kernel, **options):
    """Convolve (H, W) with the library's layer: (OH, OW)."""
    layer = Conv2D(1, 3, use_bias=False, **options)
    layer.build((*image.shape, 1), np.random.default_rng(0), "float64")
    layer.params["kernel"][:, :, 0, 0] = kernel
    return layer.forward(image[None, :, :, None])[0, :, :, 0]


def products(explorer):
    """Return the nine (pixel, weight, product) of the alternative text."""
    terms = re.search(r"nine products: (.*)\.$", explorer.stage.alt)[1].split("; ")
    return np.array([numbers(term) for term in terms])


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("relu", [False, True])
def test_products_sum_and_pixel_are_the_librarys(explorer, stride, padding, relu):
    explorer.set(
        image=7, preset="horizontal edges", stride=stride, padding=padding, relu=relu, pixel=(5, 4)
    )
    image = explorer.images[7]
    output = conv(image, PRESETS["horizontal edges"], strides=stride, padding=padding)
    shape = f"feature map of {output.shape[0]} by {output.shape[1]} pixels"
    assert shape in explorer.stage.alt
    pixel, weight, product = products(explorer).T
    assert weight == pytest.approx(np.ravel(PRESETS["horizontal edges"]))
    assert product == pytest.approx(pixel * weight, abs=2e-3)
    assert product.sum() == pytest.approx(output[5, 4], abs=6e-3)
    shown = numbers(explorer.stage.caption)
    assert shown[:3] == pytest.approx([5, 4, output[5, 4]], abs=6e-4)
    if relu:
        assert shown[3] == pytest.approx(max(output[5, 4], 0), abs=6e-4)


@pytest.mark.parametrize(("preset", "axis"), [("vertical edges", 1), ("horizontal edges", 0)])
def test_edge_kernels_are_positive_where_it_gets_lighter_to_the_right_or_downward(preset, axis):
    step = np.zeros((6, 6))
    step[3:] = 1
    step = step if axis == 0 else step.T
    edges = conv(step, PRESETS[preset])
    assert edges.max() == 1  # the step from black to white
    assert (conv(-step, PRESETS[preset]) == -edges).all()
    assert (conv(step.T, PRESETS[preset]) == 0).all()


def test_the_presets_are_the_filters_of_the_first_lesson():
    sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    lesson = {
        "vertical edges": sobel / 4,
        "horizontal edges": sobel.T / 4,
        "blur": np.full((3, 3), 1 / 9),
        "sharpen": [[0, -0.25, 0], [-0.25, 2, -0.25], [0, -0.25, 0]],
        "emboss": np.array([[-2, -1, 0], [-1, 0, 1], [0, 1, 2]]) / 4,
        "diagonal": np.array([[-1, -1, 2], [-1, 2, -1], [2, -1, -1]]) / 4,
        "ring": np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]) / 4,
        "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    }
    assert PRESETS.keys() == lesson.keys()
    for name, kernel in lesson.items():
        assert np.array(PRESETS[name]) == pytest.approx(np.array(kernel)), name


def test_identity_keeps_the_image_and_blur_takes_means(explorer):
    image = explorer.images[0]
    explorer.set(preset="identity", padding="same")
    assert (convolve(image, explorer.state).output == image).all()
    explorer.set(preset="blur", padding="valid")
    assert convolve(image, explorer.state).output[3, 9] == pytest.approx(image[3:6, 9:12].mean())


def test_blur_and_sharpen_keep_the_brightness_of_flat_areas():
    for preset in ("blur", "sharpen"):
        assert np.sum(PRESETS[preset]) == pytest.approx(1)


def test_arrows_move_over_the_feature_map_and_stay_on_it(explorer):
    key(explorer, "feature map", "ArrowUp", "ArrowRight")
    assert explorer.state.pixel == (11, 13)
    key(explorer, "feature map", "Home", "ArrowLeft")
    assert explorer.state.pixel == (11, 0)
    key(explorer, "feature map", "End", "ArrowRight", *["ArrowDown"] * 30)
    assert explorer.state.pixel == (25, 25)


@pytest.mark.parametrize("kind", ["hover", "press", "drag"])
def test_pointing_at_the_feature_map_chooses_the_pixel(explorer, kind):
    point(explorer, "feature map", kind, 0.5, 0.3)
    assert explorer.state.pixel == (7, 13)


def test_a_smaller_feature_map_keeps_the_chosen_pixel_inside(explorer):
    explorer.set(pixel=(25, 25))
    explorer.set(stride=4)
    assert explorer.state.pixel == (6, 6)
    assert explorer.last_error is None


def test_an_explorer_opens_at_a_pixel_where_there_is_something_to_see():
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 5:20, 20:] = 255
    explorer = FilterExplorer(image)
    assert explorer.feature_map[explorer.state.pixel] == 1  # the edge
    assert FilterExplorer(image * 0).state.pixel == (0, 0)
    assert FilterExplorer(image[:, :3, :3]).state.pixel == (0, 0)


def test_the_public_numbers_are_those_of_the_picture(explorer):
    explorer.set(image=3, preset="ring", relu=True)
    assert (explorer.image == explorer.images[3]).all()
    expected = np.maximum(conv(explorer.images[3], PRESETS["ring"]), 0)
    assert explorer.feature_map == pytest.approx(expected)


def test_dragging_a_cell_changes_its_weight_in_quarters(explorer):
    point(explorer, "kernel", "press", 0.9, 0.5)
    assert explorer.state.cell == (1, 2)
    assert explorer.state.kernel[1][2] == 0.5
    point(explorer, "kernel", "drag", 0.9, 0.5 - 12 / 126)  # 12 of the kernel's 126 pixels
    assert explorer.state.kernel[1][2] == 1
    point(explorer, "kernel", "drag", 0.9, 0.5 + 6 / 126)
    assert explorer.state.kernel[1][2] == 0.25
    assert explorer.state.preset == "custom"
    assert explorer.controls["preset"].value == "custom"


def test_a_number_can_be_typed_into_a_cell_and_corrected(explorer):
    key(explorer, "kernel", "ArrowUp", "-", "1", ".", "5")
    assert explorer.state.cell == (0, 1)
    assert explorer.state.kernel[0][1] == -1.5
    key(explorer, "kernel", "Backspace", "7", "Enter", "3")
    assert explorer.state.kernel[0][1] == 3
    key(explorer, "kernel", "Delete")
    assert explorer.state.kernel[0][1] == 0


def test_an_unfinished_number_changes_nothing_yet(explorer):
    before = explorer.state.kernel
    key(explorer, "kernel", "-", ".")
    assert explorer.state.kernel == before
    assert explorer.state.typed == "-."


def test_page_up_and_down_change_a_cell_and_stop_at_the_largest(explorer):
    key(explorer, "kernel", "PageUp")
    assert explorer.state.kernel[1][1] == 0.25
    key(explorer, "kernel", *["PageDown"] * 50)
    assert explorer.state.kernel[1][1] == -10


def test_choosing_a_preset_sets_the_kernel(explorer):
    explorer.controls["preset"].value = "sharpen"
    assert explorer.state.kernel == PRESETS["sharpen"]
    assert explorer.controls["preset"].value == "sharpen"


def test_learned_kernels_are_those_of_a_trained_network(explorer):
    names = [name for name in explorer.controls["preset"].options if "learned" in name]
    assert names == [f"learned {k}" for k in range(8)]
    explorer.controls["preset"].value = "learned 3"
    assert np.array(explorer.state.kernel) == pytest.approx(learned_kernels()[:, :, 0, 3])
    own = np.arange(18.0).reshape(3, 3, 1, 2)
    explorer = FilterExplorer(images()[0][:3], learned=own)
    explorer.controls["preset"].value = "learned 1"
    assert np.array(explorer.state.kernel).tolist() == own[:, :, 0, 1].tolist()
    assert "learned 2" not in explorer.controls["preset"].options


def test_gray_levels_are_scaled_and_other_numbers_are_not():
    (raw, _), _ = load_mnist()
    assert FilterExplorer(raw[:2]).images.max() == 1
    assert FilterExplorer(raw[:2, :, :, None]).images.shape == (2, 28, 28)
    assert FilterExplorer(images()[0][0, :, :, 0]).images.min() == -0.5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"images": np.zeros((2, 28, 28, 3))}, r"images has shape \(2, 28, 28, 3\), expected"),
        ({"images": np.full((2, 4, 4), np.nan)}, "NaN"),
        ({"images": np.zeros((1, 5, 5)), "learned": np.zeros((5, 5, 1, 2))}, "learned has shape"),
    ],
)
def test_wrong_arguments_are_errors_that_say_what_is_expected(arguments, message):
    with pytest.raises(ValueError, match=message):
        FilterExplorer(**arguments)


def test_the_drawing_of_the_pad_is_filtered_on_the_scale_of_the_images():
    pad = make("pad")
    explorer = FilterExplorer(images()[0][:3], pad=pad)
    explorer.controls["drawn"].value = True
    point(pad, "pad", "press", 0.2, 0.2, points=[[0.2, 0.2], [0.8, 0.7]])
    assert "My drawing" in explorer.stage.alt
    assert (explorer.image_of(explorer.state) == pad.image / 255 - 0.5).all()
    explorer.reset()
    assert "Image 0" in explorer.stage.alt
    explorer.controls["drawn"].value = True
    assert explorer.image_of(explorer.state).max() == 0.5


def test_a_closed_explorer_hears_the_pad_no_longer():
    pad = DigitPad(make("pad").model, drawing=None)
    explorer = FilterExplorer(images()[0][:3], pad=pad)
    explorer.close()
    point(pad, "pad", "press", 0.2, 0.2, points=[[0.2, 0.2], [0.8, 0.7]])
    assert not explorer.state.drawing.any()
