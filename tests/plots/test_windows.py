"""What the figures of windows say must be what the library computes."""

import numpy as np
import pytest
from panels import frames, numbers, texts

from scratchcnn import plots
from scratchcnn.plots.windows import fed_outputs
from scratchcnn.reference import loops

IMAGE = np.array(
    [[0, 0, 0, 0, 0], [0, 9, 9, 9, 0], [0, 0, 1, 8, 0], [0, 0, 7, 2, 0], [0, 3, 6, 0, 0]]
)

FEATURE_MAP = np.array([[19, 8, -19], [18, 18, -18], [21, 9, -21]])


def test_the_zoom_shows_the_numbers_of_the_framed_part_in_the_colors_of_the_whole():
    image = np.arange(48).reshape(6, 8)
    whole, part = plots.image_part(image, 1, 2, 3, 4).axes
    assert numbers(part) == image[1:4, 2:6].ravel().tolist()
    assert frames(whole) == [(1, 2, 3, 4)]
    assert part.images[0].get_clim() == whole.images[0].get_clim() == (0, 47)


def test_sliding_shows_the_output_as_far_as_the_window_has_come():
    figure = plots.sliding_window(IMAGE, FEATURE_MAP, (3, 3), [(0, 1), (1, 1), (2, 2)])
    above, below = figure.axes[:3], figure.axes[3:]
    assert [frames(axis) for axis in above] == [[(0, 1, 3, 3)], [(1, 1, 3, 3)], [(2, 2, 3, 3)]]
    assert [numbers(axis) for axis in below] == [[19, 8], [19, 8, -19, 18, 18], [*FEATURE_MAP.flat]]
    assert len({axis.images[0].get_clim() for axis in below}) == 1


def test_sizes_draw_as_many_windows_as_the_library_counts():
    cases = [(7, 3, 1, 0), (7, 3, 2, 0), (8, 3, 2, 0), (7, 3, 1, 1), (9, 2, 3, 0)]
    figure = plots.window_counts(cases)
    for axis, (size, kernel, stride, padding) in zip(figure.axes, cases, strict=False):
        row, weights = np.zeros((1, 1, size, 1)), np.zeros((1, kernel, 1, 1))
        padded = "same" if padding else "valid"
        count = loops.conv2d_forward(row, weights, strides=stride, padding=padded).shape[2]
        bars = [patch for patch in axis.patches if patch.get_width() > 1]
        assert len(bars) == count
        unused = size + 2 * padding - (count - 1) * stride - kernel
        note = f", {unused} pixel unused" if unused else ""
        assert axis.get_title() == f"Stride {stride}, padding {padding}: {count} windows{note}"


@pytest.mark.parametrize(
    ("stride", "padding"), [(1, "valid"), (2, "valid"), (2, "same"), (3, "same")]
)
def test_strides_mark_the_center_of_every_window(stride, padding):
    x, center = np.zeros((1, 7, 7, 1)), np.zeros((3, 3, 1, 1))
    x[0, :, :, 0] = np.arange(49).reshape(7, 7)
    center[1, 1] = 1  # this kernel returns the pixel under its center
    centers = loops.conv2d_forward(x, center, strides=stride, padding=padding).ravel()
    (axis,) = plots.window_centers(7, 3, [(stride, padding)]).axes
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
        for oh, ow, i, j in fed_outputs(pixel, output_size, kernel_size):
            drawn[oh, ow] = kernel[i, j, 0, 0]
        assert np.array_equal(drawn, loops.conv2d_forward(x, kernel)[0, :, :, 0])


def test_fed_outputs_are_labeled_with_the_kernel_and_counted():
    figure = plots.outputs_fed_by_pixels((5, 5), (3, 3), [(0, 0), (3, 3), (2, 2)])
    below = figure.axes[3:]
    assert [axis.get_title() for axis in below] == [
        "feeds 1 output",
        "feeds 4 outputs",
        "feeds 9 outputs",
    ]
    assert texts(below[0]) == ["k[0, 0]"]
    assert sorted(texts(below[1])) == ["k[1, 1]", "k[1, 2]", "k[2, 1]", "k[2, 2]"]
