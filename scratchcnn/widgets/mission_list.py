"""The missions: what to do on which explorer, and how to tell that it is done."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchcnn.network import Sequential
from scratchcnn.widgets.base import Explorer
from scratchcnn.widgets.bench import ArchitectureExplorer
from scratchcnn.widgets.colors import number
from scratchcnn.widgets.filters import FilterExplorer
from scratchcnn.widgets.kernels import CUSTOM
from scratchcnn.widgets.live import LiveTraining
from scratchcnn.widgets.network import NetworkExplorer
from scratchcnn.widgets.nudge import nudge_text
from scratchcnn.widgets.pad import DigitPad
from scratchcnn.widgets.pooling import PoolingExplorer
from scratchcnn.widgets.softmax import SoftmaxExplorer

BAR = 0.3  # the bar of a 7 is in the upper part of its ink, this much of its height
STRONGER = 1.6  # how much more a kernel has to give there
LOSS, SURE, ACCURACY = 3.0, 0.99, 0.8
SPARED, FALL = 3, 0.01  # maps to switch off, and how far the accuracy may fall


@dataclass
class Answer:
    """Whether a mission is done, and in words what was reached or is missing."""

    done: bool
    words: str


@dataclass
class Task:
    """A mission.

    Attributes
    ----------
    words : str
        What to do.
    explorer : type
        The explorer that it is about.
    check : function
        Takes the explorer, and the network or None, and returns an `Answer`.
    """

    words: str
    explorer: type[Explorer]
    check: Callable[[Any, Sequential | None], Answer]


def fires_on_the_bar(explorer: FilterExplorer, _: Sequential | None) -> Answer:
    """Check for a kernel of one's own that gives more on the bar of a 7 than below it."""
    state = explorer.state
    if state.drawn:
        return Answer(False, 'Turn off "My drawing" and choose image 0.')
    if state.image:
        return Answer(False, "Choose image 0: it is the 7 of this mission.")
    if (state.stride, state.padding) != (1, "valid"):
        return Answer(False, "Set the stride to 1 and the padding to valid.")
    bar, rest = bar_and_rest(explorer.image, explorer.feature_map)
    whose = "Your" if state.preset == CUSTOM else "This"
    outputs = f"{number(bar)} on the bar and {number(rest)} below it"
    words = f"{whose} kernel's largest output is {outputs}."
    if state.preset != CUSTOM:
        return Answer(False, f"{words} Now change its weights.")
    return Answer(bar > 0 and bar >= STRONGER * rest, words)


def bar_and_rest(image: np.ndarray, feature_map: np.ndarray) -> tuple[float, float]:
    """Return the largest output of a 3x3 kernel on the bar of a 7, and the largest below it."""
    middle = (image.min() + image.max()) / 2
    inked = np.flatnonzero((image > middle).any(axis=1))
    end = inked[0] + BAR * (inked[-1] - inked[0] + 1)
    centers = 1 + np.arange(len(feature_map))  # the rows of the image under the kernel's center
    on_bar = centers < end
    return float(feature_map[on_bar].max()), float(feature_map[~on_bar].max())


def fooled_by_a_move(explorer: PoolingExplorer, model: Sequential | None) -> Answer:
    """Check for an image that the network reads as another digit once moved by one pixel."""
    if model is None:
        return Answer(False, "Pass the network to this mission: mission(3, pooling, network).")
    image = explorer.images[explorer.state.image]
    before, after = (
        int(model.predict(as_input(pixels, explorer, model)).argmax())
        for pixels in (image, explorer.image)
    )
    words = f"The network reads image {explorer.state.image} as {before}"
    if any(explorer.state.nudge):
        words += f", and after moving it {nudge_text(explorer.state.nudge)}, as {after}"
    missing = what_to_move(explorer)
    return Answer(before != after and not missing, f"{words}.{missing}")


def as_input(image: np.ndarray, explorer: PoolingExplorer, model: Sequential) -> np.ndarray:
    """Bring an image (H, W) of the explorer to the network's scale: -> (1, H, W, 1)."""
    scaled = (image - explorer.low) / (explorer.high - explorer.low) - 0.5
    return np.asarray(scaled[None, :, :, None], model.dtype)


def what_to_move(explorer: PoolingExplorer) -> str:
    """Say what to do if the reader has not moved an image by one pixel, straight or diagonally."""
    state, first = explorer.state, explorer.first_state
    if (state.image, state.nudge) == (first.image, first.nudge):
        return " Now choose an image and a move of your own."
    return "" if max(map(abs, state.nudge)) == 1 else " Move it by exactly one pixel."


def loss_raised(explorer: SoftmaxExplorer, _: Sequential | None) -> Answer:
    """Check for a loss above 3 with two scores moved, and nothing else."""
    state, first = explorer.state, explorer.first_state
    if (state.label, state.temperature) != (first.label, first.temperature):
        name = explorer.classes[first.label]
        return Answer(False, f"Leave the correct class at {name} and the temperature at 1.")
    moved = sum(a != b for a, b in zip(state.scores, first.scores, strict=True))
    words = f"The loss is {number(explorer.numbers.loss, 3)}; you have moved {moved} "
    words += "score." if moved == 1 else "scores."
    return Answer(explorer.numbers.loss > LOSS and moved == 2, words)


def hidden_by_pooling(explorer: PoolingExplorer, _: Sequential | None) -> Answer:
    """Check for a nudge that changes the image, but not what max pooling makes of it."""
    state = explorer.state
    if (state.kind, state.window, state.stride) != ("max", 2, 2):
        return Answer(False, "Set max pooling, a window of 2 and a stride of 2.")
    before, after = explorer.changes
    words = (
        f"Image {state.image}, moved {nudge_text(state.nudge)}: {before.changed} pixels change "
        f"in the image, and {after.changed} after pooling."
    )
    missing = what_to_move(explorer)
    return Answer(before.changed > 0 and after.changed == 0 and not missing, words + missing)


