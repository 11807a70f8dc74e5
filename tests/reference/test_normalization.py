"""The plain loops of batch normalization against numbers worked out by hand."""

import numpy as np
import pytest
from drawn import assert_close

from scratchcnn.reference import normalization

ROWS = np.array([[1.0, 10], [3, 10]])  # means 2 and 10, variances 1 and 0


def test_moments_of_a_channel_count_every_image_and_pixel():
    images = ROWS.reshape(1, 2, 1, 2)
    for x in (ROWS, images):
        mean, variance = normalization.channel_moments(x)
        assert mean.tolist() == [2, 10]
        assert variance.tolist() == [1, 0]


def test_forward():
    y = normalization.batch_norm_forward(ROWS, [10, 10], [100, 200], epsilon=3)
    assert y.tolist() == [[100 - 5, 200], [100 + 5, 200]]  # sqrt(1 + 3) is 2
    moving = {"mean": [0.0, 0], "variance": [1.0, 22]}
    y = normalization.batch_norm_forward(ROWS, [10, 10], [100, 200], **moving, epsilon=3)
    assert y.tolist() == [[100 + 5, 200 + 20], [100 + 15, 200 + 20]]


def test_backward_in_prediction():
    dy, moving = np.array([[1.0, 0], [1, 2]]), {"mean": [0.0, 0], "variance": [1.0, 22]}
    dx, dgamma, dbeta = normalization.batch_norm_backward(dy, ROWS, [10, 10], **moving, epsilon=3)
    assert dx.tolist() == [[5, 0], [5, 4]]  # gamma / sqrt(variance + 3): 10 / 2 and 10 / 5
    assert dgamma.tolist() == [1 / 2 + 3 / 2, 2 * 10 / 5]
    assert dbeta.tolist() == [2, 2]


def test_backward_in_training():
    # y is gamma * d / sqrt(d**2 + 3), where d is half the difference of both rows: 1.
    # By hand dy/dd = gamma * 3 / (d**2 + 3)**1.5 = gamma * 3 / 8, and dd/dx is 1/2.
    dy = np.array([[0.0, 0], [1, 0]])
    dx, dgamma, dbeta = normalization.batch_norm_backward(dy, ROWS, [8, 8], epsilon=3)
    assert_close(dx, [[-1.5, 0], [1.5, 0]])
    assert dgamma.tolist() == [1 / 2, 0]
    assert dbeta.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: normalization.batch_norm_forward(ROWS, [1.0], [0, 0]), r"gamma has .*\(2,\)"),
        (lambda: normalization.batch_norm_forward(ROWS, [1, 1], [0]), r"beta has .*\(2,\)"),
        (lambda: normalization.batch_norm_backward(ROWS[:1], ROWS, [1, 1]), r"dy has .*\(2, 2\)"),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
