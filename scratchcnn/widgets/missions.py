"""Missions: small tasks for the explorers, each of which notices when it is done."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from scratchcnn.network import Sequential
from scratchcnn.widgets.base import Explorer
from scratchcnn.widgets.cells import close_earlier_runs
from scratchcnn.widgets.mission_list import MISSIONS, Answer, Task

HERE = Path(__file__).parent


class Mission(anywidget.AnyWidget):
    """A task, and in words how far the reader has come with it.

    Parameters
    ----------
    number : int
        The mission's number.
    task : Task
        What to do, and how to tell.
    explorer : Explorer
        The explorer to watch.
    model : Sequential, optional
        The network, for a mission that needs one.
    """

    _esm = HERE / "mission.js"
    _css = HERE / "mission.css"

    task = traitlets.Unicode().tag(sync=True)
    words = traitlets.Unicode().tag(sync=True)
    done = traitlets.Bool(False).tag(sync=True)

    def __init__(self, number: int, task: Task, explorer: Explorer, model: Sequential | None):
        super().__init__(task=f"Mission {number}: {task.words}")
        self._leave: Callable[[], None] = lambda: None
        self._check, self._explorer, self._model = task.check, explorer, model
        close_earlier_runs(self)
        if not isinstance(explorer, task.explorer):
            name = type(explorer).__name__
            self.words = f"This mission needs a {task.explorer.__name__}, not a {name}."
            return
        self.look()
        self._leave = explorer.on_change(self.look)

    def look(self) -> None:
        """Check the explorer and say what has been reached; once done, a mission stays done."""
        if self.done:
            return
        try:
            answer = self._check(self._explorer, self._model)
        except Exception as error:  # a mission never stops a notebook or an explorer
            answer = Answer(False, f"{type(error).__name__}: {error}")
        self.words, self.done = answer.words, answer.done

    def close(self) -> None:
        """Stop watching, and remove the mission from the page."""
        if self.comm is not None:
            self._leave()
            super().close()

    def __str__(self) -> str:
        """Return the task and the answer in words."""
        return f"{self.task}\n{'Done!' if self.done else 'Not done yet.'} {self.words}"

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict, dict] | None:
        """Show the widget, or the words where widgets cannot run."""
        data = super()._repr_mimebundle_(**options)
        if data is None:  # closed
            return None
        bundle = data[0] if isinstance(data, tuple) else data
        return {**bundle, "text/plain": str(self)}, {}


def mission(number: int, explorer: Explorer, model: Sequential | None = None) -> Mission:
    """Show a mission, and watch an explorer until it is done: ``mission(5, scores)``.

    Parameters
    ----------
    number : int
        1. `DigitPad`: a 3, with a probability above 99%.
        2. `FilterExplorer`: a kernel of your own that fires on the bar of a 7.
        3. `PoolingExplorer` and a ``model``: an image that is read differently after a move.
        4. `PoolingExplorer`: a nudge that max pooling hides.
        5. `SoftmaxExplorer`: a loss above 3 by moving two scores.
        6. `LiveTraining`: stop in the epoch in which the accuracy passes 80%.
        7. `NetworkExplorer`: three maps that the network can do without.
        8. `NetworkExplorer`: a map without which an image is read differently.
        9. `ArchitectureExplorer`: beat the left network with fewer parameters.
    explorer : Explorer
        The explorer on which it is done.
    model : Sequential, optional
        The network that mission 3 tries to fool, for images (28, 28, 1) from -0.5 to 0.5.

    Returns
    -------
    Mission
        Show it as the last line of a cell. ``done`` says whether it is done, ``words`` what is
        missing.

    Raises
    ------
    ValueError
        If there is no mission of that number.
    """
    if number not in MISSIONS:
        raise ValueError(f"number is {number!r}, expected 1 to {len(MISSIONS)}")
    return Mission(number, MISSIONS[number], explorer, model)
