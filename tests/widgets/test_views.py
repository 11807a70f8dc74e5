"""A view, copied from one explorer into a fresh one, shows the same: words and picture."""

import pytest
from browser.scene import DIGITS, NAMES, make
from widgets.events import key, point, train

every_explorer = pytest.mark.parametrize("name", NAMES)


def play_filter(explorer):
    explorer.set(image=3, stride=2, padding="same", relu=True)
    key(explorer, "kernel", "ArrowLeft", "2", ".", "5", "Enter")
    key(explorer, "feature map", "ArrowUp", "ArrowLeft")


def play_pooling(explorer):
    explorer.set(image=7, kind="average", window=3, nudge=(-2, 1))
    key(explorer, "pooled", "ArrowDown")


def play_softmax(explorer):
    explorer.set(label=2, temperature=2.0)
    key(explorer, "scores", "ArrowRight", "PageDown", "ArrowUp")
    explorer.step()


def play_gradient(explorer):
    for _ in range(3):
        explorer.step()
    explorer.set(learning_rate=0.1)
    explorer.step()
    explorer.set(image=4)
    explorer.step()
    explorer.step()
    key(explorer, "column 1", "ArrowRight")


def play_scrubber(explorer):
    explorer.set(snapshot=4, image=9)


def play_gradcam(explorer):
    explorer.set(image=5)
    explorer.set(label=1, kind="occlusion")
    key(explorer, "image", " ", "ArrowUp", " ", "ArrowLeft", " ")


def play_adversarial(explorer):
    explorer.set(image=2, levels=9, kind="random signs")


def play_network(explorer):
    explorer.set(image=6)
    key(explorer, "network", " ", "PageDown", " ", "End", "+", "ArrowDown", ",", "ArrowLeft", " ")


def play_bench(explorer):
    key(explorer, "right", "ArrowDown", "8", "ArrowRight", "+")
    key(
        explorer, "left", "1", "ArrowRight", "+", "ArrowRight", "+", "ArrowRight", "ArrowRight", "+"
    )
    explorer.set(updates=1000)


def play_pad(explorer):
    for stroke in DIGITS[4]:
        point(explorer, "pad", "press", *stroke[0], points=[stroke[0]])
        for place in stroke[1:]:
            point(explorer, "pad", "drag", *place, points=[place])
    key(explorer, "pad", " ", "ArrowRight", "ArrowDown")


def play_live(explorer):
    for steps in (70, 30):
        train(explorer, steps)


PLAYS = {
    name.removeprefix("play_"): do for name, do in globals().items() if name.startswith("play_")
}


@every_explorer
def test_a_view_shows_the_same_in_a_fresh_explorer(name):
    first, second = make(name), make(name)
    PLAYS[name](first)
    assert first.last_error is None
    view = first.view
    assert first.stage.view == view
    assert "\n" not in view
    assert len(view) < 1200
    assert second.stage.alt != first.stage.alt
    second.go_to(view)
    assert second.last_error is None
    assert second.stage.alt == first.stage.alt
    assert second.stage.caption == first.stage.caption
    assert second.render() == first.render()
    assert second.view == view
    for field, control in second.controls.items():
        assert control.value == getattr(second.state, field)


@every_explorer
def test_a_view_shows_the_same_in_an_explorer_that_shows_something_else(name):
    first, second = make(name), make(name)
    alt, picture, view = first.stage.alt, first.render(), first.view
    PLAYS[name](second)
    second.go_to(view)
    assert second.stage.alt == alt
    assert second.render() == picture


@every_explorer
def test_after_a_view_the_explorer_goes_on_as_the_first_does(name):
    first, second = make(name), make(name)
    PLAYS[name](first)
    second.go_to(first.view)
    first.reset()
    second.reset()
    assert second.stage.alt == first.stage.alt
    assert second.render() == first.render()


@every_explorer
def test_the_page_can_send_a_view(name):
    explorer = make(name)
    PLAYS[name](explorer)
    view, alt = explorer.view, explorer.stage.alt
    other = make(name)
    answered = other.stage.answered
    send = {"kind": "view", "region": "", "text": f'  "{view}" \n'}
    other._on_message(other.stage, {"events": [send]}, [])
    assert other.stage.alt == alt
    assert other.stage.answered == answered + 1


