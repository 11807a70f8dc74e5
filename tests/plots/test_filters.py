"""Kernels, their maps and sums: every number is that of the library."""

import numpy as np
from numpy.testing import assert_array_equal
from panels import frames, numbers, texts

from scratchcnn import plots
from scratchcnn.reference import loops

IMAGE = np.array(
    [[0, 0, 0, 0, 0], [0, 9, 9, 9, 0], [0, 0, 1, 8, 0], [0, 0, 7, 2, 0], [0, 3, 6, 0, 0]]
)

KERNEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])

FEATURE_MAP = np.array([[19, 8, -19], [18, 18, -18], [21, 9, -21]])


def test_windows_as_rows_times_the_kernel_are_the_feature_map():
    figure = plots.window_matrix(IMAGE, KERNEL, [(0, 0), (1, 1), (2, 2)])
    _, rows, column, output = figure.axes
    matrix = np.reshape(numbers(rows), (9, 9))
    assert matrix[4].tolist() == IMAGE[1:4, 1:4].ravel().tolist()
    assert (matrix @ numbers(column)).tolist() == numbers(output) == FEATURE_MAP.ravel().tolist()
    assert frames(output) == [(0, 0, 1, 1), (4, 0, 1, 1), (8, 0, 1, 1)]


def test_edge_maps_share_one_scale_around_zero_and_so_do_the_kernels():
    maps = {"One": np.full((3, 3), 0.5), "Two": np.full((3, 3), -3.0)}
    figure = plots.kernels_and_maps(IMAGE, {"One": KERNEL, "Two": KERNEL / 4}, maps)
    kernels, feature_maps = figure.axes[1:3], figure.axes[4:6]
    assert {axis.images[0].get_clim() for axis in kernels} == {(-4, 4)}
    assert {axis.images[0].get_clim() for axis in feature_maps} == {(-3, 3)}
    assert {axis.images[0].get_cmap().name for axis in feature_maps} == {"RdBu_r"}


def test_pictures_of_brightness_share_a_gray_scale_that_fits_them_and_the_image():
    maps = {"One": np.full((3, 3), -2.0), "Two": np.full((3, 3), 11.0)}
    figure = plots.kernels_and_maps(IMAGE, {"One": KERNEL, "Two": KERNEL}, maps, signed=False)
    pictures = [axis.images[0] for axis in figure.axes[3:6]]
    assert {picture.get_clim() for picture in pictures} == {(-2, 11)}
    assert {picture.get_cmap().name for picture in pictures} == {"gray"}


def test_what_layers_make_of_images_stands_beside_each_image_on_one_scale():
    images = {"here": IMAGE, "there": IMAGE[::-1]}
    maps = {"a": [FEATURE_MAP, FEATURE_MAP[::-1]], "b": [-2 * FEATURE_MAP, 0 * FEATURE_MAP]}
    figure = plots.layer_maps(images, maps)
    drawn = [axis.images[0] for axis in figure.axes[:6]]
    for row, label in enumerate(images):
        assert figure.axes[3 * row].get_ylabel() == label
        assert_array_equal(drawn[3 * row].get_array(), images[label])
        assert_array_equal(drawn[3 * row + 1].get_array(), maps["a"][row])
        assert_array_equal(drawn[3 * row + 2].get_array(), maps["b"][row])
    assert {drawn[k].get_clim() for k in (1, 2, 4, 5)} == {(-42, 42)}
    assert [axis.get_title() for axis in figure.axes[:3]] == ["Image", "a", "b"]


def test_channels_add_up_to_the_output_pixel():
    window = np.stack([IMAGE[1:4, 1:4], [[5, 0, 2], [3, 9, 0], [0, 1, 4]]], axis=-1)
    kernel = np.stack([KERNEL, [[0, 0, 1], [0, -1, 0], [0, 0, 0]]], axis=-1)
    figure = plots.channel_sums(window, kernel, bias=1)
    expected = loops.conv2d_forward(window[None], kernel[..., None], [1.0])[0, 0, 0, 0]
    assert figure.get_suptitle() == f"Channel sums and bias: 18 + (−7) + 1 = {expected:g}"
    assert texts(figure.axes[3]) == ["sum 18"]
    assert texts(figure.axes[7]) == ["sum −7"]
    assert numbers(figure.axes[2]) == (window * kernel)[..., 0].ravel().tolist()


def test_learning_puts_all_kernels_on_one_scale_and_the_loss_on_a_log_axis():
    figure = plots.learned_kernels([KERNEL, KERNEL / 8], ["Step 0", "Step 1"], [1.0, 0.1])
    first, second, curve = figure.axes
    assert first.images[0].get_clim() == second.images[0].get_clim() == (-4, 4)
    assert curve.get_yscale() == "log"
    assert curve.lines[0].get_ydata().tolist() == [1.0, 0.1]


def test_kernels_of_all_moments_share_one_scale_symmetric_about_zero(rng):
    kernels = [rng.standard_normal((3, 3, 1, 2)), np.zeros((3, 3, 1, 2))]
    kernels[0][1, 2, 0, 1] = -7
    axis, bar = plots.kernels(kernels, ["before", "after"], "Weight").axes
    drawn = {(*picture.get_extent()[::3],): picture for picture in axis.images}  # (left, top)
    assert sorted(drawn) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    for (f, row), picture in drawn.items():
        assert picture.get_clim() == (-7, 7)
        assert_array_equal(picture.get_array(), kernels[row][:, :, 0, f])
    assert [text.get_text() for text in axis.get_xticklabels()] == ["kernel 0", "kernel 1"]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["before", "after"]
    assert bar.get_ylabel() == "Weight"


def test_kernels_are_told_by_strength_and_by_how_the_last_ones_lie():
    edge = np.array([[-1.0, 0, 1]] * 3)
    kernels = np.stack([edge, np.zeros((3, 3))], axis=-1)[:, :, None]
    alt = plots.kernels([kernels / 4, kernels], ["before", "after"]).alt
    assert "before, up to 0.25 (strongest: kernel 0, weakest: 1) and after, up to 1" in alt
    assert "Last row: kernel 0 red right of blue." in alt
    # A difference as small as rounding has no sides worth telling.
    assert "Last row" not in plots.kernels([kernels, 1e-9 * kernels], ["a", "difference"]).alt
