"""Controls of explorers: sliders, lists, check boxes and buttons, all in one style."""

from collections.abc import Callable, Sequence

import ipywidgets

# Descriptions take as much room as they need and are never cut off.
STYLE = {"description_width": "initial"}


def slider(
    description: str, low: int, high: int, tooltip: str, width: str = "230px"
) -> ipywidgets.IntSlider:
    """Return a slider over whole numbers."""
    return ipywidgets.IntSlider(
        low,
        low,
        high,
        description=description,
        tooltip=tooltip,
        style=STYLE,
        layout={"width": width},
    )


def log_slider(
    description: str, low: int, high: int, step: float, value: float, tooltip: str, width: str
) -> ipywidgets.FloatLogSlider:
    """Return a slider from 10**``low`` to 10**``high``; ``step`` is the exponent's step."""
    return ipywidgets.FloatLogSlider(
        value,
        base=10,
        min=low,
        max=high,
        step=step,
        readout_format=".3g",
        description=description,
        tooltip=tooltip,
        style=STYLE,
        layout={"width": width},
    )


def choice(
    description: str, options: Sequence[object], tooltip: str, width: str = "230px"
) -> ipywidgets.Dropdown:
    """Return a drop-down list."""
    return ipywidgets.Dropdown(
        options=options,
        description=description,
        tooltip=tooltip,
        style=STYLE,
        layout={"width": width},
    )


def switch(description: str, tooltip: str, width: str = "90px") -> ipywidgets.Checkbox:
    """Return a check box."""
    return ipywidgets.Checkbox(
        False, description=description, tooltip=tooltip, indent=False, layout={"width": width}
    )


def button(
    description: str, tooltip: str, press: Callable[[], object], width: str = "80px"
) -> ipywidgets.Button:
    """Return a button that calls ``press()``."""
    widget = ipywidgets.Button(description=description, tooltip=tooltip, layout={"width": width})
    widget.on_click(lambda _: press())
    return widget
