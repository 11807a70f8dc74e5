"""The digit pad opens with a drawing, and takes pictures instead of strokes."""

import io

import numpy as np
import pytest
from browser.scene import images, make, recording
from PIL import Image
from widgets.events import point, send

from scratchcnn import read_image
from scratchcnn.data.strokes import draw_paths
from scratchcnn.widgets import DigitPad
from scratchcnn.widgets.examples import STROKES


def file_of(digit, size=300):
    """Return a PNG file of a digit, dark on light, as its bytes."""
    ink = draw_paths([size * np.array(path) for path in STROKES[digit]], size, size / 15)
    file = io.BytesIO()
    Image.fromarray(255 - ink).save(file, "PNG")
    return file.getvalue()


def send_file(pad, content, name="seven.png"):
    """Deliver a file as the page does: the event, and its bytes beside it."""
    event = {"kind": "file", "region": "pad", "name": name, "buffer": 0}
    pad._on_message(pad.stage, {"events": [event]}, [memoryview(content)])
    assert pad.last_error is None


@pytest.mark.parametrize("digit", range(10))
def test_a_pad_opens_with_a_digit_if_asked(digit):
    pad = DigitPad(recording().model, drawing=digit)
    assert pad.image.max() > 200
    assert "A drawing of" in pad.still().alt
    if digit not in (6, 8):  # which this small network often misreads
        assert pad.probabilities.argmax() == digit


def test_a_pad_opens_with_a_drawing_that_goes_with_the_first_stroke():
    pad = DigitPad(recording().model)
    assert pad.state.example
    assert pad.image.any()
    point(pad, "pad", "press", 0.2, 0.2, points=[[0.2, 0.2]])
    assert pad.state.strokes == (((0.2, 0.2),),)
    assert not pad.state.example
    pad.reset()
    assert pad.state.example


@pytest.mark.parametrize("button", [0, 1])
def test_undo_and_clear_take_the_opening_drawing_away(button):
    pad = DigitPad(recording().model, drawing=7)
    pad.children[0].children[button].click()
    assert not pad.image.any()
    assert not pad.state.example


def test_a_pad_can_open_with_strokes_of_ones_own_or_with_an_image():
    pad = DigitPad(recording().model, drawing=[[(0.5, 0.1), (0.5, 0.9)]])
    assert pad.state.strokes == (((0.5, 0.1), (0.5, 0.9)),)
    image = np.rint((images()[0][3] + 0.5) * 255).astype(np.uint8)
    pad = DigitPad(recording().model, drawing=image)
    assert (pad.image == image[..., 0]).all()


def test_a_digit_that_does_not_exist_is_an_error():
    with pytest.raises(ValueError, match="drawing is 10, expected a digit from 0 to 9"):
        DigitPad(recording().model, drawing=10)


def test_a_picture_file_takes_the_place_of_the_drawing():
    pad, content = make("pad"), file_of(7)
    point(pad, "pad", "press", 0.2, 0.2, points=[[0.2, 0.2]])
    sheet = pad.state.sheet
    send_file(pad, content)
    assert (pad.image == read_image(content)).all()
    assert pad.state.strokes == ()
    assert pad.state.sheet > sheet  # the ink on the page goes
    assert "The network reads 7" in pad.stage.caption
    assert pad.stage.alt.startswith("A picture; the same in MNIST's form")
    point(pad, "pad", "press", 0.2, 0.2, points=[[0.2, 0.2]])
    assert pad.state.picture is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "seven.png is empty"),
        (b"no picture", "seven.png is not a picture in a known format"),
        (file_of(7)[:200], "seven.png is a damaged picture"),
    ],
)
def test_a_file_that_cannot_be_read_is_explained_in_the_line_below(content, words):
    pad = make("pad")
    point(pad, "pad", "press", 0.2, 0.2, points=[[0.2, 0.2]])
    before = pad.image
    send_file(pad, content)
    assert pad.stage.caption.startswith(words)
    assert (pad.image == before).all()
    send(pad, kind="drag", region="pad", points=[[0.4, 0.4]])
    assert "The network reads" in pad.stage.caption


def test_an_empty_page_is_explained_too():
    pad, file = make("pad"), io.BytesIO()
    Image.new("L", (100, 100), 255).save(file, "PNG")
    send_file(pad, file.getvalue(), "page.png")
    assert "page.png shows no digit" in pad.stage.caption


def test_code_can_load_a_file_its_bytes_or_an_image(tmp_path):
    pad, content = make("pad"), file_of(4)
    path = tmp_path / "four.png"
    path.write_bytes(content)
    for picture in (path, str(path), content, read_image(content)):
        pad.reset()
        pad.load(picture)
        assert (pad.image == read_image(content)).all()


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (np.zeros((10, 10), np.uint8), r"picture has shape \(10, 10\), expected \(28, 28\)"),
        (np.zeros((28, 28)) - 0.5, r"expected whole gray levels from 0 \(paper\) to 255"),
        (np.full((28, 28), 300), "expected whole gray levels"),
    ],
)
def test_an_image_of_another_form_is_an_error_that_says_what_to_do(picture, message):
    with pytest.raises(ValueError, match=message):
        make("pad").load(picture)


def test_the_filter_explorer_hears_of_a_picture():
    pad, heard = make("pad"), []
    pad.on_draw(lambda image: heard.append(image))
    pad.load(file_of(2))
    assert (heard[-1] == pad.image).all()
