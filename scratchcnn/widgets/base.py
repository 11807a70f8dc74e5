"""Explorer: the base class of all explorers.

An explorer has a *state*, two functions, and controls. ``handle(state, event)`` returns the
next state, ``draw(state)`` the frame that shows it; both are pure functions, so they can be
tested without a browser. The base class connects them to the page: it copies the controls'
values into the state, shows the frame, and shows exceptions where the reader is looking.
"""

import dataclasses
import threading
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import ipywidgets
import traitlets

from scratchcnn.widgets.cells import close_earlier_runs
from scratchcnn.widgets.frames import Frame
from scratchcnn.widgets.stage import Stage
from scratchcnn.widgets.views import Codec, read_view, write_view

# Events from the page: "kind" is press, drag, release, hover, key, file or view; "region" is the
# name of a region. Pointer events have the "row" and "column" of the cell, and "fx" and "fy", the
# position in the region from 0 to 1; in regions with ink, also "points". Key events have "key".
# Files have their "name" and, as bytes, their "content"; views have their "text".
Event = dict[str, Any]

# A stored picture is shown this wide: then its text is as large as that of the course's figures.
STILL_WIDTH, STILL_SCALE = 1024, 2

# How the arrow keys move on a grid: (rows down, columns right).
ARROWS = {"ArrowUp": (-1, 0), "ArrowDown": (1, 0), "ArrowLeft": (0, -1), "ArrowRight": (0, 1)}


