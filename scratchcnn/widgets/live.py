"""LiveTraining: watch a network learn, and stop it when you have seen enough."""

import copy
import itertools
import math
import time
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from scratchcnn.callbacks import BatchEnd
from scratchcnn.network import Sequential
from scratchcnn.training import Training
from scratchcnn.widgets.background import Background, Steps
from scratchcnn.widgets.base import STILL_SCALE, Explorer
from scratchcnn.widgets.colors import BLUE, GRAY, ORANGE, number
from scratchcnn.widgets.controls import button, choice
from scratchcnn.widgets.frames import Canvas, Frame
from scratchcnn.widgets.images import images_for_model
from scratchcnn.widgets.live_run import LiveState, Points, Run, read_runs, rehearse, write_runs
from scratchcnn.widgets.panels import (
    draw_curves,
    draw_tiles,
    largest,
    scale_text,
    steps_text,
    top_of_axis,
)
from scratchcnn.widgets.views import Codec

WIDTH, HEIGHT = 800, 300
LOSS, ACCURACY = (36, 48, 220, 196), (312, 48, 220, 196)  # x, y, width, height
KERNELS, TILE, SHOWN = (566, 48), 78, 9
SECONDS_PER_FRAME = 0.1

MOST_UPDATES = 10_000  # that a view may stand for

PACES = {"full speed": math.inf, "200 steps a second": 200.0, "20 steps a second": 20.0}


