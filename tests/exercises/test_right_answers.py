"""Right answers that look different from ours are never refused."""

import inspect

import numpy as np
import pytest
from right_answers import RIGHT

from scratchcnn.exercises.checking import examine
from scratchcnn.exercises.declaration import EXERCISES

RETURNING = [name for name, exercise in EXERCISES.items() if not exercise.changes]


def changed(value, change):
    """Change each result."""
    return tuple(map(change, value)) if isinstance(value, tuple) else change(value)


def converted(function, result=lambda y: y, argument=lambda x: x):
    """Return ``function``, or class, with its arguments and its results converted."""
    if inspect.isclass(function):
        methods = {
            name: lambda self, x, name=name, **options: result(
                getattr(function, name)(self, argument(x), **options)
            )
            for name in ("forward", "backward")
        }
        return type(function.__name__, (function,), methods)
    return lambda *arguments, **options: changed(
        function(*map(argument, arguments), **options), result
    )


def as_float32(value):
    floats = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    return value.astype("float32") if floats else value


@pytest.mark.parametrize("name", RETURNING)
@pytest.mark.parametrize(
    "conversion",
    [
        {"result": lambda y: np.asarray(y).tolist()},
        {"result": lambda y: np.asarray(y, "float32")},
        {"argument": as_float32},
        {"result": lambda y: np.asfortranarray(y) if np.ndim(y) else y},
        {"result": lambda y: np.asarray(y)[..., None][..., 0]},
    ],
    ids=["lists", "float32", "float32 inside", "columns in memory", "views"],
)
def test_types_do_not_matter(name, conversion):
    exercise = EXERCISES[name]
    result = examine(converted(exercise.reference, **conversion), exercise)
    assert result.passed, result.message


@pytest.mark.parametrize(
    ("name", "function"),
    [(name, function) for name, functions in RIGHT.items() for function in functions],
)
def test_other_ways_to_write_it_pass(name, function):
    result = examine(function, EXERCISES[name])
    assert result.passed, result.message


@pytest.mark.parametrize("name", EXERCISES)
def test_every_exercise_is_tried_in_at_least_three_other_ways(name):
    assert len(set(RIGHT[name])) >= 3
