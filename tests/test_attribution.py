"""Where a network looks: each map is what its definition says, and the truth can be found."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from scratchcnn import (
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    GlobalAvgPool2D,
    ReLU,
    Sequential,
    make_shapes,
    softmax,
)
from scratchcnn.attribution import (
    class_activation_map,
    enlarge,
    grad_cam,
    inside,
    occlusion,
    peaks,
    saliency,
)


def in_float64(layers, seed=1):
    return Sequential(layers, (8, 10, 3), seed=seed, dtype="float64")


@pytest.fixture
def pooled():
    """A network that ends in global average pooling and a dense layer."""
    layers = [Conv2D(5, 3), BatchNorm(), ReLU(), Conv2D(4, 3), ReLU(), GlobalAvgPool2D(), Dense(3)]
    model = in_float64(layers)
    model.layers[1].state["moving_variance"][...] = 0.3
    model.layers[-1].params["bias"] = [0.5, -1.0, 2.0]
    return model


@pytest.fixture
def flat():
    """A network without global average pooling."""
    return in_float64([Conv2D(5, 3), ReLU(), AvgPool2D(2), Conv2D(2, 2), Flatten(), Dense(3)])


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def x(rng):
    return rng.uniform(-0.5, 0.5, (4, 8, 10, 3))


LABELS = np.array([0, 2, 1, 2])


def test_saliency_is_the_slope_of_the_score(pooled, x):
    dx, step = saliency(pooled, x, LABELS), 1e-6
    assert dx.shape == x.shape
    for n, i, j, c in [(0, 0, 0, 0), (1, 3, 4, 2), (2, 7, 9, 1), (3, 5, 2, 0)]:
        scores = []
        for sign in (1, -1):
            moved = x.copy()
            moved[n, i, j, c] += sign * step
            scores.append(pooled.forward(moved)[n, LABELS[n]])
        assert dx[n, i, j, c] == pytest.approx((scores[0] - scores[1]) / (2 * step), abs=1e-7)


def test_one_class_for_all_images_is_that_class_for_each(pooled, x):
    for function in (saliency, class_activation_map, grad_cam):
        assert_allclose(function(pooled, x, 2), function(pooled, x, np.full(4, 2)))


def test_a_class_activation_map_and_the_bias_add_up_to_the_score(pooled, x):
    found = class_activation_map(pooled, x, LABELS)
    assert found.shape == (4, 4, 6)
    bias = pooled.layers[-1].params["bias"][LABELS]
    scores = pooled.forward(x)[np.arange(4), LABELS]
    assert_allclose(found.sum(axis=(1, 2)) + bias, scores)


def test_grad_cam_is_the_class_activation_map_where_there_is_one(pooled, x):
    found = grad_cam(pooled, x, LABELS, signed=True)
    assert_allclose(found, class_activation_map(pooled, x, LABELS), atol=1e-12)
    assert_allclose(grad_cam(pooled, x, LABELS), np.maximum(found, 0))
    assert (found < 0).any()


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_grad_cam_in_loops_with_weights_from_central_differences(flat, x, layer):
    step, label, a = 1e-6, 1, x[:1]
    for lower in flat.layers[: layer + 1]:
        a = lower.forward(a)

    def score(a):
        for upper in flat.layers[layer + 1 :]:
            a = upper.forward(a)
        return a[0, label]

    _, H, W, F = a.shape
    expected = np.zeros((H, W))
    for f in range(F):
        slopes = []
        for i, j in np.ndindex(H, W):
            up, down = a.copy(), a.copy()
            up[0, i, j, f] += step
            down[0, i, j, f] -= step
            slopes.append((score(up) - score(down)) / (2 * step))
        expected += np.mean(slopes) * a[0, :, :, f]
    found = grad_cam(flat, x[:1], label, layer=layer, signed=True)
    assert_allclose(found[0], expected, atol=1e-8)


def test_the_last_layer_with_maps_is_the_default(flat, x):
    assert_allclose(grad_cam(flat, x, 0), grad_cam(flat, x, 0, layer=3))
    assert_allclose(grad_cam(flat, x, 0), grad_cam(flat, x, 0, layer=-3))


def test_occlusion_is_the_fall_of_the_probability_square_by_square(flat, x):
    fill = np.median(x, axis=(1, 2), keepdims=True)
    drops = occlusion(flat, x, LABELS, size=4, stride=3, fill=fill)
    assert drops.shape == (4, 3, 4)
    for n, i, j in np.ndindex(*drops.shape):
        covered = x[n].copy()
        for row in range(8):
            for column in range(10):
                if -1 + 3 * i <= row < 3 + 3 * i and -1 + 3 * j <= column < 3 + 3 * j:
                    covered[row, column] = fill[n, 0, 0]
        before, after = softmax(flat.forward(np.stack([x[n], covered])))[:, LABELS[n]]
        assert drops[n, i, j] == pytest.approx(before - after)


def test_without_averaging_each_place_has_the_weights_of_its_own_gradient(flat, x):
    a = x[:2]
    for lower in flat.layers[:2]:
        a = lower.forward(a)
    maps = grad_cam(flat, x[:2], 1, layer=1, signed=True, average=False)
    # The layers above are piecewise linear: the places' shares add up to the score, all but what
    # the biases add, which are 0 here.
    assert_allclose(maps.sum(axis=(1, 2)), flat.forward(x[:2])[:, 1])
    assert maps.shape == a.shape[:3]
    assert not np.allclose(maps, grad_cam(flat, x[:2], 1, layer=1, signed=True))


def test_an_enlarged_cell_has_its_peak_at_its_center_and_keeps_its_sum():
    maps = np.zeros((64, 8, 8))
    maps[np.arange(64), np.arange(64) // 8, np.arange(64) % 8] = 1
    large = enlarge(maps, (40, 24, 3))  # 5 by 3 pixels for each cell
    assert large.shape == (64, 40, 24)
    cells = np.stack(np.divmod(np.arange(64), 8), axis=1)
    assert (peaks(large) == cells * [5, 3] + [2, 1]).all()
    inner = ((cells > 1) & (cells < 6)).all(axis=1)
    assert_allclose(large[inner].sum(axis=(1, 2)), 15)


def test_enlarging_keeps_straight_lines_straight_and_a_full_size_map_as_it_is(rng):
    ramp = np.tile(np.arange(8.0)[:, None], (1, 1, 8))
    large = enlarge(ramp, (32, 32))[0, 10:22, 16]
    assert_allclose(np.diff(large), 0.25)
    whole = rng.random((2, 32, 32))
    assert enlarge(whole, (32, 32, 3)) is whole


def test_a_peak_is_the_first_of_the_largest_pixels():
    maps = np.zeros((2, 5, 6))
    maps[0, 3, 2] = maps[1, 1, 4] = maps[1, 2, 0] = 1
    assert peaks(maps).tolist() == [[3, 2], [1, 4]]


def test_the_pixels_of_a_box_are_inside_and_their_neighbors_are_not():
    box = np.array([[3, 4, 2, 5]])
    for place, expected in [
        ((3, 4), True),
        ((4, 8), True),
        ((2, 4), False),
        ((5, 4), False),
        ((3, 3), False),
        ((4, 9), False),
        ((2.6, 8.4), True),
        ((4.5, 8), False),
        ((4, 8.5), False),
        ((2.5, 3.5), True),
    ]:
        assert inside(np.array([place]), box).tolist() == [expected]


def test_the_pixels_of_a_shape_are_inside_its_box():
    images, _, boxes = make_shapes(20, seed=0)
    for image, box in zip(images, boxes, strict=True):
        row, column, height, width = box
        middle = np.array([[row + height // 2, column + width // 2]])
        assert inside(middle, box[None]).all()
        assert not inside(middle + 32, box[None]).any()
        assert image.shape == (32, 32, 3)


def test_what_cannot_be_answered_is_refused_with_the_cure(flat, pooled, x):
    with pytest.raises(ValueError, match=r"ends in Flatten and Dense.*use grad_cam"):
        class_activation_map(flat, x, 0)
    with pytest.raises(ValueError, match=r"layer 5 returns \(3,\).*feature maps"):
        grad_cam(flat, x, 0, layer=5)
    with pytest.raises(ValueError, match="no layer that returns feature maps"):
        grad_cam(Sequential([Flatten(), Dense(3)], (8, 10, 3), dtype="float64"), x, 0)
    with pytest.raises(ValueError, match=r"is 3, expected a class in 0 .. 2"):
        saliency(pooled, x, 3)
    with pytest.raises(TypeError, match="size"):
        occlusion(pooled, x, 0, size=2.5, stride=1)


def test_the_network_and_the_images_stay_as_they_are(pooled, x):
    weights, before = pooled.get_weights(), x.copy()
    saliency(pooled, x, 0)
    grad_cam(pooled, x, 0)
    occlusion(pooled, x, 0, 3, 3)
    assert (x == before).all()
    for old, new in zip(weights, pooled.get_weights(), strict=True):
        assert (old == new).all()