@every_explorer
def test_a_wrong_view_is_refused_with_a_reason_and_changes_nothing(name):
    explorer = make(name)
    class_name = type(explorer).__name__
    alt, state = explorer.stage.alt, explorer.state
    wrong = {
        "": "this is not a view",
        "hello": "this is not a view",
        f"{class_name}(": "this is not a view",
        f"{class_name}(3)": "this is not a view",
        f"{class_name}(image=__import__('os').getcwd())": "this is not a view",
        "OtherExplorer(image=1)": f"a view of a OtherExplorer, and this is a {class_name}",
        f"{class_name}(colour=1)": f"a view of {class_name} has no 'colour'; it can have",
        "x" * 60_000: "this is not a view",
    }
    for view, message in wrong.items():
        with pytest.raises(ValueError, match=message.replace("(", r"\(")):
            explorer.go_to(view)
        assert explorer.state is state
    send = {"kind": "view", "region": "", "text": "hello"}
    explorer._on_message(explorer.stage, {"events": [send]}, [])
    assert explorer.stage.error.startswith("Nothing has changed: this is not a view")
    assert not explorer.stage.broken  # the picture is still right
    assert explorer.stage.alt == alt
    explorer.go_to(explorer.view)
    assert explorer.stage.error == ""


@pytest.mark.parametrize(
    ("name", "view", "message"),
    [
        ("filter", "FilterExplorer(image=100)", "image=100, expected 0 to 99"),
        ("filter", "FilterExplorer(image=True)", "image=True does not fit"),
        ("filter", "FilterExplorer(preset='none')", "expected one of"),
        ("filter", "FilterExplorer(pixel=(1, 2, 3))", "does not fit"),
        ("filter", "FilterExplorer(cell=(3, 0))", "3 rows and columns"),
        ("filter", "FilterExplorer(drawing='abc', drawn=True)", "damaged"),
        ("pooling", "PoolingExplorer(nudge=(1.5, 0))", "does not fit"),
        ("softmax", "SoftmaxExplorer(temperature=1000)", "expected 0.1 to 10"),
        ("softmax", "SoftmaxExplorer(scores=(9.0, 0.0, 0.0, 0.0, 0.0))", "between -6 and 6"),
        ("softmax", "SoftmaxExplorer(scores=(1.0, 0.0))", "does not fit"),
        ("softmax", "SoftmaxExplorer(scores=(1e999, 0.0, 0.0, 0.0, 0.0))", "does not fit"),
        ("softmax", "SoftmaxExplorer(chosen=7)", "chosen=7"),
        ("gradient", "GradientExplorer(path='0 0 0.1 2000')", "more than 1000 steps"),
        ("gradient", "GradientExplorer(path='0 0 0.1')", "damaged"),
        ("gradient", "GradientExplorer(column=50)", "cannot be shown"),
        ("gradcam", "GradCamExplorer(covered=[(0, 99)])", "outside the grid"),
        ("gradcam", "GradCamExplorer(covered=3)", "does not fit"),
        ("live", "LiveTraining(runs='3000')", "at most 2000 updates"),
        ("live", "LiveTraining(runs='-1')", "damaged"),
        ("live", "LiveTraining(runs=3)", "runs=3 does not fit: expected text in quotation marks"),
        ("bench", "ArchitectureExplorer(networks=3)", "networks=3 does not fit"),
        ("gradient", "GradientExplorer(path=[3])", "does not fit"),
        ("pad", "DigitPad(strokes=3)", "strokes=3 does not fit"),
        ("pad", "DigitPad(picture=b'eJwDAAAAAAE=')", "does not fit"),
        ("filter", "FilterExplorer(drawing=3.5, drawn=True)", "does not fit"),
        ("pad", "DigitPad(strokes='3:abc')", "damaged"),
        ("pad", "DigitPad(picture='eJwDAAAAAAE=')", "damaged"),
    ],
)
def test_what_does_not_fit_is_refused(name, view, message):
    explorer = make(name)
    state = explorer.state
    with pytest.raises(ValueError, match=message):
        explorer.go_to(view)
    assert explorer.state is state
