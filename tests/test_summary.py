"""The summary: names, shapes and parameter counts, as text and as a table."""

import pytest

from scratchcnn import Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU, Sequential


@pytest.fixture
def course():
    layers = [Conv2D(8, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)]
    return Sequential(layers, input_shape=(28, 28, 1))


def test_every_layer_has_a_line_with_its_shape_and_count(course):
    lines = [line.split() for line in str(course.summary()).splitlines()]
    for words in (
        ["conv2d", "(26,", "26,", "8)", "72"],
        ["max_pooling2d", "(13,", "13,", "8)", "0"],
        ["flatten", "(1352,)", "0"],
        ["dense", "(10,)", "13,530"],
        ["total", "13,602"],
    ):
        assert words in lines


def test_the_columns_line_up(course):
    lines = str(course.summary()).splitlines()
    assert len({len(line) for line in lines}) == 1


def test_the_simple_convnet_of_keras_has_34826_parameters():
    layers = []
    for filters in (32, 64):
        layers += [Conv2D(filters, 3), ReLU(), MaxPool2D(2)]
    model = Sequential([*layers, Flatten(), Dropout(0.5), Dense(10)], (28, 28, 1))
    assert model.count_params() == 34_826
    assert "34,826" in str(model.summary())


def test_in_a_notebook_it_is_a_table_with_the_same_content(course):
    html = course.summary()._repr_html_()
    for text in ("conv2d", "(26, 26, 8)", "13,530", "13,602"):
        assert f">{text}</" in html
    for tag in ("table", "thead", "tbody", "tr", "td", "th"):
        assert html.count(f"<{tag}>") + html.count(f"<{tag} ") == html.count(f"</{tag}>") > 0


def test_names_are_escaped_in_html():
    model = Sequential([Dense(2)], (3,))
    model.layers[0].name = "<script>"
    assert "<script>" not in model.summary()._repr_html_()