def a_sure_three(explorer: DigitPad, _: Sequential | None) -> Answer:
    """Check for a drawing that the network calls a 3 with more than 99%."""
    state, probabilities = explorer.state, explorer.probabilities
    if state.example or state.is_empty:
        return Answer(False, "Draw on the pad.")
    best = int(probabilities.argmax())
    words = f"The network reads {best}; its probability for a 3 is {probabilities[3]:.1%}."
    return Answer(bool(probabilities[3] > SURE), words)


def stopped_in_time(explorer: LiveTraining, _: Sequential | None) -> Answer:
    """Check for a training that was stopped in the epoch in which the accuracy passed 80%."""
    state = explorer.state
    if not state.step:
        return Answer(False, "Choose a pace and press Start.")
    steps, accuracies = state.accuracy
    epoch = math.ceil(state.step / explorer.steps_per_epoch)
    passed = steps[accuracies > ACCURACY]
    if not len(passed):
        words = f"Epoch {epoch}: the accuracy has not passed {ACCURACY:.0%} yet."
        return Answer(False, words + ("" if state.running else " Press Start to continue."))
    first = math.ceil(passed[0] / explorer.steps_per_epoch)
    words = f"The accuracy passed {ACCURACY:.0%} in epoch {first}, around step {passed[0]:.0f}."
    again = " Press Reset and try again."
    if state.running:
        again = f" Too late.{again}"
        return Answer(False, words + (" Stop now!" if epoch == first else again))
    words += f" You stopped in epoch {epoch}, after step {state.step}."
    return Answer(epoch == first, words + ("" if epoch == first else again))


def spared(explorer: NetworkExplorer, _: Sequential | None) -> Answer:
    """Check for three maps of the first layer that the network can do without."""
    off = [channel for layer, channel in explorer.state.off if layer == 1]
    if len(off) < len(explorer.state.off):
        return Answer(False, f"Switch off only maps of the first layer ({explorer.titles[1]}).")
    now, before = explorer.accuracy
    words = f"Maps switched off: {len(off)}. Accuracy: {now:.1%} ({before:.1%} with all maps on)."
    return Answer(len(off) >= SPARED and now >= before - FALL - 1e-9, words)


def changed_by_one(explorer: NetworkExplorer, _: Sequential | None) -> Answer:
    """Check for an image that is read differently without a single map."""
    state = explorer.state
    now, before = (explorer.names[int(p.argmax())] for p in explorer.probabilities)
    words = f"The network reads image {state.image} as {now} (with everything on: {before})."
    if len(state.off) != 1:
        return Answer(False, words + " Switch off exactly one map.")
    return Answer(now != before, words)


def beaten_by_less(explorer: ArchitectureExplorer, _: Sequential | None) -> Answer:
    """Check for a right network that reads more test images than the left, with less to learn."""
    state = explorer.state
    if state.networks[0] != explorer.first_state.networks[0]:
        return Answer(False, "Don't change the left network: press Undo or Reset.")
    left, right = (explorer.report(side).parameters for side in (0, 1))
    words = f"The right network has {right:,} parameters, the left one {left:,}."
    if explorer.report(1).problem is not None:
        return Answer(False, f"{words} Fix the right network first.")
    if right >= left:
        return Answer(False, f"{words} What makes it smaller?")
    made = [result.updates for result in state.results]
    if state.running or min(made) < state.updates:
        next_step = "Wait for the training to finish." if state.running else "Now press Start."
        return Answer(False, f"{words} {next_step}")
    reached = [float(result.testing[1][-1]) for result in state.results]
    words += f" It reads {reached[1]:.1%} of the test images correctly, "
    words += f"the left one {reached[0]:.1%}."
    return Answer(reached[1] > reached[0], words)


MISSIONS = {
    1: Task(
        "Draw a digit that the network calls a 3 with a probability above 99%.",
        DigitPad,
        a_sure_three,
    ),
    2: Task(
        "Make a kernel of your own that fires on the bar of the 7 (image 0). Start from kernel 0 "
        "of the network (learned 0) and change its weights until its largest output on the bar "
        f"is at least {STRONGER} times its largest output anywhere below it.",
        FilterExplorer,
        fires_on_the_bar,
    ),
    3: Task(
        "Fool the network by moving an image one pixel. Find an image that it then reads as a "
        "different digit.",
        PoolingExplorer,
        fooled_by_a_move,
    ),
    4: Task(
        "Find an image and a one-pixel nudge that 2 × 2 max pooling hides completely: the image "
        "changes, but not a single pooled pixel does.",
        PoolingExplorer,
        hidden_by_pooling,
    ),
    5: Task(
        "Raise the loss of the correct class above 3 by moving exactly two scores.",
        SoftmaxExplorer,
        loss_raised,
    ),
    6: Task(
        "Train, and press Stop in the first epoch in which the accuracy passes 80%.",
        LiveTraining,
        stopped_in_time,
    ),
    7: Task(
        f"Which kernels can the network do without? Switch off {SPARED} maps of its first layer, "
        f"and lose no more than {100 * FALL:.0f} percentage point of accuracy.",
        NetworkExplorer,
        spared,
    ),
    8: Task(
        "Find an image that the network reads differently when just one map is switched off.",
        NetworkExplorer,
        changed_by_one,
    ),
    9: Task(
        "Beat the left network with fewer parameters. Change the right network, train both, and "
        "read more of the test images correctly.",
        ArchitectureExplorer,
        beaten_by_less,
    ),
}
