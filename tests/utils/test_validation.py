"""Bad input is refused with argument, what came and what was expected, and changes nothing."""

import re

import numpy as np
import pytest
from small_networks import same_weights

from scratchcnn import SGD, Conv2D, Dense, EarlyStopping, Flatten, MaxPool2D, Sequential
from scratchcnn._utils.validation import check_labels

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
    "rows of different lengths": ([[1.0], [2.0, 3.0]], "x is not a regular array"),
}
BAD_LABELS = {
    "negative": (Y - 1, r"y\[0\] is -1.*0 \.\. 2"),
    "too large": (Y + 1, r"y\[2\] is 3.*0 \.\. 2"),
    "beyond every integer": (np.full(6, 2**64 - 1, np.uint64), r"y\[0\] is 18446744073709551615"),
    "fractions": (Y + 0.5, "y has dtype float64.*whole numbers.*not fractions"),
    "not a number": (np.full(6, np.nan), "y has dtype float64.*whole numbers"),
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
    "a callback that is none": ({"callbacks": [print, 3]}, "callbacks holds 3, which is neither"),
    "a callback's class": ({"callbacks": [EarlyStopping]}, "class EarlyStopping: put parentheses"),
    "shuffle text": ({"shuffle": "no"}, "shuffle must be True or False, got 'no'"),
    "verbose text": ({"verbose": "no"}, "verbose must be True or False, got 'no'"),
    "verbose 2": ({"verbose": 2}, "verbose must be True or False, got 2"),
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


def follow(message, **arrays):
    """Return what the cure at the end of an error message makes of ``x`` or ``y``."""
    cure = re.search(r"(?:with|use) ([^:]*)$", message)[1]
    names = arrays | {"np": np}
    if " = " in cure:
        exec(cure, names)
        return names["y"]
    return eval(cure, names)


MENDABLE_IMAGES = {
    "one image": X[0],
    "one image without channels": X[0, ..., 0],
    "no channel axis": X[..., 0],
    "flat rows": X.reshape(6, 64),
    "one flat row": X[0].ravel(),
    "channels first": X.transpose(0, 3, 1, 2),
}


@pytest.mark.parametrize("case", MENDABLE_IMAGES)
def test_the_error_about_images_says_the_cure_and_the_cure_works(model, case):
    x = MENDABLE_IMAGES[case]
    with pytest.raises(ValueError, match="x has shape") as error:
        model.predict(x)
    mended = follow(str(error.value), x=x)
    expected = X[:1] if case.startswith("one") else X
    assert np.array_equal(mended, expected)
    assert np.array_equal(model.predict(mended), model.predict(expected))


@pytest.mark.parametrize("count", [2, 1])
def test_colors_that_come_first_are_put_last_by_the_cure(count):
    images = np.random.default_rng(0).standard_normal((count, 5, 4, 3))
    first = images.transpose(0, 3, 1, 2) if count > 1 else images[0].transpose(2, 0, 1)
    model = Sequential([Flatten(), Dense(2)], (5, 4, 3))
    with pytest.raises(ValueError, match="channels last") as error:
        model.predict(first)
    assert np.array_equal(follow(str(error.value), x=first), images)


def test_images_for_a_network_that_takes_rows_are_laid_out_by_the_cure():
    model = Sequential([Dense(3)], (64,))
    with pytest.raises(ValueError, match="as a row") as error:
        model.predict(X)
    assert np.array_equal(follow(str(error.value), x=X), X.reshape(6, 64))


NAMES = np.array(["cat", "dog", "owl"])
MENDABLE_LABELS = {
    "one-hot whole numbers": np.eye(3, dtype=int)[Y],
    "one-hot floats": np.eye(3, dtype="float32")[Y],
    "one-hot booleans": np.eye(3, dtype=bool)[Y],
    "one-hot rows in a list": np.eye(3)[Y].tolist(),
    "a column": Y[:, None],
    "whole floats": Y.astype(float),
    "text": NAMES[Y],
    "text as objects": NAMES[Y].astype(object),
}


@pytest.mark.parametrize("method", ["fit", "evaluate"])
@pytest.mark.parametrize("case", MENDABLE_LABELS)
def test_the_error_about_labels_says_the_cure_and_the_cure_works(model, method, case):
    y = MENDABLE_LABELS[case]
    with pytest.raises((TypeError, ValueError), match=r"y has (shape|dtype)") as error:
        getattr(model, method)(X, y)
    mended = follow(str(error.value), y=np.asarray(y))
    assert np.array_equal(mended, Y)
    assert model.evaluate(X, mended) == model.evaluate(X, Y)


def test_booleans_are_labels_of_two_classes():
    make = lambda: Sequential([Flatten(), Dense(2)], (8, 8, 1))  # noqa: E731
    one, other = make(), make()
    assert one.evaluate(X, Y == 1) == other.evaluate(X, (Y == 1).astype(int))
    one.fit(X, Y == 1, verbose=False)
    other.fit(X, (Y == 1).astype(int), verbose=False)
    assert same_weights(one, other)


def test_a_network_with_a_single_score_is_told_that_two_classes_take_two():
    with pytest.raises(ValueError, match=r"y\[1\] is 1, .* need two scores, Dense\(2\)"):
        check_labels([0, 1], 2, 1)
