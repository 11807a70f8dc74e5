"""Slips that stand in the text of a function are named, if the function is wrong."""

import numpy as np
import pytest

from scratchcnn.exercises import check
from scratchcnn.exercises.reading import slip_in_the_text


def one_output(x, k, i, j):
    KH, KW = k.shape
    return (x[i : i + KH, j : j + KW] * k).sum()


def ends_in_the_first_round(x, k):
    y = np.zeros((x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1))
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = one_output(x, k, i, j)
        return y


def pads_for_nobody(x, k, stride=1, padding=0):
    (H, W), (KH, KW) = x.shape, k.shape
    np.pad(x, padding)
    y = np.zeros(((H + 2 * padding - KH) // stride + 1, (W + 2 * padding - KW) // stride + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = one_output(x, k, i * stride, j * stride)
    return y


def flattens_for_nobody(x, size):
    rows = []
    for i, j in np.ndindex(x.shape[0] - size + 1, x.shape[1] - size + 1):
        window = x[i : i + size, j : j + size]
        window.ravel()
        rows.append(window + 1)
    return np.array(rows)


def columns_first(x, k):
    W, H = x.shape
    KW, KH = k.shape
    y = np.zeros((H - KH + 1, W - KW + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = one_output(x, k, i, j)
    return y


def columns_first_together(x, k):
    (H, W), (KW, KH) = x.shape, k.shape
    return np.zeros((H - KH + 1, W - KW + 1))


def pythons_sum(x, k, i, j):
    KH, KW = k.shape
    return sum(x[i : i + KH, j : j + KW] * k)


@pytest.mark.parametrize(
    ("name", "function", "words"),
    [
        ("correlate", ends_in_the_first_round, "Your return is inside the loop"),
        (
            "correlate_strided",
            pads_for_nobody,
            "np.pad returns a new array, and here nobody keeps it: write x = np.pad(x, padding).",
        ),
        ("im2col", flattens_for_nobody, "write window = window.ravel()."),
        ("correlate", columns_first, "H, W = x.shape, and not W, H."),
        ("correlate", columns_first_together, "KH, KW = k.shape, and not KW, KH."),
        ("one_output", pythons_sum, "write (x[i:i + KH, j:j + KW] * k).sum()."),
    ],
)
def test_a_slip_in_the_text_is_named(name, function, words):
    assert words in check(function, name).message


def search(x, size=2):
    for value in x.ravel():
        if value == x.max():
            return value
    return x


def mean(losses):
    total = sum(loss for loss in losses) + sum(losses)
    np.random.default_rng(0).shuffle(losses)
    return total / len(losses)


@pytest.mark.parametrize("function", [search, mean, one_output, len, 3])
def test_nothing_is_said_where_there_is_no_slip(function):
    assert slip_in_the_text(function) == ""


def test_a_function_without_a_text_is_met_calmly():
    space = {}
    exec("def relu(x):\n    for i in x:\n        return 1", space)
    assert slip_in_the_text(space["relu"]) == ""
    assert not check(space["relu"]).passed
