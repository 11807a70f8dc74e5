"""Pixels that nobody has scaled are warned of: once in each call, at the user's line."""

import re
import warnings

import numpy as np
import pytest

from scratchcnn import SGD, Batches, Dense, Flatten, Sequential, Training

X = np.random.default_rng(0).standard_normal((6, 8, 8, 1)).astype("float32")
Y = np.arange(6) % 3
RAW = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 1)).astype("uint8")


class BatchesOfRawPixels:
    """An iterable of the user's own."""

    def __len__(self):
        return 3

    def __iter__(self):
        for k in range(3):
            yield RAW[2 * k : 2 * k + 2], Y[2 * k : 2 * k + 2]


SLOWLY = {"optimizer": SGD(1e-7), "verbose": False}
CALLS_WITH_RAW_PIXELS = {
    "fit": lambda model: model.fit(RAW, Y, **SLOWLY),
    "fit of many batches": lambda model: model.fit(RAW, Y, 3, 2, **SLOWLY),
    "fit with validation": lambda model: model.fit(RAW, Y, 2, validation_data=(RAW, Y), **SLOWLY),
    "fit on Batches": lambda model: model.fit(Batches(RAW, Y, 2), epochs=2, **SLOWLY),
    "fit on any batches": lambda model: model.fit(BatchesOfRawPixels(), epochs=2, **SLOWLY),
    "validation alone": lambda model: model.fit(X, Y, 2, validation_data=(RAW, Y), **SLOWLY),
    "floats": lambda model: model.fit(RAW.astype("float32"), Y, **SLOWLY),
    "with a progress bar": lambda model: model.fit(RAW, Y, optimizer=SGD(1e-7)),
    "by steps": lambda model: list(Training(model, RAW, Y, 2, 2, SGD(1e-7))),
    "evaluate": lambda model: model.evaluate(RAW, Y),
    "predict": lambda model: model.predict(RAW),
}


@pytest.mark.parametrize("case", CALLS_WITH_RAW_PIXELS)
def test_unscaled_pixels_are_warned_of_once_in_each_call_at_the_users_own_line(case):
    model = Sequential([Flatten(), Dense(3)], (8, 8, 1))
    for _ in range(2):
        with pytest.warns(RuntimeWarning, match=r"x / 255 - 0\.5") as warned:
            CALLS_WITH_RAW_PIXELS[case](model)
        assert [warning.filename for warning in warned] == [__file__]
        line = CALLS_WITH_RAW_PIXELS[case].__code__.co_firstlineno
        assert warned[0].lineno == line


@pytest.mark.parametrize(
    "scale",
    [
        lambda x: x / 255 - 0.5,
        lambda x: x / 255,
        lambda x: (x - x.mean()) / x.std(),
        lambda x: (x > 245) / (x > 245).std(),
    ],
    ids=["around 0", "from 0 to 1", "standardized", "standardized, nearly all black"],
)
def test_scaled_pixels_are_not_warned_of(scale):
    model, x = Sequential([Flatten(), Dense(3)], (8, 8, 1)), scale(RAW.astype(float))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(x, Y, validation_data=(x, Y), verbose=False)
        model.evaluate(x, Y)
        model.predict(x)


def test_following_the_warnings_cure_makes_it_stop():
    model = Sequential([Flatten(), Dense(3)], (8, 8, 1))
    with pytest.warns(RuntimeWarning) as warned:
        model.predict(RAW)
    cure = re.search(r"use (.*) for", str(warned[0].message))[1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.predict(eval(cure, {"x": RAW}))
