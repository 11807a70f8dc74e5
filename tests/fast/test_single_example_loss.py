"""The loss of one image in plain numbers: what arrays give, and nothing hidden."""

import numpy as np
import pytest

from scratchcnn import SoftmaxCrossEntropy
from scratchcnn.fast.executor import single_example_loss


@pytest.mark.parametrize("scale", [0, 1, 30, 1e4])
@pytest.mark.parametrize("label", [0, 4, 9])
def test_plain_numbers_of_one_image_give_what_arrays_give(scale, label):
    logits = scale * np.random.default_rng(label).standard_normal((1, 10))
    loss_function = SoftmaxCrossEntropy()
    expected = loss_function.forward(logits, np.array([label]))
    loss, gradient = single_example_loss(logits[0].tolist(), label)
    assert loss == pytest.approx(expected, rel=1e-14, abs=1e-15)
    np.testing.assert_allclose([gradient], loss_function.backward(), rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_plain_numbers_do_not_hide_what_is_no_number(bad, place):
    scores = [0.5, 1.0, 2.0]
    scores[place] = bad
    for label in range(3):
        assert not np.isfinite(single_example_loss(scores, label)[0])
