"""Stage: the part of an explorer that is in the browser."""

from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).parent


class Stage(anywidget.AnyWidget):
    """Shows a frame and reports pointer and keyboard events."""

    _esm = HERE / "stage.js"
    _css = HERE / "stage.css"

    frame = traitlets.Bytes().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    caption = traitlets.Unicode().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)
    broken = traitlets.Bool(False).tag(sync=True)  # the picture does not show the state
    view = traitlets.Unicode().tag(sync=True)
    width = traitlets.Int(1).tag(sync=True)
    height = traitlets.Int(1).tag(sync=True)
    regions: "traitlets.List[dict[str, object]]" = traitlets.List().tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)
