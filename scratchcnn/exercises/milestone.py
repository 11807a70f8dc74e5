"""milestone: train a network with a student's functions, and say whether it reads digits."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from contextlib import redirect_stdout, suppress
from types import SimpleNamespace
from typing import Any

import numpy as np

from scratchcnn._utils.progress import progress_bar
from scratchcnn.data.mnist import load_mnist_test
from scratchcnn.exercises.board import report
from scratchcnn.exercises.checking import examine
from scratchcnn.exercises.declaration import EXERCISES, Function
from scratchcnn.exercises.feedback import error_block
from scratchcnn.exercises.milestone_declaration import MILESTONES, Milestone, Trained, in_order
from scratchcnn.exercises.own_functions import Clock, Own, Stopped
from scratchcnn.exercises.progress import remember_milestone
from scratchcnn.exercises.result import Block, Note, in_notebook
from scratchcnn.exercises.running import Printed
from scratchcnn.exercises.time_limit import OutOfTime

Functions = dict[str, Function]


class Outcome(Note):
    """What `milestone` shows and returns.

    Attributes
    ----------
    reached : bool
        Whether the network has read enough of the test images.
    accuracy : float or None
        The fraction that it has read; None if it was not trained.
    ours : list of str
        The exercises in whose place our functions did the work.
    message : str
        What is shown, without color.
    """

    def __init__(
        self,
        state: str,
        headline: str,
        blocks: list[Block],
        accuracy: float | None = None,
        ours: Iterable[str] = (),
    ) -> None:
        super().__init__(headline, blocks)
        self.state, self.accuracy, self.ours = state, accuracy, list(ours)

    @property
    def reached(self) -> bool:
        """Whether the network has read enough of the test images."""
        return self.state == "passed"

    @property
    def all_yours(self) -> bool:
        """Whether it is reached, with no function of ours."""
        return self.reached and not self.ours


def milestone(name: str, *functions: Function) -> Outcome:
    """Train a network with your functions, test it, show the answer, and remember it.

    The training starts over each time, with the functions that you give it and nothing else. Each
    is checked first. Those of this workbook have to be yours; for one of an earlier workbook that
    is missing or not right yet, ours stands in, and the message says so.

    Parameters
    ----------
    name : str
        ``"templates"``, ``"network"`` or ``"deep network"``.
    *functions : callable
        What you wrote, and what `from_workbook` gave you.

    Returns
    -------
    Outcome
        ``reached`` and ``all_yours`` (bool), ``accuracy`` (float) and ``message`` (str). Nothing
        is raised, whatever the functions do.
    """
    declared = MILESTONES.get(name)
    if declared is None:
        known = listed([f'"{one.name}"' for one in in_order()])
        headline = f"There is no milestone called {name}. There are {known}."
        return Outcome("failed", headline, []).show()
    given = {getattr(function, "__name__", "?"): function for function in functions}
    states = {one: state_of(given.get(one), one) for one in declared.needs}
    own = {one: given[one] for one, state in states.items() if state == "passed"}
    missing = [one for one in states if one not in own]
    first = [one for one in missing if EXERCISES[one].lesson == declared.lesson]
    if first:
        headline = f"This milestone waits for your {listed(first)}."
        wrong = [one for one in first if states[one] == "failed"]
        tasks = [(f"{one} is not right yet: see check({one}).", "") for one in wrong]
        return Outcome("waiting", headline, tasks).show()
    return attempt(declared, own, missing)


def state_of(function: Function | None, name: str) -> str:
    """Return what a check says: "passed", "failed" or "waiting"."""
    return "waiting" if function is None else examine(function, EXERCISES[name]).state


def attempt(declared: Milestone, own: Functions, missing: list[str]) -> Outcome:
    """Train and test the network, show the outcome with a picture, and remember it."""
    trained, accuracy, problem = None, None, []
    clock = Clock(declared.updates)
    try:
        trained, accuracy = train_and_test(declared, own, clock)
    except Stopped as stop:
        problem = [error_block(stop.exercise, stop.function, stop.error)]
    except OutOfTime:
        problem = [too_slow(clock)]
    except KeyboardInterrupt:
        problem = [("You stopped the training.", "")]
    except Exception as error:  # a mistake of ours, or a result that we cannot go on with
        problem = [(f"The training stopped with {type(error).__name__}: {error}", "")]
    outcome = describe(declared, own, missing, accuracy, problem).show()
    report(f"milestone: {declared.name}", outcome.state)
    if outcome.reached and accuracy is not None:
        remember_milestone(declared.name, accuracy, missing)
    if trained is not None and in_notebook():
        show_picture(declared, trained)
    return outcome


def train_and_test(declared: Milestone, own: Functions, clock: Clock) -> tuple[Trained, float]:
    """Return the trained network, and the fraction of the test images that it reads correctly."""
    functions = SimpleNamespace()
    for name in declared.needs:
        function = own.get(name, EXERCISES[name].reference)
        setattr(functions, name, Own(EXERCISES[name], function, clock))
    with (
        progress_bar(declared.updates, True, "update") as bar,
        redirect_stdout(Printed()),  # what students print in each call would fill the page
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")

        def step() -> None:
            bar.update()
            clock.step()

        trained = declared.train(functions, step)
        images, labels = load_mnist_test()
        scores = trained.scores(images)
    return trained, float(np.mean(scores.argmax(axis=1) == labels))


def describe(
    declared: Milestone,
    own: Functions,
    missing: list[str],
    accuracy: float | None,
    problem: list[Block],
) -> Outcome:
    """Put the outcome into words."""
    if accuracy is None:
        return Outcome("failed", "The milestone is not reached yet.", problem)
    read = f"{accuracy:.1%} of 1,000 official test digits are read correctly."
    blocks: list[Block] = [(f"{read} The goal is {declared.goal:.0%}.", "")]
    if missing:
        blocks.append((f"Yours: {', '.join(own)}.", ""))
        places = [f"{one} (workbook {EXERCISES[one].lesson:02})" for one in missing]
        blocks.append((f"Ours: {', '.join(places)}.", ""))
    else:
        blocks.append((f"All yours: {', '.join(own)}.", ""))
    if declared.library:
        blocks.append((f"From the library: {declared.library}.", ""))
    if accuracy < declared.goal:
        return Outcome("failed", "The milestone is not reached yet.", blocks, accuracy, missing)
    what = f", with some functions of ours: {declared.helped}" if missing else f": {declared.yours}"
    return Outcome("passed", f"Milestone reached{what}.", blocks, accuracy, missing)


def too_slow(clock: Clock) -> Block:
    """Say that the training would take too long, and which function takes the time."""
    name, whole = clock.slowest(), sum(clock.spent.values())
    share = clock.spent.get(name, 0.0) / whole if whole else 0.0
    return (
        f"The training was stopped: it would have taken longer than five minutes. {share:.0%} of "
        f"the time went into {name}. Can you write it with fewer loops?",
        "",
    )


def listed(names: list[str]) -> str:
    """Write "a", "a and b", or "a, b and c"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def show_picture(declared: Milestone, trained: Trained) -> None:
    """Show what the network has learned, where figures can be drawn."""
    with suppress(ImportError):
        from IPython.display import display

        from scratchcnn.plots.display import show

        picture: Any = show(declared.draw(trained.learned))
        display(picture)