class LiveTraining(Explorer):
    """Train a network and watch its loss, its accuracy and its kernels as they change.

    Use the Start and Stop buttons. Training goes on between what you do, so the notebook stays
    usable.
    Stop ends it after the current update, with all weights in a consistent state. Start then
    continues from there.

    The picture that is stored in a notebook shows a whole run, made by a copy of the network
    (for a few seconds at most), as long as this one has not been trained.

    Parameters
    ----------
    model : Sequential
        The network to train. It is trained in place.
    x, y : ndarray (N, *input_shape), (N,)
        Images and labels, as for `fit`.
    epochs, batch_size : int
        As for `fit`.
    **options
        As for `fit`: ``optimizer``, ``validation_data``, ``shuffle``.
    """

    not_in_views: ClassVar[tuple[str, ...]] = (
        *("kernel", "step", "total", "loss", "accuracy", "validation", "steps_per_point"),
        *("status", "running"),
    )
    view_codecs: ClassVar[dict[str, Codec]] = {"runs": (write_runs, read_runs)}

    def __init__(
        self,
        model: Sequential,
        x: np.ndarray,
        y: np.ndarray,
        epochs: int = 5,
        batch_size: int = 32,
        **options: Any,
    ) -> None:
        images_for_model(x, model)  # show errors here, not only when Start is pressed
        self.model, self.x, self.y = model, x, y
        self.options = {**options, "epochs": epochs, "batch_size": batch_size}
        self._batch_size = batch_size
        self._clear()
        self._first_weights = model.get_weights()
        # With the same random numbers as at first, the same training comes again.
        self._first_random = model.rng.bit_generator.state
        self._first_optimizer = copy.deepcopy(options.get("optimizer"))
        self._stopping = False
        self._shown = self._next = 0.0  # times of the last frame and of the next update
        controls = {"pace": choice("Pace", list(PACES), "How fast to train", "230px")}
        self.start_button = button("Start", "Train, or continue training", self.start)
        self.stop_button = button("Stop", "Stop after this update", self.stop)
        self.stop_button.disabled = True
        reset = button("Reset", "Stop, and go back to the first weights", self.reset)
        state = LiveState(self.run.kernel(), total=epochs * self.steps_per_epoch)
        row = [self.start_button, self.stop_button, reset, controls["pace"]]
        super().__init__(state, controls, [row])
        self.background = Background(self._lock)

    @property
    def steps_per_epoch(self) -> int:
        """How many updates an epoch has."""
        return self.run.steps_per_epoch

    def still(self) -> Frame:
        """Return the picture to store: of a whole run, if none has been made yet."""
        state = self.state
        if not state.step:
            state = rehearse(self.model, self.x, self.y, self.options)
        return self.draw(state, STILL_SCALE)

    def draw(self, state: LiveState, scale: int = 1) -> Frame:
        """Draw the two curves and the kernels."""
        canvas = Canvas(WIDTH, HEIGHT, scale)
        ends = (0, max(state.total, state.step))
        top, note = top_of_axis(state.loss[1]), steps_text(state.steps_per_point)
        draw_titles(canvas, 0, "Loss", state.loss, note)
        draw_curves(canvas, LOSS, [(*state.loss, BLUE)], ends, (0, top), "step")
        if len(state.validation[0]):
            note = "while training; orange: validation"
        draw_titles(canvas, ACCURACY[0] - 34, "Accuracy", state.accuracy, note)
        curves = [(*state.accuracy, BLUE), (*state.validation, ORANGE)]
        draw_curves(canvas, ACCURACY, curves, ends, (0, 1), "step")
        limit, total = largest(state.kernel), state.kernel.shape[2]
        x, y = KERNELS
        count = f", {SHOWN} of {total}" if total > SHOWN else ""
        canvas.text(x, 4, f"Kernels{count}", bold=True)
        canvas.text(x, 22, scale_text(limit), 12, GRAY)
        draw_tiles(canvas, x, y, state.kernel, limit, 3, TILE, SHOWN)
        return Frame(canvas.picture, alt=live_alt(state), caption=state.status)

    def start(self) -> None:
        """Start or continue training."""
        if self.background.running:
            return
        self._stopping = False
        self.run.begin()
        self._set_buttons(running=True)
        self.set(status="Training.", running=True)
        self.background.start(self._train())

    def stop(self) -> None:
        """Stop after the current update; returns when the training has ended."""
        if self.background.running:
            self._stopping = True
            self.background.finish()

    def reset(self) -> None:
        """Stop, and go back to the initial weights."""
        self.stop()
        self._go_back()
        self.change(lambda state: replace(self.first_state, pace=state.pace))

    def restore(self, fields: dict[str, Any]) -> LiveState:
        """Train anew, as far as a view says, and return its state."""
        runs, planned = fields["runs"], self.first_state.total
        if sum(runs) > MOST_UPDATES or (runs and max(runs) > planned):
            raise ValueError(f"at most {min(planned, MOST_UPDATES)} updates can be made again")
        self.stop()
        self._go_back()
        for end in itertools.accumulate(runs):
            self.run.begin()

            def note(batch: BatchEnd, end: int = end) -> None:
                self.run.note(batch)
                self.model.stop_training = self.run.step >= end

            for _ in Training(self.model, self.x, self.y, callbacks=[note], **self.options):
                pass
        state = replace(self.first_state, pace=fields["pace"])
        if not runs:
            return state
        status = self._ending(stopped=runs[-1] < planned)
        return replace(state, **self.run.progress(planned), status=status)

    def release(self) -> None:
        """Stop the training."""
        self.stop()

    def on_batch_end(self, batch: BatchEnd) -> None:
        """Record an update, show it now and then, and stop the training if requested."""
        self.run.note(batch)
        now = time.perf_counter()
        if now - self._shown > SECONDS_PER_FRAME:
            self._shown = now
            self._show_progress(f"Epoch {batch.epoch}, step {self.run.step}.")
        if self._stopping:
            self.model.stop_training = True

    def _train(self) -> Steps:
        """Train: a step is an update, and yields how long to wait to keep the chosen pace."""
        self._shown = self._next = time.perf_counter()
        try:
            for _ in Training(
                self.model, self.x, self.y, callbacks=[self.on_batch_end], **self.options
            ):
                yield self._wait()
        except Exception as error:
            self._show_progress("Training stopped because of an error.", running=False)
            with self._lock:
                self._show_error(error)
        else:
            self._show_progress(self._ending(self._stopping), False)
        self._set_buttons(running=False)

    def _ending(self, stopped: bool) -> str:
        ended = "Stopped" if stopped else "Done"
        return f"{ended} after step {self.run.step}; the network is ready."

    def _go_back(self) -> None:
        """Make the network, and what is random in its training, as they were at first."""
        self.model.set_weights(self._first_weights)
        self.model.rng.bit_generator.state = self._first_random
        if self._first_optimizer is not None:
            self.options["optimizer"] = copy.deepcopy(self._first_optimizer)
        self._clear()

    def _wait(self) -> float:
        """Return how many seconds the next update should wait."""
        pace = PACES[self.state.pace]
        if pace == math.inf:
            return 0.0
        now = time.perf_counter()
        self._next = max(self._next + 1 / pace, now - 1 / pace)
        return max(self._next - now, 0.0)

    def _show_progress(self, status: str, running: bool = True) -> None:
        planned = self.first_state.total
        self.change(
            lambda state: replace(
                state, **self.run.progress(planned), status=status, running=running
            )
        )

    def _clear(self) -> None:
        self.run = Run(self.model, len(self.x), self._batch_size)

    def _set_buttons(self, running: bool) -> None:
        self.start_button.disabled, self.stop_button.disabled = running, not running


def draw_titles(canvas: Canvas, x: float, title: str, points: Points, note: str) -> None:
    """Write the title of a curve above it, with its latest value."""
    values = points[1]
    canvas.text(x, 4, f"{title} {number(values[-1], 3)}" if len(values) else title, bold=True)
    canvas.text(x, 22, note, 12, GRAY)


def live_alt(state: LiveState) -> str:
    """Describe in words what live training shows."""
    words = [f"Training, step {state.step} of {state.total}."]
    if len(state.loss[1]):
        words.append(
            f"Loss from {number(state.loss[1][0], 3)} to {number(state.loss[1][-1], 3)}, accuracy "
            f"from {number(state.accuracy[1][0], 3)} to {number(state.accuracy[1][-1], 3)}."
        )
    if len(state.validation[1]):
        words.append(f"Validation accuracy {number(state.validation[1][-1], 3)}.")
    size = number(largest(state.kernel), 3)
    words.append(f"{state.kernel.shape[2]} kernels with weights up to {size} in size.")
    return " ".join(words)
