"""Edit a 3x3 kernel by clicking, dragging and typing."""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from scratchcnn.widgets.base import ARROWS, Event
from scratchcnn.widgets.colors import LINE, ORANGE, number, signed_colors
from scratchcnn.widgets.frames import Canvas, Region
from scratchcnn.widgets.kernels import CUSTOM, FIRST, PRESETS, Kernel, as_kernel

CELL = (64, 42)  # width and height of a cell

# Dragging a kernel cell by this many pixels changes it by STEP.
DRAG, STEP, LARGEST = 6, 0.25, 10.0


@dataclass(frozen=True)
class KernelState:
    """A kernel, and what the reader is doing to it.

    Attributes
    ----------
    kernel : 3 tuples of 3 floats
        The weights.
    preset : str
        The name of the kernel, or "custom".
    cell : (row, column)
        The chosen cell.
    typed : str
        What has been typed into that cell so far.
    grip : (value, height)
        Where a drag began: the cell's value, and the pointer's position in the kernel, 0 to 1.
    """

    kernel: Kernel = PRESETS[FIRST]
    preset: str = FIRST
    cell: tuple[int, int] = (1, 1)
    typed: str = ""
    grip: tuple[float, float] = (0.0, 0.0)


State = TypeVar("State", bound=KernelState)


def edit_kernel(state: State, event: Event) -> State:
    """Choose a cell of the kernel, and change its weight by dragging, typing or keys."""
    value = state.kernel[state.cell[0]][state.cell[1]]
    if event["kind"] == "press":
        cell = event["row"], event["column"]
        grip = state.kernel[cell[0]][cell[1]], event["fy"]
        return replace(state, cell=cell, grip=grip, typed="")
    if event["kind"] == "drag":
        start, height = state.grip
        steps = round((height - event["fy"]) * 3 * CELL[1] / DRAG)
        return replace(with_weight(state, start + STEP * steps), typed="")
    if event["kind"] != "key":
        return state
    return edit_by_key(state, event["key"], value)


def edit_by_key(state: State, key: str, value: float) -> State:
    """Arrows move, Page Up and Page Down change, digits are typed into the cell."""
    if key in ARROWS:
        row, column = state.cell[0] + ARROWS[key][0], state.cell[1] + ARROWS[key][1]
        return replace(state, cell=(min(max(row, 0), 2), min(max(column, 0), 2)), typed="")
    if key in ("PageUp", "PageDown"):
        return replace(with_weight(state, value + (STEP if key == "PageUp" else -STEP)), typed="")
    if key == "Delete":
        return replace(with_weight(state, 0.0), typed="")
    if key in ("Enter", "Escape"):
        return replace(state, typed="")
    if key == "Backspace":
        typed = state.typed[:-1]
    elif key in "0123456789.,-+":
        typed = (state.typed + key.replace(",", "."))[:6]
    else:
        return state
    try:
        return replace(with_weight(state, float(typed)), typed=typed)
    except ValueError:  # "-" or "1.2.": not yet a number
        return replace(state, typed=typed)


def with_weight(state: State, value: float) -> State:
    """Return the state with the chosen cell of the kernel set to ``value``."""
    rows = [list(row) for row in state.kernel]
    rows[state.cell[0]][state.cell[1]] = min(max(value, -LARGEST), LARGEST)
    kernel = as_kernel(rows)
    return replace(state, kernel=kernel, preset=CUSTOM if kernel != state.kernel else state.preset)


def draw_kernel(canvas: Canvas, state: KernelState, x: float, y: float) -> Region:
    """Draw the kernel's weights at (x, y), and the chosen cell's frame."""
    width, height = CELL
    kernel = np.array(state.kernel)
    colors = signed_colors(kernel, 2 * np.abs(kernel).max())  # pale: text stays legible
    for row, column in np.ndindex(3, 3):
        left, top = x + column * width, y + row * height
        chosen = (row, column) == state.cell
        text = f"{state.typed}|" if chosen and state.typed else short(float(kernel[row, column]))
        canvas.box(left, top, width, height, LINE, colors[row, column])
        canvas.text(left + width / 2, top + height / 2, text, 14, anchor="mm")
    row, column = state.cell
    canvas.box(x + column * width, y + row * height, width, height, ORANGE, line=2)
    label = (
        "Kernel. Drag a cell up or down, or choose it with the arrow keys and type a number; "
        "Page Up and Page Down change it by a quarter."
    )
    return Region("kernel", label, x, y, 3 * width, 3 * height, 3, 3, cursor="ns-resize", drag=True)


def short(value: float) -> str:
    """Write a weight with at most three decimals: 1, -0.5, 0.111."""
    return number(value, 3).rstrip("0").rstrip(".")


def rows_text(kernel: np.ndarray) -> str:
    """Write a kernel row by row: [1 0 -1; 2 0 -2; 1 0 -1]."""
    return "[" + "; ".join(" ".join(map(short, row)) for row in kernel.tolist()) + "]"
