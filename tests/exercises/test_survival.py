"""A check survives whatever a student's function does, and says what it was."""

import signal
import sys
import threading
import time
import warnings

import numpy as np
import pytest

from scratchcnn.exercises import check, checking, time_limit


@pytest.fixture(params=["with signals", "without signals"])
def short_limit(request, monkeypatch):
    """A time limit that tests can wait for; also as on Windows and in a browser."""
    monkeypatch.setattr(checking, "TIME_LIMIT", 0.2)
    if request.param == "without signals":
        monkeypatch.setattr(time_limit, "signals_work", lambda: False)


def forever(x):
    while True:
        x = x + 1


def forever_in_one_line(x):
    while True: pass  # fmt: skip  # noqa: E701


def forever_catching_exceptions(x):
    while True:
        try:
            x = x + 1
        except Exception:
            x = 0


def forever_in_a_comprehension(x):
    return [0 for i in iter(int, 1)]


def forever_printing(x):
    while True:
        print("still here")


@pytest.mark.parametrize(
    "function",
    [
        forever,
        forever_in_one_line,
        forever_catching_exceptions,
        forever_in_a_comprehension,
        forever_printing,
    ],
)
def test_an_endless_loop_is_stopped_with_a_word_and_its_line(function, short_limit):
    started = time.perf_counter()
    result = check(function, "relu")
    assert time.perf_counter() - started < 2
    assert not result.passed
    assert "it ran too long" in result.message
    assert f"in {function.__name__}" in result.message or "comp>:" in result.message


def test_a_loop_that_swallows_every_exception_is_stopped_by_the_signal(monkeypatch):
    monkeypatch.setattr(checking, "TIME_LIMIT", 0.1)

    def stubborn(x):
        while True:
            try:
                while True:
                    x = x + 1
            except:  # noqa: E722
                continue

    if time_limit.signals_work():
        assert "it ran too long" in check(stubborn, "relu").message


def test_a_check_in_another_thread_has_a_time_limit_too(monkeypatch):
    monkeypatch.setattr(checking, "TIME_LIMIT", 0.2)
    results = []
    thread = threading.Thread(target=lambda: results.append(check(forever, "relu")), daemon=True)
    thread.start()
    thread.join(timeout=10)
    assert "it ran too long" in results[0].message


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no signals here")
@pytest.mark.parametrize("function", [forever, lambda x: x])
def test_after_a_check_the_clock_and_the_tracer_are_as_before(short_limit, function):
    def mine(number, frame):
        raise AssertionError("rang")

    def trace(frame, event, argument):
        return None

    handler, tracer = signal.signal(signal.SIGALRM, mine), sys.gettrace()
    sys.settrace(trace)
    try:
        check(function, "relu")
        assert sys.gettrace() is trace
        assert signal.getsignal(signal.SIGALRM) is mine
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    finally:
        sys.settrace(tracer)
        signal.signal(signal.SIGALRM, handler)


def test_a_function_that_calls_itself_without_end_is_met_calmly():
    def relu(x):
        return relu(x)

    message = check(relu).message
    assert "calls itself without end (RecursionError)" in message
    assert "in relu:  return relu(x)" in message


def test_an_exception_is_shown_at_the_students_line_and_without_a_traceback():
    def correlate(x, k):
        y = np.zeros((2, 2))
        y[5, 5] = np.sum(x)
        return y

    message = check(correlate).message
    line = correlate.__code__.co_firstlineno + 2
    assert "The function stopped with IndexError: index 5 is out of bounds" in message
    assert f"line {line}, in correlate:  y[5, 5] = np.sum(x)" in message
    assert "Traceback" not in message
    assert "scratchcnn" not in message


def test_an_exception_inside_numpy_is_shown_at_the_students_line():
    def dense(x, w, b):
        return np.stack([x, w])

    message = check(dense).message
    assert "The function stopped with ValueError: all input arrays must have the same" in message
    assert "in dense:  return np.stack([x, w])" in message


def test_an_exception_in_a_helper_is_shown_at_the_line_of_the_helper():
    def helper(x):
        raise KeyError("lost")

    def relu(x):
        return helper(x)

    assert "in helper:  raise KeyError" in check(relu).message


@pytest.mark.parametrize(
    "raised", [SystemExit(), KeyboardInterrupt(), MemoryError(), StopIteration]
)
def test_even_exceptions_that_end_programs_are_caught(raised):
    def relu(x):
        raise raised

    result = check(relu)
    assert not result.passed
    assert "in relu:  raise raised" in result.message


def test_too_few_arguments_are_explained_with_the_right_first_line():
    message = check(lambda x: x, "correlate").message
    assert "It could not be called" in message
    assert "It should begin with: def correlate(x, k):" in message


def test_what_a_function_prints_is_shown_shortly(capsys):
    def relu(x):
        for i in range(100_000):
            print("line", i)
        return np.maximum(x, 0)

    message = check(relu).message
    assert message.startswith("✓ relu is right")
    assert "It printed:\nline 0\nline 1\n" in message
    assert message.count("\n") < 15
    assert capsys.readouterr().out == message + "\n"


def test_warnings_disturb_nobody(recwarn):
    def softmax(z):
        warnings.warn("something old", DeprecationWarning, stacklevel=1)
        return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)

    before = list(warnings.filters)
    assert check(softmax).mistake == "not shifted"
    with np.errstate(all="raise"):
        assert "FloatingPointError" not in check(softmax).message
    assert len(recwarn) == 0
    assert list(warnings.filters) == before


def test_views_of_the_input_are_as_good_as_new_arrays():
    def im2col(x, size):
        view = np.lib.stride_tricks.sliding_window_view(x, (size, size))
        return view.reshape(-1, size * size)

    def relu(x):
        return x if (x >= 0).all() else np.maximum(x, 0)

    assert check(im2col).passed
    assert check(relu).passed


def test_one_array_returned_again_and_again_is_judged_as_it_was_each_time():
    store = {}

    def batch_norm(x, gamma, beta, epsilon=1e-3):
        y = store.setdefault(x.shape, np.zeros(x.shape))
        y[...] = gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon) + beta
        return y

    assert check(batch_norm).passed


def test_even_a_mistake_of_ours_ends_in_a_sentence(monkeypatch):
    def examine(function, exercise):
        raise ZeroDivisionError("by us")

    monkeypatch.setattr(checking, "examine", examine)
    message = check(lambda x: x, "relu").message
    assert message == (
        "✗ The check itself stopped with ZeroDivisionError: by us. That is our mistake."
    )
