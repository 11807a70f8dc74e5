"""Each mission says what is missing, notices when it is done, and harms nothing."""

import asyncio
import itertools
import re

import numpy as np
import pytest
from browser.scene import DIGITS, images, make, new_model, recording
from widgets.events import key, point, send

from scratchcnn import SGD
from scratchcnn.data.strokes import as_mnist
from scratchcnn.widgets import (
    ArchitectureExplorer,
    DigitPad,
    FilterExplorer,
    LiveTraining,
    PoolingExplorer,
    SoftmaxExplorer,
    mission,
)
from scratchcnn.widgets.mission_list import MISSIONS


def gray(index):
    """An image of the sample as gray levels (28, 28)."""
    return np.rint((images()[0][index, :, :, 0] + 0.5) * 255).astype(np.uint8)


def a_seven():
    """A 7 with a bar, as pixels: (1, 28, 28)."""
    return as_mnist(DIGITS[7])[None]


def explorer_for(number):
    """Return the explorer that a mission is about."""
    makers = {
        2: lambda: FilterExplorer(a_seven()),
        3: lambda: PoolingExplorer(np.stack([gray(k) for k in range(60)])),
        5: lambda: SoftmaxExplorer(),
        4: lambda: PoolingExplorer(bars()),
        1: lambda: make("pad"),
        6: lambda: live(),
        7: lambda: make("network"),
        8: lambda: make("network"),
        9: lambda: bench(),
    }
    return makers[number]()


def bars():
    """A digit, and a bar that begins in an even column and is three pixels wide: (2, 28, 28)."""
    bar = np.zeros((28, 28), np.uint8)
    bar[6:22, 10:13] = 255
    return np.stack([gray(0), bar])


def live(**options):
    x, y = images()
    options = {"epochs": 3, "batch_size": 8, "optimizer": SGD(0.05), **options}
    return LiveTraining(new_model(), x[:400], y[:400], **options)


def bench():
    x, y = images()
    return ArchitectureExplorer(x[:500], y[:500], (x[1000:1300], y[1000:1300]))


@pytest.mark.parametrize("number", MISSIONS)
def test_at_first_a_mission_is_not_done_and_says_what_to_do(number):
    task = mission(number, explorer_for(number), recording().model)
    assert not task.done
    assert len(task.words.split()) >= 4
    text = task._repr_mimebundle_()[0]["text/plain"]
    assert text == f"{task.task}\nNot done yet. {task.words}"
    assert text.startswith(f"Mission {number}: ")
    # The same words each time, so that a stored notebook can be compared.
    assert str(mission(number, explorer_for(number), recording().model)) == text


def test_2_a_kernel_that_fires_on_the_bar_is_one_of_your_own():
    explorer = explorer_for(2)
    task = mission(2, explorer)
    explorer.set(preset="horizontal edges")
    assert "Now change its weights." in task.words
    explorer.set(kernel=((-1, 0, 1), (-1, 0, 1), (-1, 0, 1)))  # fires on the slanted stroke
    assert not task.done
    explorer.set(kernel=((0, 0, 0), (0, 1.25, 0), (0, 0, 0)))  # as strongly as anywhere else
    assert not task.done
    explorer.set(kernel=((-1, -1, -1), (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)))
    assert task.done
    bar, rest = map(float, re.findall(r"\d+\.\d+", task.words))
    feature_map = explorer.feature_map  # the center of row i is in row i + 1 of the image
    assert bar == pytest.approx(feature_map[:12].max(), abs=6e-3)
    assert rest == pytest.approx(feature_map[12:].max(), abs=6e-3)
    assert bar >= 1.6 * rest


@pytest.mark.parametrize("change", [{"stride": 2}, {"padding": "same"}])
def test_2_needs_the_settings_under_which_it_can_find_the_bar(change):
    explorer = explorer_for(2)
    task = mission(2, explorer)
    explorer.set(kernel=((-1, -1, -1), (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)), **change)
    assert not task.done
    assert "stride" in task.words


