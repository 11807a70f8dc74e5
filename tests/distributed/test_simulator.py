"""The costs of many workers: counted, found again in measurements, and added up."""

import math

import numpy as np
import pytest

from scratchcnn.distributed import Costs, fitted_costs, messages, simulate
from scratchcnn.distributed.simulator import Case, communication_seconds, dask_step


def ring_all_reduce(gradients):
    """Add up gradients around a ring, as plainly as possible; return them and the numbers sent."""
    W, sent = len(gradients), 0
    parts = [list(np.array_split(gradient, W)) for gradient in gradients]
    for turn in range(2 * (W - 1)):
        moving = [(w, (w - turn) % W) for w in range(W)]
        values = [parts[w][k].copy() for w, k in moving]
        for (w, k), value in zip(moving, values, strict=True):
            neighbor = (w + 1) % W
            parts[neighbor][k] = value if turn >= W - 1 else parts[neighbor][k] + value
            sent += value.size
    return [np.concatenate(part) for part in parts], sent


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 8])
def test_a_ring_sends_as_much_as_is_counted_and_everybody_has_the_sum(workers):
    gradients = [np.random.default_rng(w).integers(0, 9, 48) for w in range(workers)]
    results, sent = ring_all_reduce(gradients)
    for result in results:
        np.testing.assert_array_equal(result, sum(gradients))
    assert messages("ring", workers, 48).total == sent


def test_a_server_is_busier_with_every_worker_and_a_worker_of_a_ring_is_not():
    assert messages("server", 4, 100).busiest == 800
    assert messages("server", 1000, 100).busiest == 200_000
    assert messages("ring", 1000, 100).busiest < 400
    assert messages("tree", 1000, 100).rounds == 20
    assert messages("ring", 1000, 100).rounds == 1998


def test_nobody_communicates_alone():
    for how in ("tree", "ring"):
        assert messages(how, 1, 100) == (0, 0, 0)


def test_another_way_is_refused_with_the_names_of_those_there_are():
    with pytest.raises(ValueError, match="'star', expected one of server, tree, ring"):
        messages("star", 4, 100)


def cases(costs):
    grid = [(w, b, s, n) for w in (1, 2, 4) for b in (32, 256) for s in (4, 8) for n in (1e4, 1e6)]
    return [Case(*each, seconds=dask_step(costs, Case(*each, 0.0), cores=2)) for each in grid]


def test_costs_are_found_again_in_the_times_that_they_cause():
    costs = Costs(per_step=0.004, per_image=2e-4, per_message=5e-4, per_byte=2e-9)
    found = fitted_costs(cases(costs), cores=2)
    for name in ("per_step", "per_image", "per_message", "per_byte"):
        assert getattr(found, name) == pytest.approx(getattr(costs, name), rel=1e-6)


def test_a_cost_that_noise_would_make_negative_is_zero():
    measured = cases(Costs(per_step=0.01, per_image=2e-4))
    noisy = [case._replace(seconds=case.seconds * (1 - case.nbytes / 1e7)) for case in measured]
    found = fitted_costs(noisy, cores=2)
    assert min(found.per_step, found.per_image, found.per_message, found.per_byte) >= 0


def test_what_all_cases_share_is_counted_with_the_step():
    costs = Costs(per_step=0.004, per_image=2e-4, per_message=5e-4)
    same = [case for case in cases(costs) if case.shards == 4 and case.nbytes == 1e4]
    found = fitted_costs(same, cores=2)
    assert found.per_step == pytest.approx(0.004 + 8 * 5e-4)
    assert found.per_message == found.per_byte == 0


@pytest.mark.parametrize("cores", [2, math.inf])
def test_no_more_workers_compute_than_there_are_cores(cores):
    costs = Costs(per_image=1.0)
    two, four = (dask_step(costs, Case(w, 100, 4, 0, 0.0), cores) for w in (2, 4))
    assert two == 50
    assert four == (50 if cores == 2 else 25)


def test_a_fixed_batch_follows_amdahl_and_a_growing_one_gustafson():
    costs = Costs(per_step=0.1, per_image=0.009)
    alone = simulate(costs, 1, 100, 0).seconds  # 0.1 and 0.9 seconds
    assert alone / simulate(costs, 10, 100, 0).seconds == pytest.approx(1 / (0.1 + 0.9 / 10))
    rate = 1000 / simulate(costs, 10, 1000, 0).seconds
    assert rate / (100 / alone) == pytest.approx(10)
    assert simulate(costs, 7, 100, 0).computing == pytest.approx(15 * 0.009)  # no half images


def test_all_wait_for_the_slowest_and_more_workers_wait_longer():
    costs = Costs(per_image=0.001, spread=0.2)
    waiting = [simulate(costs, workers, 32 * workers, 0).waiting for workers in (1, 10, 1000)]
    assert abs(waiting[0]) < 0.1 * 0.032
    assert 0.1 * 0.032 < waiting[1] < waiting[2]


def test_local_steps_share_one_message_and_even_out_who_is_slow():
    costs = Costs(per_image=0.001, per_message=0.01, spread=0.2)
    each, tenth = (simulate(costs, 50, 1600, 1e6, "ring", local_steps=k) for k in (1, 10))
    assert tenth.communicating == pytest.approx(each.communicating / 10)
    assert tenth.waiting < each.waiting / 2


def test_compression_saves_bytes_but_no_latency():
    costs = Costs(per_message=0.001, per_byte=1e-6)
    plain, packed = (simulate(costs, 4, 64, 1e6, "server", compression=c) for c in (1, 100))
    assert plain.communicating == pytest.approx(8 * 1.001)
    assert packed.communicating == pytest.approx(8 * 0.011)


def test_a_small_gradient_suits_a_tree_and_a_large_one_a_ring():
    costs = Costs(per_message=1e-4, per_byte=1e-9)
    small, large = (
        {how: communication_seconds(how, 64, size, costs) for how in ("server", "tree", "ring")}
        for size in (1e3, 1e9)
    )
    assert min(small, key=small.get) == "tree"
    assert min(large, key=large.get) == "ring"
