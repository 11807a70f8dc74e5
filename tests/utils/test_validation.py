"""Bad input is refused with argument, what came and what was expected, and changes nothing."""

import numpy as np
import pytest

from scratchcnn import SGD, Conv2D, Dense, Flatten, MaxPool2D, Sequential

X = np.random.default_rng(0).standard_normal((6, 8, 8, 1)).astype("float32")
Y = np.arange(6) % 3


def spoiled(value, place=(2, 3, 4, 0), dtype="float32"):
    x = X.astype(dtype)
    x[place] = value
    return x


BAD_IMAGES = {
    "one image": (X[0], r"\(8, 8, 1\).*\(N, 8, 8, 1\).*x\[None\]"),
    "one image without channels": (X[0, ..., 0], r"\(8, 8\).*x\[None, ..., None\]"),
    "no channel axis": (X[..., 0], r"\(6, 8, 8\).*x\[..., None\]"),
    "too many channels": (np.repeat(X, 3, axis=3), r"\(6, 8, 8, 3\).*\(N, 8, 8, 1\)"),
    "another size": (X[:, :7], r"\(6, 7, 8, 1\).*\(N, 8, 8, 1\)"),
    "flat rows": (X.reshape(6, 64), r"\(6, 64\)"),
    "a number": (3.0, r"\(\)"),
    "empty": (X[:0], "empty"),
    "an empty list": ([], r"\(0,\)"),
    "not a number": (spoiled(np.nan), r"x\[2, 3, 4, 0\] is nan.*finite"),
    "infinity": (spoiled(np.inf), r"x\[2, 3, 4, 0\] is inf.*finite"),
    "minus infinity": (spoiled(-np.inf), r"x\[2, 3, 4, 0\] is -inf"),
    "nan in half precision": (spoiled(np.nan, dtype="float16"), "is nan"),
    "beyond single precision": (spoiled(1e300, dtype="float64"), r"x\[2, 3, 4, 0\] is 1e\+300"),
    "nan last": (spoiled(np.nan, (5, 7, 7, 0)), r"x\[5, 7, 7, 0\]"),
    "text": (X.astype(str), "x has dtype <U"),
    "complex numbers": (X + 1j, "x has dtype complex"),
    "objects": (X.astype(object), "x has dtype object"),
    "nothing": (None, "x"),
    "rows of different lengths": ([[1.0], [2.0, 3.0]], "x is no regular array"),
}
BAD_LABELS = {
    "negative": (Y - 1, r"y\[0\] is -1.*0 \.\. 2"),
    "too large": (Y + 1, r"y\[2\] is 3.*0 \.\. 2"),
    "beyond every integer": (np.full(6, 2**64 - 1, np.uint64), r"y\[0\] is 18446744073709551615"),
    "fractions": (Y + 0.5, "y has dtype float64.*whole numbers"),
    "whole floats": (Y.astype(float), r"y\.astype\(int\)"),
    "text": (Y.astype(str), "y has dtype <U"),
    "one-hot rows": (np.eye(3, dtype=int)[Y], r"\(6, 3\).*y\.argmax\(axis=1\)"),
    "a column": (Y[:, None], r"\(6, 1\).*\(6,\)"),
    "too few": (Y[:-1], r"\(5,\).*\(6,\)"),
    "a number": (1, r"\(\).*\(6,\)"),
    "not given at all": ([None] * 6, "y has dtype object"),
    "rows of different lengths": ([[1], [2, 3]], "y"),
}
BAD_ARGUMENTS = {
    "epochs 0": ({"epochs": 0}, "epochs must be at least 1, got 0"),
    "epochs 1.5": ({"epochs": 1.5}, "epochs must be a whole number, got 1.5"),
    "epochs True": ({"epochs": True}, "epochs must be a whole number"),
    "batch size 0": ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
    "batch size text": ({"batch_size": "32"}, "batch_size must be a whole number, got '32'"),
    "optimizer text": ({"optimizer": "sgd"}, r"optimizer is 'sgd'.*SGD\(0\.01\)"),
    "optimizer class": ({"optimizer": SGD}, r"optimizer.*SGD\(0\.01\)"),
    "one callback": ({"callbacks": print}, "callbacks is .*, expected a list of callbacks"),
    "a callback that is none": (
        {"callbacks": [print, 3]},
        "callbacks holds 3, which is neither a function",
    ),
    "validation images": ({"validation_data": (X[0], Y)}, r"\(8, 8, 1\)"),
    "validation labels": ({"validation_data": (X, Y + 1)}, r"y\[2\] is 3"),
    "validation without labels": ({"validation_data": (X,)}, "validation_data"),
    "validation images alone": ({"validation_data": X}, "validation_data"),
}


@pytest.fixture
def model():
    """Return a trained model, and check at the end that nothing about it has changed."""
    model = Sequential([Conv2D(2, 3), MaxPool2D(2), Flatten(), Dense(3)], (8, 8, 1))
    history = model.fit(X, Y, verbose=False)
    before, state = model.get_weights(), model.rng.bit_generator.state
    yield model
    for weight, expected in zip(model.get_weights(), before, strict=True):
        assert np.array_equal(weight, expected)
    assert model.history is history
    assert model.rng.bit_generator.state == state


@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
@pytest.mark.parametrize("case", BAD_IMAGES)
def test_bad_images_are_refused_and_nothing_changes(model, method, case):
    x, message = BAD_IMAGES[case]
    labels = () if method == "predict" else (Y,)
    with pytest.raises((TypeError, ValueError), match=message):
        getattr(model, method)(x, *labels)


@pytest.mark.parametrize("method", ["fit", "evaluate"])
@pytest.mark.parametrize("case", BAD_LABELS)
def test_bad_labels_are_refused_and_nothing_changes(model, method, case):
    y, message = BAD_LABELS[case]
    with pytest.raises((TypeError, ValueError), match=message):
        getattr(model, method)(X, y)


@pytest.mark.parametrize("case", BAD_ARGUMENTS)
def test_bad_arguments_are_refused_and_nothing_changes(model, case):
    arguments, message = BAD_ARGUMENTS[case]
    with pytest.raises((TypeError, ValueError), match=message):
        model.fit(X, Y, **arguments)


@pytest.mark.parametrize("case", ["one image", "too many channels", "empty", "text"])
def test_forward_refuses_what_does_not_fit_and_never_gives_garbage(model, case):
    with pytest.raises((TypeError, ValueError), match="x "):
        model.forward(BAD_IMAGES[case][0])


def test_a_gradient_of_the_wrong_shape_is_refused(model):
    y = model.forward(X)
    for dy in (y[:, :-1], y[:-1], y[0]):
        with pytest.raises(ValueError, match=r"dy has shape"):
            model.backward(dy)
