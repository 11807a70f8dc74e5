"""What all explorers share: they show errors, name their controls, and leave nothing behind."""

import io
import re
import threading

import ipywidgets
import numpy as np
import pytest
from browser.scene import NAMES, make
from ipywidgets.widgets.widget import _instances
from PIL import Image

from scratchcnn.widgets import PoolingExplorer

every_explorer = pytest.mark.parametrize("name", NAMES)


def parts(widget):
    return [widget, *(part for child in getattr(widget, "children", ()) for part in parts(child))]


def receive(explorer, *events):
    """Take a message of the page, as the kernel does."""
    explorer._on_message(explorer.stage, {"events": list(events)}, [])


@every_explorer
def test_the_frame_on_the_page_is_the_one_that_render_returns(name):
    explorer = make(name)
    assert explorer.last_error is None
    assert explorer.stage.frame == explorer.render()
    picture = Image.open(io.BytesIO(explorer.render()))
    assert picture.size == (explorer.stage.width, explorer.stage.height)


@every_explorer
def test_rendering_twice_gives_the_same_frame_and_leaves_the_state_alone(name):
    explorer = make(name)
    state = explorer.state
    assert explorer.render() == explorer.render()
    assert explorer.state is state


@every_explorer
def test_every_control_says_what_it_is(name):
    controls = [
        part
        for part in parts(make(name))
        if isinstance(part, ipywidgets.ValueWidget | ipywidgets.Button)
        and not isinstance(part, ipywidgets.Box)
    ]
    assert controls
    for control in controls:
        assert control.description, control
        assert len(control.tooltip.split()) >= 2, control


@every_explorer
def test_picture_and_regions_are_described_in_words(name):
    explorer = make(name)
    assert len(explorer.stage.alt.split()) >= 5
    for region in explorer.stage.regions:
        assert re.search("arrow key|left and right arrow", region["label"]), region
        assert region["x"] >= 0
        assert region["y"] >= 0
        assert region["x"] + region["width"] <= explorer.stage.width
        assert region["y"] + region["height"] <= explorer.stage.height


# Where a finger draws, or drags up and down; everywhere else it scrolls the page.
DRAGGED = {"kernel", "scores", "pad"}
DRAGGED_IN = {"pooling": {"image"}, "gradcam": {"image"}}


@every_explorer
def test_a_finger_scrolls_the_page_except_where_it_draws_or_drags(name):
    for region in make(name).stage.regions:
        wanted = region["name"] in DRAGGED | DRAGGED_IN.get(name, set())
        assert region["drag"] is wanted, region["name"]


@every_explorer
def test_no_description_repeats_itself_within_an_explorer(name):
    names = [part.description for part in parts(make(name)) if getattr(part, "description", "")]
    assert len(set(names)) == len(names)


@every_explorer
def test_a_dense_screen_gets_twice_the_pixels_in_the_same_room(name):
    explorer = make(name)
    size = explorer.stage.width, explorer.stage.height
    receive(explorer, {"kind": "display", "ratio": 2.0})
    picture = Image.open(io.BytesIO(explorer.stage.frame))
    assert picture.size == (2 * size[0], 2 * size[1])
    assert (explorer.stage.width, explorer.stage.height) == size


@every_explorer
def test_an_exception_shows_in_the_widget_and_the_page_gets_its_answer(name):
    explorer = make(name)
    state, answered = explorer.state, explorer.stage.answered
    explorer.handle = lambda state, event: 1 / 0
    receive(explorer, {"kind": "key", "region": "any", "key": "Home"})
    assert "ZeroDivisionError: division by zero" in explorer.stage.error
    assert "Change the last setting back" in explorer.stage.error
    assert explorer.stage.broken
    assert isinstance(explorer.last_error, ZeroDivisionError)
    assert explorer.state is state
    assert explorer.stage.answered == answered + 1


@every_explorer
def test_an_exception_while_drawing_shows_in_the_widget_too(name):
    explorer = make(name)
    explorer.draw = lambda state, scale: [][1]
    explorer.show()
    assert "IndexError" in explorer.stage.error
    del explorer.draw
    explorer.show()
    assert (explorer.stage.error, explorer.stage.broken) == ("", False)
    assert explorer.last_error is None


