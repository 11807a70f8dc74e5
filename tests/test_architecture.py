"""Receptive fields and multiply-adds: compared with what a network really does."""

import numpy as np
import pytest

from scratchcnn import (
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
    multiply_adds,
    receptive_fields,
)

STACKS = {
    "a convolution": ([Conv2D(2, (3, 4))], (9, 10, 2)),
    "two convolutions with padding": ([Conv2D(2, 3, padding="same"), Conv2D(1, 5)], (9, 8, 1)),
    "strides that leave a border unseen": (
        [Conv2D(2, 3, (2, 3)), Conv2D(2, 3, padding="same")],
        (12, 12, 1),
    ),
    "pooling between": (
        [Conv2D(2, 3), ReLU(), AvgPool2D(2), BatchNorm(), Conv2D(2, 2), AvgPool2D(2, 1, "same")],
        (13, 14, 1),
    ),
    "an even kernel with padding": ([Conv2D(1, 4, 2, padding="same"), Conv2D(1, 2)], (11, 10, 1)),
    "a window larger than the image": ([Conv2D(1, 7, padding="same")] * 2, (5, 4, 1)),
    "a block with a shortcut": (
        [Residual([Conv2D(2, 3, 2, padding="same"), ReLU(), Conv2D(2, 3, padding="same")])],
        (9, 8, 2),
    ),
    "a block that only shrinks": ([Residual([AvgPool2D(2)]), Conv2D(1, 2)], (8, 8, 1)),
    "scores": ([Conv2D(2, 3, 3), AvgPool2D(2), Flatten(), Dense(5)], (11, 12, 1)),
    "global pooling": ([Conv2D(3, 3, 4), GlobalAvgPool2D(), Dense(2)], (10, 12, 1)),
}


def seen_by_brute_force(layers, shape):
    """Change one pixel after the other; return which outputs notice: (H, W, *output_shape)."""
    model = Sequential(layers, shape, dtype="float64")
    rng = np.random.default_rng(0)
    image = rng.uniform(1, 2, shape)
    for name, values in model.params.items():  # positive, so that nothing cancels or is cut off
        model.params[name] = rng.uniform(0.5, 1.5, values.shape)
    changed = np.tile(image, (shape[0] * shape[1], 1, 1, 1))
    for k, (row, column) in enumerate(np.ndindex(shape[:2])):
        changed[k, row, column] += 1
    moved = np.abs(model.forward(changed) - model.forward(image[None])) > 1e-9
    return moved.reshape(*shape[:2], *model.output_shape)


@pytest.mark.parametrize("name", STACKS)
def test_every_output_sees_the_pixels_whose_change_it_notices(name):
    layers, shape = STACKS[name]
    field = receptive_fields(layers, shape)[-1]
    seen = seen_by_brute_force([repr_copy(layer) for layer in layers], shape).any(axis=-1)
    if seen.ndim == 2:  # scores: all see the same
        seen = seen[:, :, None, None]
    assert (len(field.rows), len(field.columns)) == seen.shape[2:]
    sizes = []
    for i, j in np.ndindex(seen.shape[2:]):
        rows, columns = np.nonzero(seen[:, :, i, j])
        assert field.rows[i].tolist() == [rows.min(), rows.max()]
        assert field.columns[j].tolist() == [columns.min(), columns.max()]
        sizes.append((np.ptp(rows) + 1, np.ptp(columns) + 1))
    assert field.size == tuple(np.max(sizes, axis=0))


def repr_copy(layer):
    """Return a new layer like this one: a network wants each of its layers once."""
    return eval(repr(layer))


def test_size_and_stride_follow_the_recurrence():
    layers = [Conv2D(1, 5, 2), MaxPool2D(3, 2), Conv2D(1, 3), ReLU(), Dropout(0.5), Flatten()]
    fields = receptive_fields(layers, (200, 200, 3))
    # r + (k - 1) * j: 1 + 4 * 1 = 5, 5 + 2 * 2 = 9, 9 + 2 * 4 = 17
    assert [field.size[0] for field in fields] == [5, 9, 17, 17, 17, 17]
    assert [field.stride[1] for field in fields] == [2, 4, 4, 4, 4, 4]


def test_a_dense_layer_sees_all_that_its_input_sees():
    layers = [Conv2D(1, 3, 2), Flatten(), Dense(4), Dense(2)]
    field = receptive_fields(layers, (28, 28, 1))[-1]
    assert (field.size, field.stride) == ((27, 27), (0, 0))  # the last row is never seen


def test_multiply_adds_are_the_products_of_the_loops():
    inner = [Conv2D(6, 3, 2, padding="same"), ReLU()]
    layers = [Conv2D(4, (3, 2), use_bias=False), ReLU(), BatchNorm(), Residual(inner)]
    layers += [MaxPool2D(2), Flatten(), Dense(5)]
    # OH * OW * F * KH * KW * C; the block adds a 1x1 convolution; in * out
    block = 4 * 5 * 6 * 9 * 4 + 4 * 5 * 6 * 4
    expected = [8 * 9 * 4 * 6 * 3, 0, 0, block, 0, 0, 2 * 2 * 6 * 5]
    assert multiply_adds(layers, (10, 10, 3)) == expected


def test_layers_need_not_be_built_and_stay_as_they_were():
    layers = [Conv2D(4, 3), Flatten(), Dense(10)]
    receptive_fields(layers, (28, 28, 1))
    multiply_adds(layers, (28, 28, 1))
    assert all(layer.output_shape is None for layer in layers)


def test_a_layer_that_cannot_take_its_input_is_an_error():
    for function in (receptive_fields, multiply_adds):
        with pytest.raises(ValueError, match="does not fit"):
            function([Conv2D(1, 5), Conv2D(1, 5)], (8, 8, 1))
    with pytest.raises(ValueError, match=r"input_shape is \(784,\)"):
        receptive_fields([Dense(10)], (784,))
