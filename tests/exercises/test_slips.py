"""Errors that NumPy words for experts come with a plain word for students."""

import numpy as np
import pytest

from scratchcnn import Layer
from scratchcnn.exercises import check


def unpacked(dy, x, size=2):
    a, b = x.argmax()
    return a + b


def unpacked_later(dy, x, size=2):
    place = int(x.argmax())
    a, b = place
    return a + b


def pythons_max(x, size=2):
    return [[max(x[:2, :2])]]


def if_of_an_array(x):
    if x > 0:
        return x


def shape_in_two_arguments(x, size=2):
    return np.zeros(len(x), len(x))


def shape_of_floats(x, size=2):
    return np.zeros((len(x) / size, 1))


def size_that_is_a_float(x, size=2):
    return np.zeros(len(x) / size)


def range_of_a_float(x, size=2):
    return [x[i] for i in range(len(x) / size)]


def slice_of_floats(x, size=2):
    return x[: len(x) / size]


def index_that_is_a_float(x, size=2):
    return x[len(x) / size]


def factors_in_the_wrong_order(x, w):
    return np.zeros((5, 3)) @ np.zeros((2, 3))


def sum_of_rows_and_columns(x, w):
    return np.zeros((2, 3)) + np.zeros(2)


def beyond_the_last_row(x, w):
    y = np.zeros((2, 3))
    return y[0, 0] + x[len(x) - 1, 0] + y[1 + 1, 0]


def one_pixel_too_far(x):
    y = np.zeros(len(x))
    for i in range(len(x)):
        y[i] = x[i + 1]
    return y


def folded_with_too_few(x, size=2):
    return np.zeros((5, 7)).reshape(2, 2, 3, 2)


def a_row_in_the_place_of_a_number(x, size=2):
    y = np.zeros((1, 1))
    y[0, 0] = np.zeros(3)
    return y


def sum_of_rows(x, size=2):
    y, window = np.zeros((1, 1)), x[:2, :2]
    y[0, 0] = sum(window)
    return y


def two_names_for_four_values(shape):
    a, b = (*shape, 1, 2)
    return a + b


@pytest.mark.parametrize(
    ("name", "function", "cure"),
    [
        ("max_pool_backward", unpacked, "np.unravel_index(place, window.shape)"),
        ("max_pool_backward", unpacked_later, "np.unravel_index(place, window.shape)"),
        ("max_pool", pythons_max, "window.max()"),
        ("relu", if_of_an_array, "np.where(condition, a, b)"),
        ("max_pool", shape_in_two_arguments, "np.zeros((rows, columns))"),
        ("max_pool", shape_of_floats, "// a whole number"),
        ("max_pool", size_that_is_a_float, "// a whole number"),
        ("max_pool", range_of_a_float, "// a whole number"),
        ("residual", factors_in_the_wrong_order, "as many columns as b has rows"),
        ("residual", sum_of_rows_and_columns, "From the right"),
        ("glorot_limit", two_names_for_four_values, "one name for each value"),
        ("residual", beyond_the_last_row, "y has shape (2, 3). Counted from 0, its last row is 1"),
        ("relu", one_pixel_too_far, "x has shape (3,). Counted from 0, its last place is 2"),
        ("max_pool", folded_with_too_few, "reshape keeps all numbers"),
        ("max_pool", a_row_in_the_place_of_a_number, "room for one number, but several came"),
        ("max_pool", sum_of_rows, "use window.sum()"),
        ("residual", sum_of_rows_and_columns, "A slice that runs past the edge is cut off"),
        ("max_pool", slice_of_floats, "// a whole number"),
        ("max_pool", index_that_is_a_float, "// a whole number"),
    ],
)
def test_a_natural_slip_is_explained_below_the_students_line(name, function, cure):
    lines = check(function, name).message.splitlines()
    assert lines[1].startswith("The function stopped with ")
    assert f"in {function.__name__}:" in lines[2]
    assert cure in lines[3]


class Own(Layer):
    def __init__(self, slope=0.1):
        super().__init__()
        self.slope = slope

    def forward(self, x, training=False):
        return np.where(x > 0, x, self.slope * x)


def test_a_layer_that_keeps_nothing_is_told_how():
    class Forgetful(Own):
        def backward(self, dy):
            return np.where(self.x > 0, dy, self.slope * dy)

    class Local(Own):
        def backward(self, dy):
            return np.where(x > 0, dy, self.slope * dy)  # noqa: F821  # that is the slip

    for layer in (Forgetful, Local):
        assert "such as self.x = x." in check(layer, "LeakyReLU").message


def test_a_class_that_no_network_could_use_is_refused():
    class Plain:
        def __init__(self, slope=0.1):
            pass

    class Short(Own):
        def forward(self, x):
            return x

    assert "Keep the first line of each method" in check(Short, "LeakyReLU").message
    for answer in (Plain, Own(0.2)):
        message = check(answer, "LeakyReLU").message
        assert "it is not a Layer" in message
        assert "It should begin with: class LeakyReLU(Layer):" in message


def test_other_errors_are_left_as_they_are():
    def divides(x):
        return 1 // 0

    message = check(divides, "relu").message
    assert message.splitlines()[3].startswith("relu was called with")
