"""Explorers of a network take images of 8 to 256 pixels, gray or color, and 2 to 47 classes."""

import numpy as np
import pytest
from widgets.events import in_event_loop, key, point

from scratchcnn import Conv2D, Dense, Flatten, MaxPool2D, ReLU, Sequential
from scratchcnn.widgets import (
    AdversarialExplorer,
    ArchitectureExplorer,
    GradCamExplorer,
    GradientExplorer,
    LiveTraining,
    NetworkExplorer,
    Recorder,
    TrainingScrubber,
)
from scratchcnn.widgets.frames import Canvas, _shortened, _text_mask

# (side, channels, classes)
SIZES = [(8, 1, 2), (8, 3, 47), (28, 3, 10), (64, 1, 47), (100, 3, 10), (256, 1, 47), (256, 3, 2)]


def network(side, channels, classes):
    layers = [Conv2D(8, 3), ReLU(), MaxPool2D(2)]
    if side >= 64:
        layers += [Conv2D(8, 3, 2), ReLU(), MaxPool2D(2)]
    layers += [Flatten(), Dense(classes)]
    return Sequential(layers, input_shape=(side, side, channels), seed=0)


def data(side, channels, classes):
    images = np.random.default_rng(0).random((4, side, side, channels), dtype=np.float32) - 0.5
    return images, np.linspace(0, classes - 1, 4).astype(int)


MAKERS = {
    "gradient": lambda *size: GradientExplorer(network(*size), *data(*size)),
    "scrubber": lambda *size: TrainingScrubber(Recorder(network(*size)), *data(*size)),
    "live": lambda *size: LiveTraining(network(*size), *data(*size)),
    "gradcam": lambda *size: GradCamExplorer(network(*size), *data(*size)),
    "network": lambda *size: NetworkExplorer(network(*size), *data(*size)),
    "bench": lambda *size: ArchitectureExplorer(*data(*size), data(*size)),
    "adversarial": lambda *size: AdversarialExplorer(network(*size), *data(*size)),
}


@pytest.fixture
def texts(monkeypatch):
    """The boxes (text, left, top, right, bottom) of all texts that are drawn."""
    boxes = []
    original = Canvas.text

    def text(self, x, y, text, size=13, color="", anchor="la", bold=False, room=None):
        shown = text if room is None else _shortened(text, size, bold, room)
        mask, left, top = _text_mask(shown, round(size), bold, anchor)
        place = x + left, y + top
        boxes.append((text, *place, place[0] + mask.width, place[1] + mask.height))
        return original(self, x, y, text, size, color or "#000000", anchor, bold, room)

    monkeypatch.setattr(Canvas, "text", text)
    return boxes


@in_event_loop
async def use(explorer):
    """Press keys in every region, and train for a moment what can be trained."""
    for region in list(explorer.stage.regions):
        key(explorer, region["name"], "ArrowDown", "ArrowRight")
    if hasattr(explorer, "start"):
        explorer.start()
        with explorer._lock:
            for _ in range(12):
                if explorer.background.running:
                    explorer.background._step(explorer.background._steps)
        explorer.stop()
        assert explorer.last_error is None


@pytest.mark.parametrize("used", [False, True], ids=["at first", "in use"])
@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_leaves_the_frame(name, size, used, texts):
    explorer = MAKERS[name](*size)
    assert explorer.last_error is None
    if used:
        use(explorer)
    if name == "bench":
        assert explorer.data.classes == size[2]
        assert any(result.updates for result in explorer.state.results) is used
    width, height = explorer.stage.width, explorer.stage.height
    assert width <= 800
    for text, left, top, right, bottom in texts:
        inside = left >= -1 and top >= 0 and right <= width + 1 and bottom <= height
        assert inside, (text, left, top, right, bottom)
    for region in explorer.stage.regions:
        assert region["x"] + region["width"] <= width + 0.01
        assert region["y"] + region["height"] <= height


def test_with_many_classes_a_click_on_a_bar_chooses_the_class_that_is_written_there(texts):
    explorer = MAKERS["gradcam"](28, 1, 47)
    region = next(r for r in explorer.stage.regions if r["name"] == "classes")
    assert region["rows"] < 47
    names = [text for text, left, *_ in texts if left > region["x"] and text.isdigit()]
    assert len(names) == region["rows"]
    point(explorer, "classes", "press", 0.5, 3.5 / region["rows"])
    assert explorer.state.label == int(names[3])
    key(explorer, "classes", "ArrowDown")
    assert explorer.state.label == int(names[3]) + 1


@pytest.mark.parametrize(("side", "size"), [(8, 1), (28, 4), (32, 4), (256, 32)])
def test_a_square_that_can_be_covered_is_an_eighth_of_the_image(side, size):
    assert MAKERS["gradcam"](side, 1, 2).size == size
