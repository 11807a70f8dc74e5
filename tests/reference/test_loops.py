"""The plain loops against numbers worked out by hand: everything else is held to them."""

import math

import numpy as np
import pytest

from scratchcnn.reference import loops

KERNEL = np.array([[0.0, 1], [2, 3]])[:, :, None, None]  # (2, 2, 1, 1)


def image(rows):
    """(H, W) -> (1, H, W, 1)."""
    return np.array(rows, float)[None, ..., None]


def rows(images):
    """(1, H, W, 1) -> (H, W), as lists."""
    assert images.shape[0] == images.shape[3] == 1
    return images[0, :, :, 0].tolist()


NINE = image([[0, 1, 2], [3, 4, 5], [6, 7, 8]])


def test_convolution_forward():
    expected = [
        [0 * 0 + 1 * 1 + 3 * 2 + 4 * 3, 1 * 0 + 2 * 1 + 4 * 2 + 5 * 3],
        [3 * 0 + 4 * 1 + 6 * 2 + 7 * 3, 4 * 0 + 5 * 1 + 7 * 2 + 8 * 3],
    ]
    assert rows(loops.conv2d_forward(NINE, KERNEL)) == expected == [[19, 25], [37, 43]]


def test_convolution_with_bias_strides_and_padding():
    assert rows(loops.conv2d_forward(NINE, KERNEL, bias=[100.0], strides=2)) == [[119]]
    # A row and a column of zeros at the bottom and right.
    expected = [[19, 25, 2 * 0 + 5 * 2], [37, 43, 5 * 0 + 8 * 2], [7, 8, 0]]
    assert rows(loops.conv2d_forward(NINE, KERNEL, padding="same")) == expected


def test_convolution_sums_channels_and_has_an_output_for_each_filter():
    x = np.array([1.0, 10]).reshape(1, 1, 1, 2)
    kernel = np.array([[1.0, 2, 3], [4, 5, 6]]).reshape(1, 1, 2, 3)
    y = loops.conv2d_forward(x, kernel, bias=[0.0, 0, 100])
    assert y.ravel().tolist() == [1 * 1 + 10 * 4, 1 * 2 + 10 * 5, 1 * 3 + 10 * 6 + 100]


def test_convolution_backward():
    dy = image([[1, 0], [0, 10]])
    dx, dkernel, dbias = loops.conv2d_backward(dy, NINE, KERNEL)
    # The first window starts at pixel 0, the last at pixel 4.
    assert dkernel[:, :, 0, 0].tolist() == [[0 + 40, 1 + 50], [3 + 70, 4 + 80]]
    assert rows(dx) == [[0, 1, 0], [2, 3 + 0, 10], [0, 20, 30]]
    assert dbias.tolist() == [11]


def test_the_gradient_of_padding_is_cut_off():
    dx, _, _ = loops.conv2d_backward(image([[1] * 3] * 3), NINE, KERNEL, padding="same")
    assert rows(dx) == [[0, 1, 1], [2, 6, 6], [2, 6, 6]]


FOUR = image([[1, 2, 5, 0, 9], [4, 3, 0, 5, 9], [9, 9, 9, 9, 9]])


def test_max_pooling():
    assert rows(loops.max_pool2d_forward(FOUR)) == [[4, 5]]
    dx = rows(loops.max_pool2d_backward(image([[10, 20]]), FOUR))
    assert dx == [[0, 0, 20, 0, 0], [10, 0, 0, 0, 0], [0] * 5]  # of two fives the first


def test_overlapping_max_pooling():
    x = image([[1, 5, 2]])
    assert rows(loops.max_pool2d_forward(x, (1, 2), 1)) == [[5, 5]]
    assert rows(loops.max_pool2d_backward(image([[10, 20]]), x, (1, 2), 1)) == [[0, 30, 0]]


def test_padded_max_pooling_of_negative_numbers():
    x = image([[-1, -2, -3]])
    assert rows(loops.max_pool2d_forward(x, padding="same")) == [[-1, -3]]
    assert rows(loops.max_pool2d_backward(image([[1, 2]]), x, padding="same")) == [[1, 0, 2]]


def test_average_pooling():
    assert rows(loops.avg_pool2d_forward(FOUR)) == [[10 / 4, 10 / 4]]
    dx = rows(loops.avg_pool2d_backward(image([[4, 8]]), FOUR))
    assert dx == [[1, 1, 2, 2, 0], [1, 1, 2, 2, 0], [0] * 5]


def test_padded_average_pooling_counts_real_pixels_only():
    x = image([[1, 2, 6]])
    assert rows(loops.avg_pool2d_forward(x, padding="same")) == [[1.5, 6]]
    assert rows(loops.avg_pool2d_backward(image([[4, 8]]), x, padding="same")) == [[2, 2, 8]]


