"""The explorer on the home page: its numbers are the library's, by key, by mouse and by typing."""

import base64

import numpy as np
import pytest

from scratchcnn import load_mnist
from scratchcnn.layers import Conv2D
from scratchcnn.widgets.kernels import PRESETS


def expected(digit, kernel):
    """Return the feature map (26, 26) that the library's convolution makes of a digit."""
    layer = Conv2D(1, 3, use_bias=False)
    layer.build((28, 28, 1), np.random.default_rng(0), "float64")
    layer._params["kernel"][...] = np.reshape(kernel, (3, 3, 1, 1))
    (images, _), _ = load_mnist()
    return layer.forward(images[digit][None, :, :, None] / 255.0)[0, :, :, 0]


@pytest.fixture
def page(visit):
    """The home page, its explorer at rest."""
    page = visit("index.html", reduced_motion="reduce")
    page.locator(".live").wait_for()
    return page


def shown(page):
    """Return the feature map that the page has computed."""
    return np.reshape(page.evaluate("featureMap(courseExplorer)"), (26, 26))


def test_its_digits_are_the_librarys(page):
    (images, labels), _ = load_mnist()
    for digit in page.evaluate("DIGITS"):
        pixels = np.frombuffer(base64.b64decode(digit["pixels"]), np.uint8)
        np.testing.assert_array_equal(pixels.reshape(28, 28), images[digit["number"]])
        assert digit["label"] == str(labels[digit["number"]])


def test_every_kernel_gives_the_librarys_feature_map(page):
    numbers = [digit["number"] for digit in page.evaluate("DIGITS")]
    digits, kernels = page.get_by_label("Digit"), page.get_by_label("Kernel", exact=True)
    names = kernels.locator("option").all_inner_texts()[:-1]
    assert len(names) >= 6
    for name in names:
        kernels.select_option(label=name)
        place = numbers.index(numbers[len(name) % len(numbers)])
        digits.select_option(index=place)
        np.testing.assert_allclose(shown(page), expected(numbers[place], PRESETS[name]), atol=1e-12)


def test_arrow_keys_move_the_window_and_words_say_the_sum(page):
    maps = expected(7, PRESETS["vertical edges"])
    words = page.locator(".live .words")
    assert words.inner_text().startswith(
        f"Row 16, column 15: the nine products add up to {maps[16, 15]:.3f}."
    )
    for name in ("Image", "Feature map"):
        page.get_by_label(f"{name}: arrow keys move the window").focus()
        for key in ("ArrowUp", "ArrowUp", "ArrowLeft"):
            page.keyboard.press(key)
    assert words.inner_text().startswith(
        f"Row 12, column 13: the nine products add up to {maps[12, 13]:.3f}.".replace("-", "−")
    )
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    assert words.inner_text().startswith("Row 12, column 25:")  # it stays within the map


def test_the_window_follows_the_mouse_and_a_drag_beyond_the_edge(page):
    words = page.locator(".live .words")
    box = page.get_by_label("Image: arrow keys").bounding_box()
    pixel = box["width"] / 28
    page.mouse.move(box["x"] + 5.5 * pixel, box["y"] + 8.5 * pixel)
    assert words.inner_text().startswith("Row 7, column 4:")
    page.mouse.down()
    page.mouse.move(box["x"] + 20.5 * pixel, box["y"] - 30, steps=4)
    page.mouse.up()
    assert words.inner_text().startswith("Row 0, column 19:")


def test_a_swipe_over_the_image_scrolls_a_phone(visit):
    page = visit("index.html", {"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    box = page.get_by_label("Image: arrow keys").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    for step in range(11):
        touch = {
            "type": "touchMove" if step else "touchStart",
            "touchPoints": [{"x": x, "y": y - 30 * step}],
        }
        session.send("Input.dispatchTouchEvent", touch)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("scrollY > 100")


def test_a_number_typed_into_the_kernel_counts_at_once(page):
    page.get_by_label("Kernel", exact=True).select_option(label="sharpen")
    cell = page.get_by_label("Kernel, row 1, column 2")
    cell.fill("0.75")
    kernel = np.array(PRESETS["sharpen"])
    kernel[1, 2] = 0.75
    np.testing.assert_allclose(shown(page), expected(7, kernel), atol=1e-12)
    assert (
        page.get_by_label("Kernel", exact=True).locator("option:checked").inner_text() == "custom"
    )
    cell.press("ArrowUp")
    assert page.evaluate("courseExplorer.kernel[5]") == 1


def test_it_moves_by_itself_until_somebody_acts(visit):
    page = visit("index.html")
    page.wait_for_function("courseExplorer.row > 1")
    page.get_by_label("Feature map: arrow keys").focus()
    page.keyboard.press("ArrowRight")
    place = page.evaluate("[courseExplorer.row, courseExplorer.column]")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate("[courseExplorer.row, courseExplorer.column]") == place
