"""Of several results, each is judged by itself, and one that is not begun is no mistake."""

import numpy as np
import pytest

from scratchcnn.exercises import check
from scratchcnn.exercises.declaration import EXERCISES

dx_and_dk = EXERCISES["correlate_backward"].reference


def message(change, name="correlate_backward"):
    """Return the lines that come of changing the right results."""
    reference = EXERCISES[name].reference
    return check(lambda *arguments: change(*reference(*arguments)), name).message.splitlines()


def last_window_only(dy, x, k):
    dx, dk = np.zeros(x.shape), np.zeros(k.shape)
    for i, j, a, b in np.ndindex(*dy.shape, *k.shape):
        dk[a, b] = x[i + a, j + b] * dy[i, j]
    return dx, dk


def test_a_result_of_zeros_is_not_begun_and_the_other_is_shown():
    result = check(last_window_only, "correlate_backward")
    lines = result.message.splitlines()
    assert lines[1] == "dx is still zero, which is fine for now. But dk is not right yet."
    assert lines[2].startswith("In dk, only the last window is left.")
    assert "Your dk:\narray of shape (1, 2)\n[[30. 50.]]\nExpected dk:" in result.message
    assert "Your dx:" not in result.message
    assert result.mistake == "windows overwrite dk"


def test_a_right_result_beside_one_that_is_not_begun_leads_to_the_next_step():
    lines = message(lambda dx, dk: (0 * dx, dk))
    assert lines[1] == "dk is right. dx is still zero everywhere: that is the next step."
    lines = message(lambda dx, dw, db: (0 * dx, 0 * dw, db), "dense_backward")
    assert lines[1] == "db is right. dx and dw are still zero everywhere: that is the next step."


def test_a_pattern_says_which_result_shows_it_unless_all_do():
    assert message(lambda dx, dk: (-dx, dk))[1:3] == [
        "dk is right.",
        "In dx: every number has the wrong sign.",
    ]
    assert message(lambda dx, dk: (0 * dx, 2 * dk))[2] == (
        "In dk: every number is twice what is expected."
    )
    assert message(lambda dx, dk: (-dx, -dk))[1] == "Every number has the wrong sign."
    assert message(lambda dx, dk: (0 * dx, 0 * dk))[1].startswith("Your answer is all zeros.")


def test_two_mistakes_in_two_results_are_both_named():
    def both(dy, x, k):
        dx, dk = np.zeros(x.shape), np.zeros(k.shape)
        for i, j, a, b in np.ndindex(*dy.shape, *k.shape):
            dx[i + a, j + b] = k[a, b] * dy[i, j]
            dk[a, b] += x[i, j] * dy[i, j]
        return dx, dk

    lines = check(both, "correlate_backward").message.splitlines()
    assert lines[1].startswith("In dx, each window overwrites its neighbors.")
    assert lines[2].startswith("In dk, you always take the pixel in the corner of the window.")


def test_the_first_case_in_which_the_begun_result_is_wrong_is_shown():
    def wrong_when_tall(dy, x, k):
        dx, dk = dx_and_dk(dy, x, k)
        return 0 * dx, dk + (len(x) > 5)

    text = check(wrong_when_tall, "correlate_backward").message
    assert "x = array of shape (6, 5)" in text
    assert "The first difference is at dk[0, 0]" in text


def test_an_error_counts_as_begun():
    def stops(dy, x, k):
        dk = np.zeros(k.shape)
        dk += x[: dk.shape[0], : dk.shape[1]] * dy[0, 0]
        if len(x) > 5:
            raise ValueError("enough")
        return np.zeros(x.shape), dx_and_dk(dy, x, k)[1]

    lines = check(stops, "correlate_backward").message.splitlines()
    assert lines[1] == "dx is still zero, which is fine for now."
    assert lines[2] == "The function stopped with ValueError: enough"


def test_a_gradient_of_the_wrong_shape_is_told_whose_shape_it_has():
    lines = message(lambda dx, dk: (dx, dk[:, :-1]))
    assert "Its shape is (1, 1), expected (1, 2): that of k." in lines


@pytest.mark.parametrize(
    ("right", "words"), [(1, "1 of 6 cases is right."), (2, "2 of 6 cases are right.")]
)
def test_the_number_of_right_cases_is_said_in_good_english(right, words):
    calls = []

    def some(dy, x, k):
        calls.append(dy)
        dx, dk = dx_and_dk(dy, x, k)
        return dx + (len(calls) > right), dk

    assert words in check(some, "correlate_backward").message