def test_a_wrong_setting_is_explained_and_a_right_one_ends_the_error():
    explorer = PoolingExplorer(np.arange(9).reshape(3, 3))
    explorer.controls["window"].value = 4
    assert "a window of (4, 4) does not fit in an image of (3, 3)" in explorer.stage.error
    assert explorer.state.window == 2
    explorer.controls["window"].value = 3
    assert explorer.stage.error == ""
    assert explorer.state.window == 3


def test_a_control_sets_the_state_and_the_state_sets_the_control():
    explorer = make("pooling")
    explorer.controls["kind"].value = "average"
    assert explorer.state.kind == "average"
    explorer.set(window=3, stride=1)
    assert (explorer.controls["window"].value, explorer.controls["stride"].value) == (3, 1)
    explorer.reset()
    assert explorer.controls["kind"].value == "max"
    assert explorer.state == explorer.first_state


def test_a_control_moved_while_another_thread_shows_a_state_is_not_lost():
    explorer = make("pooling")
    showing, go_on = threading.Event(), threading.Event()

    def hold_up(change):
        showing.set()
        go_on.wait(30)

    explorer.controls["window"].observe(hold_up, "value")
    first = threading.Thread(target=explorer.set, kwargs={"window": 3})
    second = threading.Thread(target=explorer.controls["kind"].set_trait, args=("value", "average"))
    first.start()
    assert showing.wait(30)
    second.start()
    second.join(0.2)  # it has to wait for the first
    go_on.set()
    first.join(30)
    second.join(30)
    assert (explorer.state.window, explorer.state.kind) == (3, "average")


def test_a_field_that_does_not_exist_shows_as_an_error():
    explorer = make("pooling")
    explorer.set(colour=3)
    assert "colour" in explorer.stage.error


@every_explorer
def test_close_takes_every_part_out_of_the_kernels_memory(name):
    make(name).close()  # classes may make things of their own, once
    before = set(_instances)
    explorer = make(name)
    assert len(_instances) > len(before)
    explorer.close()
    explorer.close()  # as ipywidgets does when the object is deleted
    assert set(_instances) == before


@every_explorer
def test_where_no_widget_can_run_a_still_picture_with_its_description_shows(name):
    explorer = make(name)
    data, metadata = explorer._repr_mimebundle_()
    still, picture = explorer.still(), Image.open(io.BytesIO(data["image/png"]))
    assert (np.asarray(picture) == np.asarray(still.picture)).all()
    assert metadata["image/png"]["alt"] == still.alt
    # Shown this wide, the text is as large as the 11 points of the figures at 100 dots an inch.
    assert metadata["image/png"]["width"] / explorer.stage.width * 12 >= 11 / 72 * 100
    assert picture.width >= 1.5 * metadata["image/png"]["width"]
    assert "run this cell" in data["text/plain"]


@every_explorer
def test_listeners_hear_of_every_state_that_is_shown_until_they_leave(name):
    explorer, heard = make(name), []
    leave = explorer.on_change(lambda: heard.append(explorer.state))
    explorer.change(lambda state: state)
    assert heard == [explorer.state]
    leave()
    explorer.show()
    assert len(heard) == 1


def test_a_still_that_cannot_be_drawn_leaves_the_picture_on_the_page():
    explorer = make("softmax")
    explorer.still = lambda: 1 / 0
    data, _ = explorer._repr_mimebundle_()
    assert data["image/png"] == explorer.stage.frame


class Shell:
    """As much of IPython as tells which cell runs, and for the how often cells have run."""

    def __init__(self, cell, count):
        self.cell, self.execution_count = cell, count

    def get_parent(self):
        return {"metadata": {"cellId": self.cell}}


class BrowserShell:
    """The same in a browser, where the kernel knows which cell runs."""

    def __init__(self, cell, count):
        self.kernel, self.execution_count = Shell(cell, count), count


@pytest.mark.parametrize("shell", [Shell, BrowserShell])
def test_running_a_cell_again_closes_what_its_last_run_left(shell, monkeypatch):
    def run(cell, count):
        monkeypatch.setattr("IPython.get_ipython", lambda: shell(cell, count))
        return [make("softmax"), make("softmax")]

    first, other, again = run("a", 1), run("b", 2), run("a", 3)
    assert [explorer.comm is None for explorer in first] == [True, True]
    assert all(explorer.comm is not None for explorer in (*other, *again))
