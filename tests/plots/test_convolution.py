"""The figures of notebook 01: what they say must be what the library computes."""

import matplotlib as mpl
import numpy as np
import pytest

from scratchcnn._utils.windows import output_size
from scratchcnn.plots import convolution, to_png, windows
from scratchcnn.reference import loops

IMAGE = np.array(
    [[0, 0, 0, 0, 0], [0, 9, 9, 9, 0], [0, 0, 1, 8, 0], [0, 0, 7, 2, 0], [0, 3, 6, 0, 0]]
)
KERNEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
FEATURE_MAP = np.array([[19, 8, -19], [18, 18, -18], [21, 9, -21]])


def texts(axis):
    return [text.get_text() for text in axis.texts]


def numbers(axis):
    """Return what is written in the cells of a matrix, as numbers, without symbols between."""
    written = [text.replace("\N{MINUS SIGN}", "-") for text in texts(axis)]
    return [float(text) for text in written if text not in "→@="]


def frames(axis):
    """Return (row, column, height, width) of the frames on an axis."""
    return [
        (p.get_y() + 0.5, p.get_x() + 0.5, p.get_height(), p.get_width())
        for p in axis.patches
        if not p.get_fill()
    ]


def test_the_zoom_shows_the_numbers_of_the_framed_part_in_the_colors_of_the_whole():
    image = np.arange(48).reshape(6, 8)
    whole, part = windows.draw_zoom(image, 1, 2, 3, 4).axes
    assert numbers(part) == image[1:4, 2:6].ravel().tolist()
    assert frames(whole) == [(1, 2, 3, 4)]
    assert part.images[0].get_clim() == whole.images[0].get_clim() == (0, 47)


def test_sliding_shows_the_output_as_far_as_the_window_has_come():
    figure = windows.draw_sliding(IMAGE, FEATURE_MAP, (3, 3), [(0, 1), (1, 1), (2, 2)])
    above, below = figure.axes[:3], figure.axes[3:]
    assert [frames(axis) for axis in above] == [[(0, 1, 3, 3)], [(1, 1, 3, 3)], [(2, 2, 3, 3)]]
    assert [numbers(axis) for axis in below] == [[19, 8], [19, 8, -19, 18, 18], [*FEATURE_MAP.flat]]
    assert len({axis.images[0].get_clim() for axis in below}) == 1


def test_sizes_draw_as_many_windows_as_the_library_counts():
    cases = [(7, 3, 1, 0), (7, 3, 2, 0), (8, 3, 2, 0), (7, 3, 1, 2), (9, 2, 3, 0)]
    figure = windows.draw_sizes(cases)
    for axis, (size, kernel, stride, padding) in zip(figure.axes, cases, strict=False):
        sizes = (size, size), (kernel, kernel), (stride, stride)
        count = output_size(*sizes, "same" if padding else "valid", "test")[0]
        bars = [patch for patch in axis.patches if patch.get_width() > 1]
        assert len(bars) == count
        unused = size + padding - (count - 1) * stride - kernel
        note = f", {unused} unused" if unused else ""
        assert axis.get_title().endswith(f"= {count} windows{note}")


@pytest.mark.parametrize(
    ("stride", "padding"), [(1, "valid"), (2, "valid"), (2, "same"), (3, "same")]
)
def test_strides_mark_the_center_of_every_window(stride, padding):
    x, center = np.zeros((1, 7, 7, 1)), np.zeros((3, 3, 1, 1))
    x[0, :, :, 0] = np.arange(49).reshape(7, 7)
    center[1, 1] = 1  # this kernel returns the pixel under its center
    centers = loops.conv2d_forward(x, center, strides=stride, padding=padding).ravel()
    (axis,) = windows.draw_strides(7, 3, [(stride, padding)]).axes
    dots = [7 * line.get_ydata()[0] + line.get_xdata()[0] for line in axis.lines]
    assert dots == centers.tolist()
    assert len(frames(axis)) == 2


@pytest.mark.parametrize(("output_size", "kernel_size"), [((3, 3), (3, 3)), ((2, 4), (3, 2))])
def test_fed_outputs_are_those_that_change_with_the_pixel(output_size, kernel_size):
    image_size = np.add(output_size, kernel_size) - 1
    kernel = np.arange(1.0, np.prod(kernel_size) + 1).reshape(*kernel_size, 1, 1)
    for pixel in np.ndindex(*image_size):
        x = np.zeros((1, *image_size, 1))
        x[0, *pixel, 0] = 1
        drawn = np.zeros(output_size)
        for oh, ow, i, j in windows.fed_outputs(pixel, output_size, kernel_size):
            drawn[oh, ow] = kernel[i, j, 0, 0]
        assert np.array_equal(drawn, loops.conv2d_forward(x, kernel)[0, :, :, 0])


