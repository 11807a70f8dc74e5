"""Every exercise: its solution passes, its stub waits, each typical wrong answer is named."""

import ast
import inspect
import time

import numpy as np
import pytest
from solving import defined, functions_in, stub_of

from scratchcnn import exercises
from scratchcnn.exercises.checking import examine
from scratchcnn.exercises.declaration import EXERCISES, Case, Exercise, Mistake

every_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
MISTAKES = [(exercise, mistake) for exercise in EXERCISES.values() for mistake in exercise.mistakes]


def size(case):
    """Count the numbers in the arguments of a case."""
    lists = (value if isinstance(value, list) else [value] for value in case.arguments)
    return sum(np.size(array) for arrays in lists for array in arrays)


@every_exercise
def test_the_solution_passes_in_well_under_a_second(exercise):
    started = time.perf_counter()
    result = examine(exercise.reference, exercise)
    assert result.passed, result.message
    assert time.perf_counter() - started < 1


@every_exercise
def test_the_source_of_the_solution_needs_nothing_but_numpy(exercise):
    source = exercises.solution(exercise.name, ask=False)
    assert source.startswith(exercise.beginning.partition("=")[0])
    result = examine(defined(source, exercise.name), exercise)
    assert result.passed, result.message


@every_exercise
def test_the_stub_waits(exercise):
    result = exercises.check(defined(stub_of(exercise), exercise.name))
    assert not result.passed
    assert result.message.startswith(f"… {exercise.name} waits for your answer.\n")


@pytest.mark.parametrize(
    ("exercise", "mistake"), MISTAKES, ids=[f"{e.name}: {m.name}" for e, m in MISTAKES]
)
def test_a_typical_wrong_answer_fails_and_is_named(exercise, mistake):
    result = examine(mistake.function, exercise)
    assert not result.passed
    assert result.mistake == mistake.name
    assert mistake.message in result.message


@every_exercise
def test_at_least_three_wrong_answers_with_messages_of_their_own(exercise):
    assert len(exercise.mistakes) >= 3
    assert len({mistake.name for mistake in exercise.mistakes}) == len(exercise.mistakes)
    assert len({mistake.message for mistake in exercise.mistakes}) == len(exercise.mistakes)
    assert all(mistake.message.endswith((".", "?")) for mistake in exercise.mistakes)


@every_exercise
def test_the_first_case_is_small_enough_to_compute_by_hand(exercise):
    assert len(exercise.cases) >= 3
    assert size(exercise.cases[0]) <= 20


@every_exercise
def test_three_hints_none_of_which_is_the_whole_solution(exercise):
    assert len(set(exercise.hints)) == len(exercise.hints) == 3
    body = inspect.getsource(exercise.reference).rpartition('"""')[2].strip()
    assert all(hint != body for hint in exercise.hints)


@every_exercise
def test_the_docstring_says_what_goes_in_and_what_comes_out(exercise):
    text = inspect.getdoc(exercise.reference)
    if inspect.isclass(exercise.reference):
        methods = [
            ast.get_docstring(one) for one in functions_in(ast.parse(exercise.source).body[0])
        ]
        assert all(any(name in method for method in methods) for name in exercise.returns)
    for name in inspect.signature(exercise.reference).parameters:
        assert name in text
    assert "Parameters\n" in text
    if not (exercise.changes or inspect.isclass(exercise.reference)):
        assert "Returns\n" in text
        returns = text.partition("Returns\n")[2]
        assert all(name in returns for name in exercise.returns)


def test_the_functions_of_the_course_are_there_with_the_arguments_that_lessons_use():
    signatures = {name: str(inspect.signature(e.reference)) for name, e in EXERCISES.items()}
    expected = {
        "correlate": "(x, k)",
        "correlate_backward": "(dy, x, k)",
        "im2col": "(x, size)",
        "max_pool": "(x, size=2)",
        "max_pool_backward": "(dy, x, size=2)",
        "softmax": "(z)",
        "cross_entropy": "(z, t)",
        "cross_entropy_backward": "(z, t)",
        "dense": "(x, w, b)",
        "dense_backward": "(dy, x, w)",
        "sgd_step": "(params, grads, learning_rate)",
        "train_epoch": "(params, gradients, x, t, order, learning_rate, batch_size)",
        "accuracy": "(z, t)",
        "confusion_matrix": "(predicted, t, classes=10)",
        "saliency": "(x, k, w, c)",
        "relu": "(x)",
        "relu_backward": "(dy, x)",
        "dropout": "(x, rate, rng)",
        "momentum_step": "(params, grads, velocities, learning_rate, beta)",
        "adam_step": "(params, grads, m, v, step, learning_rate, "
        "beta1=0.9, beta2=0.999, epsilon=1e-07)",
        "batch_norm": "(x, gamma, beta, epsilon=0.001)",
        "batch_norm_backward": "(dy, x, gamma, epsilon=0.001)",
    }
    assert expected.items() <= signatures.items()


def test_two_exercises_cannot_have_the_same_name():
    def relu(x):
        return x

    with pytest.raises(ValueError, match="'relu'"):
        Exercise(relu, 1, ("y",), [Case(1)], [], ("a", "b", "c"))
    assert EXERCISES["relu"].reference is not relu


def test_a_class_can_be_an_exercise():
    class Double:
        def forward(self, x):
            return 2 * x

        def backward(self, dy):
            return 2 * dy

    class Forgot(Double):
        def backward(self, dy):
            return dy

    class Broken(Double):
        def forward(self, x):
            return x[5]

    def use(cls, x, dy):
        layer = cls()
        return layer.forward(x), layer.backward(dy)

    mistake = Mistake("slope forgotten", "The slope is missing.", Forgot)
    try:
        cases = [Case(np.array([1.0, 2.0]), np.array([3.0, 4.0]))]
        exercise = Exercise(Double, 9, ("y", "dx"), cases, [mistake], ("a", "b", "c"), use=use)
        assert exercises.check(Double).passed
        result = examine(Forgot, exercise)
        assert result.mistake == "slope forgotten"
        assert "x = [1. 2.]\ndy = [3. 4.]" in result.message
        assert "The first difference is at dx[0]: yours is 3, expected 6." in result.message
        assert "in forward:  return x[5]" in examine(Broken, exercise).message
        assert "it begins with class Double:" in examine(3, exercise).message
    finally:
        EXERCISES.pop("Double", None)
