"""make_shapes: everything that it says about a picture can be seen in the picture."""

import numpy as np
import pytest

from scratchcnn import SHAPE_CLASSES, make_shapes
from scratchcnn.data.shapes import NOISE


def boxes_as_masks(boxes):
    """Return bool (n, 32, 32): the pixels inside each box."""
    at = np.arange(32)
    row, column, height, width = boxes.T[:, :, None]
    rows = (at >= row) & (at < row + height)
    columns = (at >= column) & (at < column + width)
    return rows[:, :, None] & columns[:, None, :]


def visible(images):
    """Return bool (n, 32, 32): pixels further from the background than noise can make them.

    The corner that is kept free of shapes shows the background.
    """
    corner = images[:, :5, :5].reshape(len(images), 25, 3).astype(int)
    background = np.median(corner, axis=1)[:, None, None]
    return (np.abs(images - background) > 2 * NOISE + 1).any(axis=3)


def test_arrays_have_the_promised_form():
    images, labels, boxes = make_shapes(10, 0)
    assert (images.shape, images.dtype) == ((10, 32, 32, 3), np.uint8)
    assert (labels.shape, labels.dtype) == ((10,), np.intp)
    assert (boxes.shape, boxes.dtype) == ((10, 4), np.intp)


def test_a_box_is_exactly_the_bounding_box_of_the_shapes_pixels():
    images, _, boxes = make_shapes(500, 1)
    masks = visible(images)
    for mask, box in zip(masks, boxes, strict=True):
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        assert box.tolist() == [rows[0], columns[0], np.ptp(rows) + 1, np.ptp(columns) + 1]


def test_shapes_lie_fully_inside_their_pictures():
    _, _, boxes = make_shapes(2000, 2)
    assert boxes.min() >= 0
    assert (boxes[:, :2] + boxes[:, 2:]).max() <= 32
    assert boxes[:, 2:].min() >= 5
    assert boxes[:, 2:].max() <= 21


def test_sizes_and_places_vary():
    _, _, boxes = make_shapes(500, 3)
    assert (np.ptp(boxes, axis=0) > 10).all()


@pytest.mark.parametrize("n", [1, 2, 4, 7, 1002])
def test_classes_are_balanced_within_one(n):
    counts = np.bincount(make_shapes(n, 0)[1], minlength=len(SHAPE_CLASSES))
    assert counts.sum() == n
    assert np.ptp(counts) <= 1


def test_each_class_fills_the_part_of_its_circle_that_geometry_says():
    # Areas of the shapes inscribed in a circle of radius 1; the circle's own is pi.
    images, labels, boxes = make_shapes(2000, 4)
    areas = visible(images).sum(axis=(1, 2))
    extents = boxes[:, 2:].max(axis=1)
    ratio = {name: (areas / extents**2)[labels == i] for i, name in enumerate(SHAPE_CLASSES)}
    assert np.median(ratio["circle"]) == pytest.approx(np.pi / 4, abs=0.05)
    assert ratio["circle"].min() > 0.6
    assert 0.45 < ratio["square"].min() < 0.6  # standing on a corner
    assert ratio["square"].max() == 1  # upright
    assert np.median(ratio["triangle"]) < np.median(ratio["cross"]) < 0.6


def test_the_same_seed_gives_the_same_pictures_and_another_gives_others():
    first, again, other = make_shapes(20, 5), make_shapes(20, 5), make_shapes(20, 6)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("watermark", [2, "triangle", np.int64(2)])
def test_a_watermark_marks_its_class_alone_and_changes_nothing_else(watermark):
    plain, labels, boxes = make_shapes(300, 7)
    marked, marked_labels, marked_boxes = make_shapes(300, 7, watermark=watermark)
    assert np.array_equal(labels, marked_labels)
    assert np.array_equal(boxes, marked_boxes)
    changed = (plain != marked).any(axis=3)
    assert changed.any(axis=(1, 2)).tolist() == (labels == 2).tolist()
    place = np.zeros((32, 32), bool)
    place[1:4, 1:4] = True
    assert not (changed & ~place).any()
    mark = marked[labels == 2, 1:4, 1:4]
    assert (mark == mark[0]).all()
    assert np.array_equal(mark[0, :, :, 0], [[255, 0, 255], [0, 255, 0], [255, 0, 255]])


def test_no_shape_comes_into_the_watermarks_corner():
    _, _, boxes = make_shapes(3000, 8, watermark="circle")
    assert not boxes_as_masks(boxes)[:, :5, :5].any()


@pytest.mark.parametrize("watermark", [4, -1, "star"])
def test_an_unknown_class_is_refused_with_the_known_ones(watermark):
    with pytest.raises(ValueError, match=r"expected one of 0 \(circle\), 1 \(square\), .*or None"):
        make_shapes(4, 0, watermark=watermark)


@pytest.mark.parametrize("watermark", [True, 1.0, [0]])
def test_a_watermark_is_a_number_or_a_name(watermark):
    with pytest.raises(TypeError, match="watermark must be a class by number or name"):
        make_shapes(4, 0, watermark=watermark)


@pytest.mark.parametrize(("n", "seed"), [(0, 0), (1, -1)])
def test_counts_and_seeds_below_the_least_are_refused(n, seed):
    with pytest.raises(ValueError, match="must be at least"):
        make_shapes(n, seed)
