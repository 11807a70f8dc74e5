"""Every figure says what it shows, follows its data, fits the page, and can be drawn."""

from functools import cache

import matplotlib as mpl
import numpy as np
import pytest

from scratchcnn import plots
from scratchcnn.losses import softmax

TOOLS = {"described", "new_figure", "show", "to_png"}


def ties(x):
    counts = np.ceil(4 * x[0, :3, :3]).astype(int)
    return plots.tie_counts(x[0], counts, x[0, 0, :4] / x[0, 0, :4].sum(), "many digits")


def views(x):
    base = np.round(9 * x[0, :3, :4])
    return plots.memory_views(base, {"a": base, "turned": base.T})


# Of random numbers (40, 28, 28) between 0 and 1, a figure by each function.
EXAMPLES = {
    "ablation": lambda x: plots.ablation({"a": x[0, 0]}, {"a": x[0, 1]}, x[0, 2], x[0, 3]),
    "accuracies": lambda x: plots.accuracies({"a": x[0, 0], "b": x[0, 1]}),
    "accuracy_by_shift": lambda x: plots.accuracy_by_shift({"a": x[0, 0, :3]}, [0, 1, 2]),
    "accuracy_grid": lambda x: plots.accuracy_grid(x[0, :2, :3], [0.1, 1, 10], [1, 32]),
    "changes_under_shift": lambda x: plots.changes_under_shift({"a": x[0, 0], "b": x[0, 1]}),
    "channel_sums": lambda x: plots.channel_sums(x[0, :3, :6].reshape(3, 3, 2), x[:3, :3, :2], 1),
    "class_bars": lambda x: plots.class_bars([x[0, 0, :3], x[0, 1, :3]], ["a", "b"], label=1),
    "clipped_loss": lambda x: plots.clipped_loss(
        np.arange(28.0), {"a": x[0, 0], "b": x[0, 1]}, {"a": x[0, 2], "b": x[0, 3]}
    ),
    "color_channels": lambda x: plots.color_channels(x[:3].T),
    "color_kernels": lambda x: plots.color_kernels(x[:3, :3, :15].reshape(3, 3, 3, 5) - 0.5),
    "confusion_matrix": lambda x: plots.confusion_matrix((9 * x[0, :4, :4]).astype(int)),
    "depth_accuracies": lambda x: plots.depth_accuracies(
        {"a": {4: x[0, 0, :3], 8: x[0, 1, :3]}, "b": {4: x[0, 2, :3], 8: x[0, 3, :3]}}, 0.25
    ),
    "epoch_curves": lambda x: plots.epoch_curves({"loss": x[0, 0], "accuracy": x[0, 1]}),
    "forward_pass": lambda x: plots.forward_pass(
        x[0], x[1:9].T, x[1:9, :13, :13].T, softmax(x[0, 0, :10]), 3
    ),
    "gradient_norms": lambda x: plots.gradient_norms({"a": x[0, 0], "b": x[0, 1]}, window=5),
    "image_and_maps": lambda x: plots.image_and_maps(x[0], [x[1] - 0.5, x[2]], ["a", "b", "c"]),
    "image_part": lambda x: plots.image_part(x[0], 2, 3, 4, 5),
    "images": lambda x: plots.images(x[:3] - 0.5, ["a", "b", "c"], signed=True, colorbar=True),
    "initial_losses": lambda x: plots.initial_losses(x[0, 0], guess=2.3),
    "kernels": lambda x: plots.kernels([x[:3, :3, None, :4], x[3:6, :3, None, :4]], ["a", "b"]),
    "kernels_and_maps": lambda x: plots.kernels_and_maps(
        x[0], {"a": x[1, :3, :3]}, {"a": x[2] - 0.5}
    ),
    "layer_maps": lambda x: plots.layer_maps({"a": x[0]}, {"b": [x[1] - 0.5]}),
    "layer_curves": lambda x: plots.layer_curves({"one": {"a": x[0, 0]}, "two": {"a": x[0, 1]}}),
    "learned_kernels": lambda x: plots.learned_kernels([x[0, :3, :3]], ["a"], x[0, 0]),
    "learning_rate_curves": lambda x: plots.learning_rate_curves({0.1: x[0, 0] + 0.2}, window=5),
    "learning_rate_schedules": lambda x: plots.learning_rate_schedules(
        {"a": x[0, 0]}, {"a": x[0, :, :2]}, (1, 25)
    ),
    "log_curves": lambda x: plots.log_curves(
        range(1, 29), {"a": x[0, 0]}, "size", "seconds", marks={"here": 3}
    ),
    "loss_curve": lambda x: plots.loss_curve(x[0, 0]),
    "loss_pair": lambda x: plots.loss_pair({"a": x[0, 0], "b": x[0, 1]}, window=5),
    "matrices": lambda x: plots.matrices([x[0, :3, :3]], ["a"], digits=2),
    "maps_over_pictures": lambda x: plots.maps_over_pictures(
        x[:3], {"a": x[3:6, :8, :8], "b": x[6:9]}, ["c", "d", "e"], [(1, 2, 3, 4)] * 3
    ),
    "memory_phases": lambda x: plots.memory_phases(np.round(9 * x[0, :4, :4])),
    "memory_views": views,
    "mistakes": lambda x: plots.mistakes(x[:7], range(7), x[:7, 0, :10]),
    "normalization_steps": lambda x: plots.normalization_steps(
        {"a": x[0, 0, :4], "b": [1, 1, 2, 3]}
    ),
    "optimizer_paths": lambda x: plots.optimizer_paths({"a": x[0, :, :2] - 0.5}, (1, 25)),
    "outputs_fed_by_pixels": lambda x: plots.outputs_fed_by_pixels(
        (5, 5), (3, 3), [(round(4 * x[0, 0, 0]), round(4 * x[0, 0, 1]))]
    ),
    "pictures": lambda x: plots.pictures([x[:3].T, x[3:6].T], ["a", "b"]),
    "pooled_windows": lambda x: plots.pooled_windows(np.round(9 * x[0, :5, :5])),
    "probability_triangle": lambda x: plots.probability_triangle(x[0, 0, :3], label=1),
    "rate_bars": lambda x: plots.rate_bars({"a": x[0, 0, 0]}, {"limit": 2}, "GB/s"),
    "receptive_field_pyramid": lambda x: plots.receptive_field_pyramid(
        [("conv", 2 + round(9 * x[0, 0, 0]), 1), ("pool", 2, 2)]
    ),
    "roofline": lambda x: plots.roofline({"a": (x[0, 0, 0], 1)}, 2, {"cache": 3}),
    "run_differences": lambda x: plots.run_differences(
        {"a": x[0, 0], "b": x[0, 1]}, {"a": x[0, 2], "b": x[0, 3]}, 1e-4, 1e-5
    ),
    "saliency": lambda x: plots.saliency(x[:2], x[2:4] - 0.5, ["a", "b"], x[4], "c"),
    "sliding_window": lambda x: plots.sliding_window(
        x[0, :5, :5], x[1, :3, :3], (3, 3), [(0, 0), (1, 2)]
    ),
    "softmax_overflow": lambda x: plots.softmax_overflow(1000 * x[0, :3, :3]),
    "softmax_temperatures": lambda x: plots.softmax_temperatures(5 * x[0, 0, :3], [0.5, 1]),
    "speedup_curves": lambda x: plots.speedup_curves([1, 2], {"a": x[0, 0, :2]}, {"a": {2: 1.5}}),
    "surprise_curve": lambda x: plots.surprise_curve(x[0, 0, :2]),
    "tie_counts": ties,
    "time_bars": lambda x: plots.time_bars({"one": {"a": x[0, 0, 0], "b": x[0, 0, 1]}}, ["b"]),
    "update_curves": lambda x: plots.update_curves(x[0, 0], x[0, 1], epoch=10, window=5),
    "window_centers": lambda x: plots.window_centers(5 + round(9 * x[0, 0, 0]), 3, [(2, "same")]),
    "window_product": lambda x: plots.window_product(x[0, :5, :5], x[1, :3, :3], (1, 2), border=1),
    "window_counts": lambda x: plots.window_counts([(5 + round(9 * x[0, 0, 0]), 3, 1, 0)]),
    "window_matrix": lambda x: plots.window_matrix(
        np.round(9 * x[0, :4, :4]), np.eye(2), [(0, 0), (1, 1)]
    ),
}


@cache
def example(name, seed):
    """Return the figure of one function and one set of data."""
    x = np.random.default_rng(seed).random((40, 28, 28))
    x[0, 0, :2] = (0.1, 0.9)[seed]  # clearly apart where two numbers decide
    return EXAMPLES[name](x)


def test_there_is_an_example_of_every_figure():
    assert set(EXAMPLES) == set(dir(plots)) - TOOLS


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_figure_has_alternative_text_that_follows_the_data(name):
    first, second = example(name, 0).alt, example(name, 1).alt
    assert len(first.split()) >= 8
    assert first.endswith(".")
    assert first != second


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_figure_fits_the_page_and_becomes_a_picture(name):
    assert example(name, 0).get_figwidth() <= 9.8
    assert plots.to_png(example(name, 0), 40).startswith(b"\x89PNG")


@pytest.mark.slow
def test_no_figure_leaves_traces_in_the_readers_settings():
    before = dict(mpl.rcParams)
    for draw in EXAMPLES.values():
        draw(np.random.default_rng(2).random((40, 28, 28)))
    assert dict(mpl.rcParams) == before
