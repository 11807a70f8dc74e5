"""window_slip: explain errors of a window and a kernel that do not fit each other."""

from __future__ import annotations

import re

import numpy as np

from scratchcnn.exercises.declaration import Crash
from scratchcnn.exercises.slips import outside

PLACES = "The kernel fits at only H - KH + 1 rows and W - KW + 1 columns."
CUT_OFF = "A slice that runs past the edge is cut off without an error."


def window_slip(crash: Crash) -> str:
    """Say why a window does not have the shape of the kernel ``k``; empty if it is another error.

    Parameters
    ----------
    crash : Crash
        Its names hold the image ``x`` and the place ``i``, ``j`` of the window, if the student
        calls them so.
    """
    kernel = np.shape(crash.arguments["k"])
    name, index, axis = outside(crash)
    if name == "x" and index > 0:
        kind = ["row", "column"][axis]
        return f"The window sticks out of the image, which has no {kind} {index}. {PLACES}"
    found = shapes(crash)
    window = next((shape for shape in found if shape != kernel), None)
    if window is None or kernel not in found or "broadcast" not in str(crash.error):
        return ""
    if any(a > b for a, b in zip(window, kernel, strict=True)):
        return (
            f"The window has shape {window}, but this kernel has shape {kernel}. Take the size of "
            "the window from the kernel: KH, KW = k.shape."
        )
    ends = re.search(r"\[\s*(\w+)\s*:\s*(\w+)\s*,", crash.line)
    if ends and crash.names.get(ends[2]) == kernel[0]:
        return (
            f"{ends[1]}:{ends[2]} ends at row {ends[2]}, wherever it begins. The window ends at "
            f"row {ends[1]} + {ends[2]}."
        )
    return f"{sticking_out(crash, kernel)}it has shape {window}. {PLACES} {CUT_OFF}"


def sticking_out(crash: Crash, kernel: tuple[int, ...]) -> str:
    """Begin a sentence about a window that is too small, with its place if that is clear."""
    i, j, x = (crash.names.get(name) for name in ("i", "j", "x"))
    if not (isinstance(i, int) and isinstance(j, int) and isinstance(x, np.ndarray)):
        return "The window is smaller than the kernel: "
    if i + kernel[0] > x.shape[0] or j + kernel[1] > x.shape[1]:
        return f"The window at row {i}, column {j} sticks out of the image: "
    return "The window is smaller than the kernel: "


def shapes(crash: Crash) -> list[tuple[int, int]]:
    """Return the shapes with two axes that an error speaks of."""
    return [(int(a), int(b)) for a, b in re.findall(r"\((\d+),(\d+)\)", str(crash.error))]
