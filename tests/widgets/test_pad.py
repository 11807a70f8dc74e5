"""The digit pad: pen, pointer, and what the network makes of the drawing."""

import re

import numpy as np
import pytest
from browser.scene import DIGITS, images, make, recording
from widgets.events import key, numbers, point, send

from scratchcnn import Conv2D, Dense, Flatten, Sequential
from scratchcnn.data.strokes import as_mnist
from scratchcnn.widgets import DigitPad


@pytest.fixture
def pad():
    return make("pad")


def draw(pad, digit, size=0.6, left=0.2, top=0.2):
    """Draw with the mouse: a press, then drags of several points each."""
    # The pad keeps four decimals of a place.
    strokes = [
        [[round(left + size * x, 4), round(top + size * y, 4)] for x, y in s] for s in DIGITS[digit]
    ]
    for stroke in strokes:
        send(pad, kind="press", region="pad", points=stroke[:1])
        for k in range(1, len(stroke), 3):
            send(pad, kind="drag", region="pad", points=stroke[k : k + 3])
        send(pad, kind="release", region="pad")
    return strokes


@pytest.mark.parametrize("digit", DIGITS)
def test_the_probabilities_are_those_of_predict(pad, digit):
    strokes = draw(pad, digit)
    image = as_mnist(strokes)
    assert (pad.image == image).all()
    x = image[None, :, :, None] / np.float32(255) - np.float32(0.5)
    wanted = recording().model.predict(x)[0]
    assert numbers(pad.stage.alt.split("Probabilities:")[1])[1::2] == pytest.approx(
        wanted, abs=6e-4
    )
    best, probability = numbers(pad.stage.caption)[:2]
    assert best == wanted.argmax()
    assert probability == pytest.approx(wanted.max(), abs=6e-4)


def test_five_digits_of_different_sizes_in_different_corners_are_read():
    wishes = [(0, 0.9, 0.05, 0.05), (1, 0.5, 0.45, 0.4), (2, 0.4, 0.55, 0.55)]
    wishes += [(3, 0.6, 0.05, 0.35), (7, 0.35, 0.6, 0.03)]
    read = 0
    for wish in wishes:
        pad = make("pad")
        draw(pad, *wish)
        read += int(numbers(pad.stage.caption)[0]) == wish[0]
    assert read >= 4


def test_saliency_is_the_slope_of_the_answers_score_and_maps_are_the_first_layers(pad):
    strokes = draw(pad, 3)
    result = pad.recognize(pad.image)
    model = recording().model
    x = (as_mnist(strokes)[None, :, :, None] / 255 - 0.5).astype(np.float32)
    assert result.maps == pytest.approx(model.layers[0].forward(x)[0], abs=1e-6)
    best = model.forward(x)[0].argmax()
    for row, column in ((9, 14), (14, 15), (20, 12)):
        scores = []
        for change in (1e-2, -1e-2):
            moved = x.copy()
            moved[0, row, column, 0] += change
            scores.append(model.forward(moved)[0, best])
        slope = (scores[0] - scores[1]) / 2e-2
        assert result.saliency[row, column] == pytest.approx(slope, abs=2e-2)


def test_the_arrow_keys_draw_when_the_pen_is_down(pad):
    key(pad, "pad", "ArrowUp", "ArrowUp")
    assert not pad.state.strokes
    assert "Pen up, row 12, column 14." in pad.stage.caption
    key(pad, "pad", " ", "ArrowDown", "ArrowDown", "ArrowRight", " ", "ArrowRight")
    places = np.array([[[14, 12], [14, 13], [14, 14], [15, 14]]])
    assert np.array_equal(pad.state.strokes, np.round(places / 28, 4))
    assert "Pen up, row 14, column 16." in pad.stage.caption


def test_the_pen_stays_on_the_pad(pad):
    key(pad, "pad", *["ArrowLeft"] * 40, *["ArrowDown"] * 40)
    assert pad.state.pen == pytest.approx((1 / 28, 27 / 28))


def test_the_pen_of_the_keyboard_shows_only_when_it_was_used_last(pad):
    before = pad.stage.frame
    key(pad, "pad", "ArrowLeft", "ArrowRight")
    assert pad.stage.frame != before
    point(pad, "pad", "press", 0.5, 0.5, points=[[0.5, 0.5]])
    assert "Pen" not in pad.stage.caption


def test_undo_takes_back_the_last_stroke_and_clear_all(pad):
    draw(pad, 4)
    sheet = pad.state.sheet
    key(pad, "pad", "Backspace")
    assert len(pad.state.strokes) == 1
    assert pad.state.sheet == sheet + 1  # the ink on the page goes too
    key(pad, "pad", "Delete")
    assert pad.state.strokes == ()
    assert "Draw a digit" in pad.stage.caption
    assert "empty pad" in pad.stage.alt


def test_the_buttons_undo_and_clear(pad):
    undo, clear = pad.children[0].children
    draw(pad, 4)
    undo.click()
    assert len(pad.state.strokes) == 1
    clear.click()
    assert pad.state.strokes == ()
    undo.click()
    assert pad.last_error is None


def test_every_point_that_the_page_reports_is_drawn(pad):
    send(pad, kind="press", region="pad", points=[[0.1, 0.1]])
    send(pad, kind="drag", region="pad", points=[[0.2, 0.1], [0.3, 0.2]])
    assert pad.state.strokes == (((0.1, 0.1), (0.2, 0.1), (0.3, 0.2)),)


def test_listeners_hear_of_every_drawing_until_they_leave(pad):
    heard = []
    leave = pad.on_draw(lambda image: heard.append(image.sum()))
    assert heard == [0]
    draw(pad, 1)
    assert heard[-1] == pad.image.sum() > 0
    leave()
    count = len(heard)
    pad.reset()
    assert len(heard) == count


def test_an_exception_of_a_listener_shows_in_the_pad(pad):
    def complain(image):
        if image.any():
            raise RuntimeError("no digits, please")

    pad.on_draw(complain)
    pad.handle(pad.state, {"kind": "release", "region": "pad"})
    pad._on_message(
        pad.stage, {"events": [{"kind": "press", "region": "pad", "points": [[0.4, 0.4]]}]}, []
    )
    assert "no digits, please" in pad.stage.error


def test_a_network_without_a_convolution_can_read_too():
    model = Sequential([Flatten(), Dense(10)], input_shape=(28, 28, 1), seed=0)
    pad = DigitPad(model, drawing=None)
    draw(pad, 7)
    assert re.match(r"The network reads \d, probability", pad.stage.caption)


def test_a_network_for_other_images_is_an_error():
    model = Sequential([Conv2D(1, 3), Flatten(), Dense(10)], input_shape=(8, 8, 1))
    with pytest.raises(ValueError, match=r"expects images \(8, 8, 1\), a digit pad draws"):
        DigitPad(model)


def test_the_network_that_was_given_keeps_its_memory_of_other_images(pad):
    model = recording().model
    scores = model.forward(images()[0][:1])
    draw(pad, 0)
    assert (model.forward(images()[0][:1]) == scores).all()