class Explorer(ipywidgets.VBox):
    """A state, its controls, and the frame that shows it.

    Subclasses override `draw` and `handle`.

    Parameters
    ----------
    state : dataclass
        The initial state; frozen, never changed in place.
    controls : dict of str to Widget
        Each control shows and sets the field of the state with the same name.
    rows : sequence of sequences of Widget
        The controls and buttons, in rows above the picture.
    """

    # Fields of the state that a view leaves out, and how to write those that are no plain values.
    not_in_views: ClassVar[tuple[str, ...]] = ()
    view_codecs: ClassVar[dict[str, Codec]] = {}

    def __init__(
        self,
        state: Any,
        controls: dict[str, ipywidgets.Widget],
        rows: Sequence[Sequence[ipywidgets.Widget]],
    ) -> None:
        self.state = self.first_state = self.adjust(state, state)
        self.controls = controls
        self.last_error: Exception | None = None
        self.stage = Stage()
        # JupyterLab may deliver events from the stage and the controls in two threads. In a script,
        # which has no event loop, a training has a thread of its own.
        self._lock = threading.RLock()
        self._scale = 1
        self._syncing = False
        self._listeners: list[Callable[[], object]] = []
        lines = [ipywidgets.HBox(list(row), layout={"flex_flow": "row wrap"}) for row in rows]
        super().__init__([*lines, self.stage])
        self.add_class("scratchcnn-explorer")
        for name, control in controls.items():
            control.observe(self._on_control(name), "value")
        self.stage.on_msg(self._on_message)
        close_earlier_runs(self)
        self.show()

    # What subclasses override; the first three are pure functions of the state.

    def draw(self, state: Any, scale: int = 1) -> Frame:
        """Return the frame that shows ``state``."""
        raise NotImplementedError

    def handle(self, state: Any, event: Event) -> Any:
        """Return the state after an event on the page: press, drag, release, hover or key."""
        return state

    def adjust(self, old: Any, new: Any) -> Any:
        """Return ``new`` made consistent, such as a cursor kept inside a smaller grid."""
        return new

    def restore(self, fields: dict[str, Any]) -> Any:
        """Return the state with these fields of a view, and all others at their initial values."""
        return dataclasses.replace(self.first_state, **fields)

    def release(self) -> None:
        """Release resources outside the widget, such as a thread, before it closes."""

    def still(self) -> Frame:
        """Return the picture to store in a notebook, for pages on which no kernel runs."""
        return self.draw(self.state, STILL_SCALE)

    # Public methods.

    def render(self, state: Any | None = None) -> bytes:
        """Return the frame for ``state`` (by default the current one) as a PNG file."""
        return self.draw(self.state if state is None else state).png()

    def set(self, **changes: Any) -> None:
        """Change fields of the state, like the controls: ``explorer.set(stride=2)``."""
        self.change(lambda state: dataclasses.replace(state, **changes))

    def reset(self) -> None:
        """Go back to the initial state."""
        self.change(lambda state: self.first_state)

    def on_change(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Call ``listener()`` whenever a new state is shown; return a function to stop it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def change(self, step: Callable[[Any], Any]) -> None:
        """Replace the state with ``step(state)`` and show it, or show the exception it raises."""
        with self._lock:
            try:
                state = self.adjust(self.state, step(self.state))
            except Exception as error:
                self._show_error(error)
            else:
                self.state = state
                self._sync_controls()
                self.show()

    def show(self) -> None:
        """Draw the current state, or say in the widget why that is impossible."""
        try:
            frame = self.draw(self.state, self._scale)
            png = frame.png()
        except Exception as error:
            self._show_error(error)
            return
        self.last_error = None
        with self._lock, self.stage.hold_sync():
            self.stage.error, self.stage.broken = "", False
            self.stage.alt = frame.alt
            self.stage.caption = frame.caption
            self.stage.view = self.view
            self.stage.width = frame.picture.width // self._scale
            self.stage.height = frame.picture.height // self._scale
            self.stage.regions = [dict(vars(region)) for region in frame.regions]
            self.stage.frame = png
        try:
            for listener in list(self._listeners):
                listener()
        except Exception as error:
            self._show_error(error)

    @property
    def view(self) -> str:
        """What the explorer shows, as a line to copy: ``FilterExplorer(image=3, stride=2)``."""
        return write_view(type(self).__name__, self.state, self.not_in_views, self.view_codecs)

    def go_to(self, view: str) -> None:
        """Show what another explorer of this kind shows: ``explorer.go_to("...")``.

        Parameters
        ----------
        view : str
            The line below its picture, which is also its `view`.

        Raises
        ------
        ValueError
            If the line is not a view, or a view that this explorer cannot show.
        """
        name, left_out = type(self).__name__, self.not_in_views
        with self._lock:
            fields = read_view(
                view, name, self.first_state, left_out, self.view_codecs, self.controls
            )
            try:
                state = self.restore(fields)
                state = self.adjust(state, state)
                self.draw(state)
            except Exception as error:
                raise ValueError(f"this view cannot be shown here: {error}") from error
            self.state = state
            self._sync_controls()
            self.show()

    def close(self) -> None:
        """Remove the explorer and all its parts from the page, and free their resources."""
        if self.comm is None:  # already closed, or never opened because of a wrong argument
            return
        self.release()
        with self._lock:
            parts = [self]
            for part in parts:
                parts += getattr(part, "children", ())
                # A widget's layout and style are widgets too, and nothing else closes them.
                parts += [
                    getattr(part, name) for name in ("layout", "style") if hasattr(part, name)
                ]
            for part in parts[1:]:
                part.unobserve_all()
                part.close()
            super().close()

    # Between the page and the state.

    def _on_control(self, name: str) -> Callable[[Any], None]:
        def on_value(change: Any) -> None:
            with self._lock:
                if not self._syncing:
                    self.set(**{name: change["new"]})

        return on_value

    def _sync_controls(self) -> None:
        self._syncing = True
        try:
            for name, control in self.controls.items():
                if control.value != getattr(self.state, name):
                    control.value = getattr(self.state, name)
        except traitlets.TraitError as error:
            self._show_error(error)
        finally:
            self._syncing = False

    def _on_message(self, _: Stage, content: dict[str, Any], buffers: list) -> None:
        views = [event["text"] for event in content["events"] if event["kind"] == "view"]
        events = [event for event in content["events"] if event["kind"] != "view"]

        def step(state: Any) -> Any:
            for event in events:
                if event["kind"] == "display":
                    self._scale = 2 if event["ratio"] > 1.25 else 1
                    continue
                if event["kind"] == "file":
                    event = {**event, "content": bytes(buffers[event["buffer"]])}
                state = self.handle(state, event)
            return state

        # Send frame and answer in one message. The page waits for the answer in any case.
        with self._lock, self.stage.hold_sync():
            try:
                if events:
                    self.change(step)
                for view in views:
                    self.go_to(view)
            except ValueError as error:  # what was pasted is not a view
                self.last_error = error
                self.stage.error = f"Nothing has changed: {error}"
            finally:
                self.stage.answered += 1

    def _show_error(self, error: Exception) -> None:
        self.last_error, self.stage.broken = error, True
        self.stage.error = (
            f"{type(error).__name__}: {error}\n"
            "Change the last setting back, or run the cell again. For the traceback: "
            "raise explorer.last_error, where explorer is this widget."
        )

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict, dict] | None:
        """Show the widget, or a still picture where widgets cannot run, such as on a code host."""
        data = super()._repr_mimebundle_(**options)
        if data is None:  # closed
            return None
        data["text/plain"] = f"{type(self).__name__}: run this cell to play with it"
        try:
            still = self.still()
            picture, alt = still.png(smallest=True), still.alt
        except Exception:  # what went wrong is already written in the widget
            picture, alt = self.stage.frame, self.stage.alt
        data["image/png"] = picture
        return data, {"image/png": {"alt": alt, "width": STILL_WIDTH}}
