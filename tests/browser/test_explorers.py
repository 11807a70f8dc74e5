"""Every explorer on a page: by mouse, by keys, in words, and when something is wrong."""

import pytest
from browser.axe import add_axe, violations
from browser.lab import screenshot
from browser.scene import NAMES, make
from browser.scene_page import assert_same, shown
from ipywidgets import Button, Checkbox, Dropdown, FloatLogSlider, IntSlider
from widgets.events import key, point

# For each explorer two keys and one click: the region, then the key or the place in it.
MOVES = {
    "filter": [("feature map", "ArrowUp"), ("kernel", "PageUp"), ("feature map", 0.3, 0.6)],
    "pooling": [("pooled", "ArrowDown"), ("image", "ArrowRight"), ("pooled", 0.7, 0.3)],
    "softmax": [("scores", "ArrowRight"), ("scores", "ArrowUp"), ("scores", 0.7, 0.21)],
    "gradient": [("column 0", "ArrowRight"), ("column 1", "ArrowDown"), ("column 2", 0.5, 0.5)],
    "scrubber": [("loss", "Home"), ("loss", "ArrowRight"), ("loss", 0.4, 0.5)],
    "gradcam": [("image", "Space"), ("classes", "ArrowDown"), ("image", 0.4, 0.6)],
    "adversarial": [("changed", "ArrowRight"), ("changed", "PageUp")],
    "network": [("network", "ArrowUp"), ("network", "Space"), ("network", 0.85, 0.5)],
    "pad": [("pad", "Space"), ("pad", "ArrowRight"), ("pad", 0.3, 0.6)],
    "bench": [("right", "1"), ("right", "+"), ("layers", 0.9, 0.5), ("left", 0.5, 0.9)],
}


# For two explorers what is changed before their views are copied.
VIEWS = {
    "filter": {"image": 3, "preset": "blur", "stride": 2, "pixel": (4, 5)},
    "network": {"image": 2, "off": frozenset({(1, 3)}), "channel": 3},
}


@pytest.mark.parametrize("name", MOVES)
def test_keys_and_clicks_change_the_page_as_they_change_the_twin(page, name):
    on_page, twin = shown(page, name), make(name)
    assert_same(on_page, twin)
    for region, *what in MOVES[name]:
        before = on_page.alt, on_page.caption, on_page.frame
        if len(what) == 1:
            on_page.press(region, what[0])
            key(twin, region, what[0].replace("Space", " "))
        else:
            on_page.click(region, *what)
            (place,) = on_page.shares(region, on_page.places(region, [what]))
            point(twin, region, "press", *place, points=[place])
        assert_same(on_page, twin)
        assert (on_page.alt, on_page.caption) != before[:2]
        assert on_page.frame != before[2]
    screenshot(page, f"{page.place.name}-{name}-moved")


@pytest.mark.parametrize(("name", "change"), VIEWS.items())
def test_a_view_that_is_pasted_shows_the_same_and_can_be_copied(page, name, change):
    on_page, twin = shown(page, name), make(name)
    twin.set(**change)
    field = on_page.root.get_by_label("View", exact=True)
    field.fill(twin.view)
    field.press("Enter")
    on_page.wait_until("root.querySelector('.sc-picture').alt === wish", twin.stage.alt)
    assert_same(on_page, twin)
    field.fill("something else")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    on_page.root.get_by_role("button", name="Copy view").press("Enter")
    on_page.root.get_by_text("copied", exact=True).wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == twin.view
    assert field.input_value() == twin.view


def test_a_pasted_text_that_is_no_view_is_explained_where_it_was_pasted(page):
    on_page = shown(page, "softmax")
    field = on_page.root.get_by_label("View", exact=True)
    field.fill("PoolingExplorer(window=3)")
    field.press("Enter")
    on_page.wait_for("error", "this is a view of a PoolingExplorer, and this is a SoftmaxExplorer")
    field.press("Escape")
    assert field.input_value().startswith("SoftmaxExplorer(")
    field.press("Enter")
    on_page.wait_until("root.querySelector('.sc-error').textContent === ''")


def test_dragging_a_cell_of_the_kernel_changes_its_weight(page):
    on_page, twin = shown(page, "filter"), make("filter")
    on_page.reset(twin)
    start, end = on_page.places("kernel", [(0.2, 0.5), (0.2, 0.1)])
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=10)
    page.mouse.up()
    pressed, dragged = on_page.shares("kernel", [start, end])
    point(twin, "kernel", "press", *pressed)
    point(twin, "kernel", "drag", *dragged)
    assert twin.state.kernel[1][0] == 1.5
    assert_same(on_page, twin)


