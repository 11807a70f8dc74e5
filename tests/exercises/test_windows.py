"""Errors of a window that does not fit the kernel, or the image, say which and why."""

import numpy as np
import pytest

from scratchcnn.exercises import check
from scratchcnn.exercises.declaration import EXERCISES

max_pool_backward = EXERCISES["max_pool_backward"].reference


def one_output(x, k, i, j):
    KH, KW = k.shape
    return (x[i : i + KH, j : j + KW] * k).sum()


def a_window_at_every_pixel(x, k):
    y = np.zeros(x.shape)
    for i, j in np.ndindex(x.shape):
        y[i, j] = one_output(x, k, i, j)
    return y


def with_names_of_its_own(x, k):
    i, j = x.shape
    return [[one_output(x, k, row, column) for column in range(j)] for row in range(i)]


def pixel_by_pixel(x, k):
    y = np.zeros(x.shape)
    for i, j, a, b in np.ndindex(*x.shape, *k.shape):
        y[i, j] += x[i + a, j + b] * k[a, b]
    return y


def three_by_three(x, k, i, j):
    return (x[i : i + 3, j : j + 3] * k).sum()


def slice_without_its_beginning(x, k, i, j):
    KH, KW = k.shape
    return (x[i:KH, j:KW] * k).sum()


def padded_twice(x, k, stride=1, padding=0):
    x = np.pad(x, padding)
    (H, W), (KH, KW) = x.shape, k.shape
    y = np.zeros(((H + 2 * padding - KH) // stride + 1, (W + 2 * padding - KW) // stride + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = one_output(x, k, i * stride, j * stride)
    return y


def padded_under_another_name(x, k, stride=1, padding=0):
    (H, W), (KH, KW) = x.shape, k.shape
    y = np.zeros(((H + 2 * padding - KH) // stride + 1, (W + 2 * padding - KW) // stride + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = one_output(x, k, i * stride, j * stride)
    return y


def loops_in_pixels(x, k, stride=1, padding=0):
    (H, W), (KH, KW) = x.shape, k.shape
    x = np.pad(x, padding)
    y = np.zeros(((H + 2 * padding - KH) // stride + 1, (W + 2 * padding - KW) // stride + 1))
    for i in range(0, x.shape[0] - KH + 1, stride):
        for j in range(0, x.shape[1] - KW + 1, stride):
            y[i, j] = one_output(x, k, i, j)
    return y


def dk_like_dy(dy, x, k):
    dx, dk = np.zeros(x.shape), np.zeros((1, 1))
    for i, j, a, b in np.ndindex(*dy.shape, *k.shape):
        dk[a, b] += dy[i, j] * x[i + a, j + b]
    return dx, dk


def all_of_dy(dy, x, k):
    dx, dk = np.zeros(x.shape), np.zeros(k.shape)
    for i, j in np.ndindex(dy.shape):
        dk += dy.T * x[i : i + k.shape[0], j : j + k.shape[1]]
    return dx, dk


def im2col(x, size):
    H, W = x.shape
    return x[: H * W]


def with_an_im2col_for_one_channel(x, kernel, bias):
    return im2col(x, kernel.shape[0]) @ kernel.reshape(-1, kernel.shape[3]) + bias


def folded_like_the_image(x, kernel, bias):
    return np.zeros((1, 2, kernel.shape[3])).reshape(*x.shape[:2], kernel.shape[3])


def place_in_the_image(dy, x, size=2):
    np.unravel_index(x.argmax(), (size, size))
    return max_pool_backward(dy, x, size)


@pytest.mark.parametrize(
    ("name", "function", "words"),
    [
        (
            "correlate",
            a_window_at_every_pixel,
            "The window at row 0, column 1 sticks out of the image: it has shape (3, 2). The "
            "kernel fits at only H - KH + 1 rows and W - KW + 1 columns.",
        ),
        ("correlate", with_names_of_its_own, "The window at row 0, column 1 sticks out"),
        ("correlate", pixel_by_pixel, "sticks out of the image, which has no column 3. The kernel"),
        (
            "one_output",
            three_by_three,
            "The window has shape (3, 3), but this kernel has shape (2, 2).",
        ),
        (
            "one_output",
            slice_without_its_beginning,
            "i:KH ends at row KH, wherever it begins. The window ends at row i + KH.",
        ),
        ("correlate_strided", padded_twice, "The padding counts twice: take H and W before"),
        (
            "correlate_strided",
            padded_under_another_name,
            "The image is still without its zeros. np.pad returns a new array",
        ),
        ("correlate_strided", loops_in_pixels, "y has no such place. i and j count outputs"),
        ("correlate_backward", dk_like_dy, "It should be as large as k: dk = np.zeros(k.shape)."),
        ("correlate_backward", all_of_dy, "One window has one number of dy: use dy[i, j]."),
        ("conv2d", with_an_im2col_for_one_channel, "Your im2col takes an image without channels."),
        ("conv2d", folded_like_the_image, "OW = W - K + 1, here 1 and 2."),
        ("max_pool_backward", place_in_the_image, "x.argmax() counts through the whole image."),
    ],
)
def test_what_stops_a_function_is_explained_below_the_students_line(name, function, words):
    lines = check(function, name).message.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("The function stopped with "))
    assert lines[at + 1].startswith("line ")
    assert words in lines[at + 2]