def test_fed_outputs_are_labeled_with_the_kernel_and_counted():
    figure = windows.draw_fed_outputs((5, 5), (3, 3), [(0, 0), (3, 3), (2, 2)])
    below = figure.axes[3:]
    assert [axis.get_title() for axis in below] == [
        "feeds 1 output",
        "feeds 4 outputs",
        "feeds 9 outputs",
    ]
    assert texts(below[0]) == ["k[0, 0]"]
    assert sorted(texts(below[1])) == ["k[1, 1]", "k[1, 2]", "k[2, 1]", "k[2, 2]"]


def test_windows_as_rows_times_the_kernel_are_the_feature_map():
    figure = windows.draw_windows_as_rows(IMAGE, KERNEL, [(0, 0), (1, 1), (2, 2)])
    _, rows, column, output = figure.axes
    matrix = np.reshape(numbers(rows), (9, 9))
    assert matrix[4].tolist() == IMAGE[1:4, 1:4].ravel().tolist()
    assert (matrix @ numbers(column)).tolist() == numbers(output) == FEATURE_MAP.ravel().tolist()
    assert frames(output) == [(0, 0, 1, 1), (4, 0, 1, 1), (8, 0, 1, 1)]


def test_filters_share_one_symmetric_scale_and_say_where_it_ends():
    maps = [np.full((3, 3), 0.5), np.full((3, 3), -3.0)]
    figure = convolution.draw_filters(IMAGE, [KERNEL, KERNEL / 4], maps, ["One", "Two"])
    kernels, feature_maps = figure.axes[1:3], figure.axes[4:6]
    assert {axis.images[0].get_clim() for axis in kernels} == {(-4, 4)}
    assert {axis.images[0].get_clim() for axis in feature_maps} == {(-1, 1)}
    assert feature_maps[1].images[0].colorbar.extend == "both"
    figure = convolution.draw_filters(IMAGE, [KERNEL], maps[:1], ["One"])
    assert figure.axes[3].images[0].colorbar.extend == "neither"


def test_channels_add_up_to_the_output_pixel():
    window = np.stack([IMAGE[1:4, 1:4], [[5, 0, 2], [3, 9, 0], [0, 1, 4]]], axis=-1)
    kernel = np.stack([KERNEL, [[0, 0, 1], [0, -1, 0], [0, 0, 0]]], axis=-1)
    figure = convolution.draw_channels(window, kernel, bias=1)
    expected = loops.conv2d_forward(window[None], kernel[..., None], [1.0])[0, 0, 0, 0]
    assert figure.get_suptitle() == f"Channel sums and bias: 18 + (−7) + 1 = {expected:g}"
    assert texts(figure.axes[3]) == ["sum 18"]
    assert texts(figure.axes[7]) == ["sum −7"]
    assert numbers(figure.axes[2]) == (window * kernel)[..., 0].ravel().tolist()


def test_learning_puts_all_kernels_on_one_scale_and_the_loss_on_a_log_axis():
    figure = convolution.draw_learning([KERNEL, KERNEL / 8], ["Step 0", "Step 1"], [1.0, 0.1])
    first, second, curve = figure.axes
    assert first.images[0].get_clim() == second.images[0].get_clim() == (-4, 4)
    assert curve.get_yscale() == "log"
    assert curve.lines[0].get_ydata().tolist() == [1.0, 0.1]


def test_times_are_drawn_in_milliseconds_and_compared_to_the_first():
    figure = convolution.draw_times({"Loops": 0.03, "Fast": 0.00001})
    (axis,) = figure.axes
    assert [patch.get_width() for patch in axis.patches] == pytest.approx([30, 0.01])
    assert texts(axis) == ["30 ms", "0.01 ms   3,000 times faster"]
    assert axis.get_xscale() == "log"


def test_figures_can_be_drawn_fit_the_page_and_leave_the_readers_settings_alone():
    before = dict(mpl.rcParams)
    figures = [
        windows.draw_zoom(IMAGE, 0, 0, 3, 3),
        windows.draw_sliding(IMAGE, FEATURE_MAP, (3, 3), [(0, 0)] * 4),
        windows.draw_sizes([(7, 3, 1, 0), (8, 3, 2, 0)]),
        windows.draw_strides(7, 3, [(1, "valid"), (2, "same")]),
        windows.draw_fed_outputs((5, 5), (3, 3), [(0, 0)] * 4),
        windows.draw_windows_as_rows(IMAGE, KERNEL, [(1, 1)]),
    ]
    for figure in figures:
        assert to_png(figure, 50).startswith(b"\x89PNG")
        assert figure.get_figwidth() <= 9
    assert dict(mpl.rcParams) == before
