"""Numbers to colors, and pictures to PNG files."""

import io

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from scratchcnn.widgets.colors import enlarge, image_colors, number, signed_colors, text_on
from scratchcnn.widgets.frames import Canvas, encode_png


def luminance(colors):
    return colors @ np.array([0.3, 0.6, 0.1])


def test_zero_has_the_middle_color_whatever_the_limit():
    middle = np.array(mpl.colormaps["RdBu_r"].resampled(255)(127, bytes=True)[:3])
    for limit in (0.0, 1e-6, 3.0):
        assert (signed_colors(np.zeros((2, 3)), limit) == middle).all()


def test_signed_colors_say_sign_and_size():
    blue_to_red = signed_colors(np.array([[-9.0, -2.0, -1.0, 0.0, 1.0, 2.0, 9.0]]), 2.0)[0].astype(
        int
    )
    assert (blue_to_red[:3, 2] > blue_to_red[:3, 0]).all()  # below zero more blue than red
    assert (blue_to_red[4:, 0] > blue_to_red[4:, 2]).all()
    assert (blue_to_red[[0, -1]] == blue_to_red[[1, -2]]).all()  # beyond the limit: full color
    assert luminance(blue_to_red).argmax() == 3


def test_the_limit_has_full_color():
    palette = mpl.colormaps["RdBu_r"].resampled(255)
    colors = signed_colors(np.array([[-2.0, 2.0]]), 2.0)[0]
    assert colors.tolist() == [list(palette(k, bytes=True)[:3]) for k in (0, 254)]


def test_images_run_from_black_to_white():
    colors = image_colors(np.array([[-0.5, 0.0, 0.5]]), -0.5, 0.5)[0]
    assert colors[0].tolist() == [0, 0, 0]
    assert colors[2].tolist() == [255, 255, 255]
    assert 120 < colors[1, 0] < 135


def test_a_flat_image_has_a_color():
    assert image_colors(np.full((2, 2), 7.0), 7.0, 7.0).shape == (2, 2, 3)


def test_every_pixel_becomes_a_square():
    colors = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    large = enlarge(colors, 3)
    assert large.shape == (6, 6, 3)
    assert (large[::3, ::3] == colors).all()
    assert (large[2::3, 2::3] == colors).all()


@pytest.mark.parametrize(
    ("value", "text"), [(-0.001, "0.00"), (-1.5, "−1.50"), (0.0, "0.00"), (12.345, "12.35")]
)
def test_numbers_have_a_minus_sign_and_zero_has_none(value, text):
    assert number(value) == text


def test_text_is_dark_on_light_and_light_on_dark():
    assert text_on(np.array([250, 250, 250])) != text_on(np.array([8, 48, 107]))


@pytest.mark.parametrize("shape", [(1, 1, 3), (7, 5, 3), (64, 33, 3)])
def test_the_png_holds_the_very_pixels(shape):
    colors = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    picture = Image.open(io.BytesIO(encode_png(colors)))
    picture.load()  # checks the checksums
    assert (np.asarray(picture) == colors).all()


def test_a_canvas_of_twice_the_scale_shows_the_same_pixels_twice_as_large():
    colors = np.random.default_rng(0).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    pictures = []
    for scale in (1, 2):
        canvas = Canvas(40, 30, scale)
        canvas.colors(colors, 3, 5, 4)
        pictures.append(np.asarray(canvas.picture))
    assert (enlarge(pictures[0], 2) == pictures[1]).all()


def test_an_outline_covers_nothing_of_its_area():
    canvas = Canvas(20, 20)
    canvas.box(5, 5, 8, 8, fill="#123456")
    canvas.box(5, 5, 8, 8, outline="#ff0000", line=2)
    inside = np.asarray(canvas.picture)[5:13, 5:13]
    assert (inside == (0x12, 0x34, 0x56)).all()
    assert np.asarray(canvas.picture)[4, 8].tolist() == [255, 0, 0]


def test_an_upward_arrow_lies_above_its_foot_and_a_downward_one_below():
    for length, rows in ((12, slice(0, 20)), (-12, slice(21, 40))):
        canvas = Canvas(30, 40)
        canvas.arrow(15, 20, length, "#000000")
        dark = np.asarray(canvas.picture)[:, :, 0] == 0
        assert dark.any()
        assert dark[rows].sum() >= 0.9 * dark.sum()
