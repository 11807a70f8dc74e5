"""Trainer: what live training and the architecture bench have in common: Start, Stop, Reset."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import ipywidgets

from scratchcnn.widgets.background import Background, Steps
from scratchcnn.widgets.base import Explorer
from scratchcnn.widgets.controls import button


class Trainer(Explorer):
    """An explorer that trains networks between what the reader does.

    Its state has the fields ``status`` and ``running``, and its controls are in one row. However
    a training ends, the buttons and the state say so, and Start can begin the next one.

    Parameters
    ----------
    state : dataclass
        The first state.
    controls : dict of str to Widget
        As in `Explorer`.
    words : str
        What Start does.
    buttons : sequence of Button
        Buttons between Stop and the controls.
    """

    def __init__(
        self,
        state: Any,
        controls: dict[str, ipywidgets.Widget],
        words: str,
        buttons: Sequence[ipywidgets.Button],
    ) -> None:
        self.start_button = button("Start", words, self.start)
        self.stop_button = button("Stop", "Stop after this update", self.stop)
        self.stop_button.disabled = True
        row = [self.start_button, self.stop_button, *buttons, *controls.values()]
        super().__init__(state, controls, [row])
        self.background = Background(self._lock, self._ended)

    # What subclasses override.

    def _begin(self) -> bool:
        """Prepare to train, or to go on; or say why that is impossible, and return False."""
        raise NotImplementedError

    def _train(self) -> Steps:
        """Train: a step is an update, or what takes about as long."""
        raise NotImplementedError

    def _progress(self) -> dict[str, Any]:
        """Return how far the training has come, as fields of the state."""
        raise NotImplementedError

    def _ending(self, stopped: bool) -> str:
        """Write how a training has ended without an error."""
        raise NotImplementedError

    def _broken_off(self) -> None:
        """Clear up after an exception or an interrupt in the middle of a step."""

    # Public methods.

    def start(self) -> None:
        """Train, or go on."""
        with self._lock:
            if not self.background.running and self._begin():
                self._set_buttons(running=True)
                self.set(status="Training.", running=True)
                self.background.start(self._train())

    def stop(self) -> None:
        """Stop after the current update; returns when the training has ended."""
        self.background.stop()

    def release(self) -> None:
        """Stop the training."""
        self.stop()

    def stop_for_view(self) -> None:
        """Stop, or raise an error if a listener wants to show a view in the middle of a step."""
        if self.background.in_step:
            raise ValueError("an update is being made; wait until it is over")
        self.stop()

    # While it trains.

    def _show_progress(self, **changes: Any) -> None:
        progress = self._progress()
        self.change(lambda state: replace(state, **progress, **changes))

    def _ended(self, error: BaseException | None) -> None:
        self._set_buttons(running=False)
        status = "Training was interrupted."
        if error is None:
            status = self._ending(self.background.stopping)
        elif isinstance(error, Exception):
            status = "Training stopped because of an error."
        self._show_progress(status=status, running=False)
        if error is not None:
            self._broken_off()
        if isinstance(error, Exception):
            self._show_error(error)

    def _set_buttons(self, running: bool) -> None:
        self.start_button.disabled, self.stop_button.disabled = running, not running
