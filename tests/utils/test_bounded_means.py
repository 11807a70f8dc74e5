"""Means of a growing series stay few, and each stands for equally many values."""

import numpy as np
import pytest

from scratchcnn._utils.bounded_means import BoundedMeans


def test_a_short_series_keeps_every_value():
    means = BoundedMeans(10)
    for value in (3.0, 1.0, 2.0):
        means.append(value)
    positions, values = means.points
    assert positions.tolist() == [1, 2, 3]
    assert values.tolist() == [3, 1, 2]


def test_an_empty_series_has_no_points():
    positions, values = BoundedMeans(10).points
    assert len(positions) == len(values) == 0


@pytest.mark.parametrize("first", [1, 3])
def test_a_long_series_keeps_means_of_equally_many_values(first):
    means, values = BoundedMeans(8, first), np.random.default_rng(0).random(first * 100)
    for value in values:
        means.append(value)
        assert len(means.points[1]) <= 8
    positions, kept = means.points
    whole = len(kept) * means.values_per_mean
    assert whole > len(values) - means.values_per_mean  # only the unfinished mean is missing
    shape = (-1, means.values_per_mean)
    assert kept == pytest.approx(values[:whole].reshape(shape).mean(axis=1))
    assert positions == pytest.approx((1 + np.arange(whole)).reshape(shape).mean(axis=1))
    assert means.count == len(values)
