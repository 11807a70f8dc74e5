"""The Grad-CAM explorer shows the library's maps, and covers what the reader drags over."""

import numpy as np
import pytest
from browser.scene import make, shapes
from widgets.events import key, numbers, point

from scratchcnn import SHAPE_CLASSES, Conv2D, Dense, GlobalAvgPool2D, Sequential, softmax
from scratchcnn.attribution import enlarge, grad_cam, occlusion, peaks, saliency
from scratchcnn.widgets import GradCamExplorer
from scratchcnn.widgets.gradcam import tinted


@pytest.fixture
def explorer():
    return make("gradcam")


def covered_by_hand(image, squares, size=4):
    image = image.copy()
    fill = np.median(image, axis=(0, 1))
    for row, column in squares:
        image[row * size : row * size + size, column * size : column * size + size] = fill
    return image


def test_the_maps_are_the_librarys(explorer):
    model, x, _, _ = shapes()
    explorer.set(image=3, label=1)
    one = x[3:4]
    fill = np.median(one, axis=(1, 2), keepdims=True)
    for kind, expected in [
        ("Grad-CAM", grad_cam(model, one, 1)),
        ("early Grad-CAM", grad_cam(model, one, 1, layer=1, average=False)),
        ("saliency", np.abs(saliency(model, one, 1)).sum(axis=3)),
        ("occlusion", np.maximum(occlusion(model, one, 1, 4, 4, fill), 0)),
    ]:
        explorer.set(kind=kind)
        enlarged = enlarge(expected, (32, 32))
        assert np.array_equal(explorer.map(explorer.state), enlarged[0])
        assert f"Beside it {kind} for square" in explorer.stage.alt
        if expected.max() > 0:
            row, column = peaks(enlarged)[0]
            assert f"largest at row {row}, column {column}" in explorer.stage.caption


def test_covering_squares_gives_the_probability_of_the_covered_image(explorer):
    model, x, y, _ = shapes()
    key(explorer, "image", "ArrowUp", " ", "ArrowLeft", "Enter")
    assert explorer.state.covered == {(3, 4), (3, 3)}
    both = np.stack([covered_by_hand(x[0], [(3, 4), (3, 3)]), x[0]])
    expected = softmax(model(both))[:, y[0]]
    assert numbers(explorer.stage.caption)[:2] == pytest.approx(expected, abs=6e-4)
    now, before = explorer.probabilities
    assert now[y[0]] == pytest.approx(expected[0])
    assert before[y[0]] == pytest.approx(expected[1])


def test_a_drag_leaves_no_gap_and_a_drag_from_a_covered_square_uncovers(explorer):
    point(explorer, "image", "press", 0.05, 0.05)
    point(explorer, "image", "drag", 0.95, 0.05)  # so fast that the page saw two places only
    assert explorer.state.covered == {(0, column) for column in range(8)}
    point(explorer, "image", "press", 0.95, 0.05)
    point(explorer, "image", "drag", 0.55, 0.05)
    assert explorer.state.covered == {(0, column) for column in range(4)}


def test_delete_and_the_button_uncover_everything(explorer):
    key(explorer, "image", " ", "ArrowDown", " ")
    assert len(explorer.state.covered) == 2
    key(explorer, "image", "Delete")
    assert not explorer.state.covered
    key(explorer, "image", " ")
    explorer.uncover()
    assert not explorer.state.covered


def test_the_cursor_stays_on_the_image(explorer):
    key(explorer, "image", *["ArrowUp"] * 20, *["ArrowRight"] * 20)
    assert explorer.state.cursor == (0, 7)


def test_a_class_is_chosen_by_its_bar_or_by_keys(explorer):
    point(explorer, "classes", "press", 0.5, 0.99)
    assert explorer.state.label == 3
    key(explorer, "classes", "ArrowDown", "ArrowUp")
    assert explorer.state.label == 2
    assert "Grad-CAM for triangle" in explorer.stage.alt
    assert explorer.controls["label"].value == 2


def test_a_new_image_is_whole_and_asks_about_its_own_class(explorer):
    _, _, y, _ = shapes()
    key(explorer, "image", " ")
    explorer.controls["image"].value = 7
    assert not explorer.state.covered
    assert explorer.state.label == y[7]


def test_images_whose_size_is_no_multiple_of_the_square_can_be_covered_to_the_edge():
    layers = [Conv2D(2, 3), GlobalAvgPool2D(), Dense(2)]
    model = Sequential(layers, (30, 29, 1), seed=0)
    images = np.random.default_rng(0).random((1, 30, 29, 1))
    explorer = GradCamExplorer(model, images, np.array([0]))
    point(explorer, "image", "press", 0.99, 0.99)
    assert explorer.state.covered == {(7, 7)}
    changed = explorer.covered_image(explorer.state) != explorer.images[0]
    assert changed[28:, 28:].all()
    assert changed.sum() == 2


def test_a_map_without_a_positive_number_is_said_to_be_zero(explorer):
    explorer.model.set_weights([np.zeros_like(w) for w in explorer.model.get_weights()])
    explorer.show()
    assert "zero everywhere" in explorer.stage.caption


def test_red_lies_over_gray_as_strongly_as_the_map_says():
    gray = np.full((1, 3, 3), 200, np.uint8)
    none, half, full = tinted(gray, np.array([[[0.0], [0.5], [1.0]]]))[0].tolist()
    assert none[0] == none[1] == none[2]
    assert none[1] > half[1] > full[1]


def test_names_must_fit_the_network():
    model, x, y, boxes = shapes()
    with pytest.raises(ValueError, match="names has 3 entries"):
        GradCamExplorer(model, x, y, SHAPE_CLASSES[:3])
    with pytest.raises(ValueError, match="boxes"):
        GradCamExplorer(model, x, y, SHAPE_CLASSES, boxes[:3])
    assert GradCamExplorer(model, x, y).names == ("0", "1", "2", "3")
