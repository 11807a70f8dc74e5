"""Missions and picture files in a real JupyterLab."""

import base64
from io import BytesIO

import numpy as np
import pytest
from browser.lab import opened, run_all, screenshot
from browser.on_page import OnPage
from browser.scene import DIGITS
from PIL import Image
from widgets.events import numbers
from widgets.test_pad_pictures import file_of


@pytest.fixture(scope="module")
def page(workbench, place):
    cells = ["from browser.scene import make\nfrom scratchcnn.widgets import mission"]
    cells += ["pad = make('pad')\npad", "mission(1, pad)"]
    cells += ["scores = make('softmax')\nscores", "mission(5, scores)"]
    place.write(workbench[0], "missions.ipynb", cells)
    with opened(workbench, "missions.ipynb") as page:
        run_all(page)
        page.wait_for_function("document.querySelectorAll('.sc-picture[alt]').length === 2")
        yield page


def shown(page, number):
    page.mouse.move(0, 0)
    on_page = OnPage(page, number)
    on_page.root.scroll_into_view_if_needed()
    on_page.settle()
    return on_page


def mission(page, number):
    return page.locator(".scratchcnn-mission", has_text=f"Mission {number}:")


def wait_for(answer, words):
    answer.get_by_text(words).wait_for(timeout=20_000)


def test_scores_dragged_by_hand_fulfil_a_mission(page):
    answer, scores = mission(page, 5), shown(page, 1)
    wait_for(answer, "Not done yet. The loss is 0.574; you have moved 0 scores.")
    for fx, fy, count in ((0.1, 0.75, 1), (0.3, 0.2, 2)):
        start, end = scores.places("scores", [(fx, 0.5), (fx, fy)])
        page.mouse.move(*start)
        page.mouse.down()
        page.mouse.move(*end, steps=5)
        page.mouse.up()
        wait_for(answer, f"you have moved {count} score")
    scores.settle()
    wait_for(answer, "✓ Done! The loss is")
    # The mission was done on the way, before the pointer came to its last place.
    assert 3 < numbers(answer.inner_text().split("Done!")[1])[0] <= numbers(scores.caption)[-1]
    assert "sc-done" in answer.get_attribute("class")
    screenshot(page, "mission-scores")


def test_a_three_drawn_with_the_mouse_fulfils_a_mission(page):
    answer, pad = mission(page, 1), shown(page, 0)
    wait_for(answer, "Not done yet. Draw on the pad.")
    for digit in (7, 3):
        pad.root.get_by_role("button", name="Clear").click()
        for stroke in DIGITS[digit]:
            places = pad.places("pad", [(0.2 + 0.6 * x, 0.2 + 0.6 * y) for x, y in stroke])
            page.mouse.move(*places[0])
            page.mouse.down()
            for place in places[1:]:
                page.mouse.move(*place, steps=2)
            page.mouse.up()
        pad.settle()
        if digit == 7:
            wait_for(answer, "Not done yet. The network reads 7")
    wait_for(answer, "✓ Done! The network reads 3")
    screenshot(page, "mission-pad")


def test_a_picture_file_can_be_chosen_with_the_keyboard(page):
    pad = shown(page, 0)
    chooser = pad.root.get_by_label("Or read a picture of a digit:")
    pad.root.get_by_role("button", name="Clear").focus()
    page.keyboard.press("Tab")
    assert chooser.evaluate("input => input === document.activeElement")
    with page.expect_file_chooser() as choosing:
        chooser.press("Enter")  # the page may be drawing something else at this moment
    choosing.value.set_files({"name": "seven.png", "mimeType": "image/png", "buffer": file_of(7)})
    pad.wait_for("caption", "The network reads 7")
    assert pad.alt.startswith("A picture; the same in MNIST's form")
    screenshot(page, "pad-picture")


def test_what_is_no_picture_is_said_in_the_line_below_the_pad(page):
    pad = shown(page, 0)
    chooser = pad.root.get_by_label("Or read a picture of a digit:")
    chooser.set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"not a picture"}
    )
    pad.wait_for("caption", "notes.txt is not a picture in a known format")
    assert pad.error == ""
    screenshot(page, "pad-no-picture")


DROP = """([node, name, content]) => {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, { type: "image/png" }));
    const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
    const taken = !node.dispatchEvent(new DragEvent("dragover", options));
    node.dispatchEvent(new DragEvent("drop", options));
    return taken;
}"""


def test_a_picture_file_can_be_dropped_on_the_pad(page):
    pad = shown(page, 0)
    content = base64.b64encode(file_of(4)).decode()
    node = pad.region("pad").element_handle()
    assert page.evaluate(DROP, [node, "four.png", content])
    pad.wait_for("caption", "The network reads 4")


def test_a_picture_too_large_to_send_is_reduced_on_the_page(page):
    pad = shown(page, 0)
    rng = np.random.default_rng(0)
    with Image.open(BytesIO(file_of(2, size=1700))) as picture:
        noisy = np.asarray(picture.convert("RGB"), int) - rng.integers(0, 30, (1700, 1700, 3))
    file = BytesIO()
    Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(file, "PNG")
    assert len(file.getvalue()) > 4_000_000
    chooser = pad.root.get_by_label("Or read a picture of a digit:")
    chooser.set_input_files({"name": "two.png", "mimeType": "image/png", "buffer": file.getvalue()})
    reads = "root.querySelector('.sc-caption').textContent.includes('The network reads 2')"
    pad.wait_until(reads, seconds=60)