def test_relu():
    x = np.array([[-1.0, 0, 2]])
    assert loops.relu_forward(x).tolist() == [[0, 0, 2]]
    assert loops.relu_backward(np.array([[5.0, 6, 7]]), x).tolist() == [[0, 0, 7]]


def test_flatten():
    x = np.arange(8.0).reshape(1, 2, 2, 2)
    assert loops.flatten_forward(x).tolist() == [[0, 1, 2, 3, 4, 5, 6, 7]]
    assert loops.flatten_backward(loops.flatten_forward(x), x).tolist() == x.tolist()


def test_dense():
    x, kernel = np.array([[1.0, 2]]), np.array([[1.0, 2, 3], [4, 5, 6]])
    y = loops.dense_forward(x, kernel, np.array([10.0, 20, 30]))
    assert y.tolist() == [[1 + 8 + 10, 2 + 10 + 20, 3 + 12 + 30]]
    dx, dkernel, dbias = loops.dense_backward(np.array([[1.0, 0, 10]]), x, kernel)
    assert dx.tolist() == [[1 + 30, 4 + 60]]
    assert dkernel.tolist() == [[1, 0, 10], [2, 0, 20]]
    assert dbias.tolist() == [1, 0, 10]


def test_softmax_and_cross_entropy():
    loss, dlogits = loops.softmax_cross_entropy(np.log([[1.0, 3], [1, 1]]), [0, 1])
    assert loss == pytest.approx((math.log(4) + math.log(2)) / 2)
    assert dlogits.ravel().tolist() == pytest.approx([-3 / 8, 3 / 8, 1 / 4, -1 / 4])


def test_softmax_and_cross_entropy_at_extremes():
    loss, dlogits = loops.softmax_cross_entropy(np.array([[1e4, -1e4]]), [1])
    assert loss == 20_000
    assert dlogits.tolist() == [[1, -1]]


X, K = np.ones((2, 4, 5, 3)), np.ones((3, 2, 3, 4))
ROWS, DENSE = np.ones((2, 3)), np.ones((3, 4))
LOGITS = np.ones((2, 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: loops.conv2d_forward(X[0], K),
            r"x has shape \(4, 5, 3\), expected \(N, H, W, C\)",
        ),
        (lambda: loops.conv2d_forward(X, K[:, :, :2]), r"kernel has .* expected \(KH, KW, 3, F\)"),
        (lambda: loops.conv2d_forward(X[..., :2], K), r"kernel has .* expected \(KH, KW, 2, F\)"),
        (lambda: loops.conv2d_forward(X, K, [1.0]), r"bias has shape \(1,\), expected \(4,\)"),
        (lambda: loops.conv2d_forward(X, K, padding="full"), r"padding must be .* got .full"),
        (
            lambda: loops.conv2d_forward(X, np.ones((5, 5, 3, 1))),
            "a window of 5 does not fit in 4 pixels",
        ),
        (lambda: loops.conv2d_backward(np.ones((2, 1, 1, 4)), X, K), r"dy .* \(2, 2, 4, 4\)"),
        (lambda: loops.max_pool2d_forward(X, 2, padding="full"), r"padding must be .* got .full"),
        (lambda: loops.max_pool2d_backward(X, X), r"dy has .* expected \(2, 2, 2, 3\)"),
        (lambda: loops.avg_pool2d_forward(X[0]), r"x has shape \(4, 5, 3\)"),
        (lambda: loops.avg_pool2d_backward(X, X), r"dy has .* expected \(2, 2, 2, 3\)"),
        (lambda: loops.relu_backward(X[:1], X), r"dy has .* expected \(2, 4, 5, 3\)"),
        (lambda: loops.flatten_forward(ROWS), r"x has shape \(2, 3\)"),
        (lambda: loops.flatten_backward(X, X), r"dy has .* expected \(2, 60\)"),
        (lambda: loops.dense_forward(np.ones((2, 9)), DENSE, np.ones(4)), r"x .* \(N, 3\)"),
        (lambda: loops.dense_forward(ROWS, DENSE, [0.0]), r"bias has .* expected \(4,\)"),
        (lambda: loops.dense_backward(ROWS, ROWS, DENSE), r"dy has .* expected \(2, 4\)"),
        (lambda: loops.softmax_cross_entropy(LOGITS, [0, -1]), r"y\[1\] is -1"),
        (lambda: loops.softmax_cross_entropy(LOGITS, [0]), r"y has shape \(1,\), expected \(2,\)"),
        (lambda: loops.softmax_cross_entropy(LOGITS[0], [0]), r"logits has shape \(3,\)"),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
