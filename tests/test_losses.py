"""softmax and SoftmaxCrossEntropy: right by hand, and calm at extremes."""

import math

import numpy as np
import pytest
from drawn import assert_close, examples, numbers, seeds
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchcnn import SoftmaxCrossEntropy, softmax
from scratchcnn.reference import loops

batches = st.tuples(st.integers(1, 6), st.integers(2, 10))


def loss_and_gradient(logits, labels):
    loss = SoftmaxCrossEntropy()
    return loss.forward(np.asarray(logits), np.asarray(labels)), loss.backward()


def test_probabilities_by_hand():
    assert_close(softmax(np.log([[1.0, 2, 5]])), [[1 / 8, 2 / 8, 5 / 8]])


def test_the_loss_is_the_surprise_of_the_right_answer():
    loss, dlogits = loss_and_gradient(np.log([[1.0, 2, 5]]), [1])
    assert loss == pytest.approx(-math.log(2 / 8))
    assert_close(dlogits, [[1 / 8, 2 / 8 - 1, 5 / 8]])


def test_loss_and_gradient_are_means_over_the_batch():
    loss, dlogits = loss_and_gradient(np.log([[1.0, 3], [1, 1]]), [0, 1])
    assert loss == pytest.approx((math.log(4) + math.log(2)) / 2)
    assert_close(dlogits, [[(1 / 4 - 1) / 2, 3 / 4 / 2], [1 / 2 / 2, (1 / 2 - 1) / 2]])


@given(shape=batches, seed=seeds, scale=st.sampled_from([0.01, 1, 100]))
def test_rows_of_probabilities_are_not_negative_and_sum_to_one(shape, seed, scale):
    probabilities = softmax(numbers(shape, seed) * scale)
    assert (probabilities >= 0).all()
    assert_close(probabilities.sum(axis=1), np.ones(len(probabilities)))


@given(shape=batches, seed=seeds, shift=st.floats(-1000, 1000))
def test_a_shift_of_all_scores_changes_nothing(shape, seed, shift):
    logits = numbers(shape, seed)
    assert_close(softmax(logits + shift), softmax(logits), 1e-9)


def test_each_row_is_shifted_by_its_own_maximum():
    # Shifted by the maximum of all rows, the second would be 0 / 0.
    assert_close(softmax(np.array([[1e4, 0], [-1e4, -1e4]])), [[1, 0], [0.5, 0.5]])


def test_softmax_works_along_the_last_axis_of_any_shape():
    logits = numbers((2, 3, 4), 0)
    assert_close(softmax(logits)[1, 2], softmax(logits[1, 2]))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_scores_of_plus_and_minus_ten_thousand_give_finite_losses_and_gradients(dtype):
    logits = np.array([[1e4, -1e4, 0], [1e4, -1e4, 0], [-1e4, -1e4, -1e4]], dtype)
    with np.errstate(all="raise", under="ignore"):
        loss, dlogits = loss_and_gradient(logits, [0, 1, 2])
    assert loss == pytest.approx((0 + 20_000 + math.log(3)) / 3, rel=1e-3)
    expected = np.array([[0, 0, 0], [1, -1, 0], [1 / 3, 1 / 3, -2 / 3]]) / 3
    assert_close(dlogits, expected, 1e-3 if dtype == "float16" else 1e-6)


@pytest.mark.parametrize("classes", [2, 10, 1000])
@pytest.mark.parametrize("value", [-1e4, 0, 1e4])
def test_equal_scores_cost_the_logarithm_of_the_number_of_classes(classes, value):
    loss, _ = loss_and_gradient(np.full((3, classes), value), [0, 1, 1])
    assert loss == pytest.approx(math.log(classes))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64"])
def test_whole_numbers_as_scores_do_not_overflow(dtype):
    logits = np.array([[0, 100], [120, 100]], dtype)
    assert_close(softmax(logits), softmax(logits.astype(float)))
    expected, _ = loss_and_gradient(logits.astype(float), [0, 1])
    assert loss_and_gradient(logits, [0, 1])[0] == pytest.approx(expected)


