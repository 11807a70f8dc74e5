"""What a view says and brings along: drawings, trainings, and nothing that does not fit."""

import dataclasses

import numpy as np
import pytest
from browser.scene import images, make, new_model
from widgets.events import train

from scratchcnn import Adam, Dense, Flatten, Sequential
from scratchcnn.widgets import (
    DigitPad,
    FilterExplorer,
    LiveTraining,
    NetworkExplorer,
    SoftmaxExplorer,
)
from scratchcnn.widgets.base import Explorer
from scratchcnn.widgets.frames import Canvas, Frame
from scratchcnn.widgets.pad_state import read_strokes, rounded, write_strokes


def test_at_first_a_view_is_short_and_readable():
    assert SoftmaxExplorer().view == "SoftmaxExplorer()"
    explorer = make("filter")
    explorer.set(image=3, stride=2, preset="blur")
    assert explorer.view.startswith("FilterExplorer(preset='blur', image=3, stride=2")


def test_a_view_of_a_filtered_drawing_brings_the_drawing_along():
    pad = DigitPad(make("pad").model, drawing=7)
    raw = np.zeros((2, 28, 28), np.uint8)
    raw[1] = 255
    first = FilterExplorer(raw, pad=pad)
    first.set(drawn=True)
    assert "drawing=" in first.view
    second = FilterExplorer(raw, pad=DigitPad(make("pad").model, drawing=1))
    second.go_to(first.view)
    assert second.stage.alt == first.stage.alt
    assert second.render() == first.render()


def test_a_picture_on_the_pad_is_part_of_its_view():
    first, second = make("pad"), make("pad")
    first.load(np.rint((images()[0][3, :, :, 0] + 0.5) * 255).astype(np.uint8))
    second.go_to(first.view)
    assert second.render() == first.render()
    assert second.stage.alt == first.stage.alt


def test_strokes_are_read_back_exactly_and_half_a_page_of_drawing_stays_short():
    rng = np.random.default_rng(0)
    walk = np.cumsum(rng.normal(scale=0.01, size=(400, 2)), axis=0) * 0.1 + 0.5
    strokes = (rounded(walk[:150]), rounded(walk[150:399]), rounded(walk[399:]))
    text = write_strokes(strokes)
    assert read_strokes(text) == strokes
    assert len(text) < 1500


def test_ink_on_the_page_is_removed_when_a_view_comes():
    pad = make("pad")
    sheet = pad.state.sheet
    pad.go_to("DigitPad()")
    assert pad.state.sheet == sheet + 1


def test_a_training_with_adam_can_be_made_again_after_reset_and_by_its_view():
    x, y = images()

    def one():
        return LiveTraining(new_model(), x[:200], y[:200], 2, 10, optimizer=Adam(0.01))

    first, second = one(), one()
    train(first, 15)
    train(first, 99)  # to the end
    assert first.state.runs == (15, 40)
    assert first.stage.caption.startswith("Done after step 55")
    second.go_to(first.view)
    assert second.stage.alt == first.stage.alt
    assert second.stage.caption == first.stage.caption
    second.reset()
    train(second, 15)
    train(second, 99)
    assert second.stage.alt == first.stage.alt


def test_a_network_explorer_of_other_layers_refuses_what_it_has_not():
    model = Sequential([Flatten(), Dense(10)], (28, 28, 1), seed=0)
    explorer = NetworkExplorer(model, np.zeros((2, 28, 28, 1)), np.zeros(2, int))
    with pytest.raises(ValueError, match="layer=3, expected one of"):
        explorer.go_to("NetworkExplorer(layer=3)")
    explorer.go_to("NetworkExplorer(off=[(1, 500)], channel=99)")
    assert explorer.state.off == frozenset()
    assert explorer.state.channel == 9


def test_an_explorer_with_an_array_in_its_state_has_a_view_without_it():
    @dataclasses.dataclass(frozen=True, eq=False)
    class State:
        pixels: np.ndarray
        size: int = 1
        values: object = dataclasses.field(default_factory=list)

    class Own(Explorer):
        def draw(self, state, scale=1):
            canvas = Canvas(40, 20, scale)
            return Frame(canvas.picture, alt=f"Own {state.size}")

    first, second = (Own(State(np.zeros(3)), {}, []) for _ in range(2))
    first.set(size=4)
    assert first.view == "Own(size=4)"
    second.go_to(first.view)
    assert second.stage.alt == "Own 4"
