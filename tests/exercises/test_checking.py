"""What a check says: the smallest failing case as numbers, and what went wrong."""

import numpy as np
import pytest

from scratchcnn.exercises import NotDone, Result, check
from scratchcnn.exercises.declaration import EXERCISES

solution = {name: exercise.reference for name, exercise in EXERCISES.items()}


def test_a_right_answer_passes_and_says_so():
    result = check(solution["correlate"])
    assert isinstance(result, Result)
    assert result.passed is True
    assert result.message == "✓ correlate is right in all 8 cases."


def test_the_exercise_is_found_by_the_name_of_the_function_or_named():
    def my_way(x):
        return x * (x > 0)

    assert check(my_way, "relu").passed
    relu = my_way
    relu.__name__ = "relu"
    assert check(relu).passed


def test_a_wrong_answer_is_shown_with_what_went_in_what_came_out_and_where_they_first_differ():
    def max_pool(x, size=2):
        y = solution["max_pool"](x, size)
        if y.shape == (2, 2):
            y[1, 0] += 1
        return y

    assert check(max_pool).message.splitlines() == [
        "✗ max_pool is not right yet.",
        "max_pool was called with",
        "x = array of shape (4, 4)",
        "[[1 5 3 0]",
        " [2 0 1 4]",
        " [0 2 7 0]",
        " [6 4 2 3]]",
        "Your y:",
        "array of shape (2, 2)",
        "[[5. 4.]",
        " [7. 7.]]",
        "Expected y:",
        "array of shape (2, 2)",
        "[[5. 4.]",
        " [6. 7.]]",
        "The first difference is at y[1, 0]: yours is 7, expected 6.",
        "x[2:4, 0:2] holds 0, 2, 6, 4; the largest is 6",
        "5 of 7 cases are right.",
        'For help: hint("max_pool")',
    ]


def test_a_known_mistake_is_named_before_the_numbers():
    def correlate(x, k):
        return solution["correlate"](x, k[::-1, ::-1])

    lines = check(correlate).message.splitlines()
    assert lines[1].startswith("The kernel is flipped: that is convolution, not cross-correlation.")
    assert "Yours is -18, expected 18." in lines
    assert "9*(-1) + 9*0 + 9*1 + 0*(-2) + 1*0 + 8*2 + 0*(-1) + 7*0 + 2*1 = 18" in lines


def test_errors_alone_are_not_taken_for_a_known_mistake():
    def softmax(z):
        raise ValueError("something else")

    assert check(softmax).mistake == ""


def test_numbers_are_shown_with_four_decimals():
    def softmax(z):
        return np.full(z.shape, 1 / 2)

    assert "[[0.6652 0.2447 0.09  ]]" in check(softmax).message


def test_the_sum_behind_a_wrong_score_is_written_out():
    message = check(lambda x, w, b: x @ w, "dense").message
    assert "x[0] times w[:, 0], added up, plus b[0]:\n1*1 + 2*2 + 3*3 + 5 = 19" in message


def test_of_several_results_only_the_wrong_one_is_shown():
    def dense_backward(dy, x, w):
        return dy @ w.T, x.T @ dy, 3 * dy.sum(axis=0)

    message = check(dense_backward).message
    assert "Your db:" in message
    assert "Your dw:" not in message
    assert "dx and dw are right.\nIn db: every number is three times what is expected." in message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda y: -y, "Every number has the wrong sign."),
        (lambda y: 2 * y, "Every number is twice what is expected."),
        (lambda y: 0 * y, "Your answer is all zeros."),
        (lambda y: y.T, "Rows and columns are swapped"),
        (lambda y: y[::-1], "in reverse order"),
        (lambda y: y * np.nan, "Your answer holds NaN"),
        (lambda y: np.trunc(y).astype(int), "lost their decimals"),
        (lambda y: y[:-1], "Its shape is (0, 2), expected (1, 2)."),
        (lambda y: y.ravel(), "Its shape is (2,), expected (1, 2)."),
    ],
)
def test_mistakes_that_any_function_can_show_are_put_into_words(change, words):
    def softmax(z):
        return change(solution["softmax"](z))

    result = check(softmax)
    assert not result.passed
    assert words in result.message