def test_3_an_image_is_read_differently_once_moved_by_one_pixel():
    explorer, model = explorer_for(3), recording().model
    task = mission(3, explorer, model)
    x, answers = images()[0][:60], model.predict(images()[0][:60]).argmax(axis=1)
    moved = np.roll(x, 1, axis=2)  # the margins are blank
    differ = np.flatnonzero(model.predict(moved).argmax(axis=1) != answers)
    fooled, steady = differ[differ > 0][0], np.setdiff1d(np.arange(1, 60), differ)[0]
    explorer.set(image=int(steady), nudge=(0, 1))
    assert not task.done
    assert f"The network reads image {steady} as {answers[steady]}" in task.words
    explorer.set(image=int(fooled), nudge=(0, 2))
    assert not task.done
    assert "exactly one pixel" in task.words
    explorer.set(nudge=(0, 1))
    assert task.done
    assert (
        f"The network reads image {fooled} as {answers[fooled]}, and after moving it 1"
        in task.words
    )


def test_3_asks_for_the_network():
    assert "mission(3, pooling, network)" in mission(3, explorer_for(3)).words


def test_5_the_loss_rises_above_3_with_exactly_two_scores_moved():
    explorer = explorer_for(5)
    task = mission(5, explorer)
    explorer.set(scores=(-6.0, 1.0, 0.0, -1.0, 0.5))
    assert explorer.numbers.loss > 3
    assert not task.done
    assert "you have moved 1 score." in task.words
    explorer.set(scores=(2.0, 1.0, 0.1, -1.0, 0.6))
    assert not task.done
    explorer.set(scores=(-2.0, 1.0, 0.0, -1.0, 3.0), label=1)
    assert "Leave the correct class at 0" in task.words
    explorer.set(label=0)
    assert task.done


def test_4_max_pooling_hides_a_nudge_of_a_bar_but_not_of_a_digit():
    explorer = explorer_for(4)
    task = mission(4, explorer)
    assert "and 43 after pooling" in task.words
    explorer.set(image=1, nudge=(0, -1))
    assert not task.done
    explorer.set(window=3)
    assert "a window of 2" in task.words
    explorer.set(window=2, nudge=(0, 0))
    assert not task.done
    explorer.set(nudge=(0, 1))
    assert task.done
    assert "32 pixels change in the image, and 0 after pooling" in task.words


def test_4_what_the_explorer_opens_with_does_not_count():
    task = mission(4, PoolingExplorer(bars()[1:]))
    assert "and 0 after pooling" in task.words
    assert not task.done


def draw(pad, digit, width=1.0, slant=0.0):
    for stroke in DIGITS[digit]:
        stroke = [(width * x - slant * y + slant, y) for x, y in stroke]
        send(pad, kind="press", region="pad", points=stroke[:1])
        send(pad, kind="drag", region="pad", points=stroke[1:])


def test_1_a_drawn_three_counts_only_if_the_network_is_sure():
    pad = make("pad")
    task = mission(1, pad)
    draw(pad, 7)
    assert "The network reads 7" in task.words
    pad.reset()
    assert "Draw on the pad" in task.words
    draw(pad, 3, width=0.7, slant=0.1)
    assert 0.9 < pad.probabilities[3] < 0.99
    assert not task.done
    assert "The network reads 3" in task.words
    pad.reset()
    draw(pad, 3)
    assert task.done
    assert f"a 3 is {pad.probabilities[3]:.1%}" in task.words


def test_1_the_drawing_that_the_pad_opens_with_does_not_count():
    pad = DigitPad(recording().model, drawing=DIGITS[3])
    assert pad.probabilities[3] > 0.99
    assert not mission(1, pad).done


def finish(explorer, is_enough=lambda run: False):
    """Train to the end, or until the run is long enough."""
    on_batch_end = explorer.on_batch_end

    def note(batch):
        on_batch_end(batch)
        if is_enough(explorer.run):
            batch.model.stop_training = True

    explorer.on_batch_end = note
    explorer.start()
    asyncio.run(explorer.background.wait())
    explorer.on_batch_end = on_batch_end


