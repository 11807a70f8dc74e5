"""What the gradient explorer shows: a pass forward above, a pass backward below."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from scratchcnn.widgets.colors import GRAY, LINE, ORANGE, image_colors, number, signed_colors
from scratchcnn.widgets.frames import Canvas, Region
from scratchcnn.widgets.panels import draw_bars, draw_tiles, largest
from scratchcnn.widgets.passes import Column, Pass, Weights

WIDTH, HEIGHT = 800, 410
INPUT, CLASSES = 112, 126  # widths of the first and of the last column
GAP, TILE = 14, 54
ROWS = 3  # rows of tiles in a column
FORWARD, BACKWARD = 44, 236  # where the pictures of either pass begin


@dataclass(frozen=True, eq=False)
class GradientState:
    """What the gradient explorer shows.

    Attributes
    ----------
    image : int
        Which image.
    label : int
        The class that the loss takes for right.
    learning_rate : float
        Size of a step.
    weights : tuple of ndarray
        As `Sequential.get_weights` returns them.
    steps : int
        Steps made on this image and label.
    loss_before : float
        The loss before the last of them.
    column, tile : int
        The column and tile that are described in words.
    """

    weights: Weights
    image: int = 0
    label: int = 0
    learning_rate: float = 0.01
    steps: int = 0
    loss_before: float = 0.0
    column: int = 0
    tile: int = 0


def draw_input(
    canvas: Canvas, image: np.ndarray, low: float, high: float, saliency: np.ndarray
) -> None:
    """Draw the image above, and what the loss would have it change below."""
    cell = max(1, INPUT // max(image.shape))
    height, width = image.shape[0] * cell, image.shape[1] * cell
    canvas.text(0, 2, "Forward", 14, bold=True)
    canvas.text(0, 24, "input", 12, GRAY)
    canvas.colors(image_colors(image, low, high), 1, FORWARD, cell)
    canvas.text(0, BACKWARD - 42, "Backward", 14, bold=True)
    canvas.text(0, BACKWARD - 20, f"saliency, ±{largest(saliency):.2g}", 12, GRAY)
    canvas.colors(signed_colors(saliency, largest(saliency)), 1, BACKWARD, cell)
    for top in (FORWARD, BACKWARD):
        canvas.box(1, top, width, height, LINE)


def draw_loss(canvas: Canvas, result: Pass, state: GradientState) -> None:
    """Write the loss, and what the last step did to it."""
    y = BACKWARD + INPUT + 8
    canvas.text(0, y, f"Loss {number(result.loss, 3)}", 18, ORANGE)
    if state.steps:
        before = number(state.loss_before, 3)
        canvas.text(0, y + 25, f"step {state.steps}: was {before}", 12, GRAY)


def step_text(loss: float, state: GradientState) -> str:
    """Say whether the last step made the loss fall."""
    if not state.steps:
        return "No step made yet."
    before = state.loss_before
    verb = "fell" if loss < before else "rose" if loss > before else "stayed"
    return f"Step {state.steps}: the loss {verb} from {number(before, 4)} to {number(loss, 4)}."


def column_width(count: int) -> float:
    """Return the room for each of ``count`` columns, gap included."""
    return (WIDTH - INPUT - GAP - CLASSES) / max(count, 1)


def tiles_across(count: int) -> int:
    """Return how many tiles stand side by side when there are ``count`` columns."""
    return max(1, int((column_width(count) - 4) // TILE))


def draw_columns(canvas: Canvas, columns: list[Column], state: GradientState) -> list[Region]:
    """Draw the kernels' and layers' arrays, and their gradients below; return where they are."""
    width, across = column_width(len(columns)), tiles_across(len(columns))
    size = min(TILE, int(width) - 2)
    regions = []
    for k, column in enumerate(columns):
        x = INPUT + GAP + k * width
        chosen = state.tile if k == state.column else None
        total = column.values.shape[2]
        shown = min(ROWS * across, total)
        count = f"{shown} of {total}" if shown < total else f"{total}"
        title = f"{column.title}, {count}" if across > 1 else column.title
        canvas.text(x, 4, title, 12 if across > 1 else 10, bold=True)
        for y, array in ((FORWARD, column.values), (BACKWARD, column.gradients)):
            limit = largest(array)
            canvas.text(x, y - 20, f"±{limit:.2g}", 12, GRAY)
            draw_tiles(canvas, x + 1, y, array, limit, across, size, shown, chosen)
        label = f"{column.title}, {count}. Point at a tile, or move with the arrow keys."
        grid = -(-shown // across), min(across, shown)
        box = x, FORWARD, grid[1] * size, grid[0] * size
        regions.append(Region(f"column {k}", label, *box, *grid, hover=True))
    return regions


def draw_scores(canvas: Canvas, result: Pass, label: int) -> None:
    """Draw the probabilities above, and p - y below."""
    x = WIDTH - CLASSES + 10
    row = 3 * TILE / max(len(result.probabilities), 1)
    canvas.text(x, 4, "probability p", 12, bold=True)
    draw_bars(canvas, x, FORWARD, result.probabilities, 46, row, label)
    canvas.text(x, BACKWARD - 20, "p − y", 12, bold=True)
    draw_bars(canvas, x, BACKWARD, result.score_gradient, 46, row, label, signed=True)


def describe(column: Column, tile: int) -> str:
    """Write a small tile's numbers out, and a large one's extremes."""
    values, gradients = column.values[:, :, tile], column.gradients[:, :, tile]
    if values.size <= 9:
        return (
            f"{column.title} {tile}: {matrix_text(values, 2)}; gradient {matrix_text(gradients, 3)}"
        )
    return (
        f"{column.title} {tile}: from {number(values.min(), 3)} to {number(values.max(), 3)}; "
        f"gradient from {number(gradients.min(), 4)} to {number(gradients.max(), 4)}"
    )


def matrix_text(matrix: np.ndarray, digits: int) -> str:
    """Write a small matrix row by row: [1 0; 0 1]."""
    rows = (" ".join(number(value, digits) for value in row) for row in matrix)
    return f"[{'; '.join(rows)}]"


def gradient_alt(result: Pass, names: Iterable[str], state: GradientState) -> str:
    """Say in words what the gradient explorer shows; ``names`` are those of the parameters."""
    norms = [
        f"{key} {number(np.linalg.norm(gradient), 4)}"
        for key, gradient in zip(names, result.gradients, strict=True)
    ]
    chances = ", ".join(f"{k} {number(p, 3)}" for k, p in enumerate(result.probabilities))
    return (
        f"Image {state.image} on its way through the network, right class {state.label}, loss "
        f"{number(result.loss, 4)}. Probabilities: {chances}. Above: kernels and activations "
        f"of each layer; below: their gradients, and the saliency of the input. Lengths of "
        f"the parameters' gradients: {', '.join(norms)}. {step_text(result.loss, state)}"
    )