ROLES = {IntSlider: "slider", FloatLogSlider: "slider", Dropdown: "combobox"}


ROLES |= {Checkbox: "checkbox", Button: "button"}


def elements(on_page, twin):
    """Return what can take the focus, found by role and name as a screen reader does."""
    found = {}
    for row in twin.children[:-1]:
        for control in row.children:
            if not getattr(control, "disabled", False):
                role, name = ROLES[type(control)], control.description
                found[name] = on_page.root.get_by_role(role, name=name, exact=True)
    for region in twin.stage.regions:
        name = region["label"]
        found[name] = on_page.root.get_by_role("application", name=name, exact=True)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_tab_reaches_every_control_and_every_region_by_its_name(page, name):
    on_page, twin = shown(page, name), make(name)
    page.evaluate("window.visited = []")
    on_page.root.locator("[role=slider], button, select").first.focus()
    while on_page.root.evaluate("root => root.contains(document.activeElement)"):
        assert page.evaluate("visited.push(document.activeElement)") < 30, "the focus is caught"
        page.keyboard.press("Tab")
    for words, element in elements(on_page, twin).items():
        assert element.count() == 1, words
        assert element.evaluate("element => visited.includes(element)"), words


def test_the_keys_in_the_benchs_settings_go_through_the_image_without_losing_their_place(page):
    on_page = shown(page, "bench")
    on_page.reset(make("bench"))
    focused = "document.activeElement.dataset.region"
    on_page.press("settings", "ArrowUp")
    on_page.wait_for("alt", "the image")
    on_page.settle()
    assert page.evaluate(focused) == "settings"
    order = "root => [...root.querySelectorAll('.sc-region')].map((node) => node.dataset.region)"
    assert on_page.root.evaluate(order) == ["layers", "settings", "left", "right"]
    alt = on_page.alt
    page.keyboard.press("ArrowDown")
    on_page.settle()
    assert on_page.alt != alt
    assert page.evaluate(focused) == "settings"


def test_every_explorer_is_accessible(page):
    add_axe(page)
    found = {name: violations(page, shown(page, name).handle) for name in NAMES}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("name", NAMES)
def test_an_explorer_fits_the_screen_without_scrolling_and_is_not_shrunk(page, name):
    on_page, twin = shown(page, name), make(name)
    box = on_page.root.bounding_box()
    room = page.locator(".jp-Notebook .jp-WindowedPanel-outer").bounding_box()
    assert box["width"] <= room["width"]
    assert box["height"] <= room["height"]
    assert on_page.picture.bounding_box()["width"] == twin.stage.width
    assert on_page.root.evaluate("root => root.scrollWidth <= root.clientWidth")
    screenshot(page, f"{page.place.name}-{name}")


def test_a_shortcut_with_ctrl_reaches_jupyterlab_and_a_single_key_does_not(page):
    region = shown(page, "softmax").root.locator(".sc-region").first
    cells = "jupyterapp.shell.currentWidget.content.widgets.length"
    hidden, before = page.evaluate(f"[jupyterapp.shell.leftCollapsed, {cells}]")
    region.press("b")  # in a notebook, it adds a cell
    for now in (not hidden, hidden):
        region.press("Control+b")
        page.wait_for_function("now => jupyterapp.shell.leftCollapsed === now", arg=now)
    region.press("b")
    assert page.evaluate(cells) == before


def test_an_error_shows_in_the_widget_and_goes_away(page):
    on_page = shown(page, "tiny")
    slider = on_page.root.get_by_role("slider").nth(1)
    for _ in range(2):
        slider.press("ArrowRight")
    on_page.wait_for("error", "does not fit")
    assert "ValueError" in on_page.error
    assert "Change the last setting back" in on_page.error
    screenshot(page, f"{page.place.name}-error")
    slider.press("ArrowLeft")
    on_page.wait_until("root.querySelector('.sc-error').textContent === ''")


def test_a_foreign_request_and_an_error_of_the_console_are_noticed(open_page, lab):
    page, watch = open_page(
        f"{lab.address}/static/favicon.ico"
    )  # no JupyterLab, so that it is quick
    watch.assert_clean()
    page.evaluate("fetch('http://127.0.0.1:9/').catch(() => {})")
    page.evaluate("console.error('something broke')")
    with page.expect_event("pageerror"):
        page.evaluate("void setTimeout(() => { throw new Error('thrown') })")
    page.close()
    assert watch.foreign == ["http://127.0.0.1:9/"]
    assert any("something broke" in error for error in watch.errors)
    assert any("thrown" in error for error in watch.errors)
