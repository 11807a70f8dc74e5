"""The last of many events wins, and what a cell has shown goes when the cell runs again."""

import pytest
from browser.lab import opened, run_all
from browser.on_page import brought_into_view
from browser.scene import NAMES, make
from browser.words import alike
from widgets.events import point

# For each explorer a region to drag over.
DRAGS = {
    "filter": "feature map",
    "pooling": "image",
    "softmax": "scores",
    "gradient": "column 1",
    "scrubber": "loss",
    "pad": "pad",
}

DRAG = """async ([node, places]) => {
    for (const [clientX, clientY] of places) {
        node.dispatchEvent(new PointerEvent("pointermove", { clientX, clientY, bubbles: true }));
        await new Promise(requestAnimationFrame);
    }
}"""


@pytest.fixture(scope="module")
def page(workbench, place):
    cells = ["from browser.scene import make"]
    cells += [f"{name} = make({name!r})\n{name}" for name in NAMES]
    cells += ["from ipywidgets.widgets.widget import _instances\nprint(len(_instances))"]
    place.write(workbench[0], "events.ipynb", cells)
    with opened(workbench, "events.ipynb") as page:
        page.place = place
        run_all(page)
        yield page


def shown(page, name):
    return brought_into_view(page, NAMES.index(name))


def test_the_server_has_loaded_what_lets_frames_come_at_once(lab):
    log = (lab.served.parent / "server.log").read_text(encoding="utf-8")
    assert "scratchcnn.widgets.server | frames are sent without delay" in log
    assert "jupyterlab | extension was successfully loaded" in log


@pytest.mark.parametrize("name", DRAGS)
def test_after_a_fast_drag_the_last_place_wins(page, name):
    on_page, twin, region = shown(page, name), make(name), DRAGS[name]
    if on_page.root.get_by_role("button", name="Reset").count():
        on_page.reset(twin)
    # To and fro, and at last from one end to the other; more often than frames can be drawn.
    shares = [abs((k + 12) % 20 - 10) / 10 for k in range(99)] + [1.0]
    pixels = on_page.places(region, [(0.5 + 0.3 * s, 0.5 - 0.2 * s) for s in shares])
    places = on_page.shares(region, pixels)
    page.mouse.move(*pixels[0])
    page.mouse.down()
    page.evaluate(DRAG, [on_page.region(region).element_handle(), pixels])
    on_page.settle()
    frame = on_page.frame
    page.mouse.up()
    point(twin, region, "press", *places[0], points=places[:1])
    point(twin, region, "drag", *places[-1], points=places)
    assert alike(on_page.alt, twin.stage.alt)
    assert alike(on_page.caption, twin.stage.caption)
    if page.place.exact:
        assert (on_page.alt, on_page.caption) == (twin.stage.alt, twin.stage.caption)
        assert frame == twin.render()


def touch(page, *places):
    """Put a finger down at the first place, move it to the others, and take it away."""
    session = page.context.new_cdp_session(page)
    for number, (x, y) in enumerate(places):
        event = {"type": "touchMove" if number else "touchStart", "touchPoints": [{"x": x, "y": y}]}
        session.send("Input.dispatchTouchEvent", event)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def upwards(place):
    """Return a finger's way from a place, straight up."""
    return [(place[0], place[1] - way) for way in range(0, 90, 10)]


def test_a_finger_that_scrolls_the_page_presses_nothing_and_one_that_taps_does(page):
    on_page = shown(page, "bench")
    layers, alt = on_page.region("layers"), on_page.alt
    top = on_page.root.bounding_box()["y"]
    touch(page, *upwards(on_page.places("layers", [(0.06, 0.5)])[0]))
    on_page.wait_until_still()
    on_page.settle()
    assert on_page.root.bounding_box()["y"] < top - 20
    assert on_page.alt == alt
    layers.scroll_into_view_if_needed()
    touch(page, *on_page.places("layers", [(0.06, 0.5)]))
    on_page.wait_until("root.querySelector('.sc-picture').alt !== wish", alt)


def test_a_finger_that_drags_does_not_scroll_the_page(page):
    on_page = shown(page, "softmax")
    alt, top = on_page.alt, on_page.root.bounding_box()["y"]
    touch(page, *upwards(on_page.places("scores", [(0.5, 0.5)])[0]))
    on_page.wait_until("root.querySelector('.sc-picture').alt !== wish", alt)
    on_page.wait_until_still()
    assert on_page.root.bounding_box()["y"] == top


def test_running_a_cell_again_leaves_nothing_behind(page):
    run = """async (number) => {
        const { content } = jupyterapp.shell.currentWidget;
        content.deselectAll();
        content.activeCellIndex = number;
        await jupyterapp.commands.execute("notebook:run-cell");
        return content.widgets[number].model.sharedModel.outputs.length;
    }"""
    last = len(NAMES) + 1  # the cell that counts
    cell = f"jupyterapp.shell.currentWidget.content.widgets[{last}]"
    count = f"{cell}.model.sharedModel.outputs[0].text"

    def widgets():
        page.evaluate(run, last)
        text = page.evaluate(count)
        return int("".join(text))

    for number in range(1, last):
        page.evaluate(run, number)
    before = widgets()
    for number in range(1, last):
        for _ in range(3):
            assert page.evaluate(run, number) == 1
    assert widgets() == before
    assert page.locator(".scratchcnn-explorer").count() == len(NAMES)
