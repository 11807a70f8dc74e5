"""What the figures of notebook 04 compute, and what they draw and write."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from numpy.testing import assert_allclose, assert_array_equal

from scratchcnn.plots import network, to_png, training
from scratchcnn.plots.style import BLUE, ORANGE


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def lines(axis):
    """Return the lines of an axis as {label: (x, y)}."""
    return {line.get_label(): line.get_data() for line in axis.lines}


def texts(axis):
    return [text.get_text() for text in axis.texts]


def limits(axis):
    """Return the values of the darkest and of the brightest color."""
    return axis.images[0].get_clim()


def test_a_moving_mean_by_hand():
    assert_allclose(training.moving_mean([2, 4, 6, 8], 2), [2, 3, 5, 7])


def test_a_moving_mean_is_the_mean_of_the_last_values_or_of_what_there_is(rng):
    values = rng.random(50)
    means = training.moving_mean(values, 7)
    expected = [values[max(0, t - 6) : t + 1].mean() for t in range(50)]
    assert_allclose(means, expected)
    assert_allclose(training.moving_mean(values, 1), values)
    assert_allclose(training.moving_mean(values, 1000)[-1], values.mean())


def test_a_moving_mean_of_small_numbers_is_not_lost_behind_large_float32_sums():
    values = np.full(100_000, 0.1, np.float32)
    assert_allclose(training.moving_mean(values, 10), np.float64(np.float32(0.1)), rtol=1e-9)


def test_the_loss_of_every_update_is_drawn_from_update_1():
    (axis,) = training.loss_curve(np.array([2.0, 1.0, 0.5])).axes
    assert_array_equal(axis.lines[0].get_xdata(), [1, 2, 3])
    assert_array_equal(axis.lines[0].get_ydata(), [2, 1, 0.5])
    assert axis.get_yscale() == "log"


def test_step_curves_show_every_loss_and_only_full_windows_of_accuracy(rng):
    losses, right = rng.random(40) + 0.1, rng.integers(0, 2, 40)
    top, bottom = training.step_curves(losses, right, epoch=10, window=5).axes
    assert_array_equal(lines(top)["one update"][1], losses)
    assert_allclose(lines(top)["mean of the last 5"][1], training.moving_mean(losses, 5))
    x, y = lines(bottom)["mean of the last 5"]
    assert_array_equal(x, np.arange(5, 41))
    assert_allclose(y[0], right[:5].mean())
    marks = [line.get_xdata()[0] for line in bottom.lines if line.get_linestyle() == ":"]
    assert marks == [10, 20, 30]
    assert [tick.get_text() for tick in bottom.get_xticklabels()] == ["0", "10", "20", "30", "40"]


def test_epoch_curves_keep_training_and_validation_apart():
    history = {
        "loss": [2, 1],
        "accuracy": [0.3, 0.6],
        "val_loss": [3, 2],
        "val_accuracy": [0.2, 0.5],
    }
    loss, accuracy = training.epoch_curves(history).axes
    for axis, name in ((loss, "loss"), (accuracy, "accuracy")):
        assert_array_equal(lines(axis)["training images"], [[1, 2], history[name]])
        assert_array_equal(lines(axis)["validation images"], [[1, 2], history["val_" + name]])
    assert loss.lines[0].get_color() == BLUE
    assert loss.lines[1].get_color() == ORANGE


@pytest.mark.parametrize("epochs", [1, 5, 30])
def test_epoch_curves_without_validation_have_one_line_and_whole_epochs_below(epochs):
    history = {"loss": np.linspace(2, 1, epochs), "accuracy": np.linspace(0, 1, epochs)}
    figure = training.epoch_curves(history)
    to_png(figure)  # places the ticks
    for axis in figure.axes:
        assert len(axis.lines) == 1
        low, high = axis.get_xlim()
        ticks = [tick for tick in axis.get_xticks() if low <= tick <= high]
        assert ticks
        assert all(tick == round(tick) for tick in ticks)


def test_learning_rates_that_diverge_are_marked_where_they_leave_the_figure():
    curves = {0.01: np.full(100, 1.0), 1.0: np.array([2.0, 2.0, 500.0, np.float32(1e30)])}
    (axis,) = training.rate_curves(curves, window=2, top=20).axes
    assert texts(axis) == ["1 diverges", "0.01"]
    x, y = axis.lines[1].get_data()
    assert_array_equal(x, [1, 2, 3])
    assert_array_equal(y, [2, 2, 20])
    cross = axis.lines[2]
    assert (cross.get_marker(), cross.get_xdata()[-1], cross.get_ydata()[-1]) == ("x", 3, 20)


def test_a_rate_that_ends_early_without_leaving_the_figure_is_marked_too():
    curves = {0.01: np.full(10, 1.0), 1.0: np.array([2.0, 2.0])}
    (axis,) = training.rate_curves(curves, window=2).axes
    assert texts(axis) == ["1 diverges", "0.01"]


def test_labels_of_learning_rates_do_not_lie_upon_each_other():
    curves = {rate: np.full(10, 1.0) for rate in (0.001, 0.01, 0.1)}
    (axis,) = training.rate_curves(curves, window=2).axes
    heights = [text.xy[1] for text in axis.texts]
    assert_allclose(np.divide(heights[:-1], heights[1:]), 1.25)


def test_labels_of_learning_rates_stand_in_the_order_of_the_lines_ends():
    ends = {0.001: 2.0, 0.01: 0.5, 0.1: 0.51}
    curves = {rate: np.full(10, end) for rate, end in ends.items()}
    (axis,) = training.rate_curves(curves, window=2).axes
    assert texts(axis) == ["0.001", "0.1", "0.01"]
    squares = [line for line in axis.lines if line.get_marker() == "s"]
    drawn = dict(zip(curves, axis.lines, strict=False))
    for square, rate in zip(squares, (0.001, 0.1, 0.01), strict=True):
        assert_array_equal(square.get_color(), drawn[rate].get_color())


def test_the_sweep_says_diverged_where_there_is_no_accuracy():
    accuracies = np.array([[0.5, np.nan], [0.124, 0.999]])
    (axis,) = training.sweep_matrix(accuracies, [0.01, 1.0], [1, 10]).axes
    assert texts(axis) == ["50%", "diverged", "12%", "100%"]
    assert [tick.get_text() for tick in axis.get_xticklabels()] == ["0.01", "1"]
    assert [tick.get_text() for tick in axis.get_yticklabels()] == ["1", "10"]
    assert limits(axis) == (0, 1)


def test_norms_share_one_axis_and_show_mean_and_median():
    norms = {"kernel": np.array([1.0, 1.0, 1.0, 9.0]), "bias": np.array([0.5, 0.5, 0.5, 0.5])}
    left, right = training.norm_curves(norms, window=4).axes
    assert_array_equal(lines(left)["mean"], [[4], [3]])
    assert_array_equal(lines(left)["median"], [[4], [1]])
    assert left.get_ylim() == right.get_ylim()
    assert left.get_ylim()[1] > 9
    assert [left.get_title(), right.get_title()] == ["kernel", "bias"]


def test_a_mosaic_keeps_every_map_and_leaves_gaps(rng):
    maps = rng.random((3, 4, 6))
    board = network.mosaic(maps, columns=4, gap=2)
    assert board.shape == (3 + 2 + 3, 4 * 4 + 3 * 2)
    assert_array_equal(board[:3, :4], maps[..., 0])
    assert_array_equal(board[:3, 18:], maps[..., 3])
    assert_array_equal(board[5:, 6:10], maps[..., 5])
    assert np.isnan(board[3:5]).all()
    assert np.isfinite(board).sum() == maps.size


def test_the_network_is_drawn_on_one_signed_scale_for_maps_and_pooled_maps(rng):
    maps, pooled = rng.standard_normal((26, 26, 8)), rng.standard_normal((13, 13, 8))
    maps[3, 3, 3] = -9
    figure = network.network_panels(
        rng.random((28, 28)), maps, pooled, np.full(10, 0.1), ["a", "b"]
    )
    image, left, middle, bars = figure.axes
    assert limits(left) == limits(middle) == (-9, 9)
    titles = [axis.get_title() for axis in figure.axes]
    shapes = ["28 × 28 × 1", "26 × 26 × 8", "13 × 13 × 8", "10"]
    assert [title.split("\n")[1] for title in titles] == shapes
    assert [bar.get_width() for bar in bars.patches] == [0.1] * 10
    assert texts(image) == ["a"]
    assert texts(left) == ["b"]


def test_kernels_of_all_moments_share_one_scale_symmetric_about_zero(rng):
    kernels = [rng.standard_normal((3, 3, 1, 2)), np.zeros((3, 3, 1, 2))]
    kernels[0][1, 2, 0, 1] = -7
    axis, bar = network.kernel_rows(kernels, ["before", "after"], "Weight").axes
    drawn = {(*picture.get_extent()[::3],): picture for picture in axis.images}  # (left, top)
    assert sorted(drawn) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    for (f, row), picture in drawn.items():
        assert picture.get_clim() == (-7, 7)
        assert_array_equal(picture.get_array(), kernels[row][:, :, 0, f])
    assert [text.get_text() for text in axis.get_xticklabels()] == ["kernel 0", "kernel 1"]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["before", "after"]
    assert bar.get_ylabel() == "Weight"


def test_saliency_is_on_one_scale_for_both_images_and_enlarged_on_its_own(rng):
    images = rng.random((2, 28, 28))
    weak, strong = rng.uniform(-1, 1, (2, 28, 28))
    weak[5, 5], strong[5, 5] = -2, 8
    figure = network.saliency_panels(images, [weak, strong], ["7", "3"], images[1], "after")
    panels = [axis for axis in figure.axes if axis.images and axis.get_title()]
    scales = {axis.get_title(): limits(axis) for axis in panels}
    first, second = (axis for axis in panels if axis.get_title() == "dL/dx")
    assert limits(first) == limits(second) == (-8, 8)
    assert scales["the same, colors 4 times stronger"] == (-2, 2)
    # The changed image is as bright as the one that it came from.
    assert scales["after"] == (images[1].min(), images[1].max())


def test_the_confusion_matrix_writes_counts_and_colors_shares_of_the_row():
    confusion = np.array([[8, 2, 0], [0, 100, 0], [0, 0, 0]])
    axis = network.confusion_matrix(confusion).axes[0]
    written = {text.get_position(): text.get_text() for text in axis.texts}
    assert written == {(0, 0): "8", (1, 0): "2", (1, 1): "100"}  # (predicted, right)
    shares = axis.images[0].get_array() ** 2
    assert_allclose(shares, [[0.8, 0.2, 0], [0, 1, 0], [0, 0, 0]], atol=1e-12)


def test_mistakes_name_the_right_class_the_predicted_one_and_its_probability(rng):
    p = np.full((3, 10), 0.01)
    p[0, 2] = p[1, 9] = p[2, 1] = 0.91
    axes = network.mistake_panels(rng.random((3, 28, 28)), [3, 5, 7], p, columns=2).axes
    titles = [axis.get_title() for axis in axes]
    assert titles[:3] == [f"a {a}, called {b}\n91.0% sure" for a, b in ((3, 2), (5, 9), (7, 1))]
    assert [len(axis.images) for axis in axes] == [1, 1, 1, 0]


def test_shades_run_from_dark_to_light():
    shades = [int(to_hex(shade)[1:3], 16) for shade in training._shades(5)]
    assert shades == sorted(shades)
    assert len(set(shades)) == 5


@pytest.mark.parametrize(
    "figure",
    [
        lambda x: training.loss_curve(x[:, 0, 0]),
        lambda x: training.step_curves(x[:, 0, 0], x[:, 0, 1], epoch=10, window=5),
        lambda x: training.rate_curves({0.1: x[:, 0, 0], 0.2: x[:, 0, 1]}, window=5),
        lambda x: training.norm_curves({"a": x[:, 0, 0], "b": x[:, 0, 1]}, window=5),
        lambda x: network.saliency_panels(x[:2], x[2:4] - 0.5, ["a", "b"], x[4], "c"),
        lambda x: network.mistake_panels(x[:7], range(7), x[:7, 0, :10]),
    ],
)
def test_every_figure_becomes_a_picture(figure, rng):
    assert to_png(figure(rng.random((40, 28, 28)) + 0.1), 40).startswith(b"\x89PNG")
