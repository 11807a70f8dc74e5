"""The stacks of lesson 10: what they are made of, and which of them can be trained."""

from pathlib import Path

import numpy as np
import pytest

from scratchcnn import BatchNorm, Conv2D, Residual, experiments, make_shapes
from scratchcnn.experiments import stacks

STORED = Path(__file__).parent.parent.parent / "notebooks" / "results"
# Without shortcuts and without batch norm, and with both.
PLAIN, BOTH = ("plain, Glorot", "plain, He"), "both"


def inside(model):
    """Return all layers of a network, those within shortcuts too."""
    for layer in model.layers:
        yield from layer.sublayers if isinstance(layer, Residual) else [layer]


@pytest.mark.parametrize("case", experiments.STACKS)
@pytest.mark.parametrize("depth", experiments.DEPTHS)
def test_a_stack_has_as_many_convolutions_as_it_says(case, depth):
    model = experiments.stack(depth, **experiments.STACKS[case])
    convolutions = [layer for layer in inside(model) if isinstance(layer, Conv2D)]
    norms = [layer for layer in inside(model) if isinstance(layer, BatchNorm)]
    shortcuts = [layer for layer in model.layers if isinstance(layer, Residual)]
    assert len(convolutions) == depth
    assert len(norms) == (depth if case in ("batch norm", BOTH) else 0)
    assert len(shortcuts) == (depth // 2 - 1 if case in ("shortcuts", BOTH) else 0)
    assert {layer.output_shape for layer in convolutions[1:]} == {(8, 8, 16)}
    drawn = {layer.kernel_initializer for layer in convolutions}
    assert drawn == {"glorot_uniform" if "Glorot" in case else "he_normal"}


@pytest.mark.parametrize("case", ["shortcuts", "batch norm", BOTH])
def test_what_a_stack_has_in_addition_does_not_change_its_kernels(case):
    plain, other = (experiments.stack(4, **experiments.STACKS[c]) for c in ("plain, He", case))
    kernels = [
        [layer.params["kernel"] for layer in inside(model) if isinstance(layer, Conv2D)]
        for model in (plain, other)
    ]
    assert all(np.array_equal(a, b) for a, b in zip(*kernels, strict=True))


def test_a_shape_stands_out_from_its_background():
    x, t = experiments.gray_shapes(50, 3)
    _, labels, boxes = make_shapes(50, 3)
    assert np.array_equal(t, labels)
    assert x.shape == (50, 32, 32, 1)
    assert x.dtype == np.float32
    for image, (row, column, height, width) in zip(x[..., 0], boxes, strict=True):
        outside = image.copy()
        outside[row : row + height, column : column + width] = -1
        assert outside.max() < image[row : row + height, column : column + width].max() - 1


def test_pixels_have_mean_0_and_standard_deviation_1():
    x, _ = experiments.gray_shapes(1000, 4)
    assert abs(x.mean()) < 0.05
    assert abs(x.std() - 1) < 0.05


def test_no_shape_is_both_trained_on_and_validated_on(monkeypatch):
    seen = []
    monkeypatch.setattr(
        stacks,
        "train",
        lambda model, batches, validation, *_: seen.append((batches.x, *validation)),
    )
    experiments.deep_stacks(BOTH, 4, 0.1, 0)
    ((training, validation, labels),) = seen
    assert (len(training), len(validation), len(labels)) == (1500, 500, 500)
    images = {image.tobytes() for image in training}
    assert not images & {image.tobytes() for image in validation}


def stored_accuracies(case):
    runs = experiments.stored("deep_stacks", STORED)
    return {
        run["seed"]: run["val_accuracy"]
        for run in runs
        if (run["case"], run["depth"]) == (case, 16)
    }


def test_16_convolutions_with_both_read_shapes_that_16_plain_ones_cannot_read():
    """The same budget, each with its own best learning rate, three seeds."""
    both = stored_accuracies(BOTH)
    assert sorted(both) == [0, 1, 2]
    assert min(both.values()) >= 0.95
    assert set(stored_accuracies("plain, Glorot").values()) == {0.25}  # four classes: guessing
    assert max(stored_accuracies("plain, He").values()) < 0.7


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_16_convolutions_again(seed):
    runs = [
        run
        for run in experiments.stored("deep_stacks", STORED)
        if (run["depth"], run["seed"]) == (16, seed) and run["case"] in (*PLAIN, BOTH)
    ]
    again = {run["case"]: experiments.repeat("deep_stacks", run)["val_accuracy"] for run in runs}
    assert again[BOTH] >= 0.95
    assert again["plain, Glorot"] < 0.35
    assert again["plain, He"] < 0.75
