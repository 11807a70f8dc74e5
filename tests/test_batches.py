"""Batches and shifted batches: every image once an epoch, moved by whole pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchcnn import Batches, Dense, Flatten, Sequential, ShiftedBatches
from scratchcnn.batches import shift_images


def images(count=10, size=6):
    rng = np.random.default_rng(0)
    return rng.random((count, size, size, 1)), np.arange(count)


def test_batches_come_in_order_and_the_last_may_be_smaller():
    x, y = images(10)
    batches = Batches(x, y, batch_size=4)
    assert len(batches) == 3
    assert [labels.tolist() for _, labels in batches] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    for pixels, labels in batches:
        assert np.array_equal(pixels, x[labels])


def test_with_random_numbers_each_epoch_has_a_new_order_of_the_same_images():
    x, y = images(10)
    batches = Batches(x, y, 4, np.random.default_rng(0))
    first, second = (np.concatenate([labels for _, labels in batches]).tolist() for _ in "12")
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second


@pytest.mark.parametrize(("down", "right"), [(0, 0), (1, 0), (-1, 2), (2, -2)])
def test_an_image_moves_down_and_right_and_its_edge_is_repeated(down, right):
    x, _ = images(1)
    moved = shift_images(x, np.array([down]), np.array([right]))
    for row, column in np.ndindex(6, 6):
        source = np.clip(row - down, 0, 5), np.clip(column - right, 0, 5)
        assert moved[0, row, column] == x[0][source]


@given(pixels=st.integers(1, 3), seed=st.integers(0, 100))
def test_shifted_images_are_images_moved_by_no_more_than_allowed(pixels, seed):
    x, y = images(5)
    for batch, labels in ShiftedBatches(x, y, 2, pixels, seed):
        for image, label in zip(batch, labels, strict=True):
            shifts = np.mgrid[-pixels : pixels + 1, -pixels : pixels + 1].reshape(2, -1)
            candidates = shift_images(np.repeat(x[[label]], shifts.shape[1], axis=0), *shifts)
            assert any(np.array_equal(image, candidate) for candidate in candidates)


def test_shifts_are_new_in_each_epoch_and_the_same_for_the_same_seed():
    x, y = images(10)

    def two_epochs(seed):
        batches = ShiftedBatches(x, y, 10, pixels=2, seed=seed)
        epochs = [next(iter(batches)) for _ in range(2)]
        return [pixels[np.argsort(labels)] for pixels, labels in epochs]

    (first, second), again, other = two_epochs(3), two_epochs(3), two_epochs(4)
    assert not np.array_equal(first, second)
    assert np.array_equal(first, again[0])
    assert not np.array_equal(first, other[0])


def test_about_half_of_the_images_are_mirrored_each_as_a_whole():
    column = np.arange(6.0)[None, None, :, None]  # brighter to the right
    x, y = np.broadcast_to(column, (200, 6, 6, 1)), np.arange(200)
    for mirror, lowest, highest in (False, 0, 0), (True, 70, 130):
        batches = ShiftedBatches(x, y, 64, pixels=1, seed=0, mirror=mirror)
        pixels = np.concatenate([batch for batch, _ in batches])
        slopes = np.sign(np.diff(pixels[..., 0], axis=2)[:, :, 1:-1])  # (200, 6, 3)
        assert (slopes == slopes[:, :1, :1]).all()
        assert lowest <= (slopes[:, 0, 0] == -1).sum() <= highest


def test_shifting_leaves_the_images_as_they_were():
    x, y = images()
    before = x.copy()
    x.flags.writeable = False
    for batch, _ in ShiftedBatches(x, y, 3, pixels=2, mirror=True):
        batch[...] = 0  # what a batch holds is the caller's own copy
    assert np.array_equal(x, before)


@pytest.mark.parametrize("batches", [Batches, ShiftedBatches])
def test_a_network_trains_on_batches(batches):
    y = np.arange(10) % 2
    x = np.broadcast_to(y[:, None, None, None] - 0.5, (10, 6, 6, 1))  # black or white
    model = Sequential([Flatten(), Dense(2)], (6, 6, 1))
    history = model.fit(batches(x, y, batch_size=3), epochs=5, verbose=False).history
    assert len(history["loss"]) == 5
    assert history["loss"] == sorted(history["loss"], reverse=True)
    assert model.evaluate(x, y)[1] == 1


class OneBatch:
    """The least that `fit` takes: a length, and pairs."""

    def __init__(self, x, y):
        self.pair = x, y

    def __len__(self):
        return 1

    def __iter__(self):
        yield self.pair


def test_any_iterable_of_pairs_with_a_length_will_do():
    x, y = images(10)
    model = Sequential([Flatten(), Dense(10)], (6, 6, 1))
    assert len(model.fit(OneBatch(x, y), epochs=2, verbose=False).history["loss"]) == 2


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x, y: x, "y is missing"),
        (lambda x, y: [], "x"),
        (lambda x, y: iter([(x, y)]), "length"),
        (lambda x, y: OneBatch(x[..., 0], y), r"x\[..., None\]"),
        (lambda x, y: OneBatch(x, y + 1), r"y\[9\] is 10"),
        (lambda x, y: Batches(x, y - 1), r"y\[0\] is -1"),
    ],
)
def test_batches_that_do_not_fit_are_refused_and_nothing_changes(make, message):
    model = Sequential([Flatten(), Dense(10)], (6, 6, 1))
    before = model.get_weights()
    with pytest.raises((TypeError, ValueError), match=message):
        model.fit(make(*images(10)), verbose=False)
    assert all(np.array_equal(*pair) for pair in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x, y: Batches(x, y[:-1]), "10 images.*9 labels"),
        (lambda x, y: Batches(x, y, 0), "batch_size"),
        (lambda x, y: ShiftedBatches(x, y, pixels=0), "pixels"),
        (lambda x, y: ShiftedBatches(x, y, pixels=1.5), "pixels"),
    ],
)
def test_bad_arguments_are_refused_by_name(make, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make(*images(10))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((None, [1]), "x is None"),
        ((np.ones((3, 4, 4, 1)), None), "y is None"),
        ((np.ones((3, 4, 4, 1)), [[1, 2, 3]]), "one label for each image"),
        ((1.0, 2), "one label for each image"),
        ((np.ones((3, 4, 4, 1)), [1, 2, 3], 0), "batch_size"),
        ((np.ones((3, 4, 4, 1)), [1, 2, 3], 2, 7), "rng is 7"),
    ],
)
def test_batches_of_what_does_not_fit_are_refused(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        Batches(*arguments)


def test_only_images_can_be_shifted():
    with pytest.raises(ValueError, match=r"x has shape \(3, 4, 4\), expected images"):
        ShiftedBatches(np.ones((3, 4, 4)), [1, 2, 3])


def test_lists_will_do_as_images_and_labels():
    (_, labels), *_ = Batches([[1.0], [2.0]], [4, 5], batch_size=2)
    assert labels.tolist() == [4, 5]
