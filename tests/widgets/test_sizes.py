"""Explorers of a network take images of 8 to 256 pixels, gray or color, and 2 to 47 classes."""

import pytest
from widgets.by_size import OF_A_NETWORK
from widgets.events import in_event_loop, key, point

from scratchcnn.widgets.frames import Canvas, _shortened, _text_mask

# (side, channels, classes)
SIZES = [(8, 1, 2), (8, 3, 47), (28, 3, 10), (64, 1, 47), (100, 3, 10), (256, 1, 47), (256, 3, 2)]


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
@pytest.mark.parametrize("name", OF_A_NETWORK)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_leaves_the_frame(name, size, used, texts):
    side, channels, classes = size
    explorer = OF_A_NETWORK[name](side, side, channels, classes)
    assert explorer.last_error is None
    if used:
        use(explorer)
    if name == "bench":
        assert explorer.data.classes == classes
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
    explorer = OF_A_NETWORK["gradcam"](28, 28, 1, 47)
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
    assert OF_A_NETWORK["gradcam"](side, side, 1, 2).size == size