@given(shape=batches, seed=seeds)
def test_loss_and_gradient_agree_with_plain_loops(shape, seed):
    logits = numbers(shape, seed) * 5
    labels = np.random.default_rng(seed).integers(0, shape[1], shape[0])
    loss, dlogits = loss_and_gradient(logits, labels)
    expected_loss, expected_dlogits = loops.softmax_cross_entropy(logits, labels)
    assert loss == pytest.approx(expected_loss, rel=1e-12)
    assert_close(dlogits, expected_dlogits)
    assert_close(dlogits.sum(axis=1), np.zeros(shape[0]))


@settings(max_examples=examples(15, 600))
@given(shape=batches, seed=seeds)
def test_loss_and_gradient_agree_with_jax(jax, shape, seed):
    from jax_reference import network_gradients

    for k in range(34):  # 15 shapes, 510 drawings
        logits = numbers(shape, seed + k) * 5
        labels = np.random.default_rng(seed + k).integers(0, shape[1], shape[0])
        loss, dlogits = loss_and_gradient(logits, labels)
        expected_loss, (_, expected_dlogits) = network_gradients((), (), logits, labels)
        assert loss == pytest.approx(float(expected_loss), rel=1e-12)
        assert_close(dlogits, expected_dlogits)


@given(shape=batches, seed=seeds)
def test_the_gradient_agrees_with_central_differences(shape, seed):
    logits = numbers(shape, seed)
    labels = np.random.default_rng(seed).integers(0, shape[1], shape[0])
    _, dlogits = loss_and_gradient(logits, labels)
    for place in np.ndindex(shape):
        step = np.zeros(shape)
        step[place] = 1e-5
        above, _ = loss_and_gradient(logits + step, labels)
        below, _ = loss_and_gradient(logits - step, labels)
        assert dlogits[place] == pytest.approx((above - below) / 2e-5, rel=1e-6, abs=1e-9)


def test_scores_and_labels_are_left_as_they_were():
    logits, labels = numbers((3, 4), 0), np.array([0, 3, 1])
    logits.flags.writeable = labels.flags.writeable = False
    before = logits.copy()
    loss_and_gradient(logits, labels)
    softmax(logits)
    assert np.array_equal(logits, before)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, -1], "-1"),
        ([3, 0], "3"),
        ([0], "shape"),
        ([0.0, 1.0], "whole numbers"),
        ([[1, 0, 0], [0, 1, 0]], "shape"),
    ],
)
def test_bad_labels_are_refused(labels, message):
    with pytest.raises((TypeError, ValueError), match=message):
        SoftmaxCrossEntropy().forward(np.zeros((2, 3)), np.array(labels))


@pytest.mark.parametrize(
    "logits", [np.zeros(3), np.zeros((0, 3)), np.zeros((2, 0)), np.zeros((2, 3, 4)), 1.0]
)
def test_scores_that_are_no_rows_are_refused(logits):
    with pytest.raises(ValueError, match="logits has shape"):
        SoftmaxCrossEntropy().forward(logits, np.zeros(2, int))


@pytest.mark.parametrize("logits", [1.0, [], np.zeros((3, 0))])
def test_a_softmax_of_nothing_is_refused(logits):
    with pytest.raises(ValueError, match="logits has shape"):
        softmax(logits)


def test_backward_of_a_loss_that_was_never_computed_is_refused():
    with pytest.raises(RuntimeError, match="call forward before backward"):
        SoftmaxCrossEntropy().backward()


def test_lists_will_do_as_scores_and_labels():
    assert SoftmaxCrossEntropy().forward([[0, 0]], [1]) == pytest.approx(math.log(2))
    assert_close(softmax([0, 0]), [0.5, 0.5])
