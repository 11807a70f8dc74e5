"""What goes into the explorers: images in, controls out, all in one form."""

from collections.abc import Callable

import ipywidgets
import numpy as np

from scratchcnn._utils.validation import as_numbers


def as_images(images: object) -> np.ndarray:
    """Return ``images`` as float64 (N, H, W), or raise an error that says what is expected.

    Parameters
    ----------
    images : array
        (H, W), (N, H, W) or (N, H, W, 1). Whole numbers are taken as gray levels from 0 to
        255 and scaled to 0 .. 1; other numbers stay as they are.
    """
    array = np.asarray(images)
    whole = array.dtype.kind in "iu"
    array = as_numbers(array, "float64", "images")
    if array.ndim == 4 and array.shape[3] == 1:
        array = array[..., 0]  # (N, H, W, 1) -> (N, H, W)
    if array.ndim == 2:
        array = array[None]  # (H, W) -> (1, H, W)
    if array.ndim != 3 or min(array.shape) == 0:
        raise ValueError(
            f"images has shape {np.shape(images)}, expected (N, H, W) or (N, H, W, 1), N > 0"
        )
    if not np.isfinite(array).all():
        raise ValueError("images holds NaN or infinite pixels, expected finite ones")
    return array / 255 if whole else array


# Descriptions take the room they need and are never cut off.
STYLE = {"description_width": "initial"}


def slider(description: str, low: int, high: int, tooltip: str, width: str = "230px"):
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
):
    """Return a slider from 10 ** ``low`` to 10 ** ``high``; ``step`` is one of the exponent."""
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


def choice(description: str, options, tooltip: str, width: str = "230px"):
    """Return a drop-down list."""
    return ipywidgets.Dropdown(
        options=options,
        description=description,
        tooltip=tooltip,
        style=STYLE,
        layout={"width": width},
    )


def switch(description: str, tooltip: str, width: str = "90px"):
    """Return a check box."""
    return ipywidgets.Checkbox(
        False, description=description, tooltip=tooltip, indent=False, layout={"width": width}
    )


def button(description: str, tooltip: str, press: Callable[[], object], width: str = "80px"):
    """Return a button that calls ``press()``."""
    widget = ipywidgets.Button(description=description, tooltip=tooltip, layout={"width": width})
    widget.on_click(lambda _: press())
    return widget