def test_6_to_stop_in_the_epoch_in_which_the_accuracy_passes_80_percent():
    explorer = live()
    task = mission(6, explorer)
    finish(explorer)
    steps, accuracies = explorer.state.accuracy
    first = float(steps[accuracies > 0.8][0])
    epoch = int(np.ceil(first / 50))
    assert not task.done
    assert f"passed 80% in epoch {epoch}" in task.words
    assert "Press Reset and try again" in task.words
    explorer.reset()
    assert "press Start" in task.words
    finish(explorer, lambda run: run.step == 4)
    assert "Epoch 1: the accuracy has not passed 80% yet. Press Start" in task.words
    explorer.reset()
    finish(explorer, lambda run: (run.accuracies.points[1] > 0.8).any())
    assert task.done
    step = explorer.state.step
    assert f"You stopped in epoch {np.ceil(step / 50):.0f}, after step {step}" in task.words


def test_9_the_right_network_wins_with_less_to_learn():
    explorer = bench()
    task = mission(9, explorer)
    assert "has 20,618 parameters, the left one 13,602. What makes it smaller?" in task.words
    key(explorer, "right", *["ArrowDown"] * 4, "3")
    assert "has 5,258 parameters, the left one 13,602. Now press Start." in task.words
    key(explorer, "right", "7")
    assert "Fix the right network first." in task.words
    key(explorer, "right", "Delete")
    key(explorer, "left", "Delete")
    assert "Don't change the left network" in task.words
    key(explorer, "left", "Escape")
    explorer.start()
    asyncio.run(explorer.background.wait())
    left, right = (result.testing[1][-1] for result in explorer.state.results)
    assert f"{right:.1%} of the test images correctly, the left one {left:.1%}." in task.words
    assert task.done == (right > left)
    assert task.done


def test_a_mission_that_is_done_stays_done():
    explorer = explorer_for(5)
    task = mission(5, explorer)
    key(explorer, "scores", *["PageDown"] * 4, "ArrowRight", "PageUp")
    assert task.done
    words = task.words
    explorer.reset()
    assert (task.done, task.words) == (True, words)


def test_a_mission_for_another_explorer_says_so_and_stops_nothing():
    task = mission(5, make("pooling"))
    assert not task.done
    assert task.words == "This mission needs a SoftmaxExplorer, not a PoolingExplorer."


def test_an_error_in_a_check_shows_in_words_and_leaves_the_explorer_alone():
    explorer = explorer_for(3)
    task = mission(3, explorer, model="no network")
    assert "AttributeError" in task.words
    point(explorer, "image", "press", 0.5, 0.5)
    assert explorer.stage.error == ""


def test_a_closed_mission_no_longer_watches():
    explorer = explorer_for(5)
    task = mission(5, explorer)
    task.close()
    words = task.words
    explorer.set(scores=(0.0,) * 5)
    assert task.words == words
    task.close()  # as ipywidgets does when the object is deleted


def test_7_three_maps_off_that_cost_no_accuracy():
    explorer = explorer_for(7)
    task = mission(7, explorer)
    explorer.set(off=frozenset({(2, 0)}))
    assert "first layer" in task.words
    explorer.set(off=frozenset({(1, 0), (1, 1)}))
    assert "Maps switched off: 2." in task.words
    assert not task.done
    explorer.set(off=frozenset((1, channel) for channel in range(8)))
    assert not task.done
    before = explorer.run.accuracy(frozenset())
    choices = itertools.combinations([(1, channel) for channel in range(8)], 3)
    best = max(map(frozenset, choices), key=explorer.run.accuracy)
    assert explorer.run.accuracy(best) >= before - 0.01
    explorer.set(off=best)
    assert task.done


def test_8_an_answer_that_falls_with_a_single_map():
    explorer = explorer_for(8)
    task = mission(8, explorer)
    changed = {}
    for image, channel in itertools.product(range(100), range(8)):
        off = frozenset({(1, channel)})
        answers = [explorer.run.activations(image, o)[-1].argmax() for o in (off, frozenset())]
        changed.setdefault(bool(answers[0] != answers[1]), (image, off))
    image, off = changed[False]
    explorer.set(image=image, off=off)
    assert not task.done
    image, off = changed[True]
    explorer.set(image=image, off=off | {(2, 0)})
    assert "exactly one" in task.words
    assert not task.done
    explorer.set(off=off)
    assert task.done


def test_a_number_that_no_mission_has_is_an_error():
    with pytest.raises(ValueError, match="number is 10, expected 1 to 9"):
        mission(10, make("softmax"))