def test_one_wrong_number_as_the_whole_answer_is_met_calmly():
    def cross_entropy(z, t):
        return 1.5

    assert "Yours is 1.5, expected 0.69314718." in check(cross_entropy).message


def test_a_wrong_number_that_looks_right_when_rounded_is_told_with_all_its_digits():
    def relu(x):
        return np.maximum(x, 0) + 0.0001 * (x == 2)

    assert "y[2]: yours is 2.0001, expected 2." in check(relu).message


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "returned None. Does it end with: return y?"),
        (3, "Its shape is (), expected (3,)."),
        ("many", "y is str, expected real numbers."),
        ({}, "y is dict, expected real numbers."),
        (1j, "y is complex, expected real numbers."),
        ([0, None, 2], "y is an array of object, expected real numbers."),
        ([[1], [2, 3]], "its rows have different lengths"),
        (np.broadcast_to(1.0, (100_000, 100_000)), "far more numbers than expected"),
        (np.zeros(0), "Its shape is (0,), expected (3,)."),
        (iter([1, 2]), "expected real numbers"),
        (object(), "y is object, expected real numbers."),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value[:20],
)
def test_whatever_comes_back_is_met_calmly(value, words):
    result = check(lambda x: value, "relu")
    assert not result.passed
    assert words in result.message
    assert " at 0x" not in result.message


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.zeros((1, 3)), "returned one result, expected 2. Let it end with: return dx, dk"),
        ((1, 2, 3), "returned 3 results, expected 2."),
        ((np.zeros((1, 3)), None), "dk is None, expected numbers."),
    ],
)
def test_a_result_that_is_missing_is_named(value, words):
    assert words in check(lambda dy, x, k: value, "correlate_backward").message


def test_a_function_that_changes_its_argument_is_told_so_even_if_it_is_right():
    def relu(x):
        x[x < 0] = 0
        return x

    result = check(relu)
    assert not result.passed
    assert "The function changes its argument x" in result.message


def test_an_update_must_change_the_arrays_themselves():
    def sgd_step(params, grads, learning_rate):
        for i, grad in enumerate(grads):
            params[i] = params[i] - learning_rate * grad

    result = check(sgd_step)
    assert result.mistake == "arrays not changed"
    assert "params[0][0]: yours is 1, expected 0." in result.message


def test_an_update_must_not_change_the_gradients():
    def sgd_step(params, grads, learning_rate):
        for param, grad in zip(params, grads, strict=True):
            grad *= learning_rate
            param -= grad

    assert "The function changes its argument grads" in check(sgd_step).message


def test_a_stub_waits_and_so_does_a_function_that_calls_one():
    def correlate(x, k):
        raise NotDone("correlate")

    def im2col(x, size):
        return correlate(x, size)

    def relu(x):
        raise NotImplementedError

    assert check(correlate).message.splitlines() == [
        "… correlate waits for your answer.",
        "Have you written it? Delete the raise line, and run that cell again.",
    ]
    waits = "… im2col calls correlate, and correlate waits for your answer.\n"
    assert check(im2col).message.startswith(waits)
    assert check(relu).message.startswith("… relu waits for your answer.\n")
    assert check(relu).state == "waiting"


def test_an_unknown_name_gets_the_nearest_one():
    assert check(lambda x: x, "corelate").message == (
        "✗ There is no exercise called corelate. Do you mean correlate?"
    )
    assert "Name it: check(my_function" in check(3).message
    assert "There is no exercise called ['relu']" in check(3, ["relu"]).message
    assert check("relu", "relu").message.startswith("✗ relu is str; it begins with def relu(x):")


def test_the_same_check_says_the_same_again():
    def correlate(x, k):
        return x

    assert check(correlate).message == check(correlate).message


def test_a_check_owns_its_data(monkeypatch):
    seen = []

    def relu(x):
        seen.append(x)
        y = np.maximum(x, 0)
        x[...] = 7
        return y

    check(relu)
    assert "x = [-1.  0.  2.]" in check(relu).message
    assert check(solution["relu"]).passed
