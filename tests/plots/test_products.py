"""One window times a kernel: every number is that of the library."""

import numpy as np
from panels import frames, numbers

from scratchcnn import plots
from scratchcnn.reference import loops

IMAGE = np.array(
    [[0, 0, 0, 0, 0], [0, 9, 9, 9, 0], [0, 0, 1, 8, 0], [0, 0, 7, 2, 0], [0, 3, 6, 0, 0]]
)

KERNEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def test_the_products_of_a_window_and_a_kernel_sum_to_the_output_there():
    figure = plots.window_product(IMAGE, KERNEL, (1, 2))
    image, window, kernel, products, total = figure.axes
    assert frames(image) == [(1, 2, 3, 3)]
    assert numbers(window) == IMAGE[1:4, 2:5].ravel().tolist()
    assert numbers(kernel) == KERNEL.ravel().tolist()
    assert sum(numbers(products)) == numbers(total)[0]
    y = loops.conv2d_forward(IMAGE[None, :, :, None], KERNEL[:, :, None, None])
    assert numbers(total) == [y[0, 1, 2, 0]]


def test_only_numbers_of_both_signs_are_drawn_in_blue_and_red():
    names = [
        axis.images[0].get_cmap().name for axis in plots.window_product(IMAGE, KERNEL, (0, 0)).axes
    ]
    assert names == ["gray", "gray", "RdBu_r", "RdBu_r", "RdBu_r"]
    assert (
        plots.window_product(KERNEL, KERNEL, (0, 0)).axes[0].images[0].get_cmap().name == "RdBu_r"
    )


def test_a_border_of_zeros_is_told_from_the_numbers_themselves_by_an_outline():
    figure = plots.window_product(KERNEL, KERNEL, (3, 3), border=2)
    padded = figure.axes[0]
    assert numbers(padded) == np.pad(KERNEL, 2).ravel().tolist()
    assert frames(padded) == [(3, 3, 3, 3), (2, 2, 3, 3)]
    assert "the inner 3 by 3 numbers" in figure.alt
