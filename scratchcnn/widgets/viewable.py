"""Viewable: the part of an explorer that writes what it shows as a line, and reads such lines."""

import dataclasses
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import ipywidgets

from scratchcnn.widgets.frames import Frame
from scratchcnn.widgets.views import Codec, read_view, write_view


class Viewable:
    """An explorer that can write what it shows as a line, and go to such a line."""

    # Fields of the state that a view leaves out, and how to write those that are no plain values.
    not_in_views: ClassVar[tuple[str, ...]] = ()
    view_codecs: ClassVar[dict[str, Codec]] = {}

    state: Any
    first_state: Any
    controls: dict[str, ipywidgets.Widget]
    _lock: AbstractContextManager[object]

    def draw(self, state: Any, scale: int = 1) -> Frame:
        """Return the frame that shows ``state``."""
        raise NotImplementedError

    def adjust(self, old: Any, new: Any) -> Any:
        """Return ``new`` made consistent."""
        raise NotImplementedError

    def show(self) -> None:
        """Draw the current state."""
        raise NotImplementedError

    def _sync_controls(self) -> None:
        raise NotImplementedError

    def restore(self, fields: dict[str, Any]) -> Any:
        """Return the state with these fields of a view, and all others at their initial values."""
        return dataclasses.replace(self.first_state, **fields)

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
