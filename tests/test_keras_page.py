"""docs/keras.md says what differs from Keras; what it does not list is the same."""

import inspect
from pathlib import Path

import numpy as np
import pytest

import scratchcnn

PAGE = (Path(__file__).parent.parent / "docs" / "keras.md").read_text(encoding="utf-8")
PAIRS = [
    ("Conv2D", "layers.Conv2D"),
    ("Dense", "layers.Dense"),
    ("MaxPool2D", "layers.MaxPooling2D"),
    ("AvgPool2D", "layers.AveragePooling2D"),
    ("BatchNorm", "layers.BatchNormalization"),
    ("Dropout", "layers.Dropout"),
    ("Rescaling", "layers.Rescaling"),
    ("SGD", "optimizers.SGD"),
    ("Adam", "optimizers.Adam"),
    ("EarlyStopping", "callbacks.EarlyStopping"),
]
# Different numbers, and the words of the page about them.
LISTED = {("EarlyStopping", "patience"): "`patience=1`, at least 1 | `patience=0`"}
# Different words for the same: no weight decay, a size for both directions.
SAME = [(0.0, None), (1, (1, 1)), (2, (2, 2))]


def defaults(cls):
    parameters = inspect.signature(cls.__init__).parameters
    return {
        name: parameter.default
        for name, parameter in parameters.items()
        if parameter.default is not parameter.empty
    }


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_a_default_that_is_not_that_of_keras_is_on_the_page(keras, ours, theirs):
    kind, name = theirs.split(".")
    their_defaults = defaults(getattr(getattr(keras, kind), name))
    for argument, value in defaults(getattr(scratchcnn, ours)).items():
        other = their_defaults.get(argument, value)  # Keras may insist on an argument
        if value != other and (value, other) not in SAME:
            assert LISTED[ours, argument] in PAGE


def test_the_page_names_every_layer_that_the_bridge_knows(keras):
    from scratchcnn.layers.base import LAYER_CLASSES

    for (module, _), cls in LAYER_CLASSES.items():
        if module.startswith("scratchcnn.") and cls.keras_class:
            assert cls.keras_class in PAGE


def test_keras_drops_everything_where_we_refuse(keras):
    dropped = keras.layers.Dropout(1.0)(np.ones((2, 3)), training=True)
    assert np.asarray(dropped).sum() == 0
    with pytest.raises(ValueError, match="rate"):
        scratchcnn.Dropout(1.0)


def test_keras_compiles_with_rmsprop_unless_told_otherwise(keras):
    assert inspect.signature(keras.Model.compile).parameters["optimizer"].default == "rmsprop"
    assert '`"rmsprop"`' in PAGE


def test_keras_leaves_padding_out_of_a_mean(keras):
    x = np.ones((1, 3, 3, 1))
    theirs = keras.layers.AveragePooling2D(2, padding="same")(x)
    layer = scratchcnn.AvgPool2D(2, padding="same")
    layer.build((3, 3, 1), np.random.default_rng(0))
    assert np.allclose(np.asarray(theirs), layer(x.astype("float32")))
