"""Learning-rate schedules: their values, and that optimizers follow them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchcnn import SGD, Adam
from scratchcnn.schedules import cosine_decay, step_decay


def test_step_decay_multiplies_after_every_so_many_updates():
    schedule = step_decay(0.8, every=10, factor=0.5)
    assert [schedule(n) for n in (0, 9, 10, 19, 20, 35)] == [0.8, 0.8, 0.4, 0.4, 0.2, 0.1]


def test_step_decay_halves_unless_told_otherwise():
    assert step_decay(1.0, every=3)(3) == 0.5


def test_cosine_decay_falls_from_first_to_last_along_half_a_cosine():
    schedule = cosine_decay(0.1, updates=100, final=0.02)
    values = [schedule(n) for n in (0, 25, 50, 75, 100)]
    quarter = (1 + np.sqrt(0.5)) / 2
    expected = [0.1, 0.02 + 0.08 * quarter, 0.06, 0.02 + 0.08 * (1 - quarter), 0.02]
    assert values == pytest.approx(expected)


def test_cosine_decay_stays_at_its_end():
    schedule = cosine_decay(0.1, updates=10)
    assert schedule(10) == schedule(11) == schedule(1000) == pytest.approx(0)


@given(updates=st.integers(1, 1000), initial=st.floats(1e-6, 10))
def test_schedules_never_rise(updates, initial):
    for schedule in (cosine_decay(initial, updates), step_decay(initial, every=updates)):
        values = [schedule(n) for n in range(0, 3 * updates, max(1, updates // 7))]
        assert values == sorted(values, reverse=True)
        assert values[0] == pytest.approx(initial)


@pytest.mark.parametrize("optimizer", [SGD, Adam])
def test_an_optimizer_follows_its_schedule_update_by_update(optimizer):
    rule = optimizer(step_decay(1.0, every=2))
    params, grads = {"w": np.zeros(3)}, {"w": np.ones(3)}
    rates = []
    for _ in range(5):
        rates.append(rule.current_learning_rate)
        rule.update(params, grads)
    assert rates == [1, 1, 0.5, 0.5, 0.25]


def test_an_update_is_as_large_as_the_schedule_says():
    rule, params = SGD(cosine_decay(1.0, updates=2)), {"w": np.zeros(1)}
    walked = []
    for _ in range(4):
        rule.update(params, {"w": np.array([-1.0])})
        walked.append(params["w"].item())
    assert walked == pytest.approx([1, 1.5, 1.5, 1.5])


def test_a_schedule_does_not_turn_single_precision_into_double():
    params = {"w": np.ones(3, "float32")}
    SGD(lambda n: np.float64(0.1)).update(params, {"w": np.ones(3, "float32")})
    assert params["w"].dtype == "float32"


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: step_decay(0.1, every=0), "every"),
        (lambda: step_decay(-0.1, every=5), "initial"),
        (lambda: cosine_decay(0.1, updates=0), "updates"),
        (lambda: cosine_decay(float("nan"), updates=5), "initial"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_by_the_arguments_name(make, name):
    with pytest.raises((TypeError, ValueError), match=name):
        make()


@pytest.mark.parametrize("rate", [float("nan"), float("inf"), -0.1])
def test_a_learning_rate_that_is_none_is_refused_before_anything_changes(rate):
    params = {"w": np.ones(3)}
    with pytest.raises(ValueError, match="learning_rate"):
        SGD(lambda n: rate).update(params, {"w": np.ones(3)})
    assert (params["w"] == 1).all()
